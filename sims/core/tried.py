"""Scores of claims that landed, tried with a theory that is 10 % wrong."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr

from sims.core.arithmetic import theory_arithmetic
from sims.core.claims import tolerance_of
from sims.core.experiment import Claim
from sims.core.outcome import Score
from sims.core.setup import Setup
from sims.core.wrong_theory import off_by


def tried(
    setup: Setup,
    found: Mapping[str, Score],
    prediction: xr.Dataset,
    seen: xr.Dataset,
    claims: Sequence[Claim] | None = None,
) -> dict[str, Score]:
    """The scores of one seed, each that landed with what a theory 10 % wrong comes to.

    The claims are the experiment's unless others are given, such as those of a whole sweep. Untried
    stays what does not see 10 %, and what 10 % more leave as it is.
    """
    scores = dict(found)
    for claim in setup.experiment.claims if claims is None else claims:
        if found.get(claim.name, MISSING).verdict != "lands" or not claim.sees_ten_percent:
            continue
        with theory_arithmetic():
            off = off_by(claim, setup.params, prediction, seen)
            allowed = tolerance_of(claim, setup.params, prediction)
        if not np.isnan(off):
            scores[claim.name] = dataclasses.replace(found[claim.name], caught=bool(off > allowed))
    return scores


MISSING = Score("not judged")

__all__ = ["tried"]
