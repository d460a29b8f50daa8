"""What a reader is asked before the run, and what the guess is held against after it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from app.wording import number

if TYPE_CHECKING:
    import xarray as xr

    from app.figures.asked import Asked, Found

DIGITS = 4


def asked(found: Asked | None) -> dict[str, Any] | None:
    """The question of a view; nothing in it tells the answer."""
    if found is None:
        return None
    return {
        "kind": found.kind,
        "panel": found.panel,
        "words": found.words,
        "places": _plain(found.places) if found.kind == "curve" else [],
        "log_x": found.log_x,
        "log_y": found.log_y,
        "height": found.height,
    }


def answered(question: Asked | None, seen: xr.Dataset | None) -> dict[str, Any] | None:
    """What theory and the run say to it, a number or a curve at the places; None: nothing."""
    if question is None:
        return None
    measured = question.measured(seen) if seen is not None else None
    return {
        "theory": _plain(question.theory),
        "run": _plain(measured),
        "theory_text": _text(question.theory),
        "run_text": _text(measured),
    }


def _plain(found: Found) -> Any:
    if isinstance(found, np.ndarray):
        return [float(v) if np.isfinite(v) else None for v in found]
    return found if found is not None and np.isfinite(found) else None


def _text(found: Found) -> str:
    if isinstance(found, np.ndarray):
        return ""
    return "" if found is None else number(found, DIGITS)
