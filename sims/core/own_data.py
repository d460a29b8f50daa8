"""Data of one's own: X (sample, feature) and y (sample,), known by a digest of their numbers.

A knob declared with `own=True` takes them. The arrays are checked and kept in this process; the
knob's value is `own:` with 16 hex digits of their SHA-256. That is what params, caches, links and
hashes hold, so that other data are another setting everywhere. The arrays themselves travel in the
file of a run, and nowhere else.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any
from weakref import WeakValueDictionary

import numpy as np

from sims.core.cache import Cache

PREFIX = "own:"
DIGITS = 16
FEWEST_SAMPLES, MOST_SAMPLES = 4, 100_000
MOST_FEATURES, MOST_NUMBERS = 1024, 2_000_000
LARGEST = 1e12
"""Size of a number beyond which squares, and sums of them, lose their digits."""
ALIKE = 1e-9
"""Range of a column over its largest entry up to which it is constant."""
MOST_CLASSES = 10
MOST_KEPT, MOST_BYTES = 32, 128 * 2**20


class NotHere(ValueError):
    """A value names data that nobody has given to this process."""


@dataclass(frozen=True, eq=False)
class OwnData:
    """Checked and closed arrays: X (sample, feature) and y (sample,), float64; `value` names them.

    Nobody can write to them, so that any thread may read them.
    """

    value: str
    X: np.ndarray
    y: np.ndarray

    @property
    def nbytes(self) -> int:
        """Bytes of both."""
        return self.X.nbytes + self.y.nbytes

    @property
    def features(self) -> int:
        """Columns of X."""
        return self.X.shape[1]

    @property
    def is_classes(self) -> bool:
        """Whether y has so few values, at most 10, that they are names of classes."""
        return len(np.unique(self.y)) <= MOST_CLASSES

    def labels(self) -> np.ndarray:
        """The class of every sample, (sample,), 0..K-1 in the order of the values of y.

        Raises:
            ValueError: y has more than 10 values; one sentence.
        """
        found, labels = np.unique(self.y, return_inverse=True)
        if len(found) > MOST_CLASSES:
            raise ValueError(
                f"The y of the data has {len(found)} different values, which are no classes: give "
                f"2 to {MOST_CLASSES}."
            )
        return labels

    def scaled(self, rows: np.ndarray) -> np.ndarray:
        """All of X less the mean of some rows, over the one standard deviation of those rows.

        Columns keep their ratios, as the pixels of a picture do.

        Raises:
            ValueError: those rows are all alike; one sentence.
        """
        X = self.X - self.X[rows].mean(axis=0)
        size = np.std(X[rows])
        if not size > 0:
            raise ValueError(f"The {len(rows)} samples to train on are all alike: give others.")
        return X / size


_kept: Cache[OwnData] = Cache(MOST_KEPT, MOST_BYTES, lambda data: data.nbytes)
_living: WeakValueDictionary[str, OwnData] = WeakValueDictionary()
"""What a setup still holds is found though it is no longer kept for others."""


def keep(X: Any, y: Any) -> OwnData:
    """Check data and keep them for whoever names them; from any thread.

    Raises:
        ValueError: they cannot be learned from; one sentence, with what is allowed.
    """
    inputs, targets = _numbers("X", X), _numbers("y", y)
    _check_shapes(inputs, targets)
    _check_values(inputs, targets)
    made = OwnData(_value_of(inputs, targets), inputs, targets)
    return _kept.get(made.value, lambda: _living.setdefault(made.value, made))


def of(value: str) -> OwnData:
    """The data that a value names; from any thread.

    Raises:
        NotHere: they were not given to this process, or too many others since; one sentence.
    """
    return _kept.get(value, lambda: _found(value))


def is_own(value: Any) -> bool:
    """Whether a knob's value names data of one's own."""
    return isinstance(value, str) and value.startswith(PREFIX)


def value_of(given: Any) -> str | None:
    """The value that names what a knob is given, (X, y) or a name; None if it is neither.

    Raises:
        ValueError: the data cannot be learned from, or are not here; one sentence.
    """
    if given is None or isinstance(given, (str, int, float)):
        return of(str(given).strip()).value if is_own(str(given).strip()) else None
    if not isinstance(given, (tuple, list)) or len(given) != 2:
        raise ValueError("Data of one's own are two arrays: give (X, y).")
    return keep(*given).value


def _found(value: str) -> OwnData:
    data = _living.get(value)
    if data is None:
        raise NotHere(
            f"data = {value[: len(PREFIX) + DIGITS]} are data of one's own, which are not here: "
            "give their file with --data FILE, as data=(X, y) in Python, or on the page beside "
            "the other data."
        )
    return data


def _numbers(name: str, given: Any) -> np.ndarray:
    """An own copy in float64, closed."""
    try:
        found = np.asarray(given)
    except ValueError:
        raise ValueError(f"The rows of {name} differ in length: give one number a cell.") from None
    if found.dtype.kind not in "biuf":
        what = "text" if found.dtype.kind in "US" else f"values of type {found.dtype}"
        raise ValueError(f"{name} holds {what}: give numbers.")
    made = np.array(found, np.float64, order="C")
    made.setflags(write=False)
    return made


def _check_shapes(X: np.ndarray, y: np.ndarray) -> None:
    if X.ndim != 2 or y.ndim != 1:
        raise ValueError(
            f"X has the shape {X.shape} and y {y.shape}: give X (samples, features) and y "
            "(samples,)."
        )
    samples, features = X.shape
    if len(y) != samples:
        raise ValueError(f"X has {samples} rows and y {len(y)} entries: give one y for each row.")
    if not FEWEST_SAMPLES <= samples <= MOST_SAMPLES:
        raise ValueError(
            f"The data have {samples} samples: give {FEWEST_SAMPLES} to {MOST_SAMPLES}."
        )
    if not 1 <= features <= MOST_FEATURES:
        raise ValueError(f"The data have {features} features: give 1 to {MOST_FEATURES}.")
    if X.size > MOST_NUMBERS:
        raise ValueError(
            f"The data have {samples} x {features} numbers: give at most {MOST_NUMBERS}, here "
            f"{MOST_NUMBERS // features} samples."
        )


def _check_values(X: np.ndarray, y: np.ndarray) -> None:
    for name, values in (("X", X), ("y", y)):
        wrong = np.argwhere(~(np.abs(values) <= LARGEST))
        if len(wrong):
            row, *column = wrong[0]
            seen = float(values[tuple(wrong[0])])
            word = "missing (NaN)" if np.isnan(seen) else f"{seen:g}"
            place = f"row {row + 1}" + (f", column {column[0] + 1}" if column else "")
            raise ValueError(
                f"{name} is {word} in {place}: give finite numbers, of size at most {LARGEST:g}."
            )
    size = np.max(np.abs(X), axis=0)
    constant = np.flatnonzero(np.ptp(X, axis=0) <= ALIKE * size) + 1
    if len(constant) == 1:
        raise ValueError(f"Column {constant[0]} of X is constant: leave it out.")
    if len(constant):
        first = ", ".join(map(str, constant[:5])) + (", …" if len(constant) > 5 else "")
        raise ValueError(f"{len(constant)} columns of X are constant ({first}): leave them out.")
    if np.ptp(y) <= ALIKE * np.max(np.abs(y)):
        raise ValueError("y is the same for every sample: give at least two classes or values.")


def _value_of(X: np.ndarray, y: np.ndarray) -> str:
    """The same on every machine: shape, then the numbers, little-endian."""
    digest = hashlib.sha256(f"{X.shape[0]},{X.shape[1]}\n".encode())
    for values in (X, y):
        digest.update((values + 0.0).astype("<f8").tobytes())  # -0 is 0
    return PREFIX + digest.hexdigest()[:DIGITS]
