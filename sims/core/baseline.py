"""The guess of a person without the theory: what a landing must beat, or it is no test.

A claim's baseline is evaluated with the prediction, before the run, and is part of it: frozen,
hashed, and in the file as `baseline_<claim>`. Where theory and baseline say nearly the same, the
claim is not judged: whoever guessed would have landed too. Of a whole sweep, that nothing changes
means that its first knob does not matter: every point is as at the first value.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
import xarray as xr

from sims.core.arithmetic import theory_arithmetic
from sims.core.comparison import Comparison
from sims.core.experiment import Claim, Task
from sims.core.prediction import of_seed, schedule_coords, stacked
from sims.core.replaced import labelled, replaced
from sims.core.setup import Setup

PREFIX = "baseline_"
"""What the variables of a prediction that are baselines begin with."""
CLAIMED = "baseline"
"""Attribute that holds the guess of a claim about a plain number, which is no variable."""
LEADING = frozenset(("record", "snapshot"))
"""Dimensions along which a prediction is a curve."""


def guesses(setup: Setup, task: Task, prediction: xr.Dataset) -> dict[str, xr.Variable]:
    """Every claim's baseline as a variable, as far as it can be given, of one seed's prediction.

    `prediction` needs no clock: that of the schedule is added.
    """
    told = labelled(prediction, schedule_coords(setup.schedule))
    return _guesses(setup.experiment.claims, setup, task, told, LEADING)


def of_a_sweep(
    claims: Sequence[Claim], setup: Setup, prediction: xr.Dataset, knob: str
) -> dict[str, xr.Variable]:
    """The same of claims about a whole sweep over `knob`, or that and another, for all seeds.

    `setup` is that of the first point, and so are the params and the task the guesses see.
    """
    found = []
    with theory_arithmetic():
        for i, task in enumerate(setup.tasks):
            one = of_seed(prediction, i)
            found.append(_guesses(claims, setup, task, one, (knob,)))
    return stacked(found)


def _guesses(
    claims: Sequence[Claim],
    setup: Setup,
    task: Task,
    prediction: xr.Dataset,
    leading: Collection[str],
) -> dict[str, xr.Variable]:
    """By the name of its variable every guess there is."""
    found: dict[str, xr.Variable] = {}
    for claim in claims:
        baseline, compare = claim.baseline, claim.compare
        if baseline is None or not isinstance(compare, Comparison):
            continue
        theory = prediction.variables.get(compare.of) if compare.of else xr.Variable((), 0.0)
        if theory is None:
            continue
        where = f"claim {claim.name!r} of {setup.experiment.name}"
        if baseline.value is None:
            values = _start(theory, leading, compare.of, where)
        else:
            values = _given(baseline.value, setup.params, task, prediction)
        if values is None:
            continue
        kept = theory.dims[theory.ndim - values.ndim :]
        if values.ndim > theory.ndim or values.shape != theory.shape[theory.ndim - values.ndim :]:
            raise ValueError(
                f"The baseline of {where} has shape {values.shape}, where {theory.shape} is "
                "predicted."
            )
        found[PREFIX + claim.name] = xr.Variable(kept, values, {"long_name": baseline.words})
    return found


def _start(theory: xr.Variable, leading: Collection[str], of: str, where: str) -> np.ndarray | None:
    """What is predicted at first; None of a point of a sweep, which keeps no snapshots."""
    if not theory.ndim or theory.dims[0] not in leading:
        raise ValueError(
            f"{where[0].upper()}{where[1:]} is held against the guess that nothing changes, where "
            f"{of or 'a plain number'} has no start: give baseline=Baseline(words, value), such as "
            "NEVER for a time."
        )
    return np.array(theory.values[0], float) if len(theory) else None


def _given(value: Any, params: Any, task: Task, prediction: xr.Dataset) -> np.ndarray | None:
    """A number, or what a function makes of the prediction; None where that lacks what it needs."""
    if not callable(value):
        return np.array(value, float)
    try:
        return np.array(value(params, task, prediction), float)
    except KeyError:
        return None


def about(claim: Claim) -> str:
    """The predicted variable a claim is about; '' where it is about a plain number."""
    return claim.compare.of if isinstance(claim.compare, Comparison) else ""


def guessed(claim: Claim, prediction: xr.Dataset) -> xr.Variable | None:
    """The guess in place of the predicted variable a claim is about; None where there is none.

    It has the dimensions of that variable, and its own seeds where theory is the same for all.
    """
    guess = prediction.variables.get(PREFIX + claim.name)
    theory = prediction.variables.get(about(claim))
    if guess is None or theory is None:  # of curves a sweep keeps the guess alone
        return None
    own = {dim: n for dim, n in guess.sizes.items() if dim not in theory.dims}
    values = xr.Variable(guess.dims, np.asarray(guess.values, float))
    return values.set_dims({**own, **theory.sizes})


def guess_of(claim: Claim, prediction: xr.Dataset) -> xr.Dataset | None:
    """One seed's prediction with the guess in place of theory; None where there is none.

    A claim about a plain number finds the guess among the attributes.
    """
    name, of = PREFIX + claim.name, about(claim)
    if name not in prediction or not isinstance(claim.compare, Comparison):
        return None
    if not of:
        return prediction.assign_attrs({CLAIMED: float(prediction.variables[name].values)})
    variable = guessed(claim, prediction)
    if variable is None:
        return None
    variable.attrs = dict(prediction.variables[of].attrs)
    return replaced(prediction, of, variable)


def apart(claim: Claim, params: Any, prediction: xr.Dataset) -> tuple[float, float, float]:
    """How far the guess is off if theory is right: (error, the guess, theory) at the worst point.

    By the claim's own measure, from one seed's prediction alone; NaN where that cannot be told
    before the run.
    """
    guess = guess_of(claim, prediction)
    unknown = float("nan")
    if guess is None or not isinstance(claim.compare, Comparison):
        return unknown, unknown, unknown
    try:
        found = claim.compare(params, prediction, claim.compare.as_run(params, prediction), guess)
    except (KeyError, IndexError):
        return unknown, unknown, unknown
    return found.error, found.predicted, found.measured


__all__ = [
    "LEADING",
    "PREFIX",
    "about",
    "apart",
    "guess_of",
    "guessed",
    "guesses",
    "of_a_sweep",
]
