"""Assumptions of the Marchenko-Pastur theory, measured counterparts, and the claims."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from sims.core.claims import constant
from sims.core.experiment import Assumption, Claim, Compared, Task, not_compared
from sims.core.knobs import filled
from sims.core.sentences import share
from sims.grokking.divergence import unless_diverged
from sims.grokking.passage import falls_to

if TYPE_CHECKING:
    from sims.grokking.linear_estimator.params import Params

WIDEST_EDGE = 0.04
WIDEST_REPLICAS = 0.02
DEEP = 10.0
MARGIN = 1.1
"""Times the predicted moment that a run must last before never counts as an answer."""
BLUNT = 0.03
"""Tolerance of the train accuracy above which a clock 10 % off would pass."""
ENOUGH = 6000
"""Outputs times dimensions below which the replicas cannot tell a level 10 % off."""
DEVIATIONS = 5.0


def assumptions(params: Params, task: Task, prediction: xr.Dataset) -> list[Assumption]:
    """What the theory wants of these settings, held or broken."""
    del task
    edge, chance = float(prediction["edge_width"]), float(prediction["replica_spread"])
    tail = float(prediction.attrs["tail"])
    there = prediction.attrs["ratio"] < 1 and float(params.weight_decay) == 0
    known = f"known to {share(edge)}" if math.isfinite(edge) else "zero up to chance"
    return [
        Assumption(
            "sharp_edge",
            "sharp edge",
            f"The smallest eigenvalue is {known}; above 4 % each sample has its own edge and the "
            "Marchenko-Pastur time is not its time.",
            edge <= WIDEST_EDGE,
            edge,
        ),
        Assumption(
            "many_replicas",
            "many outputs",
            f"{params.replicas} outputs leave {share(chance)} of chance in the grokking time; "
            "above 2 % a single teacher shows.",
            chance <= WIDEST_REPLICAS,
            chance,
        ),
        Assumption(
            "deep_tail",
            "deep in the tail",
            f"The threshold lies {tail:.1f} decay times into the tail; the edge formula needs 10."
            if there
            else "The edge formula is for ratios below 1 without weight decay.",
            bool(there and tail >= DEEP),
            tail,
        ),
    ]


def measure(params: Params, task: Task, prediction: xr.Dataset, run: xr.Dataset) -> xr.Dataset:
    """When each loss reached L*, ln-linear between records, and the ratio of the two times."""
    del params, task
    level, steps = float(prediction["loss_level"]), run["step"].values
    train, grok = (
        falls_to(steps, run[name].values, level, log=True) for name in ("train_loss", "test_loss")
    )
    return xr.Dataset(
        {
            "train_time": ((), train, {"units": "steps"}),
            "grok_time": ((), grok, {"units": "steps"}),
            "delay": ((), grok / train if train > 0 else np.nan),
        }
    )


@unless_diverged
def compare_train_accuracy(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> Compared:
    """Largest distance from the curve over the records."""
    if train_accuracy_tolerance(params, prediction) > BLUNT:
        return not_compared("this is too small to tell a clock 10 % off.")
    return _farthest("train_accuracy", prediction, run)


@unless_diverged
def compare_test_accuracy(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> Compared:
    """Largest distance from the curve over the records."""
    del params
    return _farthest("test_accuracy", prediction, run)


def _farthest(name: str, prediction: xr.Dataset, run: xr.Dataset) -> Compared:
    seen = run[name].values
    foreseen = prediction[name].values[: len(seen)]
    gaps = np.abs(seen - foreseen)
    i = int(np.argmax(gaps))
    where = f"largest gap at step {int(run['step'][i])}"
    return Compared(float(foreseen[i]), float(seen[i]), float(gaps[i]), where)


@unless_diverged
def compare_train_time(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> Compared:
    """|run/theory - 1| of the step at which the train loss reaches L*."""
    return _times(params, float(prediction["train_time"]), float(run["train_time"]))


@unless_diverged
def compare_grok_time(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> Compared:
    """|run/theory - 1| of the step at which the test loss reaches L*; never against never is 0."""
    return _times(params, float(prediction["grok_time"]), float(run["grok_time"]))


def _times(params: Params, predicted: float, measured: float) -> Compared:
    steps = float(filled(params.steps))
    if predicted == 0:
        return not_compared("the start is already below the threshold.")
    if math.isinf(predicted):
        error = 0.0 if math.isnan(measured) else math.inf
        return Compared(predicted, measured, error, f"never, within {int(steps)} steps")
    if math.isnan(measured):
        if steps < MARGIN * predicted:
            return not_compared(f"{int(steps)} steps are too few to see it.")
        return Compared(predicted, measured, math.inf, f"never, within {int(steps)} steps")
    return Compared(predicted, measured, abs(measured / predicted - 1))


@unless_diverged
def compare_grok_time_exact(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> Compared:
    """The same against the time under the eigenvalues of this very sample."""
    del params
    predicted, measured = float(prediction["grok_time_sample_exact"]), float(run["grok_time"])
    if not math.isfinite(predicted):
        return not_compared("it is predicted never to come.")
    if math.isnan(measured):
        return not_compared("the run did not reach it.")
    if predicted == 0:
        return not_compared("the start is already below the threshold.")
    return Compared(predicted, measured, abs(measured / predicted - 1))


@unless_diverged
def compare_test_loss_exact(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> Compared:
    """Largest |run/exact - 1| over its standard deviation, where the loss is above L*/3."""
    if params.replicas * params.d < ENOUGH:
        return not_compared("these are replicas too few to tell a level 10 % off.")
    seen = run["test_loss"].values
    foreseen = prediction["test_loss_sample_exact"].values[: len(seen)]
    spread = prediction["test_loss_spread"].values[: len(seen)]
    gaps = np.abs(seen / foreseen - 1) / spread
    gaps = np.where(foreseen > float(prediction["loss_level"]) / 3, gaps, -1.0)
    i = int(np.argmax(gaps))
    if gaps[i] < 0:
        return not_compared("the loss is below a third of the threshold from the start.")
    where = f"largest gap at step {int(run['step'][i])}"
    return Compared(float(foreseen[i]), float(seen[i]), float(gaps[i]), where)


@unless_diverged
def compare_asymptotic(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> Compared:
    """|run/(t_tr + Δt) - 1|."""
    if "grok_time_asymptotic" not in prediction:
        return not_compared("the edge formula is for ratios below 1 without weight decay.")
    predicted, measured = float(prediction["grok_time_asymptotic"]), float(run["grok_time"])
    if math.isnan(measured):
        return not_compared(f"{int(filled(params.steps))} steps are too few to see it.")
    return Compared(predicted, measured, abs(measured / predicted - 1))


def train_accuracy_tolerance(params: Params, prediction: xr.Dataset) -> float:
    """2/√(kd) + 2/d."""
    del prediction
    return 2 / math.sqrt(params.replicas * params.d) + 2 / params.d


def test_accuracy_tolerance(params: Params, prediction: xr.Dataset) -> float:
    """0.005 + T_g max |dA_gen/d ln t|."""
    del params
    wide = float(prediction["grok_time_spread"])
    return 0.005 + wide * float(prediction["test_accuracy_slope"])


def train_time_tolerance(params: Params, prediction: xr.Dataset) -> float:
    """T_t of `theory.spreads`."""
    del params
    return float(prediction["train_time_spread"])


def grok_time_tolerance(params: Params, prediction: xr.Dataset) -> float:
    """T_g of `theory.spreads`."""
    del params
    return float(prediction["grok_time_spread"])


def exact_tolerance(params: Params, prediction: xr.Dataset) -> float:
    """min(0.09, 0.005 + 3.5 s) with the spread s of the replicas on this sample."""
    del params
    return float(prediction["grok_time_sample_exact_spread"])


EDGE, CHANCE = "sharp_edge", "many_replicas"

CLAIMS = (
    Claim(
        "train_accuracy",
        "train accuracy",
        r"A_\mathrm{tr}",
        "in the share",
        (CHANCE,),
        train_accuracy_tolerance,
        compare_train_accuracy,
    ),
    Claim(
        "test_accuracy",
        "test accuracy",
        r"A_\mathrm{gen}",
        "in the share",
        (EDGE, CHANCE),
        test_accuracy_tolerance,
        compare_test_accuracy,
    ),
    Claim(
        "train_time",
        "train time",
        r"t_\mathrm{tr}",
        "relative",
        (CHANCE,),
        train_time_tolerance,
        compare_train_time,
    ),
    Claim(
        "grok_time",
        "grokking time",
        r"t_\mathrm{gen}",
        "relative",
        (EDGE, CHANCE),
        grok_time_tolerance,
        compare_grok_time,
    ),
    Claim(
        "grok_time_sample_exact",
        "grokking time, sample-exact",
        r"t_\mathrm{gen}",
        "relative",
        (CHANCE,),
        exact_tolerance,
        compare_grok_time_exact,
    ),
    Claim(
        "test_loss_sample_exact",
        "test loss, sample-exact",
        r"L_\mathrm{gen}",
        "standard deviations",
        (),
        constant(DEVIATIONS),
        compare_test_loss_exact,
    ),
    Claim(
        "grok_time_asymptotic",
        "grokking time, edge formula",
        r"t_\mathrm{tr}+\Delta t",
        "relative",
        ("deep_tail", EDGE, CHANCE),
        grok_time_tolerance,
        compare_asymptotic,
    ),
)
