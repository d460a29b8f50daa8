"""What all commands print with: the terminal, tables, a bar, the head of a run."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console, ConsoleOptions, RenderResult
from rich.markup import escape
from rich.measure import Measurement
from rich.padding import Padding
from rich.table import Column, Table
from rich.text import Text

if TYPE_CHECKING:
    import xarray as xr

    from sims.core.experiment import Experiment

PIPE_WIDTH = 120
"""Columns where the output is no terminal."""
NARROWEST = 20
"""Columns that are taken to be there: a narrower terminal breaks the lines itself."""
READABLE = 14
"""Columns that words keep beside numbers."""


def terminal() -> Console:
    """Where answers go: as wide as the terminal, or as a page where there is none."""
    asked = os.environ.get("COLUMNS", "")
    if asked.isdecimal() and int(asked) > 0:
        return Console(highlight=False, width=max(int(asked), NARROWEST))
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else PIPE_WIDTH
    return Console(highlight=False, width=width)


class PlainTable(Table):
    """A table without rules, whose cells stand beneath one another where it would be cut."""

    def __init__(self, indent: int) -> None:
        """No columns yet."""
        super().__init__(box=None, pad_edge=False, padding=(0, 2, 0, indent), header_style="dim")
        self._indent = indent

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """As any table, or stacked."""
        gaps = (2 + self._indent) * (len(self.columns) - 1)
        wanted = sum(_least_width(console, column) for column in self.columns) + gaps
        if wanted <= options.max_width:
            yield from super().__rich_console__(console, options)
            return
        for first, *others in zip(*(column.cells for column in self.columns), strict=True):
            yield Padding(first, (0, 0, 0, self._indent), expand=False)
            beneath = [
                Text.assemble((str(column.header), "dim"), " " * bool(column.header)).append_text(
                    console.render_str(str(cell))
                )
                for column, cell in zip(self.columns[1:], others, strict=True)
                if str(cell)
            ]
            indent = self._indent + 2
            for line in _lines(beneath, options.max_width - indent):
                yield Padding(line, (0, 0, 0, indent), expand=False)


def _lines(parts: list[Text], width: int) -> list[Text]:
    """As many parts a line as fit, none of them broken unless it fills a line alone."""
    lines: list[Text] = []
    for part in parts:
        if lines and lines[-1].cell_len + 2 + part.cell_len <= width:
            lines[-1].append("  ").append_text(part)
        else:
            lines.append(part)
    return lines


def _least_width(console: Console, column: Column) -> int:
    """Columns below which a number would be cut, or words could not be read."""
    wide = console.options.update_width(10_000)
    found = [Measurement.get(console, wide, cell) for cell in (column.header, *column.cells)]
    whole = max(measured.maximum for measured in found)
    if column.no_wrap:
        return whole
    return max(max(measured.minimum for measured in found), min(READABLE, whole))


def plain_table(indent: int = 0) -> PlainTable:
    """A table without rules."""
    return PlainTable(indent)


@contextlib.contextmanager
def bar(before: str, during: str = "") -> Iterator[Callable[[float], None]]:
    """A progress bar on stderr, in a terminal only; yields the function that moves it."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as bar:
        task = bar.add_task(before, total=None)

        def move(share: float) -> None:
            bar.update(task, description=during, total=1.0, completed=share)

        yield move


def print_title(console: Console, found: Experiment, tree: xr.DataTree) -> None:
    """What was run: experiment, preset, seeds, device, and the prediction's hash."""
    attrs = tree.attrs
    preset = f", preset {attrs['preset']}" if attrs["preset"] else ""
    first, count = attrs["seed"], attrs["seeds"]
    seeds = f"seed {first}" if count == 1 else f"seeds {first} to {first + count - 1}"
    console.print(f"[bold]{escape(found.title)}[/] ({found.name}{preset})")
    console.print(
        f"[dim]{seeds}, {attrs['dtype']}, {attrs['device']}; "
        f"prediction {attrs['prediction_sha256'][:12]} of {attrs['predicted_at'][:19]}Z[/]"
    )


@contextlib.contextmanager
def written(
    console: Console,
    tree: xr.DataTree,
    out: Path | None,
    *,
    is_there: bool = False,
    failure: OSError | None = None,
) -> Iterator[None]:
    """Write the file before anything is printed, unless it `is_there`, and say at the end where.

    A reader of the output may go (`lmx run ... | head`); if the disk is full the outcome is
    printed all the same, and NotWritten is raised at the end.
    """
    from sims.core import archive

    try:
        if out is not None and not is_there:
            archive.write(tree, out)
    except archive.NotWritten as error:
        failure = error
    yield
    if failure is not None:
        raise failure
    if out is not None:
        console.print(f"\nWritten to {escape(str(out))}.", soft_wrap=True)
