"""The forecasts of a process: one for equal recipes, as long as there is room."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Collection

from app.live.server.forecast import Forecast
from app.live.server.recipe import Recipe

MOST = 256


class Pool:
    """Finds or makes the forecast of a recipe, in any thread; never two for equal ones."""

    def __init__(
        self,
        make: Callable[[Recipe], Forecast],
        most_bytes: int,
        is_current: Callable[[Forecast], bool] = lambda _: True,
    ) -> None:
        """`make` and `is_current` are called with the lock held and compute nothing.

        A forecast is current while its experiment is the one of that id: a file may be edited.
        """
        self._make, self._most_bytes, self._is_current = make, most_bytes, is_current
        self._known: OrderedDict[str, Forecast] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        """How many there are."""
        return len(self._known)

    @property
    def nbytes(self) -> int:
        """Memory of all of them."""
        with self._lock:
            return sum(f.nbytes for f in self._known.values())

    def of(self, recipe: Recipe) -> Forecast:
        """The forecast of that recipe; a new one in place of one that has failed or is outdated."""
        with self._lock:
            found = self._known.get(recipe.key)
            if found is None or self._is_useless(found):
                found = self._known[recipe.key] = self._make(recipe)
            self._known.move_to_end(recipe.key)
            return found

    def _is_useless(self, forecast: Forecast) -> bool:
        failed = forecast.failure is not None and not forecast.failure.refused
        return failed or not self._is_current(forecast)

    def forget(self, forecast: Forecast) -> None:
        """Make the next one of that recipe anew."""
        with self._lock:
            if self._known.get(forecast.recipe.key) is forecast:
                del self._known[forecast.recipe.key]

    def trim(self, used: Collection[Forecast]) -> int:
        """Let go of those looked at longest ago that no job uses, beyond the room; bytes held."""
        with self._lock:
            held = sum(f.nbytes for f in self._known.values())
            for key, forecast in list(self._known.items()):
                if held <= self._most_bytes and len(self._known) <= MOST:
                    break
                if forecast not in used:
                    held -= forecast.nbytes
                    del self._known[key]
            return held
