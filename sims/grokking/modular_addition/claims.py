"""Measured counterparts and claims of modular addition.

Two theories speak: with the cubic decay and all pairs the maximum margin, with AdamW on a part of
the pairs the circuit and its unveiling.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from sims.core.claims import constant
from sims.core.experiment import Claim, Compared, Task, not_compared
from sims.core.sentences import said
from sims.grokking.modular_addition.assumptions import homogeneous
from sims.grokking.modular_addition.theory import JUMP, RESTRICTED, is_cubic, is_decoupled
from sims.grokking.passage import falls_to, rises_to

if TYPE_CHECKING:
    from sims.grokking.modular_addition.params import Params

LEARNT = 0.9
"""Accuracy at which a set counts as learnt."""
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


def _last(run: xr.Dataset) -> str:
    """Where the last record is, and whether its numbers can be rounding."""
    underflow = float(run["underflow_step"])
    if math.isnan(underflow):
        return "last step"
    return f"last step; from step {underflow:.0f} on the train loss was below 10⁻⁷"


def _unmeasured(params: Params) -> str:
    """Why neither theory speaks here, or nothing."""
    if params.optimizer == "gd":
        return "this is not measured under gradient descent."
    if params.regulariser == "l2":
        return "this is not measured with an L2 term inside Adam."
    return ""


def _needs_test(params: Params, task_size: float) -> str:
    if why := _unmeasured(params):
        return why
    if task_size >= 1:
        return "every pair is trained, and none is left to test."
    return "" if is_decoupled(params) else "it is the decoupled decay that unveils the circuit."


def compare_phase_defect(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> Compared:
    """Weighted mean |φ + ψ - χ| at the last record; predicted 0."""
    if why := _unmeasured(params):
        return not_compared(why)
    predicted = float(prediction["phase_defect_final"])
    found = float(run["phase_defect_final"])
    return Compared(predicted, found, abs(found - predicted), _last(run))


def compare_restricted_leads(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> Compared:
    """Step at which the restricted loss has halved, over the step of the jump."""
    if why := _needs_test(params, prediction.attrs["fraction"]):
        return not_compared(why)
    if params.loss_kind == "mse":
        return not_compared("its logits are too small for a cross-entropy.")
    jump, restricted = float(run["jump_step"]), float(run["restricted_step"])
    if math.isnan(jump):
        return not_compared("the test accuracy never reached a half.")
    if math.isnan(restricted):
        return Compared(0.5, math.inf, math.inf, "the restricted loss never fell so low")
    lead = restricted / jump if jump > 0 else math.inf
    return Compared(0.5, lead, lead, f"step {restricted:.0f} over step {jump:.0f}")


def compare_test_accuracy(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> Compared:
    """Distance of the last test accuracy from 1."""
    if why := _needs_test(params, prediction.attrs["fraction"]):
        return not_compared(why)
    predicted, found = (float(d["test_accuracy_final"]) for d in (prediction, run))
    return Compared(predicted, found, abs(predicted - found), _last(run))


def compare_margin_ratio(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> Compared:
    """|1 - γ/γ*| at the last record."""
    if why := _only_cubic(params):
        return not_compared(why)
    predicted, found = (float(d["margin_ratio_final"]) for d in (prediction, run))
    return Compared(predicted, found, abs(1 - found / predicted), _last(run))


def compare_frequency_shares(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> Compared:
    """Largest |share/predicted - 1| over frequencies."""
    if why := _only_cubic(params):
        return not_compared(why)
    predicted, found = (d["frequency_shares_final"].values for d in (prediction, run))
    gaps = np.abs(found / predicted - 1)
    if np.isnan(gaps).any():
        return Compared(float(predicted[0]), math.nan, math.inf, "last step")
    i = int(np.argmax(gaps))
    where = f"frequency {int(prediction['frequency'][i])}"
    return Compared(float(predicted[i]), float(found[i]), float(gaps[i]), where)


def _only_cubic(params: Params) -> str:
    if why := _unmeasured(params):
        return why
    return "" if is_cubic(params) else "the maximum margin is that of the cubic decay."


def compare_weight_norm(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> Compared:
    """Norm at the first record past the jump, over m^(1/6) γ*^(-1/3), minus 1."""
    if params.activation == "relu":
        return not_compared("the maximum margin is known for squares alone.")
    if prediction.attrs["fraction"] >= 1:
        return not_compared("every pair is trained, and none is left to test.")
    if homogeneous(params):
        return not_compared("a rule of thumb, good to 20 %, cannot tell 10 %.")
    predicted, found = (float(d["goldilocks_norm"]) for d in (prediction, run))
    if math.isnan(found):
        return not_compared("the test accuracy never reached a half.")
    where = f"step {said(float(run['jump_step']), 3)}, where the test accuracy passes a half"
    return Compared(predicted, found, abs(found / predicted - 1), where)


DECOUPLED = ("decay_on", "gentle_decay", "enough_data")
MARGIN = ("square_activation", "cubic_decay", "all_pairs", "enough_neurons", "long_enough")

CLAIMS = (
    Claim(
        "phase_defect",
        "phases agree",
        r"\phi+\psi-\chi",
        "rad",
        ("square_activation", *DECOUPLED, "all_pairs", "enough_neurons", "long_enough"),
        constant(0.1),
        compare_phase_defect,
    ),
    Claim(
        "restricted_leads",
        "the circuit comes first",
        r"n_\mathrm{circuit}/n_\mathrm{jump}",
        "of the jump's step",
        ("square_activation", *DECOUPLED),
        constant(0.5),
        compare_restricted_leads,
    ),
    Claim(
        "test_accuracy",
        "test accuracy at the end",
        "A'",
        "in the accuracy",
        (*DECOUPLED, "enough_neurons", "long_enough"),
        constant(0.05),
        compare_test_accuracy,
    ),
    Claim(
        "margin_ratio",
        "margin over the maximum",
        r"\gamma/\gamma^*",
        "relative",
        MARGIN,
        constant(0.03),
        compare_margin_ratio,
        applies=is_cubic,
    ),
    Claim(
        "frequency_shares",
        "every frequency takes its share",
        r"\rho_k",
        "relative",
        MARGIN,
        constant(0.05),
        compare_frequency_shares,
        applies=is_cubic,
    ),
    Claim(
        "weight_norm",
        "norm at the jump",
        r"|\theta|",
        "relative",
        ("homogeneous_l2",),
        constant(0.25),
        compare_weight_norm,
    ),
)
