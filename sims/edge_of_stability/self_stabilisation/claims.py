"""Assumptions of the cycle's map, measured counterparts, and the claims."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

import xarray as xr

from sims.compare import at_times, level
from sims.core.experiment import NEVER, Assumption, Baseline, Claim, Task
from sims.core.sentences import said
from sims.edge_of_stability.self_stabilisation import cycle

if TYPE_CHECKING:
    from sims.edge_of_stability.self_stabilisation.params import Params

WANTED_DRIFT = 0.05
WANTED_FEEDBACK = 0.03
WANTED_OVERSHOOT = 0.15
WANTED_KICK = 0.3
WANTED_SECOND = 0.97
RELIES_ON = (
    "steady_sharpening",
    "steady_feedback",
    "small_overshoot",
    "small_kick",
    "one_direction",
)


def assumptions(params: Params, task: Task, prediction: xr.Dataset) -> list[Assumption]:
    """What the map wants of these settings, held or broken; one seed."""
    rho = float(prediction["sharpening_drift"])
    amplitude = float(params.kick) / float(prediction["delta"])
    second = float(prediction["sharpness_second"]) / float(prediction["edge"])
    found = []
    if math.isfinite(rho):
        drifts = f"Sharpening drifts by {said(100 * rho, 3)} % within the cycle; the map freezes it"
        held = abs(rho) <= WANTED_DRIFT
        sentence = f"{drifts}." if held else f"{drifts}: wanted at most 5 %."
        found.append(Assumption("steady_sharpening", "steady sharpening", sentence, held, rho))
        sigma, high = float(prediction["feedback_drift"]), float(prediction["overshoot"])
        back = f"What brings it back drifts, too: the overshoot by {said(100 * sigma, 3)} %"
        held = abs(sigma) <= WANTED_FEEDBACK
        sentence = f"{back}." if held else f"{back}: wanted at most 3 %."
        found.append(Assumption("steady_feedback", "steady feedback", sentence, held, sigma))
        ratio = high / float(prediction["edge"])
        over = f"The overshoot is {said(ratio, 3)} of the edge"
        held = ratio <= WANTED_OVERSHOOT
        sentence = f"{over}." if held else f"{over}: the map keeps its first order, wanted 0.15."
        found.append(Assumption("small_overshoot", "a small overshoot", sentence, held, ratio))
    if math.isfinite(amplitude):
        share = f"The kick is {said(amplitude)} of the fixed point's amplitude"
        held = amplitude <= WANTED_KICK
        sentence = (
            f"{share}; wanted at most 0.3." if held else (f"{share}: the cycle starts off-centre.")
        )
        found.append(Assumption("small_kick", "a small kick", sentence, held, amplitude))
    if int(task["crossing_step"]) >= 0:
        at = f"The second eigenvalue is at {said(second, 3)} of the edge"
        held = second < WANTED_SECOND
        sentence = (
            f"{at}; wanted below 0.97." if held else f"{at}: two directions oscillate together."
        )
        found.append(Assumption("one_direction", "one direction", sentence, held, second))
    return found


def warnings(params: Params, task: Task, prediction: xr.Dataset) -> list[str]:
    """Banners shown before the run."""
    why = missing(params, task, prediction)
    return [f"No prediction: {why}"] if why and float(params.kick) > 0 else []


def missing(params: Params, task: Task, prediction: xr.Dataset) -> str:
    """Why there is no map, or ''."""
    crossed = int(task["crossing_step"])
    if crossed < 0:
        return "the sharpness does not reach 2/η within 20,000 steps."
    if crossed == 0:
        return "the sharpness is above 2/η from the start."
    alpha = float(prediction["alpha"])
    if not alpha > 0:
        return f"α = {said(alpha)}: the sharpness does not rise at the crossing."
    if float(params.kick) == 0:
        return "without a kick rounding decides the start."
    return ""


def measure(params: Params, task: Task, prediction: xr.Dataset, run: xr.Dataset) -> xr.Dataset:
    """Overshoot, its step and the return of the run, by the rule of `cycle.events`.

    Without a kick the first maximum is looked for in all of the run: rounding may be a late start.
    """
    del task
    window = math.inf if float(params.kick) == 0 else float(prediction["period"])
    seen = cycle.events(run["sharpness_gap"].values, window)
    steps = {"units": "steps"}
    return xr.Dataset(
        {
            "overshoot": ((), seen.overshoot),
            "overshoot_step": ((), seen.overshoot_step, steps),
            "return_step": ((), seen.return_step, steps),
        }
    )


def _no_cycle(params: Params, prediction: xr.Dataset, run: xr.Dataset) -> str:
    """Why there is no cycle to compare."""
    del run
    if float(params.kick) == 0:
        return "without a kick rounding decides the start."
    if math.isnan(float(prediction["return_step"])):
        return "there is no map of one cycle here."
    if int(params.steps) < float(prediction["return_step"]):
        return "the run is shorter than the map's return."
    return ""


def tolerance_overshoot(params: Params, prediction: xr.Dataset) -> float:
    """0.03 + 0.6 min(|ρ|, 0.05)."""
    del params
    return 0.03 + 0.6 * min(abs(float(prediction["sharpening_drift"])), WANTED_DRIFT)


def tolerance_steps(name: str) -> Callable[[Params, xr.Dataset], float]:
    """The larger of 3 steps and 5 % of the map's."""

    def tolerance(params: Params, prediction: xr.Dataset) -> float:
        del params
        return max(3.0, 0.05 * float(prediction[name]))

    return tolerance


CLAIMS = (
    Claim(
        "overshoot",
        level("overshoot", at=""),
        tolerance_overshoot,
        relies_on=RELIES_ON,
        unless=(_no_cycle,),
        baseline=Baseline("the sharpness stays at the edge", 0.0),
    ),
    *(
        Claim(
            name,
            at_times(name, over=1.0),
            tolerance_steps(name),
            relies_on=RELIES_ON,
            unless=(_no_cycle,),
            baseline=NEVER,
        )
        for name in ("overshoot_step", "return_step")
    ),
)
