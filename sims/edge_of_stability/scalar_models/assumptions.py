"""What the solvable models' predictions want of the settings, and the banners before a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import xarray as xr

from sims.core.experiment import Assumption, Task
from sims.core.knobs import filled, number
from sims.core.sentences import said, share
from sims.edge_of_stability.scalar_models import balanced, theory
from sims.edge_of_stability.scalar_models.params import TWO_NUMBERS

if TYPE_CHECKING:
    from sims.edge_of_stability.scalar_models.params import Params

WANTED_GROWTH = 1e4
"""Amplification of a rounding error up to which 1e-9 can be promised."""
WANTED_LOSS = 0.005
"""Half of what the curvature at the end of a tied product may be off."""
DIVERGES = 2.0
"""Curvature at the start over the edge beyond which a run is likely to diverge."""


def assumptions(params: Params, task: Task, prediction: xr.Dataset) -> list[Assumption]:
    """Those that concern this model, held or broken; one seed."""
    if params.model in TWO_NUMBERS:
        steps = int(filled(params.steps))
        early = min(theory.EARLY, steps)
        return [
            _small_rounding("small_rounding", "early", float(prediction["growth_early"]), early),
            _small_rounding("small_rounding_throughout", "", float(prediction["growth"]), steps),
        ]
    if params.model == "tied_depth_four":
        return [_moderate_start(prediction), _small_first_step(task, prediction)]
    return [_stable_orbit(prediction), _same_basin(params)]


def _small_rounding(name: str, when: str, growth: float, steps: int) -> Assumption:
    held = growth <= WANTED_GROWTH
    grows = f"A rounding error grows {said(growth, 3)}-fold in {steps} steps"
    sentence = (
        f"{grows}; wanted at most 10⁴."
        if held
        else (f"{grows}: the orbit is chaotic, no two computers agree.")
    )
    label = f"no chaos in the first {steps} steps" if when else "no chaos"
    return Assumption(name, label, sentence, held, growth)


def _stable_orbit(prediction: xr.Dataset) -> Assumption:
    product = float(prediction["multiplier"])
    what = "two-cycle" if prediction.sizes["point"] == 2 else "fixed point x = 1"
    held = abs(product) < 1
    sentence = (
        f"The {what} attracts: its multiplier is {said(product, 3)}."
        if held
        else f"The {what} exists but its multiplier is {said(product, 3)}: it repels."
    )
    return Assumption("stable_orbit", "an orbit that attracts", sentence, held, product)


def _same_basin(params: Params) -> Assumption:
    """Odd depth: f(a0) > 0; any depth: a start within ±R, from where steps grow."""
    eta, D, a0 = float(filled(params.eta)), params.depth, float(filled(params.a0))
    first, farthest = float(balanced.step(a0, eta, D)), balanced.outermost(eta, D)
    near = abs(a0) < farthest
    held = near and (D % 2 == 0 or first > 0)
    if not near:
        sentence = (
            f"The start {number(a0)} is beyond ±{said(farthest, 3)}, "
            "from where every step is longer than the last."
        )
    elif not held:
        sentence = (
            f"The first step jumps to {said(first, 3)}: for odd depth negative numbers fall to "
            "the saddle at 0."
        )
    else:
        sentence = f"The start is within ±{said(farthest, 3)} and the first step keeps its side."
        if D % 2 == 0:
            sentence = f"The start is within ±{said(farthest, 3)}, from where steps would grow."
    return Assumption("same_basin", "start in the basin", sentence, held, abs(a0) / farthest)


def edge_ratio(prediction: xr.Dataset) -> float:
    """η/2 times the larger of the curvature at the start and that of gradient flow's end."""
    start = float(prediction["curvature_initial"])
    return max(start, float(prediction["curvature_final_gradient_flow"])) / float(
        prediction["edge"]
    )


def _moderate_start(prediction: xr.Dataset) -> Assumption:
    ratio = edge_ratio(prediction)
    held = ratio < DIVERGES
    sentence = f"The start is at {said(ratio, 3)} of the edge" + (
        "; wanted below 2." if held else ": likely to diverge."
    )
    return Assumption("moderate_start", "a start below twice the edge", sentence, held, ratio)


def _small_first_step(task: Task, prediction: xr.Dataset) -> Assumption:
    """Gradient flow keeps x² - y²; below the edge the run must nearly do so."""
    taken = theory.first_loss_of_difference(task)
    at_edge = float(prediction["curvature_final_gradient_flow"]) >= float(prediction["edge"])
    sentence = f"The first step takes {share(taken)} of x² - y²; wanted at most 0.5 %."
    held = at_edge or taken <= WANTED_LOSS
    return Assumption("small_first_step", "a small first step", sentence, held, taken)


def warnings(params: Params, task: Task, prediction: xr.Dataset) -> list[str]:
    """Banners shown before the run."""
    edge = float(prediction["edge"])
    if params.model == "balanced_product":
        eta = float(filled(params.eta))
        if params.depth == 2 and eta > 2:
            return [f"Expected to diverge. η = {said(eta, 3)} is beyond 2."]
        return []
    if params.model == "tied_depth_four":
        start = float(prediction["curvature_initial"])
    else:
        start = theory.two_numbers(params, task)[1]
    ratio = start / edge
    # eta follows from eta_lambda0 by a division: at 4 itself the last digit says nothing
    if params.model == "uv_network" and float(params.target) == 0 and ratio >= 2 * (1 - 1e-12):
        return [f"No finite limit. ηλ₀ = {said(2 * ratio, 3)} is not below 4."]
    if ratio > DIVERGES:
        return [f"Likely to diverge. The start is at {said(ratio, 3)} of the edge 2/η."]
    if ratio > 1:
        return [
            f"Starts above the edge. The curvature is {said(ratio, 3)} times 2/η: "
            "a catapult comes first."
        ]
    return []
