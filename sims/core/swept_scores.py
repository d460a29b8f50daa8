"""What became of the claims of a sweep: those of every point, and those of it as a whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sims.core.claims import SEVERITY, of_the_whole
from sims.core.experiment import Verdict
from sims.core.outcome import Score, scores
from sims.core.prediction import of_seed
from sims.core.sweep_run import SweepRun
from sims.core.tried import tried


@dataclass(frozen=True)
class SweptScores:
    """Of a claim of every point the worst point's score, and how many points got which verdict."""

    scores: Mapping[str, Score]
    points: Mapping[str, Mapping[Verdict, int]]


def swept_scores(run: SweepRun) -> SweptScores:
    """The scores of a finished sweep of one seed.

    Claims of the whole that land are tried with a theory that is 10 % wrong.
    """
    claims = [run.result(i).claims for i in range(len(run.starts))]
    points = [scores(one) for one in claims if one is not None]
    names = list(points[0])
    worst = {name: min((one[name] for one in points), key=_mildness) for name in names}
    counts: dict[str, dict[Verdict, int]] = {
        name: dict(Counter(one[name].verdict for one in points)) for name in names
    }
    tree = run.tree()
    judged = tree["claims"].to_dataset()
    if "sweep_claim" in judged:
        whole = scores(of_the_whole(judged))
        swept, predicted = (tree[group].to_dataset() for group in ("sweep", "prediction"))
        setup, one = run.sweep.setups[0], of_seed(predicted, 0)
        worst |= tried(setup, whole, one, of_seed(swept, 0), run.sweep.whole_claims)
    return SweptScores(worst, counts)


def _mildness(score: Score) -> tuple[int, float]:
    """Small for what is bad: a surprise that is far off comes first."""
    off = score.error / score.tolerance if score.tolerance > 0 else score.error
    return (*SEVERITY, "not judged").index(score.verdict), -float(np.nan_to_num(off))


__all__ = ["SweptScores", "swept_scores"]
