"""What the theories of the edge want of the settings, and what is said before the run."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from sims.core.experiment import Assumption, Task
from sims.core.knobs import filled
from sims.core.sentences import said
from sims.edge_of_stability import objective
from sims.edge_of_stability.neural_network import growing, theory
from sims.edge_of_stability.neural_network.params import ADAPTIVE

if TYPE_CHECKING:
    from sims.edge_of_stability.neural_network.params import Params

QUICKEST_CYCLE = 0.5
LONGEST_MEMORY = 0.9
SMALL_STEP = 0.55
LONGEST_CYCLE = 160
LIKELY_DIVERGES = 2.0
FLOWS_APART = {"mlp": 0.45, "cnn": 0.45, "transformer": 0.2}
"""Distance of the two flows at the end from which on it is a question which one a run follows."""
STEPS_APART = {"mlp": 0.028, "cnn": 0.082, "transformer": 0.02}
"""How far runs were seen to end from the central flow, at most. It is of first order in η, what the
flow's own steps of η are off it: 0.010 to 0.028 over ten seeds of a perceptron, 0.045 to 0.082 of a
cnn, whose steps are longer."""


def assumptions(params: Params, task: Task, prediction: xr.Dataset) -> list[Assumption]:
    """What is wanted of these settings, held or broken; one seed.

    What needs a flow that is not there yet is absent.
    """
    return list(_assumptions(params, task, prediction))


def _assumptions(params: Params, task: Task, prediction: xr.Dataset) -> Iterator[Assumption]:
    whole = bool(prediction.attrs.get("complete", prediction.attrs.get("progress", 1.0) >= 1))
    yield _full_batch(params)
    yield _lasting_curvature(params)
    if whole or params.optimizer in ("adam", "rmsprop"):
        yield _slow_cycle(params, prediction)
    if whole:
        yield _started_oscillation(params, task, prediction)
        yield _enough_directions(params, prediction)
        yield _single_oscillation(prediction)
    if whole or "start_over_edge" in prediction:
        yield _small_step(params, prediction)
    if whole:
        yield _window_covers_cycle(params, prediction)
    if whole or "start_over_edge" in prediction:
        yield _starts_below_edge(params, prediction)
    if whole and params.architecture != "mlp":
        yield _edge_is_due(params, prediction)
    if whole:
        yield _flows_part(params, prediction)
    yield _smooth_activation(params)


def number(prediction: xr.Dataset, name: str) -> float:
    """A predicted scalar, NaN where it is not predicted for this seed."""
    return float(prediction[name]) if name in prediction else math.nan


def distance_of_flows(prediction: xr.Dataset) -> float:
    """How far the central flow ends from the gradient flow, in weights; NaN without either."""
    names = ("weights", "weights_gradient_flow")
    if any(name not in prediction or not prediction.sizes["snapshot"] for name in names):
        return math.nan
    ends = [prediction[name].values[-1] for name in names]
    return float(np.linalg.norm(ends[0] - ends[1]))


def _flows_part(params: Params, prediction: xr.Dataset) -> Assumption:
    name, label = "flows_part", "paths part"
    apart, least = distance_of_flows(prediction), FLOWS_APART[params.architecture]
    if math.isnan(apart):
        return Assumption(name, label, "There are no two flows to tell apart.", True)
    sentence = f"The gradient flow ends {said(apart, 3)} from the central flow (needs {least})"
    held = apart >= least
    sentence += "." if held else ": too near to ask which of them a run follows."
    return Assumption(name, label, sentence, held, apart)


def _edge_is_due(params: Params, prediction: xr.Dataset) -> Assumption:
    name, label = "edge_is_due", "edge is due"
    if params.optimizer in ADAPTIVE:
        return Assumption(name, label, "No flow says when this rule's edge is due.", True)
    step = number(prediction, "overrun_step")
    flow = prediction["sharpness_gradient_flow"].values[:, 0] / number(prediction, "edge")
    at = f", past {said(theory.OVERRUN, 3)} of it at step {step:.0f}" if math.isfinite(step) else ""
    sentence = (
        f"The gradient flow peaks at {said(float(np.nanmax(flow)), 3)} of the edge{at} "
        f"(needs {said(theory.OVERRUN, 3)} within half the run)"
    )
    held = step <= filled(params.steps) / 2
    sentence += "." if held else ": the run may not come to the edge in time."
    return Assumption(name, label, sentence, held, step)


def _full_batch(params: Params) -> Assumption:
    B, n = params.batch_size, filled(params.samples)
    held = params.optimizer != "sgd" or n == B
    sentence = (
        "Every step sees all samples."
        if held
        else f"Batches of {B} out of {n}: the edge 2/η is derived for full-batch gradients; batch "
        "noise pushes the sharpness below it."
    )
    return Assumption("full_batch", "full batch", sentence, held, n / B if not held else 1.0)


def _lasting_curvature(params: Params) -> Assumption:
    held = not objective.is_cross_entropy(params)
    sentence = (
        "Square error is as curved at a perfect fit as anywhere."
        if held
        else "Cross-entropy flattens as the data are fitted (curvature p(1-p) → 0): nothing holds "
        "the sharpness at the edge."
    )
    return Assumption("lasting_curvature", "lasting curvature", sentence, held, float(held))


def _slow_cycle(params: Params, prediction: xr.Dataset) -> Assumption:
    beta = theory.momentum(params)
    turn = number(prediction, "cycle_frequency") / (1 - beta)
    held = beta <= LONGEST_MEMORY if params.optimizer == "adam" else not turn > QUICKEST_CYCLE
    if params.optimizer == "adam":
        sentence = f"Adam's memory has β = {said(beta, 3)}; the edge was seen up to 0.9."
        return Assumption("slow_cycle", "slow cycle", sentence, held, beta)
    sentence = (
        f"One cycle turns {said(turn)} of a radian within the momentum's memory of "
        f"{said(1 / (1 - beta), 3)} steps; the edge is a local statement and needs < 0.5."
        if math.isfinite(turn)
        else "No flow here reaches the edge, so there is no cycle."
    )
    return Assumption("slow_cycle", "slow cycle", sentence, held, turn)


def _breaks(prediction: xr.Dataset) -> bool:
    """Whether a central flow is predicted for this seed and starts to oscillate."""
    return math.isfinite(number(prediction, "break_step"))


def _started_oscillation(params: Params, task: Task, prediction: xr.Dataset) -> Assumption:
    name, label = "started_oscillation", "quiet start"
    if not _breaks(prediction) or params.optimizer == "rmsprop":
        return Assumption(name, label, "There is no oscillation to be started.", True)
    size = float(theory.intervene(params, task, prediction)["kick_size"])
    sentence = (
        f"The run is set oscillating by {said(size)}, as predicted."
        if size > 0
        else "Quiet start is off: the oscillation must grow out of rounding, so the first cycles "
        "overshoot by an amount that precision decides."
    )
    return Assumption(name, label, sentence, size > 0, size)


def _enough_directions(params: Params, prediction: xr.Dataset) -> Assumption:
    name, label = "enough_directions", "enough directions"
    ratio, K = number(prediction, "next_over_edge"), filled(params.critical)
    if math.isnan(ratio):
        return Assumption(name, label, "No central flow: no direction is left out.", True)
    sentence = (
        f"Eigenvalue {K + 1} comes to {said(ratio, 3)} of the edge, but only {K} may oscillate "
        "in the prediction."
    )
    return Assumption(name, label, sentence, ratio < 0.98, ratio)


def _single_oscillation(prediction: xr.Dataset) -> Assumption:
    name, label = "single_oscillation", "one oscillation"
    ratio, step = number(prediction, "second_over_edge"), number(prediction, "second_step")
    held = not ratio >= theory.SECOND
    if math.isnan(ratio):
        sentence = "No central flow: nothing oscillates in the prediction."
    elif held:
        sentence = f"The second eigenvalue comes to {said(ratio, 3)} of the edge."
    else:
        sentence = (
            f"The second eigenvalue reaches the edge at step {step:.0f}; only the first direction "
            "is kicked, the second must grow out of rounding and overshoots for some hundred steps."
        )
    return Assumption(name, label, sentence, held, ratio)


def _small_step(params: Params, prediction: xr.Dataset) -> Assumption:
    name, label = "small_step", "small step"
    ratio = number(prediction, "start_over_edge")
    if params.optimizer != "gd" or math.isnan(ratio):
        return Assumption(
            name, label, "The flow is not held against this rule's first steps.", True
        )
    sentence = (
        f"The first steps are taken at {said(ratio)} of the edge: gradient descent and its flow "
        "part before the run settles (needs < 0.55)."
        if ratio > SMALL_STEP
        else f"The first steps are taken at {said(ratio)} of the edge (needs < 0.55)."
    )
    return Assumption(name, label, sentence, ratio <= SMALL_STEP, ratio)


def _window_covers_cycle(params: Params, prediction: xr.Dataset) -> Assumption:
    name, label = "window_covers_cycle", "short cycle"
    omega = number(prediction, "cycle_frequency")
    if params.optimizer != "gd" or not params.central_flow or math.isnan(omega):
        return Assumption(name, label, "There is no cycle to average over.", True)
    cycle = 2 * math.pi / omega
    sentence = f"One cycle takes {cycle:.0f} steps, the average runs over {growing.WINDOW}"
    held = cycle <= LONGEST_CYCLE
    sentence += "." if held else ": too weak a sharpening for the average to mean anything."
    return Assumption(name, label, sentence, held, cycle)


def _starts_below_edge(params: Params, prediction: xr.Dataset) -> Assumption:
    name, label = "starts_below_edge", "start below the edge"
    ratio = number(prediction, "start_over_edge")
    if params.optimizer in ("rmsprop", "adam") or math.isnan(ratio):
        return Assumption(name, label, "An adaptive rule has no edge at its first step.", True)
    sentence = f"The start is at {said(ratio)} of the edge"
    sentence += "." if ratio < 1 else ": a catapult comes first."
    return Assumption(name, label, sentence, ratio < 1, ratio)


def _smooth_activation(params: Params) -> Assumption:
    held = params.activation != "relu"
    sentence = (
        f"The activation {params.activation} is smooth."
        if held
        else "ReLU has no third derivative: progressive sharpening and the central flow are not "
        "defined."
    )
    return Assumption("smooth_activation", "smooth activation", sentence, held)


def warnings(params: Params, task: Task, prediction: xr.Dataset) -> list[str]:
    """Banners shown before the run."""
    found = []
    ratio = number(prediction, "start_over_edge")
    if ratio > LIKELY_DIVERGES:
        found.append(f"Likely to diverge: the run starts at {said(ratio)} of the edge.")
    elif ratio > 1:
        found.append(f"Starts above the edge: at {said(ratio)} of it, so a catapult comes first.")
    start = number(prediction, "start_step")
    if math.isinf(start) and prediction.attrs.get("progress", 1.0) >= 1:
        found.append(
            f"No central flow: gradient descent is still sharper than the edge after "
            f"{theory.CATAPULT_STEPS} steps, or has left."
        )
    if params.optimizer == "gd" and math.isfinite(start) and start > 0:
        found.append(
            f"The central flow starts at step {start:.0f}, where gradient descent's catapult ends; "
            "before that nothing is predicted."
        )
    if _breaks(prediction):
        kick = theory.intervene(params, task, prediction)
        size, step = float(kick["kick_size"]), int(np.asarray(kick["kick_step"]))
        if size > 0:
            found.append(
                f"With intervention: at step {step} the run is moved by {said(size)} along its "
                "sharpest direction, the oscillation the flow predicts."
            )
    return found
