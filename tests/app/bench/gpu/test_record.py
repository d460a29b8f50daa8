"""The file of a measurement and the lines on the terminal."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from app.bench.gpu.record import NAMED, Record, place, read

ROOT = Path(__file__).resolve().parents[4]


def test_every_row_says_section_name_device_and_whether_it_is_a_rehearsal(tmp_path: Path) -> None:
    file = tmp_path / "card.jsonl"
    with Record(Console(file=io.StringIO()), file, "cpu in place of a gpu", True) as record:
        record.add("speed", {"name": "a", "steps_per_second": float("inf"), "worst": {"b": 1.0}})
    assert read(file) == [
        {
            "section": "speed",
            "name": "a",
            "device": "cpu in place of a gpu",
            "steps_per_second": None,
            "worst": {"b": 1.0},
            "rehearsal": True,
        }
    ]


def test_a_row_is_on_the_disk_before_the_next_one_is_measured(tmp_path: Path) -> None:
    file = tmp_path / "card.jsonl"
    with Record(Console(file=io.StringIO()), file, "gpu", False) as record:
        for count in range(1, 4):
            record.add("speed", {"name": str(count)})
            assert len(read(file)) == count


def test_the_terminal_has_each_number_its_unit_and_whether_the_target_is_reached(
    tmp_path: Path,
) -> None:
    out = io.StringIO()
    with Record(Console(file=out, width=200), tmp_path / "card.jsonl", "gpu", False) as record:
        row = {"name": "10-16-8", "steps_per_second": 123.0, "target": "steps_per_second >= 200"}
        record.add("speed", {**row, "reached": False})
        record.add("speed", {"name": "b", "failed": "The card is on fire."})
        record.add("speed", {"name": "no time", "left_out": ["c", "d"]})
    said = out.getvalue()
    assert "  10-16-8  steps per second >= 200 ✗ missed" in said
    assert "      steps per second 123" in said
    assert "b  The card is on fire." in said
    assert "left out for lack of time: c, d" in said
    assert said.count("speed") == 1


def test_a_file_is_named_after_device_and_day_and_a_rehearsal_says_so(tmp_path: Path) -> None:
    assert place(tmp_path, "NVIDIA H200", False).name.startswith("nvidia_h200_20")
    assert place(tmp_path, "Intel(R) Xeon(R)", True).name.startswith("rehearsal_intel_r_xeon_r_20")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{", "card.jsonl, line 1 is no JSON."),
        ('{"name": "a", "section": "b"}', "card.jsonl, line 1 does not say device, rehearsal."),
    ],
)
def test_a_line_that_is_no_row_is_refused_in_a_sentence(
    tmp_path: Path, text: str, sentence: str
) -> None:
    file = tmp_path / "card.jsonl"
    file.write_text(text, "utf-8")
    with pytest.raises(ValueError, match=sentence):
        read(file)


@pytest.mark.parametrize("file", sorted((ROOT / "assets" / "benchmarks").glob("*.jsonl")), ids=str)
def test_what_cards_showed_is_kept_readable_and_no_rehearsal_is_kept(file: Path) -> None:
    rows = read(file)
    assert rows
    assert all(set(NAMED) <= set(row) for row in rows)
    assert not any(row["rehearsal"] for row in rows)
