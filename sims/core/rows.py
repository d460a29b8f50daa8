"""Scores, outcomes and trials as the short rows of a ledger's file, and back.

A score is [verdict, error, tolerance, error of the guess, skill, caught], cut behind the last entry
that is there. Numbers have four digits; NaN is null, infinity the word `inf`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any, get_args

from sims.core.controls import Trial, TrialEnd
from sims.core.experiment import Verdict
from sims.core.outcome import End, Outcome, Score

DIGITS = 4
MEDIAN = "median_skill"


def number(value: float) -> Any:
    """A number as it is filed."""
    if math.isnan(value):
        return None
    return str(value) if math.isinf(value) else float(f"{value:.{DIGITS}g}")


def _read(value: Any) -> float:
    return math.nan if value is None else float(value)


def plain(counts: Mapping[str, Any]) -> dict[str, Any]:
    """Counts, a number without digits to spare among them, as they are filed."""
    return {n: number(v) if isinstance(v, float) else v for n, v in counts.items()}


def numbers(counts: Mapping[str, Any]) -> dict[str, Any]:
    """The same, read back."""
    return {**counts, MEDIAN: _read(counts[MEDIAN])}


def of_scores(scores: Mapping[str, Score], names: Sequence[str]) -> list[Any]:
    """The scores of these claims, null for one that has none."""
    return [_of_score(scores[name]) if name in scores else None for name in names]


def _of_score(score: Score) -> list[Any]:
    found = [number(v) for v in (score.error, score.tolerance, score.guess, score.skill)]
    row = [score.verdict, *found, score.caught]
    while row[-1] is None:
        row.pop()
    return row


def scores(row: Sequence[Any], names: Sequence[str]) -> dict[str, Score]:
    """The scores of a row of them; ValueError if there are more or fewer than names."""
    both = zip(names, row, strict=True)
    return {name: _score(one) for name, one in both if one is not None}


def _score(row: Sequence[Any]) -> Score:
    verdict, *rest = row
    found = [*rest, *[None] * (5 - len(rest))]
    return Score(_among(verdict, Verdict), *map(_read, found[:4]), caught=found[4])


def _among(word: Any, words: Any) -> Any:
    if word not in get_args(words):
        raise ValueError(f"{word!r} is none of {', '.join(get_args(words))}")
    return word


def of_outcome(one: Outcome, knobs: Sequence[str], names: Sequence[str]) -> list[Any]:
    """Knobs, how it ended, and the scores or else the reason; null is a knob left as it is."""
    ended = of_scores(one.scores, names) if one.end == "judged" else one.why
    return [[one.values.get(knob) for knob in knobs], one.end, ended]


def outcome(row: Sequence[Any], knobs: Sequence[str], names: Sequence[str]) -> Outcome:
    """The outcome of a row."""
    given, end, ended = row
    values = {k: v for k, v in zip(knobs, given, strict=True) if v is not None}
    if _among(end, End) == "judged":
        return Outcome(values, end, "", scores(ended, names))
    return Outcome(values, end, str(ended))


def of_trial(trial: Trial) -> list[Any]:
    """Claim, twist, how it ended, error, tolerance, and why if it is void."""
    sizes = [number(trial.error), number(trial.tolerance)]
    return [trial.claim, trial.twist, trial.end, *([trial.why] if trial.why else sizes)]


def trial(row: Sequence[Any]) -> Trial:
    """The trial of a row."""
    claim, twist, end, *rest = row
    if _among(end, TrialEnd) == "void":
        return Trial(claim, twist, end, why=str(rest[0]))
    error, tolerance = map(_read, rest)
    return Trial(claim, twist, end, error, tolerance)


def by_line(parts: Mapping[str, Any]) -> str:
    """JSON with a line for each part, and for each row of a list of rows."""
    lines = [f"{json.dumps(name)}: {_lines(value)}" for name, value in parts.items()]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _lines(value: Any) -> str:
    if isinstance(value, list) and any(isinstance(row, (list, dict)) for row in value):
        return "[\n" + ",\n".join(_compact(row) for row in value) + "\n]"
    return _compact(value)


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


__all__ = [
    "by_line", "number", "numbers", "of_outcome", "of_scores", "of_trial", "outcome", "plain",
    "scores", "trial",
]  # fmt: skip
