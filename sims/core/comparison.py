"""What a claim compares by: a rule that takes a run, a theory, and what is said instead of it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import xarray as xr

from sims.core.experiment import Compared
from sims.core.replaced import marked, replaced

IMAGINED = "imagined"
"""Attribute of a run that nobody made: it has what is compared, and no more."""


@dataclass(frozen=True)
class Comparison:
    """A claim's `compare`: `of` is what it compares, `unit` what its error is relative to.

    With `instead` the predicted values are those of that Dataset, while scales and windows stay the
    theory's: so another guess is held against the run by the same rule. A claim about a plain
    number has no `of`; a guess instead of it is the attribute `baseline`.

    Attributes:
        of: the predicted variable, "" for a plain number.
        unit: what the error is relative to.
        rule: (params, prediction, run, what is said) of one seed -> both sides and their distance.
        measured: the run's variable, if it has another name; a function of (params, run) otherwise.
        number: what is claimed without `of`, or how it follows from params and prediction.
        side: of a bound, where alone is claimed on which side of it the run lies.
    """

    of: str
    unit: str
    rule: Callable[[Any, xr.Dataset, xr.Dataset, xr.Dataset], Compared]
    measured: str | Callable[[Any, xr.Dataset], xr.DataArray] = ""
    number: float | Callable[[Any, xr.Dataset], float] | None = None
    side: Literal["", "below", "above"] = ""

    def __call__(
        self,
        params: Any,
        prediction: xr.Dataset,
        run: xr.Dataset,
        instead: xr.Dataset | None = None,
    ) -> Compared:
        """Both sides of one seed, and how far apart they are."""
        return self.rule(params, prediction, run, prediction if instead is None else instead)

    def as_run(self, params: Any, prediction: xr.Dataset) -> xr.Dataset:
        """What a run would show by which the theory is exactly right, as far as it tells."""
        return marked(self._right(params, prediction), **{IMAGINED: True})

    def _right(self, params: Any, prediction: xr.Dataset) -> xr.Dataset:
        if not isinstance(self.measured, str) or not self.measured:
            return prediction
        if self.side:  # as far inside as can be: nothing tells how far
            return replaced(prediction, self.measured, 0.0 if self.side == "below" else math.inf)
        if self.of:
            return replaced(prediction, self.measured, prediction.variables[self.of])
        if self.number is None:
            return prediction
        said = self.number(params, prediction) if callable(self.number) else self.number
        return replaced(prediction, self.measured, float(said))
