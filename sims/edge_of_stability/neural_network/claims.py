"""The claims at the edge of stability: what is compared, and how closely it must agree."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from sims.compare import NO_SNAPSHOTS, Comparison, largest_gap, level
from sims.core.experiment import NEVER, Baseline, Claim, Compared, not_compared
from sims.core.knobs import filled
from sims.core.sentences import said
from sims.edge_of_stability.neural_network import approach, guesses
from sims.edge_of_stability.neural_network.assumptions import (
    FLOWS_APART,
    STEPS_APART,
    distance_of_flows,
    number,
)
from sims.edge_of_stability.neural_network.autos import no_central_flow
from sims.edge_of_stability.neural_network.growing import WINDOW
from sims.edge_of_stability.neural_network.measure import first_reach
from sims.edge_of_stability.neural_network.params import ADAPTIVE

if TYPE_CHECKING:
    from sims.edge_of_stability.neural_network.params import Params

SETTLING = 400
"""Steps after the break in which the oscillation settles."""
FEWEST_RECORDS = 20
DISTANCE = 0.1
"""Share of its distance from the gradient flow that a run may be from the central flow."""
LEAST_FALL = 1e-4
"""Share of its loss by which a flow must fall to be followed: single precision rounds at 1e-7."""
BELOW = 0.98
"""Share of the edge that a gradient flow must not reach to be followed to the end."""
TOO_FEW = f"fewer than {FEWEST_RECORDS} records are left to compare."


def top(values: np.ndarray) -> np.ndarray:
    """The λ_1 of every record, from (record, eigenvalue)."""
    return values[:, 0]


# At the edge


def settled_from(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> float:
    """Step from which on the sharpness should sit at the edge; NaN if it is never due there.

    A tenth of the run after the edge is hit, by the run or else by a gradient flow that overruns it
    in the first half; under sgd the second half.
    """
    seen = top(run["sharpness_midpoint"].values.astype(float))
    edge, half = float(prediction["edge"]), filled(params.steps) / 2
    hit = first_reach(params, run["step"].values, seen, edge)
    flow = number(prediction, "overrun_step")
    due = math.isfinite(flow) and flow <= half
    if params.optimizer == "sgd":
        return half if due or math.isfinite(hit) else math.nan
    if math.isnan(hit) and due and params.optimizer not in ADAPTIVE:
        hit = flow
    return hit + filled(params.steps) / 10


def is_settled(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> np.ndarray:
    """Which records lie behind `settled_from`, (record,)."""
    return run["step"].values >= settled_from(params, prediction, run)


def _not_settled(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> str:
    if params.architecture != "mlp" and params.optimizer == "rmsprop":
        return "the plateau lies 6 % high on this network, and why is not known."
    if math.isnan(settled_from(params, prediction, run)):
        return "the edge is not reached."
    return TOO_FEW if is_settled(params, prediction, run).sum() < FEWEST_RECORDS else ""


def edge_tolerance(params: Params, prediction: xr.Dataset) -> float:
    """0.03; under rmsprop and adam 0.06."""
    del prediction
    return 0.06 if params.optimizer in ADAPTIVE else 0.03


SETTLED_LEVEL = level(
    "edge",
    "sharpness_midpoint",
    within=is_settled,
    through=top,
    average="median",
    at="median from step {first} on",
)


def compare_edge(
    params: Params, prediction: xr.Dataset, run: xr.Dataset, told: xr.Dataset
) -> Compared:
    """Median λ_1 of the settled records over the edge, less 1."""
    if not run["sharpness_midpoint"].ndim:  # a theory in place of a run: it says one number
        p, m = float(told["edge"]), float(run["sharpness_midpoint"])
        return Compared(p, m, abs(m - p) / float(prediction["edge"]))
    return SETTLED_LEVEL.rule(params, prediction, run, told)


# Behind the break: the central flow


def is_beyond(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> np.ndarray:
    """Which records lie 400 steps behind the predicted break, (record,)."""
    del params
    return run["step"].values >= number(prediction, "break_step") + SETTLING


def _no_break(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> str:
    """Why nothing is compared behind the break."""
    broke = number(prediction, "break_step")
    if math.isnan(broke):
        why = no_central_flow(params)
        if not params.central_flow:
            return f"no central flow{': ' + why if why else ' was asked for'}."
        return "the central flow is computed for the first seed only."
    if math.isinf(number(prediction, "start_step")):
        return "the catapult does not end in time for a central flow to start."
    if math.isinf(broke):
        return "the central flow does not start to oscillate."
    return TOO_FEW if is_beyond(params, prediction, run).sum() < FEWEST_RECORDS else ""


def mean_loss_tolerance(params: Params, prediction: xr.Dataset) -> float:
    """0.04; on a cnn or a transformer, whose flows part less, 0.03."""
    del prediction
    return 0.04 if params.architecture == "mlp" else 0.03


def _no_pictures_beyond(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> str:
    """Why the two flows are not compared at snapshots."""
    if params.optimizer == "rmsprop":
        return "there is no gradient flow to compare with under rmsprop."
    if why := _no_break(params, prediction, run):
        return why
    if "weights" not in run:
        return NO_SNAPSHOTS
    least = FLOWS_APART[params.architecture]
    if params.architecture != "mlp" and distance_of_flows(prediction) < least:
        return "the two flows hardly part, so nothing tells which of them the run follows."
    return "" if shots_beyond(prediction, run).any() else TOO_FEW


def _steps_too_long(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> str:
    """Why the run is too far from any flow to be told from the other one as closely as claimed."""
    del run
    off, parted = STEPS_APART[params.architecture], distance_of_flows(prediction)
    if not DISTANCE * parted < off:
        return ""
    return (
        f"steps of η keep a run up to {said(off)} from its flow, which is more than "
        f"{said(DISTANCE)} of the {said(parted)} by which the two flows part."
    )


def shots_beyond(prediction: xr.Dataset, run: xr.Dataset) -> np.ndarray:
    """Which snapshots lie 400 steps behind the predicted break, (snapshot,)."""
    return run["snapshot_step"].values >= number(prediction, "break_step") + SETTLING


def _compared_distances(near: float, far: float) -> Compared:
    if far == 0:
        return not_compared("the run is where the gradient flow is.")
    return Compared(0.0, near / far, near / far, f"{near:.3g} against {far:.3g}")


def compare_distance(
    params: Params, prediction: xr.Dataset, run: xr.Dataset, told: xr.Dataset
) -> Compared:
    """Distance |w - w_cf| to the central flow over |w - w_gf| to the gradient flow, last snapshot.

    A number near 0 says that the run follows the one and has left the other.
    """
    del params
    if not run.sizes.get("snapshot") or "weights" not in run:
        return not_compared(NO_SNAPSHOTS)
    last = run.sizes["snapshot"] - 1
    w = run["weights"].values[last].astype(float)
    near = float(np.linalg.norm(w - told["weights"].values[last]))
    far = float(np.linalg.norm(w - prediction["weights_gradient_flow"].values[last]))
    return _compared_distances(near, far)


def compare_function(
    params: Params, prediction: xr.Dataset, run: xr.Dataset, told: xr.Dataset
) -> Compared:
    """RMS of run - central flow over RMS of run - gradient flow, snapshots behind the break."""
    del params
    if "network_function" not in run or not shots_beyond(prediction, run).any():
        return not_compared(NO_SNAPSHOTS)
    chosen = shots_beyond(prediction, run)
    seen = run["network_function"].values.astype(float)[chosen]

    def gap(flow: np.ndarray) -> float:
        return math.sqrt(float(np.mean((seen - flow[: len(chosen)][chosen]) ** 2)))

    near = gap(told["network_function"].values)
    far = gap(prediction["network_function_gradient_flow"].values)
    return _compared_distances(near, far)


# Below the edge, and with batches


def _not_below(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> str:
    """Why the run is not compared with a gradient flow to its end."""
    del run
    if params.optimizer != "gd":
        return "the flow of this rule is a guide."
    start = float(prediction["loss_gradient_flow"][0])
    if not fall(params, prediction) > LEAST_FALL * start:
        return "the loss does not fall, so there is nothing to follow."
    flow = top(prediction["sharpness_gradient_flow"].values)
    reaches = np.nanmax(flow) >= BELOW * float(prediction["edge"])
    return "the gradient flow reaches the edge." if reaches else ""


def has_full_mean(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> np.ndarray:
    """Which records have 200 steps behind them to average, (record,)."""
    del params, prediction
    return run["step"].values >= WINDOW - 1


def fall(params: Params, prediction: xr.Dataset) -> float:
    """How much the loss of the gradient flow falls within the run."""
    del params
    loss = prediction["loss_gradient_flow"].values
    return float(loss[0] - np.nanmin(loss))


def is_late(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> np.ndarray:
    """The second half of the records, (record,)."""
    del prediction
    return run["step"].values >= filled(params.steps) / 2


def _not_due(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> str:
    """Why the batch sharpness need not be at the edge."""
    if params.optimizer != "sgd":
        return "every step sees all samples."
    if 4 * params.batch_size > filled(params.samples):
        return "with batches this large both laws hold within 10 %."
    if not number(prediction, "overrun_step") <= filled(params.steps) / 2:
        return "the gradient flow does not overrun the edge in the first half of the run."
    return TOO_FEW if is_late(params, prediction, run).sum() < FEWEST_RECORDS else ""


def compare_batch_sharpness(
    params: Params, prediction: xr.Dataset, run: xr.Dataset, told: xr.Dataset
) -> Compared:
    """Median batch sharpness of the second half over 2/η, less 1."""
    if "batch_sharpness" not in run:
        return not_compared("every step sees all samples.")
    edge, p = float(prediction["edge"]), float(told["edge"])
    if not run["batch_sharpness"].ndim:  # a theory in place of a run: it says one number
        m = float(run["batch_sharpness"])
        return Compared(p, m, abs(m - p) / edge)
    half = is_late(params, prediction, run)
    m = float(np.median(run["batch_sharpness"].values[half]))
    highest = float(np.median(top(run["sharpness_midpoint"].values.astype(float))[half]))
    return Compared(p, m, abs(m - p) / edge, f"λ₁ is at {highest / edge:.2f} of 2/η")


_BEYOND = (
    "started_oscillation",
    "enough_directions",
    "single_oscillation",
    "small_step",
    "window_covers_cycle",
    "smooth_activation",
)

CLAIMS = (
    Claim(
        "sharpness_at_edge",
        Comparison("edge", "relative", compare_edge, "sharpness_midpoint"),
        edge_tolerance,
        relies_on=(
            "full_batch",
            "lasting_curvature",
            "slow_cycle",
            "starts_below_edge",
            "edge_is_due",
        ),
        title="sharpness at the edge",
        symbol=r"\lambda_1",
        unless=(_not_settled,),
        baseline=guesses.NO_EDGE,
    ),
    Claim(
        "reach_step",
        approach.REACH_STEP,
        approach.reach_tolerance,
        relies_on=("small_step", "smooth_activation"),
        title="when the edge is reached",
        unless=(approach.only_grazes, approach.too_early, approach.records_too_far_apart),
        baseline=NEVER,
    ),
    Claim(
        "mean_loss",
        largest_gap(
            "mean_loss",
            over="predicted",
            within=is_beyond,
            take="median",
            at="median of records",
            empty=TOO_FEW,
        ),
        mean_loss_tolerance,
        relies_on=_BEYOND,
        title="time-averaged loss",
        symbol=r"L + \mathrm{tr}\,\Sigma/\eta",
        unless=(_no_break,),
        baseline=guesses.gradient_flow("mean_loss"),
    ),
    Claim(
        "oscillation",
        level("oscillation", within=is_beyond, average="mean", at="mean of records"),
        0.05,
        relies_on=_BEYOND,
        unless=(_no_break,),
        baseline=Baseline("no oscillation", 0.0),
    ),
    Claim(
        "distance",
        Comparison("weights", "of the gradient flow's", compare_distance),
        DISTANCE,
        relies_on=(*_BEYOND, "flows_part"),
        title="path of the weights",
        symbol=r"\|w - w_\mathrm{cf}\|",
        unless=(_no_pictures_beyond, _steps_too_long),
        baseline=guesses.gradient_flow("weights", last=True),
    ),
    Claim(
        "network_function",
        Comparison("network_function", "of the gradient flow's", compare_function),
        0.25,
        relies_on=(*_BEYOND, "flows_part"),
        symbol=r"f(x)",
        unless=(_no_pictures_beyond,),
        baseline=guesses.gradient_flow("network_function"),
    ),
    Claim(
        "gradient_flow",
        largest_gap(
            "mean_loss_gradient_flow",
            "mean_loss",
            over=fall,
            within=has_full_mean,
            at="step {step}",
            empty=TOO_FEW,
        ),
        0.01,
        relies_on=("small_step",),
        title="below the edge: the gradient flow",
        symbol=r"L(w_\mathrm{gf})",
        unit="of its fall",
        unless=(_not_below,),
        baseline=guesses.LOSS,
    ),
    Claim(
        "batch_sharpness",
        Comparison("edge", "relative", compare_batch_sharpness, "batch_sharpness"),
        0.2,
        relies_on=("starts_below_edge",),
        title="batch sharpness at the edge",
        symbol=r"\mathrm{BS}",
        unless=(_not_due,),
        applies=lambda params: params.optimizer == "sgd",
        baseline=guesses.BATCH_SHARPNESS,
        sees_ten_percent=False,
        because="it stays some 15 % below 2/η.",
    ),
)
