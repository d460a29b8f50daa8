"""Where pictures, notes and reference runs lie: beside the packages, or inside the wheel."""

from __future__ import annotations

from pathlib import Path

_HERE = Path(__file__).resolve().parent
_PLACES = (_HERE.parent / "assets", _HERE / "assets")


def asset(name: str) -> Path:
    """The path of an asset such as `notes/saddle_to_saddle.md`.

    Raises:
        FileNotFoundError: it is in neither place.
    """
    for place in _PLACES:
        if (place / name).exists():
            return place / name
    raise FileNotFoundError(f"There is no asset {name!r} in {' or '.join(map(str, _PLACES))}.")
