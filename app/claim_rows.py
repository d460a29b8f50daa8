"""Claims as rows of words, before the run and after it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import xarray as xr

from app.judged import both_words, tolerance_words, verdicts_of
from app.live.messages.judgement import headline
from app.live.messages.view import predicted_words
from app.wording import share
from sims.core.claims import of_the_whole
from sims.core.experiment import Claim
from sims.core.setup import Setup

NONE_YET = ""


@dataclass(frozen=True)
class Row:
    """One claim: what was said beforehand, what came, and the verdict with its reason."""

    title: str
    predicted: str
    tolerance: str
    measured: str = NONE_YET
    error: str = NONE_YET
    verdict: str = NONE_YET
    reason: str = ""


def before(
    setup: Setup, prediction: xr.Dataset, tolerances: Mapping[str, float], over: Sequence[str] = ()
) -> list[Row]:
    """The claims whose question arises, with what is predicted and how far off it may be."""
    rows = [*over] or ["record", "snapshot"]
    made = []
    for claim in _asked(setup):
        tolerance = tolerances.get(claim.name, math.nan)
        said = predicted_words(claim, prediction, rows, tolerance)
        made.append(Row(claim.title, said, tolerance_words(claim, tolerance)))
    return made


def after(setup: Setup, claims: xr.Dataset) -> list[Row]:
    """The judged claims."""
    return [_judged(claim, claims.sel(claim=claim.name)) for claim in _asked(setup)]


def of_sweep(setup: Setup, claims: xr.Dataset) -> list[Row]:
    """The claims of a whole sweep, and how many of its points kept to each of the others."""
    made: list[Row] = []
    if "sweep_claim" in claims.dims:
        whole = of_the_whole(claims)
        known = {str(n) for n in whole["claim"].values}
        listed = [c for c in setup.experiment.sweep_claims if c.name in known]
        made += [_judged(claim, whole.sel(claim=claim.name)) for claim in listed]
    for claim in _asked(setup) if claims.sizes.get("claim") else ():
        found = verdicts_of(claims["verdict"].sel(claim=claim.name))
        points = f"{found.count('lands')} of {len(found)} points"
        tolerance = float(claims["tolerance"].sel(claim=claim.name).max())
        made.append(Row(claim.title, "", tolerance_words(claim, tolerance), points))
    return made


def told(rows: Sequence[Row]) -> str:
    """One sentence on all verdicts, or '' where there are none."""
    found = [row.verdict for row in rows if row.verdict]
    named = [{"title": row.title, "error_text": row.error} for row in rows if row.verdict]
    return f"{headline(found, named)}." if found else ""


def _asked(setup: Setup) -> list[Claim]:
    return [c for c in setup.experiment.claims if c.applies(setup.params)]


def _judged(claim: Claim, row: xr.Dataset) -> Row:
    verdict, reason = str(row["verdict"].item()), str(row["reason"].item())
    tolerance = float(row["tolerance"])
    allowed = tolerance_words(claim, tolerance)
    if verdict == "not judged":
        return Row(claim.title, "", allowed, "", "", verdict, reason)
    predicted, measured = both_words(claim, row)
    error = float(row["error"].sel(seed=int(row["worst_seed"])))
    return Row(
        claim.title,
        predicted,
        allowed,
        measured,
        share(error, claim.unit == "relative"),
        verdict,
        reason if verdict != "lands" else "",
    )
