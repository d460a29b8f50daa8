"""Files and links of an earlier version: they open, recompute and judge as they did.

`before/` holds, for each experiment, the file of a run as version 0.1.0 wrote it, compressed, and
in `links.json` its link, its hash and its verdicts.
"""

from __future__ import annotations

import dataclasses
import json
import lzma
from pathlib import Path

import numpy as np
import pytest

from app import share
from sims import api
from sims.core import archive
from sims.core.setup import given
from sims.core.study import Study
from tests.app.figures.test_baseline import CLAIMS

BEFORE = Path(__file__).parent / "before"
LINKS = json.loads((BEFORE / "links.json").read_text())
SINGLE = [name for name, one in LINKS.items() if not one["over"]]
SWEPT = [name for name, one in LINKS.items() if one["over"]]

SINCE: dict[tuple[str, str], tuple[str, str]] = {
    ("edge_of_stability/neural_network", "reach_step"): (
        "not judged", "its run is short: never was predicted, and never is what anyone would guess",
    ),
    ("grokking/fourier_staircase", "order"): ("not judged", "the lowest first would land, too"),
    ("grokking/linear_estimator", "grok_time_sample_exact"): (
        "not judged", "four outputs cannot tell this sample from any other",
    ),
    **{
        ("grokking/linear_estimator", claim): (
            "not judged", "four outputs leave more to chance than a theory 10 % off, or a guess",
        )
        for claim in ("train_time", "grok_time", "test_accuracy")
    },
    ("grokking/modular_addition", "restricted_leads"): ("departs", "over unseen pairs alone"),
}  # fmt: skip
"""(experiment, claim) -> (its verdict now, reason), of claims there still are."""
MEASURED_ANEW: dict[tuple[str, str], str] = {
    ("grokking/modular_addition", "restricted_loss"): "over the unseen pairs alone",
}
"""(experiment, what a run records) -> why it is another number now."""

GROWN_FROM: dict[str, float] = {"edge_of_stability/self_stabilisation": 1e-4}
"""Experiments whose run grows out of a kick of that size along one direction of the weights.

Told from weights of order one, which another processor rounds otherwise, the kick has as many
digits fewer, and what it grows into keeps what is off.
"""
WEIGHTS = 10.0
"""Length of the vector of all weights, at most: a direction in it is off by as many roundings."""

PREDICTED_ANEW: dict[tuple[str, str], str] = {
    **{
        ("grokking/linear_estimator", f"{time}_spread"): "a tolerance without its cap"
        for time in ("train_time", "grok_time", "grok_time_sample_exact")
    },
    **{
        ("grokking/linear_estimator", f"{seen}_accuracy_spread"): "the whole spectrum strays"
        for seen in ("train", "test")
    },
    **{
        ("edge_of_stability/neural_network", flow): "the central flow is of second order"
        for flow in (
            "loss", "mean_loss", "loss_central_flow", "sharpness_midpoint", "weights",
            "network_function",
        )
    },
    **{
        ("lazy_rich/two_layer_network", kernel): "the infinite kernel of tanh is exact to rounding"
        for kernel in ("kernel_infinite", "kernel_spread")
    },
}  # fmt: skip
"""(experiment, what is predicted) -> why it is another number now."""


NEW_KNOBS: dict[str, dict[str, str]] = {
    "edge_of_stability/neural_network": {
        "architecture": "mlp", "norm": "false", "heads": "2", "widths": "10", "gain": "1",
    },
    "grokking/fourier_staircase": {"dtype": "float32"},
    "grokking/modular_addition": {"dtype": "float32", "momentum": "0.9"},
    "lazy_rich/two_layer_network": {"data": "teacher"},
    "neural_collapse/real_network": {"architecture": "mlp"},
}  # fmt: skip
"""Knobs there were none of then, at the values that mean what was meant."""


def pairs(query: str) -> dict[str, str]:
    """{name: value} of every knob and count of a link."""
    return dict(pair.split("=", 1) for pair in query.split("&"))


def at_shared(data, stored, name):
    """Values of a variable at the records that its file has: by now there may be more of them."""
    for dim, clock in (("record", "step"), ("snapshot", "snapshot_step")):
        if dim in stored[name].dims:
            kept = np.searchsorted(data[clock].values, stored[clock].values)
            data = data.isel({dim: kept})
    return data[name]


def expected(name: str) -> dict[str, str]:
    """Verdicts on a file of that version now, on claims that have not been dropped since."""
    before = LINKS[name]["verdicts"]
    kept = {CLAIMS.get((name, c), (c,))[0]: v for c, v in before.items()}
    return {c: SINCE.get((name, c), (v,))[0] for c, v in kept.items() if c}


@pytest.fixture
def opened(request, tmp_path):
    """The tree of a file."""
    path = tmp_path / "before.nc"
    packed = BEFORE / f"{request.param.replace('/', '-')}.nc.xz"
    path.write_bytes(lzma.decompress(packed.read_bytes()))
    return archive.read(path)


def named(tree):
    return LINKS[tree.attrs["experiment"]]


def test_every_experiment_of_that_version_is_still_there():
    assert set(LINKS) <= {e.name for e in api.experiments()}


@pytest.mark.parametrize("opened", SINGLE, indirect=True)
def test_a_file_recomputes_and_is_judged_as_before(opened):
    one = named(opened)
    assert opened.attrs["prediction_sha256"] == one["prediction_sha256"]
    drawn = api.replayed(opened).setup
    start = Study.of(dataclasses.replace(drawn, tasks=tuple(archive.task_of(opened)))).freeze()
    again, stored = start.prediction, opened["prediction"].to_dataset()
    assert again is not None
    assert set(stored.data_vars) <= set(again.data_vars)
    for name in stored.data_vars:
        if (opened.attrs["experiment"], name) in PREDICTED_ANEW:
            continue
        then = at_shared(again, stored, name)
        np.testing.assert_allclose(then, stored[name], rtol=1e-8, atol=1e-12, err_msg=name)
    run = start.run()
    run.finish()
    told = opened["run"].to_dataset()
    shared = np.searchsorted(again["step"].values, told["step"].values)
    for name, values in run.records.items():
        if name not in told or (opened.attrs["experiment"], name) in MEASURED_ANEW:
            continue
        eps = float(np.finfo(values.dtype).eps) if values.dtype.kind == "f" else 0.0
        grown = GROWN_FROM.get(opened.attrs["experiment"])
        rounding = np.sqrt(eps) if grown is None else WEIGHTS * eps / grown
        before = told[name].values
        largest = np.max(np.abs(before), initial=0.0, where=np.isfinite(before))
        np.testing.assert_allclose(
            values[:, shared], before, rtol=rounding, atol=rounding * largest, err_msg=name
        )
    claims = start.judge(run).claims
    assert claims is not None
    now = expected(opened.attrs["experiment"])
    assert {n: str(claims["verdict"].sel(claim=n).item()) for n in now} == now


@pytest.mark.parametrize("opened", SWEPT, indirect=True)
def test_a_file_of_a_sweep_is_judged_as_before(opened, preset_runs):
    one, name = named(opened), opened.attrs["experiment"]
    again = preset_runs[name, one["preset"]]
    for claim, before in one["verdicts"].items():
        found = again["claims"].to_dataset()["verdict"].sel(claim=claim)
        words = found.attrs["flag_meanings"].split()
        assert [words[int(code)] for code in np.ravel(found.values)] == before


@pytest.mark.parametrize("name", list(LINKS))
def test_a_link_means_what_it_meant(name):
    found, query = api.experiment(name), LINKS[name]["link"].removeprefix("?")
    values, counts, refused = share.read(found, pairs(query))
    assert refused == []
    again = Study(found, values, seed=counts["seed"], seeds=counts["seeds"]).setup
    now = share.permalink(again.params, counts["seed"], counts["seeds"]).removeprefix("?")
    then, since = pairs(query), pairs(now)
    assert {key: since.pop(key) for key in then} == then
    assert since == NEW_KNOBS.get(name, {})
    assert given(found, values) is not None
