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

from sims.core.comparison import Comparison
from sims.core.experiment import Claim, Task
from sims.core.prediction import of_seed, stack
from sims.core.setup import Setup

PREFIX = "baseline_"
"""What the variables of a prediction that are baselines begin with."""
CLAIMED = "baseline"
"""Attribute that holds the guess of a claim about a plain number, which is no variable."""
LEADING = frozenset(("record", "snapshot"))
"""Dimensions along which a prediction is a curve."""


def with_baselines(
    setup: Setup,
    prediction: xr.Dataset,
    claims: Sequence[Claim] | None = None,
    leading: Collection[str] = LEADING,
) -> xr.Dataset:
    """A whole prediction together with every claim's baseline, as far as it can be given.

    Of a sweep with its first point's setup, its own `claims`, and its first knob as `leading`.
    """
    asked = setup.experiment.claims if claims is None else claims
    parts = [
        _of_seed(setup, asked, leading, task, of_seed(prediction, i))
        for i, task in enumerate(setup.tasks)
    ]
    variables, _ = stack(parts)
    return prediction.assign(variables) if variables else prediction


def _of_seed(
    setup: Setup,
    claims: Sequence[Claim],
    leading: Collection[str],
    task: Task,
    prediction: xr.Dataset,
) -> xr.Dataset:
    found = {}
    for claim in claims:
        made = _guessed(setup, claim, leading, task, prediction)
        if made is not None:
            attrs = {"long_name": claim.baseline.words if claim.baseline else ""}
            found[PREFIX + claim.name] = (*made, attrs)
    return xr.Dataset(found)


def _guessed(
    setup: Setup, claim: Claim, leading: Collection[str], task: Task, prediction: xr.Dataset
) -> tuple[tuple[str, ...], np.ndarray] | None:
    """Dimensions and values of the guess; None where what the claim is about is not predicted."""
    baseline, compare = claim.baseline, claim.compare
    if baseline is None or not isinstance(compare, Comparison):
        return None
    if compare.of and compare.of not in prediction:
        return None
    here, params = setup.experiment.name, setup.params
    dims: tuple[str, ...] = ()
    shape: tuple[int, ...] = ()
    if compare.of:
        dims = tuple(map(str, prediction[compare.of].dims))
        shape = prediction[compare.of].shape
    if baseline.value is None:
        if not dims or dims[0] not in leading:
            raise ValueError(
                f"Claim {claim.name!r} of {here} is held against the guess that nothing "
                f"changes, where {compare.of or 'a plain number'} has no start: give "
                "baseline=Baseline(words, value), such as NEVER for a time."
            )
        rows = np.asarray(prediction[compare.of].values, float)
        if not len(rows):  # a point of a sweep keeps no snapshots
            return None
        values = np.asarray(rows[0])
    else:
        try:
            made = baseline.value
            values = np.asarray(
                made(params, task, prediction) if callable(made) else made, dtype=float
            )
        except KeyError:
            return None
    kept = dims[len(dims) - values.ndim :]
    if values.ndim > len(dims) or values.shape != shape[len(dims) - values.ndim :]:
        raise ValueError(
            f"The baseline of claim {claim.name!r} of {here} has shape {values.shape}, "
            f"where {shape} is predicted."
        )
    return kept, values


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
        return prediction.assign_attrs({CLAIMED: float(prediction[name].values)})
    variable = guessed(claim, prediction)
    if variable is None:
        return None
    variable.attrs = dict(prediction.variables[of].attrs)
    return prediction.assign({of: variable})


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


__all__ = ["LEADING", "PREFIX", "about", "apart", "guess_of", "guessed", "with_baselines"]
