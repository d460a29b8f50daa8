"""The claims at the edge of stability: what is compared, and how closely it must agree."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from sims.core.claims import constant
from sims.core.experiment import Claim, Compared, not_compared
from sims.core.knobs import filled
from sims.edge_of_stability.neural_network.assumptions import number
from sims.edge_of_stability.neural_network.growing import WINDOW
from sims.edge_of_stability.neural_network.measure import first_reach
from sims.edge_of_stability.neural_network.params import ADAPTIVE, no_central_flow

if TYPE_CHECKING:
    from sims.edge_of_stability.neural_network.params import Params

SETTLING = 400
"""Steps after the break in which the oscillation settles."""
FEWEST_RECORDS = 20
GRAZES = 1.02
"""Share of the edge below which an approach is no more than a touch."""
BELOW = 0.98
"""Share of the edge that a gradient flow must not reach to be followed to the end."""
TOO_FEW = f"fewer than {FEWEST_RECORDS} records are left to compare."
NO_SNAPSHOTS = "a sweep keeps no snapshots."


def _off(measured: float, predicted: float) -> float:
    return abs(measured / predicted - 1)


def _top(run: xr.Dataset) -> np.ndarray:
    return run["sharpness_midpoint"].values[:, 0].astype(float)


def _settled_from(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> float:
    """Step from which on the sharpness should sit at the edge; NaN if it is never due there."""
    steps = run["step"].values
    edge, half = float(prediction["edge"]), filled(params.steps) / 2
    hit = first_reach(params, steps, _top(run), edge)
    flow = number(prediction, "overrun_step")
    due = math.isfinite(flow) and flow <= half
    if params.optimizer == "sgd":
        return half if due or math.isfinite(hit) else math.nan
    if math.isnan(hit) and due and params.optimizer not in ADAPTIVE:
        hit = flow
    return hit + filled(params.steps) / 10


def compare_edge(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> Compared:
    """|median λ_1 at the midpoint/edge - 1|, a tenth of the run after the edge is hit."""
    start = _settled_from(params, prediction, run)
    if math.isnan(start):
        return not_compared("the edge is not reached.")
    chosen = run["step"].values >= start
    if chosen.sum() < FEWEST_RECORDS:
        return not_compared(TOO_FEW)
    edge, seen = float(prediction["edge"]), float(np.median(_top(run)[chosen]))
    return Compared(edge, seen, _off(seen, edge), f"median from step {start:.0f} on")


def compare_reach(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> Compared:
    """|run - flow| in steps, where λ_1 first is at 0.95 of the edge; both never: 0."""
    if params.optimizer != "gd":
        return not_compared("the flow of this rule is a guide: it comes up to 20 % early.")
    edge, top = float(prediction["edge"]), _top(run)
    flow, seen = float(prediction["reach_step"]), float(run["reach_step"])
    if math.isinf(flow) and math.isnan(seen):
        return Compared(flow, seen, 0.0, "neither comes near the edge")
    if math.isfinite(flow) and math.isfinite(seen):
        return Compared(flow, seen, abs(seen - flow))
    comes = top if math.isfinite(seen) else prediction["sharpness_gradient_flow"].values[:, 0]
    if np.nanmax(comes) <= GRAZES * edge:
        return not_compared("one of them only grazes the edge.")
    return Compared(flow, seen, math.inf, "only one of them reaches the edge")


def reach_tolerance(params: Params, prediction: xr.Dataset) -> float:
    """max(2 records, 10, 3 % of the flow's step), in steps."""
    flow = float(prediction["reach_step"])
    return max(2.0 * params.every, 10.0, 0.03 * flow if math.isfinite(flow) else 0.0)


def _beyond(params: Params, prediction: xr.Dataset, steps: np.ndarray) -> np.ndarray | Compared:
    """Which steps lie 400 behind the break, or why nothing is compared there."""
    broke = number(prediction, "break_step")
    if math.isnan(broke):
        why = no_central_flow(params)
        if not params.central_flow:
            return not_compared(f"no central flow{': ' + why if why else ' was asked for'}.")
        return not_compared("the central flow is computed for the first seed only.")
    if math.isinf(number(prediction, "start_step")):
        return not_compared("the catapult does not end in time for a central flow to start.")
    if math.isinf(broke):
        return not_compared("the central flow does not start to oscillate.")
    return steps >= broke + SETTLING


def _after(
    params: Params, prediction: xr.Dataset, run: xr.Dataset, name: str
) -> tuple[np.ndarray, np.ndarray] | Compared:
    """Predicted and measured values of the records behind the break."""
    chosen = _beyond(params, prediction, run["step"].values)
    if isinstance(chosen, Compared):
        return chosen
    if chosen.sum() < FEWEST_RECORDS:
        return not_compared(TOO_FEW)
    foreseen = prediction[name].values[: len(chosen)]
    return foreseen[chosen], run[name].values.astype(float)[chosen]


def compare_mean_loss(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> Compared:
    """Median over records behind the break of |run/prediction - 1|, 200-step means of the loss."""
    found = _after(params, prediction, run, "mean_loss")
    return found if isinstance(found, Compared) else _median_off(*found)


def _median_off(foreseen: np.ndarray, seen: np.ndarray) -> Compared:
    known = np.isfinite(foreseen)
    if not known.any():
        return not_compared(TOO_FEW)
    foreseen, seen = foreseen[known], seen[known]
    errors = np.abs(seen / foreseen - 1)
    middle = int(np.argsort(errors)[len(errors) // 2])
    return Compared(
        float(foreseen[middle]), float(seen[middle]), float(np.median(errors)), "median of records"
    )


def compare_oscillation(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> Compared:
    """|mean of the run/mean of the prediction - 1| of E|w - midpoint|², behind the break."""
    found = _after(params, prediction, run, "oscillation")
    if isinstance(found, Compared):
        return found
    foreseen, seen = (float(np.mean(values)) for values in found)
    return Compared(foreseen, seen, _off(seen, foreseen), "mean of records")


def _snapshots_beyond(
    params: Params, prediction: xr.Dataset, run: xr.Dataset
) -> np.ndarray | Compared:
    if params.optimizer == "rmsprop":
        return not_compared("there is no gradient flow to compare with under rmsprop.")
    chosen = _beyond(params, prediction, run["step"].values)
    if isinstance(chosen, Compared):
        return chosen
    if chosen.sum() < FEWEST_RECORDS:
        return not_compared(TOO_FEW)
    if "weights" not in run:
        return not_compared(NO_SNAPSHOTS)
    shots = _beyond(params, prediction, run["snapshot_step"].values)
    if isinstance(shots, np.ndarray) and not shots.any():
        return not_compared(TOO_FEW)
    return shots


def compare_distance(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> Compared:
    """Distance to the central flow over that to the gradient flow at the last snapshot."""
    chosen = _snapshots_beyond(params, prediction, run)
    if isinstance(chosen, Compared):
        return chosen
    last = run.sizes["snapshot"] - 1
    w = run["weights"].values[last].astype(float)
    near, far = (
        float(np.linalg.norm(w - prediction[name].values[last]))
        for name in ("weights", "weights_gradient_flow")
    )
    return Compared(0.0, near / far, near / far, f"{near:.3g} against {far:.3g}")


def compare_function(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> Compared:
    """RMS of run - central flow over RMS of run - gradient flow, snapshots behind the break."""
    chosen = _snapshots_beyond(params, prediction, run)
    if isinstance(chosen, Compared):
        return chosen
    seen = run["network_function"].values.astype(float)[chosen]
    near, far = (
        math.sqrt(float(np.mean((seen - prediction[name].values[: len(chosen)][chosen]) ** 2)))
        for name in ("network_function", "network_function_gradient_flow")
    )
    return Compared(0.0, near / far, near / far, f"{near:.3g} against {far:.3g}")


def compare_gradient_flow(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> Compared:
    """Median over records of |run/flow - 1|, 200-step means, where the flow stays off the edge."""
    if params.optimizer != "gd":
        return not_compared("the flow of this rule is a guide.")
    flow = prediction["sharpness_gradient_flow"].values[:, 0]
    if np.nanmax(flow) >= BELOW * float(prediction["edge"]):
        return not_compared("the gradient flow reaches the edge.")
    chosen = run["step"].values >= WINDOW - 1
    if not chosen.any():
        return not_compared(TOO_FEW)
    foreseen = prediction["mean_loss_gradient_flow"].values[: len(chosen)]
    return _median_off(foreseen[chosen], run["mean_loss"].values.astype(float)[chosen])


def compare_batch_sharpness(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> Compared:
    """|batch sharpness/(2/η) - 1| over |λ_1/(2/η) - 1|, medians of the second half."""
    if params.optimizer != "sgd":
        return not_compared("every step sees all samples.")
    if 4 * params.batch_size > filled(params.samples):
        return not_compared("with batches this large both laws hold within 10 %.")
    half = run["step"].values >= filled(params.steps) / 2
    if not half.any():
        return not_compared(TOO_FEW)
    edge = float(prediction["edge"])
    seen = float(np.median(run["batch_sharpness"].values[half]))
    top = float(np.median(_top(run)[half]))
    where = f"λ₁ is at {top / edge:.2f} of 2/η, the batch sharpness at {seen / edge:.2f}"
    return Compared(edge, seen, _off(seen, edge) / _off(top, edge), where)


def edge_tolerance(params: Params, prediction: xr.Dataset) -> float:
    """0.03; under rmsprop and adam 0.06."""
    del prediction
    return 0.06 if params.optimizer in ADAPTIVE else 0.03


def _only(*optimizers: str) -> Callable[[Params], bool]:
    return lambda params: params.optimizer in optimizers


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
        "sharpness at the edge",
        r"\lambda_1",
        "relative",
        ("full_batch", "lasting_curvature", "slow_cycle", "starts_below_edge"),
        edge_tolerance,
        compare_edge,
    ),
    Claim(
        "reach_step",
        "when the edge is reached",
        r"t_{0.95}",
        "steps",
        ("small_step",),
        reach_tolerance,
        compare_reach,
    ),
    Claim(
        "mean_loss",
        "time-averaged loss",
        r"L + \mathrm{tr}\,\Sigma/\eta",
        "relative",
        _BEYOND,
        constant(0.04),
        compare_mean_loss,
    ),
    Claim(
        "oscillation",
        "size of the oscillation",
        r"\mathrm{tr}\,\Sigma",
        "relative",
        _BEYOND,
        constant(0.05),
        compare_oscillation,
    ),
    Claim(
        "distance",
        "path of the weights",
        r"\|w - w_\mathrm{cf}\|",
        "of the gradient flow's",
        _BEYOND,
        constant(0.1),
        compare_distance,
    ),
    Claim(
        "network_function",
        "network function",
        r"f(x)",
        "of the gradient flow's",
        _BEYOND,
        constant(0.25),
        compare_function,
    ),
    Claim(
        "gradient_flow",
        "below the edge: the gradient flow",
        r"L(w_\mathrm{gf})",
        "relative",
        ("small_step",),
        constant(0.03),
        compare_gradient_flow,
    ),
    Claim(
        "batch_sharpness",
        "batch sharpness rather than sharpness",
        r"\mathrm{BS}",
        "of the sharpness's error",
        ("starts_below_edge",),
        constant(0.6),
        compare_batch_sharpness,
        applies=_only("sgd"),
    ),
)
