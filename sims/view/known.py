"""A prediction's numbers by name, as a declared view reads them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
import xarray as xr


class Known(Mapping[str, Any]):
    """Variables, coordinates and attributes of the first seed, each read once.

    Single numbers are floats; all else are arrays without the seed's axis. `a.b` is the attribute
    b of the variable a, `tolerance_a` the tolerance of the claim a, where they are known.
    Variables that are given `instead` are read in place of the prediction's.
    """

    def __init__(
        self,
        prediction: xr.Dataset,
        tolerances: Mapping[str, float] | None = None,
        instead: Mapping[str, xr.Variable] | None = None,
    ) -> None:
        """Read nothing yet."""
        self.whole = prediction
        self._variables: Mapping[Any, xr.Variable] = prediction.variables
        if instead:
            self._variables = {**self._variables, **instead}
        known = {c: t for c, t in (tolerances or {}).items() if np.isfinite(t)}
        self._read: dict[str, Any] = {f"tolerance_{c}": float(t) for c, t in known.items()}
        self._asked: set[str] = set()

    @contextmanager
    def reading(self) -> Iterator[set[str]]:
        """The names of the variables that are read meanwhile."""
        around, self._asked = self._asked, set()
        try:
            yield self._asked
        finally:
            around |= self._asked
            self._asked = around

    def read_again(self, names: set[str]) -> None:
        """Count these as read, by what was made of them and kept."""
        self._asked |= names

    def __getitem__(self, name: str) -> Any:
        """The numbers of that name; KeyError where nothing of it is predicted."""
        self._asked.add(name.partition(".")[0])
        if name not in self._read:
            self._read[name] = self._found(name)
        return self._read[name]

    def _found(self, name: str) -> Any:
        if (found := self._variables.get(name)) is not None:
            return _first(found)
        variable, _, attribute = name.partition(".")
        return self._variables[variable].attrs[attribute] if attribute else self.whole.attrs[name]

    def __iter__(self) -> Iterator[str]:
        """Names of variables and coordinates, then of attributes."""
        yield from (str(name) for name in self._variables)
        yield from self.whole.attrs

    def __len__(self) -> int:
        """How many names there are."""
        return len(self._variables) + len(self.whole.attrs)

    def __contains__(self, name: object) -> bool:
        """Whether it is predicted."""
        return name in self._read or name in self._variables or name in self.whole.attrs

    def everywhere(self, name: str) -> np.ndarray:
        """A predicted variable of all seeds; for ranges that hold them all."""
        return np.asarray(self._variables[name].values, float)

    @property
    def seeds(self) -> int:
        """How many seeds are predicted."""
        return int(self.whole.sizes.get("seed", 1))


def _first(variable: xr.Variable) -> Any:
    values = np.asarray(variable.values)
    if "seed" in variable.dims:
        values = values[(slice(None),) * variable.dims.index("seed") + (0,)]
    if values.dtype.kind not in "fiub":
        return values
    return float(values) if values.ndim == 0 else np.asarray(values, float)
