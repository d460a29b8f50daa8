"""A record of the ledger: what it counts, and that its file gives it back."""

from __future__ import annotations

import dataclasses
import json
import math
from pathlib import Path

import pytest

from sims.core import ledger
from sims.core.controls import Trial
from sims.core.ledger import PresetEnd, Record
from sims.core.outcome import Outcome, Score, Tally

LANDS = Score("lands", 0.01, 0.1, 1.0, 0.99, True)
BLIND = Score("lands", 0.01, 0.1, 1.0, 0.97, False)
NEVER = Score("departs", math.inf, 0.1, math.inf)
SURPRISE = Score("surprise", 0.3, 0.1)
OUTCOMES = (
    Outcome({"eta": 0.5, "data": "two words", "seed": 3}, "judged", "", {"a": LANDS, "b": NEVER}),
    Outcome({"eta": 1e-5, "seed": 4}, "judged", "", {"a": SURPRISE, "b": Score("not judged")}),
    Outcome({"seed": 5}, "judged", "", {"a": BLIND, "b": LANDS}),
    Outcome({"eta": 2.0, "seed": 6}, "too long", "its run takes too long."),
    Outcome({"eta": 3.0, "seed": 7}, "failed", "ZeroDivisionError: division by zero"),
)
PRESETS = (
    PresetEnd("good", "Good", {"a": "lands"}, {"a": LANDS, "b": NEVER}),
    PresetEnd("bad", "Bad", {"a": "lands"}, {"a": SURPRISE}),
    PresetEnd("swept", "Swept", {"a": "lands"}, {"a": NEVER}, {"a": {"lands": 2, "departs": 1}}),
    PresetEnd("broken", "Broken", {}, {}, why="law.py, line 3: it is broken."),
)
CONTROLS = (
    Trial("a", "nothing is trained", "caught", 0.9, 0.1),
    Trial("a", "the data are shuffled", "survived", 0.05, 0.1),
    Trial("b", "nothing is trained", "void", why="it departs without the twist, too."),
)
RECORD = Record(
    "law/toy", "toy.py", "2026-01-02", "1.0", {"jax": "0.1", "numpy": "2.0"}, "cpu", 11,
    {"a": "first claim", "b": "second claim"}, PRESETS, Tally(OUTCOMES), CONTROLS,
    {"p = … is even.": 7, "q is too large.": 1},
)  # fmt: skip


def test_a_record_counts_what_is_in_it():
    line = RECORD.line
    assert (line.settings, line.judged, line.refused) == (5, 3, 8)
    assert (line.too_long, line.failed) == (1, 1)
    assert (line.lands, line.departs, line.surprise, line.not_judged) == (3, 1, 1, 1)
    assert (line.caught, line.tried, line.median_skill) == (2, 3, 0.99)
    assert (line.presets, line.as_stated) == (4, 1)
    assert (line.controls_caught, line.controls_survived, line.controls_void) == (1, 1, 1)


def test_surprises_come_with_what_replays_them():
    first, second = RECORD.surprises
    assert (first.claim, first.preset) == ("a", "bad")
    assert first.command == "lmx run toy.py --preset bad"
    assert second.values == {"eta": 1e-5, "seed": 4}
    assert second.command == "lmx run toy.py --seed 4 --set eta=1e-05"
    assert "--set 'data=two words'" in RECORD.command(OUTCOMES[0])


@pytest.mark.parametrize(
    "blot",
    [
        {"presets": PRESETS[:1] + PRESETS[3:]},
        {"presets": PRESETS[:1] + PRESETS[2:3]},
        {"controls": CONTROLS},
        {"settings": Tally(OUTCOMES[1:2])},
        {"settings": Tally(OUTCOMES[4:])},
    ],
    ids=["a preset that failed", "one that ends otherwise", "survived", "surprise", "failed"],
)
def test_a_record_is_clean_unless_something_in_it_is_wrong(blot):
    parts = {"presets": PRESETS[:1], "settings": Tally(OUTCOMES[:1]), "controls": CONTROLS[::2]}
    assert dataclasses.replace(RECORD, **parts).is_clean
    assert not dataclasses.replace(RECORD, **(parts | blot)).is_clean


def test_a_file_gives_back_the_record_it_holds(tmp_path: Path):
    path = ledger.written(RECORD, tmp_path)
    assert path.name == "law-toy.json"
    found = ledger.read(path)
    for part in dataclasses.fields(RECORD):
        one, other = (getattr(record, part.name) for record in (found, RECORD))
        if part.name == "settings":
            one, other = one.outcomes, other.outcomes
        assert repr(one) == repr(other)  # NaN is NaN
    counts = json.loads(path.read_text("utf-8"))["counts"]
    assert counts == dataclasses.asdict(RECORD.line)


def test_every_rewrite_adds_the_line_of_what_it_replaced(tmp_path: Path):
    for date in ("2026-01-02", "2026-02-03", "2026-03-04"):
        path = ledger.written(dataclasses.replace(RECORD, date=date), tmp_path)
    found = ledger.read(path)
    assert [line.date for line in (*found.history, found.line)] == [
        "2026-01-02",
        "2026-02-03",
        "2026-03-04",
    ]
    assert found.history[0] == RECORD.line


def test_no_median_skill_is_filed_as_none_and_read_as_nan(tmp_path: Path):
    bare = dataclasses.replace(RECORD, settings=Tally(OUTCOMES[1:2]))
    ledger.written(bare, tmp_path)
    (line,) = ledger.read(ledger.written(bare, tmp_path)).history
    assert math.isnan(line.median_skill)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"format": 0}, "law-toy.json is a record of format 0, where 1 is read: write it anew."),
        ({"format": None}, "format None, where 1 is read"),
        ({"controls": [["a", "b", "won", 1, 2]]}, "'won' is none of caught, survived, void"),
        ({"settings": [[[1], "judged", [["wins"]]]]}, "is a damaged record"),
        ({"presets": 3}, "is a damaged record"),
        ({"claims": None}, "is a damaged record"),
    ],
)
def test_a_file_that_is_no_record_of_this_format_is_refused_in_one_sentence(
    change: dict, sentence: str, tmp_path: Path
):
    path = ledger.written(RECORD, tmp_path)
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | change), "utf-8")
    with pytest.raises(ValueError, match="law-toy") as refused:
        ledger.read(path)
    assert sentence in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "law-toy.json is no record of a ledger: it cannot be read."),
        ("[1, 2]", "law-toy.json is no record of a ledger: it names no format."),
    ],
)
def test_another_file_is_refused_in_one_sentence(text: str, sentence: str, tmp_path: Path):
    path = tmp_path / "law-toy.json"
    path.write_text(text, "utf-8")
    with pytest.raises(ValueError, match="law-toy") as refused:
        ledger.read(path)
    assert str(refused.value) == sentence


def test_an_absent_record_is_said_to_be_absent(tmp_path: Path):
    with pytest.raises(ValueError, match=r"^There is no record law-toy.json\.$"):
        ledger.read(tmp_path / "law-toy.json")
