"""What is made of the numbers: targets, differences, and whether `auto` was right."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from app.bench.gpu.defaults import choice, differences
from app.bench.gpu.large import DIAGRAM, DIAGRAMS, Diagram
from app.bench.gpu.size import SMALL, WHOLE, Card
from app.bench.gpu.summary import summary
from app.bench.gpu.targets import aimed
from sims import api
from sims.core.knobs import axis, knobs_of

GPU, REHEARSED = Card("gpu", False, WHOLE), Card("cpu", True, SMALL)


@pytest.mark.parametrize(("value", "reached"), [(0.95, True), (0.9, True), (0.89, False)])
def test_a_target_is_reached_on_its_own_side(value: float, reached: bool) -> None:
    assert aimed({"share": value}, "share >= 0.9", GPU)["reached"] is reached
    assert aimed({"share": -value}, "share <= -0.9", GPU)["reached"] is reached


def test_a_rehearsal_reaches_and_misses_nothing() -> None:
    assert aimed({"share": 0.95}, "share >= 0.9", REHEARSED)["reached"] is None
    assert choice("cpu", REHEARSED, 3.0)["auto_right"] is None


@pytest.mark.parametrize(
    ("chosen", "gain", "right"),
    [("gpu", 3.0, True), ("gpu", 0.5, False), ("cpu", 3.0, False), ("cpu", 0.5, True),
     ("gpu", 0.95, True), ("cpu", 1.05, True)],
)  # fmt: skip
def test_auto_is_right_where_the_other_device_was_not_faster(
    chosen: str, gain: float, right: bool
) -> None:
    assert choice(chosen, GPU, gain)["auto_right"] is right


def made(**records: Any) -> Any:
    arrays = {name: np.asarray(values) for name, values in records.items()}
    return SimpleNamespace(records=arrays, rows=next(iter(arrays.values())).shape[1])


def test_the_worst_difference_is_over_the_largest_value_and_the_rows_both_have() -> None:
    one = made(loss=[[4.0, -8.0, 1.0]], step=[[1, 2, 3]])
    other = made(loss=[[4.0, -6.0]], step=[[1, 2]])
    assert differences(one, other) == {"loss": 0.25, "step": 0.0}


def test_what_diverged_alike_differs_by_nothing_and_what_diverged_alone_by_everything() -> None:
    fell = made(loss=[[1.0, np.nan]])
    assert differences(fell, made(loss=[[1.0, np.nan]])) == {"loss": 0.0}
    assert differences(fell, made(loss=[[1.0, 2.0]])) == {"loss": np.inf}


def test_the_summary_counts_presets_choices_and_targets() -> None:
    rows = [
        {"name": "a", "as_stated": True},
        {"name": "b", "as_stated": False},
        {"name": "c", "auto_right": False, "prediction_hash_equal": False},
        {"name": "d", "auto_right": True, "target": "x >= 1", "reached": False},
        {"name": "e", "auto_right": None, "target": "x >= 1", "reached": None},
        {"name": "f", "failed": "The card is on fire."},
    ]
    found = {m.name: list(m.rows()) for m in summary(rows, GPU)}
    assert found["presets"] == [{"presets": 2, "as_stated": 1, "differing": ["b"]}]
    auto = {"judged": 2, "auto_wrong": 1, "wrong": ["c"]}
    assert found["auto"] == [{**auto, "target": "auto_wrong <= 1", "reached": True}]
    assert found["predictions"] == [{"predictions": 1, "of_another_hash": ["c"]}]
    assert found["targets"][0]["targets_missed"] == ["d: x >= 1"]
    assert found["targets"][0]["targets_not_judged"] == 1
    assert found["failed"] == [{"failed_measurements": 1, "names": ["f"]}]


@pytest.mark.parametrize("diagram", DIAGRAMS, ids=lambda diagram: diagram.label)
def test_a_phase_diagram_has_the_runs_it_is_called_by_and_few_in_a_rehearsal(
    diagram: Diagram,
) -> None:
    experiment = api.experiment(DIAGRAM)
    knobs = knobs_of(experiment.Params)
    whole, small = (size.axes(experiment, diagram.over) for size in (WHOLE, SMALL))
    runs = diagram.seeds * math.prod(len(axis(knobs[n], text)) for n, text in whole.items())
    assert f" {runs} " in diagram.label
    assert [len(axis(knobs[n], text)) for n, text in small.items()] == [2, 2]
