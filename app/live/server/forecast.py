"""What all jobs of one recipe share: settings prepared and predicted, the drawing, the programs.

One theory worker at a time holds a forecast and calls `work`; one compile worker calls `warm`.
Every thread may read `drawing`, `settings`, `failure`: each is published whole and never changed.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from app.figures.render import NoPicture
from app.live.messages.view import view_message
from app.live.server.columns import Derived
from app.live.server.handover import hand_over
from app.live.server.recipe import Recipe
from app.live.server.swept import settings_of
from app.live.server.tags import Tag
from sims.core.blame import blamed
from sims.core.declared import Misfit
from sims.core.experiment import Experiment
from sims.core.memory import OutOfMemory
from sims.core.registry import registry

log = logging.getLogger("lmx")

REDRAW = 0.3
"""Seconds between two drawings of a prediction that is still growing."""
DRAWING_SHARE = 8.0
"""The same wait in units of the time the last drawing took."""
FAILED = "Something failed while computing this; press Reset to start it again."
AGAIN = "Mend it and save the file, or press Reset to start it again."


def failed_words(error: Exception, experiment: Experiment) -> str:
    """What a reader is told: where in the code, if it is that of somebody's own file."""
    if isinstance(error, OutOfMemory):
        return str(error)
    if registry.origin(experiment).kind in ("file", "installed"):
        return f"{blamed(error, experiment)} {AGAIN}"
    return FAILED


@dataclass(frozen=True)
class Drawing:
    """The prediction as a browser gets it, the tags its figures ask for, and how to derive them."""

    version: int
    text: str
    tags: list[Tag]
    derived: Derived
    is_whole: bool


@dataclass(frozen=True)
class Failure:
    """Why there is no forecast; `refused`: these settings cannot be."""

    sentence: str
    refused: bool


class Forecast:
    """Settings of a recipe on their way to a whole prediction.

    `told` is called, by the worker that made it, after each drawing and after a failure.
    """

    def __init__(
        self, recipe: Recipe, experiment: Experiment, told: Callable[[Forecast], None]
    ) -> None:
        """Nothing is checked or computed yet."""
        self.recipe, self.experiment = recipe, experiment
        self.settings = settings_of(experiment, recipe)
        self.drawing: Drawing | None = None
        self.failure: Failure | None = None
        self.is_warm = False
        self.nbytes = 0
        self._told = told
        self._predicted: tuple[object, ...] = ()
        self._drawn_of: tuple[object, ...] | None = None
        self._drawn_at, self._redraw_after = -float("inf"), 0.0

    @property
    def is_prepared(self) -> bool:
        """Whether knobs are checked, and data and weights drawn."""
        return all(s.is_prepared for s in self.settings)

    @property
    def is_whole(self) -> bool:
        """Whether the whole prediction is drawn."""
        return self.drawing is not None and self.drawing.is_whole

    @property
    def progress(self) -> float:
        """How much of the prediction is there."""
        return sum(s.progress for s in self.settings) / len(self.settings)

    @property
    def total_rows(self) -> int:
        """Records of the longest setting's run."""
        return max(s.total_rows for s in self.settings)

    # Theory

    @property
    def has_work(self) -> bool:
        """Whether something is left to prepare, predict or draw."""
        return self.failure is None and not self.is_whole

    def work(self, seconds: float) -> None:
        """Prepare, or predict for about that long, and draw what is due; never raises."""
        stage = "prepare"
        try:
            waiting = next((s for s in self.settings if not s.is_prepared), None)
            if waiting is not None:
                waiting.prepare()
                return
            stage = "prediction"
            self._predict(seconds)
            if self._is_due():
                self._draw()
        except Exception as error:
            self._fail(error, stage)
        finally:
            if self.is_prepared:
                self.nbytes = sum(s.nbytes for s in self.settings) + self._text_bytes

    @property
    def _text_bytes(self) -> int:
        return len(self.drawing.text) if self.drawing is not None else 0

    def _predict(self, seconds: float) -> None:
        growing = next((s for s in self.settings if not s.is_whole), None)
        if growing is not None:
            growing.predict(seconds)
        self._predicted = tuple(s.prediction for s in self.settings)

    def _is_due(self) -> bool:
        """Whether every setting has a part that is not drawn, and the last drawing is a while ago.

        The first and the last are drawn at once.
        """
        if any(part is None for part in self._predicted):
            return False
        if all(s.is_whole for s in self.settings) or self.drawing is None:
            return True
        waited = time.monotonic() - self._drawn_at
        fresh = self._drawn_of is None or any(
            a is not b for a, b in zip(self._predicted, self._drawn_of, strict=True)
        )
        return fresh and waited > max(REDRAW, self._redraw_after)

    def _draw(self) -> None:
        begun = time.monotonic()
        for setting in self.settings:
            setting.look_ahead()
        whole = all(s.is_whole for s in self.settings)
        text, tags, derived = view_message(self)
        version = 1 if self.drawing is None else self.drawing.version + 1
        drawing = Drawing(version, text, tags, derived, whole)
        self._drawn_of, self._drawn_at = self._predicted, time.monotonic()
        self._redraw_after = DRAWING_SHARE * (self._drawn_at - begun)
        hand_over("a forecast is drawn")
        self.drawing = drawing
        self._told(self)

    def _fail(self, error: Exception, stage: str) -> None:
        refused = isinstance(error, ValueError) and stage == "prepare"
        refused = (refused and not isinstance(error, Misfit)) or isinstance(error, NoPicture)
        if not refused:
            log.error("%s failed in its %s", self.recipe.experiment, stage, exc_info=error)
        hand_over("a forecast fails")
        sentence = str(error) if refused else failed_words(error, self.experiment)
        self.failure = Failure(sentence, refused)
        self._told(self)

    # Programs

    @property
    def may_warm(self) -> bool:
        """Whether the programs of its runs could be built now, and are not.

        What is quick to build waits for the first drawing, which it would hold up.
        """
        if self.is_warm or self.failure is not None or not all(s.may_warm for s in self.settings):
            return False
        return self.drawing is not None or not all(s.was_warmed for s in self.settings)

    def warm(self) -> None:
        """Build the programs of its runs, on the compile worker; raises what a compiler raises."""
        for setting in self.settings:
            setting.warm()
        hand_over("programs are built")
        self.is_warm = True
