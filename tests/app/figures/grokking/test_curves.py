"""Figures of the linear estimator, the decaying network and the staircase, before and after."""

import base64
import importlib
from functools import cache
from typing import Any

import numpy as np
import pytest
import xarray as xr

from app.figures import grokking, style
from app.live import wire
from sims.core.claims import before
from sims.core.prediction import prediction, predictions
from sims.core.setup import prepared
from sims.core.simulation import Run
from sims.core.sweep import Sweep
from sims.core.trajectory import trajectory

LINEAR, TIMING, STAIRS = "linear_estimator", "weight_decay_timing", "fourier_staircase"
SETTINGS: dict[str, tuple[str, dict[str, Any]]] = {
    "linear": (LINEAR, {"d": 64, "ratio": 0.5, "replicas": 16}),
    "unseen": (LINEAR, {"d": 64, "ratio": 1.5, "replicas": 16, "steps": 50}),
    "never": (LINEAR, {"d": 64, "ratio": 0.5, "weight_decay": 0.1, "eps": 1e-4, "steps": 50}),
    "timing": (TIMING, {"n": 16, "d": 40, "k": 1, "alpha": 1.0, "weight_decay": 0.05}),
    "hopeless": (TIMING, {"n": 5, "d": 40, "k": 9, "steps": 500}),
    "stairs": (STAIRS, {"p": 7, "magnitudes": (5.0, 3.0, 2.0), "width": 24, "steps": 4000}),
    "one_step": (STAIRS, {"p": 7, "magnitudes": (1.0,), "width": 24, "steps": 400}),
}
EVERY = list(SETTINGS)
ORDER = ("ground", "band", "run", "second_run", "second_theory", "theory", "words")


def experiment(name: str):
    return importlib.import_module(f"sims.grokking.{name}").EXPERIMENT


@cache
def setup(case: str, seeds: int = 1):
    name, values = SETTINGS[case]
    return prepared(experiment(name), values, seeds=seeds)


@cache
def foreseen(case: str, seeds: int = 1) -> xr.Dataset:
    return prediction(setup(case, seeds))


@cache
def view(case: str, seeds: int = 1):
    whole = foreseen(case, seeds)
    return grokking.view(SETTINGS[case][0])(whole, before(setup(case, seeds), whole)[1])


@cache
def ran(case: str, seeds: int = 1) -> Run:
    ready = setup(case, seeds)
    run = Run(ready.experiment, ready.params, ready.tasks, ready.schedule)
    run.finish()
    return run


@cache
def source(case: str, seeds: int = 1) -> wire.Source:
    run, whole, made = ran(case, seeds), foreseen(case, seeds), view(case, seeds)
    return wire.Source(run.records, run.snapshots, run.rows, run.snapshot_rows, whole, made.derived)


def panel(case: str, id: str):
    return next(p for p in view(case).panels if p.id == id)


def drawn(case: str, id: str) -> list[Any]:
    schedule = setup(case).schedule
    rows = schedule.record_steps, schedule.record_times, schedule.snapshot_records
    return list(wire.filled(panel(case, id).figure, source(case), *rows).data)


def numbers(values: Any) -> np.ndarray:
    """A trace's array, packed or plain."""
    if isinstance(values, dict):
        return np.frombuffer(base64.b64decode(values["bdata"]), values["dtype"])
    return np.asarray(values, float)


@pytest.mark.parametrize("case", EVERY)
def test_every_setting_draws_its_prediction(case):
    made = view(case)
    assert len({p.id for p in made.panels}) == len(made.panels) >= 4
    for one in made.panels:
        for mode in style.MODES:
            assert "role:" not in (style.resolved(one.figure, mode).to_json() or "")
        assert one.alt is not None
        said = one.alt(None)
        assert said.endswith(".")
        assert "<" not in said
        shown: list[Any] = list(one.figure.data)
        places = [ORDER.index(t.legendgroup) for t in shown]
        assert places == sorted(places)
        for trace in shown:
            if trace.legendgroup in ("run", "band") and trace.type == "scatter":
                assert len(trace.y) == 0
    assert 1 <= len(made.tiles) <= 5
    assert all(np.isfinite(e.time) for e in made.events)


@pytest.mark.parametrize("case", ["linear", "never", "timing", "stairs"])
def test_every_tag_names_something_the_run_has(case):
    read = source(case)
    for one in view(case).panels:
        for binding in wire.bindings(one.figure):
            stop = read.snapshot_rows if binding.y.at != "records" else read.rows
            assert len(wire.evaluated(binding.y, read, 0, stop)) == stop, (one.id, binding)
            if isinstance(binding.x, wire.Tag):
                assert len(wire.evaluated(binding.x, read, 0, stop)) == stop


@pytest.mark.parametrize("case", ["linear", "stairs"])
def test_several_seeds_are_drawn_as_bands(case):
    read, schedule = source(case, 2), setup(case, 2).schedule
    rows = schedule.record_steps, schedule.record_times, schedule.snapshot_records
    for one in view(case, 2).panels:
        assert wire.filled(one.figure, read, *rows).data
    assert "band" in {e.kind for e in view(case, 2).legend}


@pytest.mark.parametrize("case", ["linear", "timing", "stairs"])
def test_every_panel_is_told_in_words_after_the_run(case):
    seen = trajectory(setup(case), foreseen(case), ran(case))
    for one in view(case).panels:
        assert one.alt is not None
        assert one.alt(seen).endswith(".")


@pytest.mark.parametrize("case", ["linear", "timing", "stairs"])
def test_a_growing_prediction_is_drawn_at_every_stage(case):
    for part in predictions(setup(case)):
        if not isinstance(part, float):
            made = grokking.view(SETTINGS[case][0])(part)
            assert all(one.figure.to_json() for one in made.panels)


@pytest.mark.parametrize(
    ("case", "id"), [("linear", "accuracy"), ("timing", "test_error"), ("stairs", "loss")]
)
def test_time_is_logarithmic_first_and_can_be_linear(case, id):
    layout: Any = panel(case, id).figure.layout
    assert layout.xaxis.type == "log"
    spans = {word: axis["range"] for word, axis in layout.meta["times"].items()}
    assert spans["linear"] == [0.0, float(setup(case).schedule.record_times[-1])]
    assert 10 ** spans["log"][1] >= spans["linear"][1]
    for event in view(case).events:
        assert any(s["x0"] == s["x1"] == event.time for s in layout.shapes)


def test_the_dot_of_the_delay_appears_where_its_ring_is():
    group = drawn("linear", "delay")
    (dot,) = [t for t in group if t.legendgroup == "run"]
    (ring,) = [t for t in group if t.name == "theory here"]
    y = numbers(dot.y)
    assert np.isnan(y[0])
    assert set(numbers(dot.x)) == set(numbers(ring.x)) == {0.5}
    # 16 outputs in 64 dimensions scatter by some percent
    assert y[-1] == pytest.approx(float(numbers(ring.y)[0]), rel=0.2)


def test_a_clock_dot_appears_once_the_error_has_halved():
    (dot,) = [t for t in drawn("timing", "clock") if t.legendgroup == "run"]
    y = numbers(dot.y)
    assert np.isnan(y[0])
    assert y[-1] == pytest.approx(float(foreseen("timing")["grok_time"][0]), rel=0.2)


def test_what_never_comes_is_called_never():
    tiles = {t.words: t.value for t in view("unseen").tiles}
    assert tiles["all others too"] == "never"
    assert {t.words: t.value for t in view("hopeless").tiles}["the error halves"] == "never"


def test_every_level_of_the_staircase_is_dotted():
    layout: Any = panel("stairs", "loss").figure.layout
    dotted = sorted(s["y0"] for s in layout.shapes if s["y0"] == s["y1"])
    levels = foreseen("stairs")["plateau_losses"].values[0]
    np.testing.assert_allclose(dotted, np.sort(levels[levels > 0]))


def test_the_template_of_the_run_moves_to_the_dashed_one():
    read = source("stairs")
    first, last = (
        wire.evaluated(wire.Tag("learned_template", at="scrub"), read, i, i + 1)[0]
        for i in (0, read.snapshot_rows - 1)
    )
    whole = foreseen("stairs")["template"].values[0]
    assert np.abs(first).max() < 0.02
    np.testing.assert_allclose(last, whole, atol=0.1)


@pytest.mark.parametrize(
    ("name", "values", "over", "ids"),
    [
        (LINEAR, {"d": 50, "replicas": 2}, {"ratio": "0.4,0.5"}, ["grok_time", "delay"]),
        (TIMING, {"n": 8, "d": 20, "k": 1}, {"alpha": "1,2"}, ["grok_time"]),
        (STAIRS, SETTINGS["stairs"][1], {"init_scale": "0.1,0.2"}, ["first_drop_bound"]),
    ],
)
def test_a_sweep_draws_its_law(name, values, over, ids):
    sweep = Sweep(experiment(name), values, over)
    while not sweep.predict_next():
        pass
    made = grokking.sweep_view(name)(sweep.prediction(), next(iter(over)))
    assert set(ids) <= {p.id for p in made.panels}
    for one in made.panels:
        assert one.figure.to_json()
        assert one.alt is not None
