"""The file a measurement leaves, line by line as it is made, and how it reads on a terminal."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding

from app.bench.gpu.section import Row
from app.wording import number

NAMED = ("section", "name", "device", "rehearsal")
"""What every row says."""
SEPARATE = (*NAMED, "target", "reached", "failed", "left_out")
"""What a terminal shows otherwise than as a number with its unit."""


class Record:
    """Rows as they are measured: kept, printed, and on the disk before the next one begins."""

    def __init__(self, console: Console, file: Path, device: str, rehearsal: bool) -> None:
        """Begin the file anew.

        Raises:
            OSError: it cannot be written.
        """
        self.rows: list[Row] = []
        self.file = file
        self._console, self._device, self._rehearsal = console, device, rehearsal
        self._section = ""
        self._out: TextIO = file.open("w", encoding="utf-8")

    def __enter__(self) -> Record:
        """The record, open."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        self._out.close()

    def add(self, section: str, row: Row) -> None:
        """Write a row, whose own device counts where it names one."""
        named = {"section": section, "name": "", "device": self._device}
        made = {**named, **row, "rehearsal": self._rehearsal}
        self._out.write(json.dumps(_finite(made), ensure_ascii=False) + "\n")
        self._out.flush()
        os.fsync(self._out.fileno())
        self.rows.append(made)
        if section != self._section:
            self._section = section
            self._console.print(f"[bold]{escape(section)}[/]")
        name, numbers = lines(made)
        self._console.print(Padding(name, (0, 0, 0, 2)))
        if numbers:
            self._console.print(Padding(numbers, (0, 0, 0, 6)), style="dim")


def _finite(value: Any) -> Any:
    """The value without NaN and infinity, which JSON has no word for."""
    if isinstance(value, Mapping):
        return {str(k): _finite(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(v) for v in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def lines(row: Mapping[str, Any]) -> tuple[str, str]:
    """A row for a terminal in Rich's markup: its name with what became of it, and its numbers."""
    name = escape(str(row["name"]))
    if "failed" in row:
        name = f"{name}  [bold magenta]{escape(str(row['failed']))}[/]"
    said = [f"{k.replace('_', ' ')} {_value(v)}" for k, v in row.items() if k not in SEPARATE]
    if left := row.get("left_out"):
        said.append(f"left out for lack of time: {', '.join(left)}")
    if "target" in row:
        words = {True: "[green]✓[/]", False: "[yellow]✗ missed[/]"}
        reached = words.get(row["reached"], "[dim]not judged[/]")
        name = f"{name}  {escape(row['target'].replace('_', ' '))} {reached}"
    return name, escape("; ".join(said))


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None:
        return "unknown"
    if isinstance(value, int | float):
        return str(value) if isinstance(value, int) and abs(value) < 10_000 else number(value, 3)
    if isinstance(value, Mapping):
        return ", ".join(f"{k} {_value(v)}" for k, v in value.items()) or "none"
    if isinstance(value, list | tuple):
        return ", ".join(_value(v) for v in value) or "none"
    return str(value)


def place(folder: Path, device: str, rehearsal: bool) -> Path:
    """The file of today's measurement on a device of that name."""
    words = "".join(c if c.isalnum() else " " for c in device.lower()).split()
    stem = "_".join([*(("rehearsal",) if rehearsal else ()), *words])
    return folder / f"{stem}_{datetime.now(UTC):%Y-%m-%d}.jsonl"


def read(file: Path) -> list[Row]:
    """The rows of a file.

    Raises:
        ValueError: a line is no JSON, or says not what every row says; one sentence.
    """
    rows = []
    for i, text in enumerate(file.read_text("utf-8").splitlines(), 1):
        try:
            row = json.loads(text)
        except ValueError:
            raise ValueError(f"{file.name}, line {i} is no JSON.") from None
        missing = [name for name in NAMED if name not in row]
        if missing:
            raise ValueError(f"{file.name}, line {i} does not say {', '.join(missing)}.")
        rows.append(row)
    return rows
