"""The ledger: what became of every claim of an experiment, whether it flatters the theory or not.

A record is one experiment's: its presets, settings drawn at random, and its controls. It is one
JSON file, a row a line, with the summaries of those it replaced.

    ledger.written(record, folder)    ledger.read(path)
"""

from __future__ import annotations

import dataclasses
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sims.core import files, rows
from sims.core.controls import Trial
from sims.core.experiment import Verdict
from sims.core.outcome import Outcome, Score, Tally, command

FORMAT = 1


@dataclass(frozen=True)
class PresetEnd:
    """What a preset came to.

    Attributes:
        preset, title: its id, and what the page calls it.
        stated: the verdicts it states beforehand, by claim.
        scores: what became of its claims; of a sweep's points the worst.
        points: of a sweep, by claim, how many points got which verdict.
        why: why nothing was judged, if it failed.
    """

    preset: str
    title: str
    stated: Mapping[str, Verdict]
    scores: Mapping[str, Score]
    points: Mapping[str, Mapping[Verdict, int]] = field(default_factory=dict)
    why: str = ""

    @property
    def otherwise(self) -> list[str]:
        """Claims that end otherwise than it states; all of them if it failed."""
        return [name for name, verdict in self.stated.items() if self.ended(name) != {verdict}]

    def ended(self, claim: str) -> set[Verdict]:
        """The verdicts a claim got: one, unless the points of a sweep differ."""
        if claim in self.points:
            return set(self.points[claim])
        return {self.scores[claim].verdict} if claim in self.scores else set()


@dataclass(frozen=True)
class Surprise:
    """A claim that missed although every assumption it relies on held, and what replays it.

    It was found in the `preset` of that id, or at the knobs `values` (with the seed).
    """

    claim: str
    score: Score
    command: str
    preset: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Line:
    """What a record comes to, on one line; verdicts and skill are those of random settings."""

    date: str
    version: str
    seed: int
    settings: int
    judged: int
    refused: int
    too_long: int
    failed: int
    lands: int
    departs: int
    surprise: int
    not_judged: int
    caught: int
    tried: int
    median_skill: float
    presets: int
    as_stated: int
    controls_caught: int
    controls_survived: int
    controls_void: int


@dataclass(frozen=True)
class Record:
    """What became of an experiment's claims.

    Attributes:
        experiment: its id. called: what a command calls it: that id, or its file.
        date, version, versions, device: when it was made, and with what.
        seed: what the random settings were drawn with.
        claims: titles by name, in the order of the page.
        presets, settings, controls: what became of them; of settings those that are taken.
        refused: how many more were drawn and refused, by the reason without its numbers.
        history: summaries of the records it replaced, the oldest first.
    """

    experiment: str
    called: str
    date: str
    version: str
    versions: Mapping[str, str]
    device: str
    seed: int
    claims: Mapping[str, str]
    presets: tuple[PresetEnd, ...]
    settings: Tally
    controls: tuple[Trial, ...]
    refused: Mapping[str, int] = field(default_factory=dict)
    history: tuple[Line, ...] = ()

    @property
    def line(self) -> Line:
        """Everything counted."""
        ends, verdicts = self.settings.ends, self.settings.verdicts
        caught, tried = self.settings.caught
        trials = Counter(trial.end for trial in self.controls)
        return Line(
            self.date, self.version, self.seed, len(self.settings.outcomes),
            ends["judged"], sum(self.refused.values()), ends["too long"], ends["failed"],
            verdicts["lands"], verdicts["departs"], verdicts["surprise"], verdicts["not judged"],
            caught, tried, self.settings.median_skill,
            len(self.presets), sum(not (p.otherwise or p.why) for p in self.presets),
            trials["caught"], trials["survived"], trials["void"],
        )  # fmt: skip

    @property
    def surprises(self) -> list[Surprise]:
        """All of them, those of presets first."""
        found = [
            Surprise(name, score, f"{command(self.called, {})} --preset {one.preset}", one.preset)
            for one in self.presets
            for name, score in one.scores.items()
            if score.verdict == "surprise"
        ]
        return found + [
            Surprise(n, one.scores[n], self.command(one), values=one.values)
            for one in self.settings.outcomes
            for n in one.surprises
        ]

    def command(self, one: Outcome) -> str:
        """What replays a setting."""
        return command(self.called, one.values)

    @property
    def is_clean(self) -> bool:
        """No surprise, no failure, no preset that ends otherwise, no control that a claim survives.

        What is void in a control, and a wrong theory that lands, are for the reader to judge.
        """
        line = self.line
        wrong = line.failed or line.controls_survived or line.as_stated < line.presets
        return not (self.surprises or wrong)


def file_name(experiment: str) -> str:
    """The name of an experiment's file."""
    return f"{experiment.replace('/', '-')}.json"


def written(record: Record, folder: Path) -> Path:
    """Write a record into a folder, the summary of an earlier one kept in its history.

    Raises:
        ValueError: what is there under its name is no record; one sentence.
    """
    path = folder / file_name(record.experiment)
    if path.exists():
        earlier = read(path)
        record = dataclasses.replace(record, history=(*earlier.history, earlier.line))
    files.write(path, text(record).encode())
    return path


def read(path: Path) -> Record:
    """The record of a file.

    Raises:
        ValueError: it is absent, of another format, or damaged; one sentence.
    """
    try:
        data = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise ValueError(f"There is no record {path.name}.") from None
    except (OSError, ValueError):
        raise ValueError(f"{path.name} is no record of a ledger: it cannot be read.") from None
    if not isinstance(data, dict) or "format" not in data:
        raise ValueError(f"{path.name} is no record of a ledger: it names no format.")
    if data["format"] != FORMAT:
        raise ValueError(
            f"{path.name} is a record of format {str(data['format'])[:20]}, where {FORMAT} is "
            "read: write it anew."
        )
    try:
        return _record(data)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        words = f"{type(error).__name__}, {error}"
        raise ValueError(f"{path.name} is a damaged record ({words}): write it anew.") from None


def text(record: Record) -> str:
    """A record as it is filed; counts and surprises follow from the rows, and are for readers."""
    knobs = list(dict.fromkeys(n for one in record.settings.outcomes for n in one.values))
    names = list(record.claims)
    plain = ("experiment", "called", "date", "version", "versions", "device", "seed", "claims")
    parts: dict[str, Any] = {
        "format": FORMAT,
        **{name: getattr(record, name) for name in plain},
        "counts": rows.plain(dataclasses.asdict(record.line)),
        "surprises": [
            {
                "claim": one.claim,
                "error": rows.number(one.score.error),
                "tolerance": rows.number(one.score.tolerance),
                "command": one.command,
            }
            for one in record.surprises
        ],
        "presets": [_preset_row(one, names) for one in record.presets],
        "knobs": knobs,
        "settings": [rows.of_outcome(one, knobs, names) for one in record.settings.outcomes],
        "refused": dict(record.refused),
        "controls": [rows.of_trial(trial) for trial in record.controls],
        "history": [rows.plain(dataclasses.asdict(line)) for line in record.history],
    }
    return rows.by_line(parts)


def _preset_row(one: PresetEnd, names: list[str]) -> dict[str, Any]:
    row = {"preset": one.preset, "title": one.title, "stated": dict(one.stated)}
    row |= {"scores": rows.of_scores(one.scores, names)}
    points = {name: dict(counts) for name, counts in one.points.items()}
    return row | ({"points": points} if points else {}) | ({"why": one.why} if one.why else {})


def _record(data: Mapping[str, Any]) -> Record:
    names = list(data["claims"])
    presets = tuple(
        PresetEnd(
            row["preset"], row["title"], row["stated"], rows.scores(row["scores"], names),
            row.get("points", {}), row.get("why", ""),
        )
        for row in data["presets"]
    )  # fmt: skip
    settings = [rows.outcome(row, data["knobs"], names) for row in data["settings"]]
    return Record(
        data["experiment"], data["called"], data["date"], data["version"], data["versions"],
        data["device"], data["seed"], data["claims"], presets, Tally(settings),
        tuple(rows.trial(row) for row in data["controls"]), data["refused"],
        tuple(Line(**rows.numbers(line)) for line in data["history"]),
    )  # fmt: skip


__all__ = [
    "FORMAT", "Line", "PresetEnd", "Record", "Surprise", "file_name", "read", "text", "written",
]  # fmt: skip
