"""One common test over every experiment and preset."""

import dataclasses

import numpy as np
import pytest

import sims
from sims import api
from sims.core import archive
from sims.core.prediction import digest
from sims.core.study import Study

PRESETS = [(e.name, p.id) for e in api.experiments() for p in e.presets]


def preset_id(pair):
    return pair[1]


@pytest.mark.parametrize("pair", PRESETS, ids=preset_id)
def test_verdicts_are_as_the_preset_states(pair, preset_runs):
    name, preset = pair
    stated = api.experiment(name).preset(preset).verdicts
    claims = preset_runs[pair]["claims"].to_dataset()
    for claim, verdict in stated.items():
        if claim in claims.get("sweep_claim", ()):
            assert claims["sweep_verdict"].sel(sweep_claim=claim).item() == verdict, claim
            continue
        found = claims["verdict"].sel(claim=claim)
        if "sweep" in preset_runs[pair].children:
            words = found.attrs["flag_meanings"].split()
            assert {words[int(v)] for v in found.values.ravel()} == {verdict.replace(" ", "_")}, (
                claim
            )
        else:
            error = float(claims["error"].sel(claim=claim).max())
            assert str(found.values) == verdict, f"{claim}: error {error}"


@pytest.mark.parametrize("pair", PRESETS, ids=preset_id)
def test_every_verdict_a_preset_states_is_a_claim(pair):
    found = api.experiment(pair[0])
    known = {c.name for c in (*found.claims, *found.sweep_claims)}
    assert set(found.preset(pair[1]).verdicts) <= known


@pytest.mark.parametrize("pair", PRESETS, ids=preset_id)
def test_the_file_round_trips_with_the_same_hash(pair, preset_runs, tmp_path):
    tree = preset_runs[pair]
    archive.write(tree, tmp_path / "run.nc")
    again = archive.read(tmp_path / "run.nc")
    assert digest(again["prediction"].to_dataset()) == tree.attrs["prediction_sha256"]
    for group in tree.children:
        one, other = tree[group].to_dataset(), again[group].to_dataset()
        for name in one.data_vars:
            if one[name].dtype.kind in "fiub":
                np.testing.assert_array_equal(one[name].values, other[name].values)
            else:
                assert one[name].values.tolist() == other[name].values.tolist()


def differing(one, other):
    """What differs between two tasks."""
    assert set(one) == set(other)
    return {n for n in one if not np.array_equal(one[n], other[n], equal_nan=True)}


@pytest.mark.parametrize(
    "name", [e.name for e in api.experiments() if e.presets[0].over is None], ids=str
)
def test_run_and_prediction_are_recomputed_from_the_task_alone(name, preset_runs):
    tree = preset_runs[name, api.experiment(name).presets[0].id]
    drawn, tasks = api.replayed(tree).setup, tuple(archive.task_of(tree))
    stored = tree["prediction"].to_dataset()
    start = Study.of(dataclasses.replace(drawn, tasks=tasks)).freeze()
    assert all(differing(*both) == set() for both in zip(start.setup.tasks, tasks, strict=True))
    disturbed = set() if drawn.experiment.intervene is None else {"kick_step", "kick_size"}
    assert all(differing(*both) <= disturbed for both in zip(drawn.tasks, tasks, strict=True))
    again = start.prediction
    assert again is not None
    assert set(again.data_vars) == set(stored.data_vars)
    for name in again.data_vars:
        np.testing.assert_allclose(again[name], stored[name], rtol=1e-10, atol=1e-300)
    run = start.run()
    run.finish()
    for name, values in run.records.items():
        # How a run was cut into slices, which depends on the time they took, may change last bits.
        rounding = np.sqrt(np.finfo(values.dtype).eps) if values.dtype.kind == "f" else 0.0
        found, told = values[:, : run.rows], tree["run"][name].values
        largest = np.max(np.abs(told), initial=0.0, where=np.isfinite(told))
        np.testing.assert_allclose(found, told, rtol=rounding, atol=rounding * largest)


def landing():
    for experiment in api.experiments():
        claims = {claim.name: claim for claim in experiment.claims}
        for preset in experiment.presets:
            if preset.over is not None:
                continue
            for name, verdict in preset.verdicts.items():
                sees = claims[name].sees_ten_percent and preset.id not in claims[name].blind_in
                if verdict == "lands" and sees:
                    yield experiment.name, preset.id, name


@pytest.mark.parametrize("name", [e.name for e in api.experiments()], ids=str)
def test_what_a_claim_cannot_see_is_said_of_presets_that_exist(name):
    found = api.experiment(name)
    for claim in found.claims:
        assert set(claim.blind_in) <= {preset.id for preset in found.presets}
        assert bool(claim.because) == (not claim.sees_ten_percent or bool(claim.blind_in))


LEVELS = (
    "losses", "final", "illusory_correlation", "edge", "overshoot", "orbit", "slope", "smooth",
    "test_function",
)  # fmt: skip
"""Parts of the names of what is predicted as a level: no curve, or one that counts at its end."""


def wrong(prediction, schedule):
    """The prediction with levels 10 % too high, curves and times 10 % too late."""
    twisted = prediction.copy(deep=True)
    times = {"record": schedule.record_times, "snapshot": schedule.snapshot_times}
    for name, variable in prediction.data_vars.items():
        values = variable.values.astype(float)
        axis = next((d for d in ("record", "snapshot") if d in variable.dims), None)
        still = axis is not None and np.ptp(values, axis=variable.dims.index(axis)).max() == 0
        if axis is not None and not still and not any(word in str(name) for word in LEVELS):
            t, where = times[axis], variable.dims.index(axis)
            late = np.apply_along_axis(lambda v, t=t: np.interp(t / 1.1, t, v), where, values)
            twisted[name] = (variable.dims, late, variable.attrs)
        elif (
            still
            or variable.attrs.get("units") in ("time", "steps")
            or any(word in str(name) for word in LEVELS)
        ):
            twisted[name] = (variable.dims, 1.1 * values, variable.attrs)
    return twisted


@pytest.mark.parametrize("case", list(landing()), ids=lambda c: f"{c[1]}-{c[2]}")
def test_a_prediction_ten_percent_wrong_no_longer_lands(case, preset_runs):
    name, preset, claim = case
    tree = preset_runs[name, preset]
    start = api.replayed(tree)
    late = wrong(tree["prediction"].to_dataset(), start.setup.schedule)
    found = dataclasses.replace(start, prediction=late).claims(tree["run"].to_dataset())
    verdicts = found["verdict"]
    assert str(verdicts.sel(claim=claim).values) in ("departs", "surprise")


def test_python_and_file_name_the_same_numbers(tmp_path):
    tree = sims.run(
        "saddle_to_saddle/linear_network", seeds=2, alpha=1e-3, out=tmp_path / "run.json"
    )
    assert tree.attrs["seeds"] == 2
    assert tree["run"].sizes["seed"] == 2
    assert (tmp_path / "run.json").stat().st_size > 10_000


def test_two_seeds_together_are_the_two_seeds_alone():
    together = sims.run("saddle_to_saddle/linear_network", seeds=2, horizon=13.0)
    for seed in (0, 1):
        alone = sims.run("saddle_to_saddle/linear_network", seed=seed, horizon=13.0)
        one = alone["run"].to_dataset()["mode_strengths"][0]
        other = together["run"].to_dataset()["mode_strengths"][seed]
        np.testing.assert_allclose(one, other, rtol=1e-6, atol=1e-9)


def test_trajectory_of_a_diverging_run_keeps_its_finite_part():
    tree = sims.run("saddle_to_saddle/linear_network", eta=0.6)
    run = tree["run"].to_dataset()
    assert run.attrs["stopped_0"] > 0
    assert np.isfinite(run["loss"].values).all()
    assert run.sizes["record"] >= 2
    claims = tree["claims"].to_dataset()
    assert str(claims["verdict"].sel(claim="mode_strengths").values) == "departs"
