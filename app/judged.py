"""Verdicts and tolerances of claims in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.wording import share

if TYPE_CHECKING:
    import xarray as xr

    from sims.core.experiment import Claim


def tolerance_words(claim: Claim, tolerance: float) -> str:
    """A tolerance with what it is relative to."""
    if tolerance != tolerance:
        return ""
    unit = "" if claim.unit in ("relative", "absolute") else f" {claim.unit}"
    return share(tolerance, claim.unit == "relative") + unit


def verdicts_of(variable: xr.DataArray) -> list[str]:
    """Verdicts as words; a sweep's file holds them as codes."""
    found = variable.values.ravel().tolist()
    if "flag_meanings" not in variable.attrs:
        return found
    meanings = [m.replace("_", " ") for m in variable.attrs["flag_meanings"].split()]
    return [meanings[code] for code in found]
