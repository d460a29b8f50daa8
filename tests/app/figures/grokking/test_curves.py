"""Figures of the linear estimator, the decaying network and the staircase, before and after."""

from typing import Any

import numpy as np
import pytest

from app.live.server import columns, tags
from tests.app.figures.drawing import (
    check_bands,
    check_layers,
    check_prediction,
    check_run,
    drawings,
    growing_views,
    numbers,
    sweep_view,
    swept,
)

LINEAR, TIMING, STAIRS = (
    f"grokking/{name}" for name in ("linear_estimator", "weight_decay_timing", "fourier_staircase")
)
SETTINGS: dict[str, tuple[str, dict[str, Any]]] = {
    "linear": (LINEAR, {"d": 64, "ratio": 0.5, "replicas": 16}),
    "unseen": (LINEAR, {"d": 64, "ratio": 1.5, "replicas": 16, "steps": 50}),
    "never": (LINEAR, {"d": 64, "ratio": 0.5, "weight_decay": 0.1, "eps": 1e-4, "steps": 50}),
    "timing": (TIMING, {"n": 16, "d": 40, "k": 1, "alpha": 1.0, "weight_decay": 0.05}),
    "hopeless": (TIMING, {"n": 5, "d": 40, "k": 9, "steps": 500}),
    "stairs": (STAIRS, {"p": 7, "magnitudes": (5.0, 3.0, 2.0), "width": 24, "steps": 4000}),
    "one_step": (STAIRS, {"p": 7, "magnitudes": (1.0,), "width": 24, "steps": 400}),
}
drawing = drawings(SETTINGS)


@pytest.mark.parametrize("case", SETTINGS)
def test_every_setting_draws_its_prediction(case):
    check_prediction(drawing(case).view, panels=4)


@pytest.mark.parametrize("case", SETTINGS)
def test_no_curve_has_colour_before_the_run_and_theory_lies_on_top(case):
    check_layers(drawing(case).view)


@pytest.mark.parametrize("case", ["linear", "never", "timing", "stairs"])
def test_every_tag_names_something_the_run_has(case):
    check_run(drawing(case))


@pytest.mark.parametrize("case", ["linear", "stairs"])
def test_several_seeds_are_drawn_as_bands(case):
    check_bands(drawing(case, 2))


@pytest.mark.parametrize("case", ["linear", "timing", "stairs"])
def test_a_growing_prediction_is_drawn_at_every_stage(case):
    assert growing_views(drawing(case))


@pytest.mark.parametrize(
    ("case", "id"), [("linear", "accuracy"), ("timing", "test_error"), ("stairs", "loss")]
)
def test_time_is_logarithmic_first_and_can_be_linear(case, id):
    layout: Any = drawing(case).panel(id).figure.layout
    assert layout.xaxis.type == "log"
    spans = {word: axis["range"] for word, axis in layout.meta["times"].items()}
    assert spans["linear"] == [0.0, float(drawing(case).setup.schedule.record_times[-1])]
    assert 10 ** spans["log"][1] >= spans["linear"][1]
    for event in drawing(case).view.events:
        assert any(s["x0"] == s["x1"] == event.time for s in layout.shapes)


def test_the_dot_of_the_delay_appears_where_its_ring_is():
    group = drawing("linear").drawn("delay")
    (dot,) = [t for t in group if t.legendgroup == "run"]
    (ring,) = [t for t in group if t.name == "theory here"]
    y = numbers(dot.y)
    assert np.isnan(y[0])
    assert set(numbers(dot.x)) == set(numbers(ring.x)) == {0.5}
    # 16 outputs in 64 dimensions scatter by some percent
    assert y[-1] == pytest.approx(float(numbers(ring.y)[0]), rel=0.2)


def test_a_clock_dot_appears_once_the_error_has_halved():
    (dot,) = [t for t in drawing("timing").drawn("clock") if t.legendgroup == "run"]
    y = numbers(dot.y)
    assert np.isnan(y[0])
    assert y[-1] == pytest.approx(float(drawing("timing").foreseen["grok_time"][0]), rel=0.2)


def test_what_never_comes_is_called_never():
    tiles = {t.words: t.value for t in drawing("unseen").view.tiles}
    assert tiles["all others too"] == "never"
    assert {t.words: t.value for t in drawing("hopeless").view.tiles}["the error halves"] == "never"


def test_every_level_of_the_staircase_is_dotted():
    layout: Any = drawing("stairs").panel("loss").figure.layout
    dotted = sorted(s["y0"] for s in layout.shapes if s["y0"] == s["y1"])
    levels = drawing("stairs").foreseen["plateau_losses"].values[0]
    np.testing.assert_allclose(dotted, np.sort(levels[levels > 0]))


def test_the_template_of_the_run_moves_to_the_dashed_one():
    read = drawing("stairs").source
    first, last = (
        columns.evaluated(tags.Tag("learned_template", at="scrub"), read, i, i + 1)[0]
        for i in (0, read.snapshot_rows - 1)
    )
    whole = drawing("stairs").foreseen["template"].values[0]
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
    made = sweep_view(swept(name, values, over))
    assert set(ids) <= {p.id for p in made.panels}
