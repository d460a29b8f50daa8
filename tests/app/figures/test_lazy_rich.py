"""Figures of lazy and rich: what they draw before a run, and what a run fills in."""

import base64
import importlib
from functools import cache
from typing import Any

import numpy as np
import pytest
import xarray as xr

from app.figures import lazy_rich, style
from app.figures.lazy_rich.diagonal_network import SWEEP_DERIVED
from app.live import wire
from sims.core.claims import before
from sims.core.prediction import prediction, predictions
from sims.core.setup import prepared
from sims.core.simulation import Run
from sims.core.sweep import Sweep
from sims.lazy_rich.tangent_kernel import boundary

NET, DIAGONAL, NEURON, PARITY, DIAGRAM = (
    "two_layer_network",
    "diagonal_network",
    "one_neuron",
    "parity",
    "phase_diagram",
)
SHORT: dict[str, Any] = {"width": 16, "steps": 100}
SETTINGS: dict[str, tuple[str, dict[str, Any]]] = {
    "lazy": (NET, SHORT | {"alpha": 50}),
    "rich": (NET, SHORT | {"alpha": 0.05, "activation": "relu"}),
    "sphere": (NET, SHORT | {"d": 5}),
    "catapult": (NET, SHORT | {"activation": "erf", "alpha": 30, "c": 1.3}),
    "no_boundary": (NET, SHORT | {"threshold": 1.0, "activation": "relu", "width": 4}),
    "sparse": (DIAGONAL, {"d": 30, "n": 12, "k": 2, "steps": 2000}),
    "balanced": (NEURON, {"dt": 0.01}),
    "downstream": (NEURON, {"dt": 0.01, "a0": 0.01, "w0": 2.0}),
    "parity": (PARITY, SHORT | {"n": 32, "n_test": 100}),
    "point": (DIAGRAM, SHORT),
    "kinked_point": (DIAGRAM, SHORT | {"activation": "relu"}),
}
EVERY = list(SETTINGS)
ORDER = ("ground", "band", "run", "second_run", "second_theory", "theory", "words")


def experiment(name: str):
    return importlib.import_module(f"sims.lazy_rich.{name}").EXPERIMENT


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
    return lazy_rich.view(SETTINGS[case][0])(whole, before(setup(case, seeds), whole)[1])


@cache
def source(case: str, seeds: int = 1) -> wire.Source:
    ready, made = setup(case, seeds), view(case, seeds)
    run = Run(ready.experiment, ready.params, ready.tasks, ready.schedule)
    run.finish()
    whole = foreseen(case, seeds)
    return wire.Source(run.records, run.snapshots, run.rows, run.snapshot_rows, whole, made.derived)


def numbers(values: Any) -> np.ndarray:
    """A trace's array, packed or plain."""
    if isinstance(values, dict):
        return np.frombuffer(base64.b64decode(values["bdata"]), values["dtype"])
    return np.asarray(values, float)


def panel(case: str, id: str, seeds: int = 1):
    return next(p for p in view(case, seeds).panels if p.id == id)


def drawn(case: str, id: str) -> list[Any]:
    schedule = setup(case).schedule
    rows = schedule.record_steps, schedule.record_times, schedule.snapshot_records
    return list(wire.filled(panel(case, id).figure, source(case), *rows).data)


def traces(figure: Any, group: str) -> list[Any]:
    return [t for t in figure.data if t.legendgroup == group]


@pytest.mark.parametrize("case", EVERY)
def test_every_setting_draws_its_prediction(case):
    made = view(case)
    assert len({p.id for p in made.panels}) == len(made.panels) >= 3
    for one in made.panels:
        for mode in style.MODES:
            assert "role:" not in (style.resolved(one.figure, mode).to_json() or "")
        assert one.alt is not None
        assert one.alt(None).endswith(".")
        shown: list[Any] = list(one.figure.data)
        places = [ORDER.index(t.legendgroup) for t in shown]
        assert places == sorted(places)
        for trace in [*traces(one.figure, "run"), *traces(one.figure, "band")]:
            assert len(trace.y) == 0
    assert 1 <= len(made.tiles) <= 5
    assert all(np.isfinite(e.time) for e in made.events)


@pytest.mark.parametrize("case", EVERY)
def test_every_tag_names_something_the_run_has(case):
    read = source(case)
    for one in view(case).panels:
        for binding in wire.bindings(one.figure):
            stop = read.snapshot_rows if binding.y.at != "records" else read.rows
            assert len(wire.evaluated(binding.y, read, 0, stop)) == stop, (one.id, binding)
            if isinstance(binding.x, wire.Tag):
                assert len(wire.evaluated(binding.x, read, 0, stop)) == stop


@pytest.mark.parametrize("case", ["lazy", "sparse", "parity"])
def test_several_seeds_are_drawn_as_bands(case):
    read, schedule = source(case, 2), setup(case, 2).schedule
    rows = schedule.record_steps, schedule.record_times, schedule.snapshot_records
    for one in view(case, 2).panels:
        assert wire.filled(one.figure, read, *rows).data
    assert "band" in {e.kind for e in view(case, 2).legend}


@pytest.mark.parametrize("case", ["lazy", "sparse", "parity"])
def test_a_growing_prediction_is_drawn_at_every_stage(case):
    for part in predictions(setup(case)):
        made = lazy_rich.view(SETTINGS[case][0])(part)
        assert all(one.figure.to_json() for one in made.panels)


def test_a_lazy_run_stands_where_its_circle_is():
    group = drawn("lazy", "feature_change")
    (run,) = [t for t in group if t.legendgroup == "run"]
    (circle,) = [t for t in group if t.name == "theory at this α"]
    assert list(numbers(run.x)) == list(numbers(circle.x)) == [50.0]
    # the claim's tolerance at this change of the features
    np.testing.assert_allclose(numbers(run.y), numbers(circle.y), rtol=0.05)


def test_the_boundary_is_where_the_curve_meets_the_threshold():
    figure = panel("lazy", "feature_change").figure
    layout: Any = figure.layout
    (upright,) = [s for s in layout.shapes if s["x0"] == s["x1"]]
    (level,) = [s for s in layout.shapes if s["y0"] == s["y1"]]
    (curve,) = [t for t in traces(figure, "theory") if t.name == "theory lazy"]
    found = boundary(numbers(curve.x), numbers(curve.y), float(level["y0"]))
    assert upright["x0"] == pytest.approx(found)


@pytest.mark.parametrize("case", ["lazy", "catapult"])
def test_the_second_clock_is_steps_times_the_rate_over_points(case):
    layout: Any = panel(case, "train_loss").figure.layout
    steps, tau = layout.meta["times"].values()
    task = setup(case).tasks[0]
    rate = task["eta"] / len(task["y"])
    assert tau["factor"] == pytest.approx(rate)
    assert layout.xaxis.range == tuple(steps["range"])
    ends = [10.0**at for at in (steps["range"][1], tau["range"][1])]
    if steps["type"] == "linear":
        ends = [steps["range"][1], tau["range"][1]]
    assert ends[1] / ends[0] == pytest.approx(rate)


def test_the_picture_of_neurons_begins_where_they_are_born():
    read = source("rich")
    born = foreseen("rich")["neurons_initial"].values[0]
    first = [wire.evaluated(wire.Tag(n, at="scrub"), read, 0, 1)[0] for n in ("up_1", "down_1")]
    np.testing.assert_allclose(np.fmax(*first), born[:, 0], rtol=1e-5)
    assert np.isnan(first[0]).sum() + np.isnan(first[1]).sum() == len(born)


def test_a_catapult_is_a_straight_line_until_the_kernel_shrinks():
    made = view("catapult")
    figure: Any = panel("catapult", "train_loss").figure
    assert figure.layout.xaxis.type != "log"
    assert [e.symbol_html for e in made.events]
    assert made.tiles[0].measures == "catapult_slope"
    (theory,) = traces(figure, "theory")
    y = numbers(theory.y)
    assert np.nanmax(y) <= 1e6 * y[0]


def test_weights_end_on_the_diagonal():
    group = drawn("sparse", "weights")
    for trace in [t for t in group if t.legendgroup == "run"]:
        # the finite step and the finite time leave less than this
        assert numbers(trace.y)[-1] == pytest.approx(numbers(trace.x)[-1], abs=0.02)


def test_one_neuron_lies_on_its_closed_form():
    for case in ("balanced", "downstream"):
        (gap,) = [t for t in drawn(case, "beta_gap") if t.legendgroup == "run"]
        layout: Any = panel(case, "beta_gap").figure.layout
        tolerance = max(s["y0"] for s in layout.shapes if s["y0"] == s["y1"])
        assert np.nanmax(numbers(gap.y)) < tolerance


@pytest.mark.parametrize(
    ("name", "values", "over", "ids"),
    [
        (NET, SHORT, {"width": "8,16,32"}, ["feature_change_final", "boundary_alpha"]),
        (NET, SHORT, {"alpha": "1,10"}, ["feature_change_final", "weight_change_final"]),
        (DIAGONAL, SETTINGS["sparse"][1], {"alpha_0": "0.01,0.1,1"}, ["l1_norm_final"]),
        (DIAGRAM, SHORT, {"alpha": "0.1,1,10"}, ["feature_change_final", "test_loss_final"]),
    ],
)
def test_a_sweep_draws_its_law_and_its_runs(name, values, over, ids):
    sweep = Sweep(experiment(name), values, over)
    while not sweep.predict_next():
        pass
    (knob,) = over
    made = lazy_rich.sweep_view(name)(sweep.prediction(), knob)
    assert set(ids) <= {p.id for p in made.panels}
    y = swept_final(sweep, ids[0])
    run = {ids[0]: 1.02 * y[None], knob: sweep.axes[knob][None].astype(float)}
    ratio = next(f for n, f in made.derived.items() if n.rpartition("_")[0] + "_final" == ids[0])
    np.testing.assert_allclose(ratio(run, sweep.prediction()), 0.02, rtol=1e-9)
    for one in made.panels:
        assert one.figure.to_json()
        assert one.alt is not None


def test_test_errors_of_a_sweep_are_compared_in_roots():
    theory = xr.Dataset({"test_error_final": ("alpha_0", [0.04, 0.25])})
    run = {"test_error_final": np.array([[0.09, 0.16]])}
    gap = SWEEP_DERIVED["test_error_gap"](run, theory)
    np.testing.assert_allclose(gap, [[0.1, -0.1]])


def swept_final(sweep: Sweep, name: str) -> np.ndarray:
    return np.asarray(sweep.prediction()[name].isel(seed=0).values, float)


def test_what_has_no_sweep_view_says_so():
    for name in (NEURON, PARITY):
        with pytest.raises(KeyError):
            lazy_rich.sweep_view(f"lazy_rich/{name}")
