"""What is measured while there is time, and what becomes of the rest."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console

from app.bench.gpu.budget import measured
from app.bench.gpu.record import Record, read
from app.bench.gpu.section import Measurement, Row, Section


class Clock:
    """Time that passes only where something is measured."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def taking(self, name: str, seconds: float) -> Measurement:
        def rows() -> Iterator[Row]:
            self.now += seconds
            yield {"taken_seconds": seconds}

        return Measurement(name, rows)


def failing(name: str) -> Measurement:
    def rows() -> Iterator[Row]:
        yield {"half": 1}
        raise ValueError("The card is on fire.")

    return Measurement(name, rows)


def found(tmp_path: Path, sections: list[Section], seconds: float, clock: Clock) -> list[Row]:
    file = tmp_path / "card.jsonl"
    with Record(Console(file=io.StringIO()), file, "gpu", False) as record:
        measured(sections, record, seconds, clock)
    return read(file)


def names(rows: list[Row]) -> list[str]:
    return [row["name"] for row in rows]


def test_a_section_leaves_the_others_their_time_and_is_taken_up_again_at_the_end(
    tmp_path: Path,
) -> None:
    clock = Clock()
    first = Section("first", 0.5, [clock.taking(f"a{i}", 3.0) for i in range(4)])
    second = Section("second", 1.0, [clock.taking("b", 1.0)])
    rows = found(tmp_path, [first, second], 10.0, clock)
    assert names(rows) == ["a0", "a1", "b", "a2", "no time"]


def test_what_there_was_no_time_for_is_named(tmp_path: Path) -> None:
    clock = Clock()
    section = Section("all", 1.0, [clock.taking(name, 4.0) for name in "abcde"])
    rows = found(tmp_path, [section], 10.0, clock)
    assert rows[-1]["left_out"] == ["d", "e"]


def test_nothing_is_said_to_be_left_out_where_there_was_time_for_all(tmp_path: Path) -> None:
    clock = Clock()
    rows = found(tmp_path, [Section("all", 1.0, [clock.taking("a", 1.0)])], 10.0, clock)
    assert names(rows) == ["a"]


def test_one_that_fails_is_a_sentence_and_the_next_is_measured(tmp_path: Path) -> None:
    clock = Clock()
    section = Section("all", 1.0, [failing("a"), clock.taking("b", 1.0)])
    rows = found(tmp_path, [section], 10.0, clock)
    assert names(rows) == ["a", "a", "b"]
    assert rows[0]["half"] == 1
    assert rows[1]["failed"] == "The card is on fire."
    assert rows[1]["at"].startswith("test_budget.py, line ")


def test_a_cut_leaves_every_row_that_was_measured(tmp_path: Path) -> None:
    def cut() -> Iterator[Row]:
        yield {"number": 1}
        raise KeyboardInterrupt

    file = tmp_path / "card.jsonl"
    with (
        pytest.raises(KeyboardInterrupt),
        Record(Console(file=io.StringIO()), file, "gpu", False) as record,
    ):
        measured([Section("all", 1.0, [Measurement("a", cut)])], record, 1.0)
    assert [row["number"] for row in read(file)] == [1]
