"""Verdicts and tolerances of claims in words."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from app.wording import deserved, number, share

if TYPE_CHECKING:
    import xarray as xr

    from sims.core.experiment import Claim


def tolerance_words(claim: Claim, tolerance: float) -> str:
    """A tolerance with what it is relative to."""
    if tolerance != tolerance:
        return ""
    unit = "" if claim.unit in ("relative", "absolute") else f" {claim.unit}"
    return share(tolerance, claim.unit == "relative") + unit


LOGARITHMS = ("in ln L", "in the logarithm")
"""Units of tolerances that are ratios of the number itself: `|ln a - ln b|`."""
TOLERANCES = ("of the tolerance", "standard errors")
"""Units of errors counted in tolerances, which say nothing of a number's digits: it has four."""
COUNTS = ("pairs", "computes", "features")
"""Units of what is counted, whose numbers are whole."""


def both_words(claim: Claim, row: xr.Dataset) -> tuple[str, str]:
    """Predicted and measured in a row of judged claims, with the digits its tolerance deserves."""
    predicted, measured = float(row["predicted"]), float(row["measured"])
    tolerance = float(row["tolerance"])
    if claim.unit in TOLERANCES:
        tolerance = math.nan
    elif claim.unit in COUNTS:
        tolerance = 0.0
    is_log = claim.unit in LOGARITHMS
    for_predicted = tolerance * abs(predicted) if is_log or claim.unit == "relative" else tolerance
    for_measured = tolerance * abs(measured) if is_log else for_predicted
    seen = "none" if math.isnan(measured) else deserved(measured, for_measured)
    both = deserved(predicted, for_predicted), seen
    is_share = claim.unit.startswith("of ") and claim.unit not in TOLERANCES
    if is_share and measured != predicted and not re.search("[1-9n]", "".join(both)):
        return number(predicted), number(measured)  # small beside what they are a share of
    return both


def verdicts_of(variable: xr.DataArray) -> list[str]:
    """Verdicts as words; a sweep's file holds them as codes."""
    found = variable.values.ravel().tolist()
    if "flag_meanings" not in variable.attrs:
        return found
    meanings = [m.replace("_", " ") for m in variable.attrs["flag_meanings"].split()]
    return [meanings[code] for code in found]
