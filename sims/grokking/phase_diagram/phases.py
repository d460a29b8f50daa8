"""The four phases, their names, and what a run shows of them. Nothing is claimed."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from sims.core.experiment import Assumption, Task
from sims.core.sentences import said
from sims.grokking.passage import rises_to

if TYPE_CHECKING:
    from sims.grokking.phase_diagram.params import Params

LEARNT = 0.9
"""Accuracy at which a set counts as learnt."""
PHASES = ("confusion", "memorisation", "grokking", "comprehension")
FLAGS = {"flag_values": [0, 1, 2, 3], "flag_meanings": " ".join(PHASES)}
HOPELESS = 0.5
"""Probability of coverage below which no run is expected to generalise."""


def phase(train_step: float, test_step: float, gap: float) -> int:
    """Index of the phase from the steps at which the sets were learnt, NaN where they were not.

    Confusion: train never; memorisation: test never; grokking: test more than `gap` behind train;
    comprehension: not.
    Source: Liu and others, arXiv:2205.10343, table 1, there with a gap of 1000 in 100 000 steps.
    """
    if math.isnan(train_step):
        return 0
    if math.isnan(test_step):
        return 1
    return 2 if test_step - train_step > gap else 3


def measure(params: Params, task: Task, prediction: xr.Dataset, run: xr.Dataset) -> xr.Dataset:
    """Steps at which train and test accuracy pass 0.9, between records, and the phase."""
    del task, prediction
    train, test = (
        rises_to(run["step"].values, run[name].values, LEARNT)
        for name in ("train_accuracy", "test_accuracy")
    )
    found = np.int8(phase(train, test, float(params.gap)))
    return xr.Dataset(
        {
            "train_step": ((), train, {"units": "steps"}),
            "test_step": ((), test, {"units": "steps"}),
            "phase": ((), found, FLAGS),
        }
    )


def assumptions(params: Params, task: Task, prediction: xr.Dataset) -> list[Assumption]:
    """Whether the data show every number."""
    del task
    covered = float(prediction["coverage"])
    sentence = (
        f"{float(params.fraction):.2f} of the pairs show every number with probability "
        f"{said(covered)}; {said(float(prediction['coverage_fraction']))} would for 0.95."
    )
    return [Assumption("covered", "every number is shown", sentence, covered >= HOPELESS, covered)]


def warnings(params: Params, task: Task, prediction: xr.Dataset) -> list[str]:
    """Banners shown before the run."""
    del params, task
    covered = float(prediction["coverage"])
    if covered >= HOPELESS:
        return []
    return [
        "Expect no grokking and no comprehension anywhere. With probability "
        f"{said(1 - covered)} so few pairs never show some a, b or sum."
    ]
