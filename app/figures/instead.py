"""A prediction in which guesses stand where theory does, to be drawn as theory is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np
import xarray as xr

from app.figures.sheet import Sheet
from sims.core.baseline import LEADING, PREFIX, about, guess_of, guessed
from sims.core.experiment import Claim
from sims.core.prediction import of_seed
from sims.view import SAME, Arrays, Condition, Curves, Number, Picture, Values
from sims.view.known import Known


class Instead(Sheet):
    """The sheet of a theory with guesses in its place; how a panel is laid out stays theory's.

    All that one person guesses stands there at once, so that what follows from several predicted
    variables follows from their guesses; what follows from a curve besides is no guess.
    """

    def __init__(self, theory: Sheet, claims: Sequence[Claim]) -> None:
        """The claims' guesses are in the same words."""
        whole = theory.known.whole
        super().__init__(theory.experiment, theory.view, whole, theory.tolerances)
        self.theory, self.claims = theory, claims
        found = {about(claim): guessed(claim, whole) for claim in claims}
        instead = {of: guess for of, guess in found.items() if guess is not None}
        self.known = Known(whole, theory.tolerances, instead)
        self.of = set(instead)

    @property
    def words(self) -> str:
        """What is guessed, in words."""
        baseline = self.claims[0].baseline
        return baseline.words if baseline is not None else ""

    @cached_property
    def moves(self) -> bool:
        """Whether a guess is another one at every record or snapshot."""
        guesses = (self.known.whole.variables[PREFIX + claim.name] for claim in self.claims)
        return any(not LEADING.isdisjoint(guess.dims) for guess in guesses)

    @cached_property
    def others(self) -> set[str]:
        """Predicted curves that are not guessed."""
        whole = self.known.whole
        curves = (str(n) for n, one in whole.variables.items() if not LEADING.isdisjoint(one.dims))
        clocks = {str(name) for name in whole.coords}
        return {n for n in curves if n not in self.of | clocks and not n.startswith(PREFIX)}

    def find(self, what: Number | Values) -> Any:
        """A number or an array; theory's where it follows from a curve that is not guessed."""
        with self.known.reading() as read:
            found = super().find(what)
        return found if read.isdisjoint(self.others) else self.theory.find(what)

    def frame(self, what: Number | Values) -> Any:
        """Entries, units and places, as theory has them."""
        return self.theory.frame(what)

    def holds(self, condition: Condition) -> bool:
        """Whether theory has what is needed."""
        return self.theory.holds(condition)

    def said(self, word: Picture) -> Picture:
        """A panel of a guessed variable shows that, whatever theory draws there."""
        if not isinstance(word, Curves) or word.theory is None or word.of not in self.of:
            return word
        is_curve = not LEADING.isdisjoint(self.known.whole.variables[word.of].dims)
        return replace(word, theory=SAME, along=None) if is_curve else word

    def moving(self, name: str) -> str:
        """A derived quantity as it would be were the guesses the prediction."""
        made, claims = self.derived[name], self.claims

        def rows(run: Arrays, prediction: xr.Dataset) -> np.ndarray:
            known = of_seed(prediction, 0)
            for claim in claims:
                instead = guess_of(claim, known)
                known = known if instead is None else instead
            return made(run, known)

        return self.theory.derive(f"{name}_guess_{claims[0].name}", rows)
