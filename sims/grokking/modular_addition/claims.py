"""Measured counterparts and claims of modular addition.

Two theories speak: with the cubic decay and all pairs the maximum margin, with AdamW on a part of
the pairs the circuit and its unveiling.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from sims.compare import largest_gap, level
from sims.core.experiment import Claim, Compared, Task, not_compared
from sims.core.sentences import said
from sims.grokking.modular_addition.assumptions import homogeneous
from sims.grokking.modular_addition.theory import JUMP, RESTRICTED, is_cubic, is_decoupled
from sims.grokking.passage import falls_to, rises_to

if TYPE_CHECKING:
    from sims.grokking.modular_addition.params import Params

LEARNT = 0.9
"""Accuracy at which a set counts as learnt."""
NO_JUMP = "the test accuracy never reached a half."
UNDERFLOW = 1e-7
"""Cross-entropy on the train pairs below which Adam amplifies rounding."""
ENDS = ("phase_defect", "ipr", "margin_ratio", "frequency_shares")


def measure(params: Params, task: Task, prediction: xr.Dataset, run: xr.Dataset) -> xr.Dataset:
    """First passages between records, the norm at the jump, and what the last record shows."""
    step, train, test = (run[n].values for n in ("step", "train_accuracy", "test_accuracy"))
    level = RESTRICTED * math.log(params.p)
    jumped = np.flatnonzero(test >= JUMP)
    norm = float(run["weight_norm"][jumped[0]]) if jumped.size else np.nan
    passages = {
        "train_step": rises_to(step, train, LEARNT),
        "test_step": rises_to(step, test, LEARNT),
        "jump_step": rises_to(step, test, JUMP),
        "restricted_step": falls_to(step, run["restricted_loss"].values, level, log=True),
        "underflow_step": _underflow(params, run),
    }
    data: dict[str, Any] = {
        name: ((), value, {"units": "steps"}) for name, value in passages.items()
    }
    data["goldilocks_norm"] = ((), norm, {})
    ends = (*ENDS, "test_accuracy") if not task["mask"].all() else ENDS
    for name in ends:
        last = run[name][-1] if run.sizes["record"] else run[name].max("record") * np.nan
        data[f"{name}_final"] = (last.dims, last.values, {})
    margin = float(data["margin_ratio_final"][1]) * float(prediction["max_margin"])
    data["max_margin"] = ((), margin, {})
    return xr.Dataset(data)


def _underflow(params: Params, run: xr.Dataset) -> float:
    if params.loss_kind != "ce":
        return math.nan
    return falls_to(run["step"].values, run["train_loss"].values, UNDERFLOW)


# Why nothing is compared


def _unmeasured(params: Params, *_: xr.Dataset) -> str:
    """Why neither theory speaks here, or ''."""
    if params.optimizer == "gd":
        return "this is not measured under gradient descent."
    if params.regulariser == "l2":
        return "this is not measured with an L2 term inside Adam."
    return ""


def _nothing_to_test(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> str:
    del params, run
    whole = prediction.attrs["fraction"] >= 1
    return "every pair is trained, and none is left to test." if whole else ""


def _not_unveiled(params: Params, *_: xr.Dataset) -> str:
    return "" if is_decoupled(params) else "it is the decoupled decay that unveils the circuit."


def _squared_loss(params: Params, *_: xr.Dataset) -> str:
    squared = params.loss_kind == "mse"
    return "its logits are too small for a cross-entropy." if squared else ""


def _not_cubic(params: Params, *_: xr.Dataset) -> str:
    return "" if is_cubic(params) else "the maximum margin is that of the cubic decay."


def _relu(params: Params, *_: xr.Dataset) -> str:
    kinked = params.activation == "relu"
    return "the maximum margin is known for squares alone." if kinked else ""


def _rule_of_thumb(params: Params, *_: xr.Dataset) -> str:
    holds = homogeneous(params)
    return "a rule of thumb, good to 20 %, cannot tell 10 %." if holds else ""


# What is compared


def last_step(run: xr.Dataset) -> str:
    """Where the last record is, and whether its numbers can be rounding."""
    underflow = float(run["underflow_step"])
    if math.isnan(underflow):
        return "last step"
    return f"last step; from step {underflow:.0f} on the train loss was below 10⁻⁷"


def jump(run: xr.Dataset) -> str:
    """Where the norm is read."""
    return f"step {said(float(run['jump_step']), 3)}, where the test accuracy passes a half"


def compare_restricted_leads(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> Compared:
    """Step at which the restricted loss has halved, over the step of the jump: at most 1/2."""
    del params, prediction
    at, restricted = float(run["jump_step"]), float(run["restricted_step"])
    if math.isnan(at):
        return not_compared(NO_JUMP)
    if math.isnan(restricted):
        return Compared(0.5, math.inf, math.inf, "the restricted loss never fell so low")
    lead = restricted / at if at > 0 else math.inf
    return Compared(0.5, lead, lead, f"step {restricted:.0f} over step {at:.0f}")


DECOUPLED = ("decay_on", "gentle_decay", "enough_data")
MARGIN = ("square_activation", "cubic_decay", "all_pairs", "enough_neurons", "long_enough")

CLAIMS = (
    Claim(
        "phase_defect",
        level("phase_defect_final", over=1.0, at=last_step),
        0.1,
        relies_on=(
            "square_activation", *DECOUPLED, "all_pairs", "enough_neurons", "long_enough",
        ),
        title="phases agree",
        symbol=r"\phi+\psi-\chi",
        unless=(_unmeasured,),
        sees_ten_percent=False,
        because="predicted is zero; a phase relation 10 % off is seen.",
    ),
    Claim(
        "restricted_leads",
        compare_restricted_leads,
        0.5,
        relies_on=("square_activation", *DECOUPLED),
        title="the circuit comes first",
        symbol=r"n_\mathrm{circuit}/n_\mathrm{jump}",
        unit="of the jump's step",
        unless=(_unmeasured, _nothing_to_test, _not_unveiled, _squared_loss),
        sees_ten_percent=False,
        because="before half of the jump's step is one side of it.",
    ),
    Claim(
        "test_accuracy",
        level("test_accuracy_final", over=1.0, at=last_step),
        0.05,
        relies_on=(*DECOUPLED, "enough_neurons", "long_enough"),
        title="test accuracy at the end",
        unit="in the accuracy",
        unless=(_unmeasured, _nothing_to_test, _not_unveiled),
    ),
    Claim(
        "margin_ratio",
        level("margin_ratio_final", at=last_step),
        0.03,
        relies_on=MARGIN,
        unless=(_unmeasured, _not_cubic),
        applies=is_cubic,
    ),
    Claim(
        "frequency_shares",
        largest_gap("frequency_shares_final", over="predicted", at="frequency {frequency}"),
        0.05,
        relies_on=MARGIN,
        title="every frequency takes its share",
        unless=(_unmeasured, _not_cubic),
        applies=is_cubic,
    ),
    Claim(
        "weight_norm",
        level("goldilocks_norm", unseen=NO_JUMP, at=jump),
        0.25,
        relies_on=("homogeneous_l2",),
        title="norm at the jump",
        unless=(_relu, _nothing_to_test, _rule_of_thumb),
    ),
)  # fmt: skip
