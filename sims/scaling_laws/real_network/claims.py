"""What the tangent kernel wants of a network and its data, and what is claimed of six schedules."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from sims.compare import Comparison, largest_gap
from sims.core.controls import OTHER_SEED, Control
from sims.core.experiment import Assumption, Claim, Task
from sims.core.sentences import said, share
from sims.scaling_laws import races

if TYPE_CHECKING:
    from sims.scaling_laws.real_network.params import Params

MOST_FEEDBACK, MOST_MOVED, MOST_UNEVEN = 0.1, 0.05, 0.25
ROUNDING = 0.005
"""Relative error of the mean that is left without any chance: n points are no Gaussian."""


def light_tails(params: Params, task: Task, prediction: xr.Dataset) -> Assumption:
    """Whether a few runs show the mean."""
    del params, task
    F = float(prediction["feedback"])
    words = f"Noise feeds back {share(F)} of the loss; above 10 % rare runs carry its mean."
    return Assumption("light_tails", "light tails", words, F <= MOST_FEEDBACK, F)


def features_stay_put(params: Params, task: Task, prediction: xr.Dataset) -> Assumption:
    """Whether the kernel that theory takes for fixed says itself that it stays."""
    del params, task
    R = float(prediction["feature_change"])
    words = f"The kernel theory itself expects features to move by {share(R)}; trusted below 5 %."
    return Assumption("features_stay_put", "features stay put", words, R <= MOST_MOVED, R)


def even_inputs(params: Params, task: Task, prediction: xr.Dataset) -> Assumption:
    """Whether points are about as long in feature space as Gaussian inputs."""
    del params, task
    flat = float(prediction["flat"])
    words = f"In feature space |x|⁴ is {said(flat)} of a Gaussian's; trusted between 0.75 and 1.25."
    held = abs(flat - 1) <= MOST_UNEVEN
    return Assumption("even_inputs", "even inputs", words, held, flat)


ASSUMPTIONS = (light_tails, features_stay_put, even_inputs)
ALL = tuple(one.__name__ for one in ASSUMPTIONS)


def of_mean(params: Params, prediction: xr.Dataset) -> np.ndarray:
    """Relative standard error of the mean loss, and half a per cent, (record, schedule)."""
    del params
    return ROUNDING + prediction["standard_error"].values / prediction["loss"].values


def of_end(params: Params, prediction: xr.Dataset) -> np.ndarray:
    """The same at the end, (schedule,)."""
    return of_mean(params, prediction)[-1]


ALIKE = {OTHER_SEED: "the kernels of two networks of this width and these points are much alike."}

CLAIMS = (
    Claim(
        "loss_curve",
        largest_gap(
            "loss", over="logarithm", divided_by=of_mean,
            within=lambda _, prediction, _run: prediction["step"].values >= 1,
            at="{schedule}, step {step}",
        ),
        4.0,
        relies_on=ALL,
        title="mean loss of every schedule",
        symbol="L(t)",
        unit="standard errors",
        baseline=races.FULL_BATCH,
        void=ALIKE,
    ),
    Claim(
        "loss_final",
        largest_gap(
            "loss_final", over="logarithm", divided_by=of_end, at="{schedule}, at the end"
        ),
        4.0,
        relies_on=ALL,
        unit="standard errors",
        baseline=races.FULL_BATCH_AT_END,
        void=ALIKE,
    ),
    Claim(
        "ranking",
        Comparison("pair_order", "pairs", races.wrong_pairs, "pair_order"),
        0.5,  # a guess with a single pair wrong is no test
        relies_on=ALL,
        title="order of the schedules",
        symbol="",
        baseline=races.MORE_RATE,
        sees_ten_percent=False,
        because="all levels may be 10 % off in the same order.",
        void=ALIKE,
    ),
)  # fmt: skip


def _other_labels(task: Task) -> Task:
    """Every point with the label of another."""
    return {**task, "y": np.random.default_rng(0).permutation(task["y"])}


CONTROLS = (
    Control(
        "labels are those of other points", task=_other_labels, claims=("loss_curve", "loss_final")
    ),
    Control("labels have no noise", values={"noise": "0"}),
)  # fmt: skip
