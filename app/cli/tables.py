"""What all commands print with: the terminal, tables, a bar, the head of a run."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.table import Table

if TYPE_CHECKING:
    import xarray as xr

    from sims.core.experiment import Experiment

PIPE_WIDTH = 120
"""Columns where the output is no terminal."""


def terminal() -> Console:
    """Where answers go: as wide as the terminal, or as a page where there is none."""
    console = Console(highlight=False)
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console = Console(highlight=False, width=PIPE_WIDTH)
    return console


def plain_table(indent: int = 0) -> Table:
    """A table without rules."""
    return Table(box=None, pad_edge=False, padding=(0, 2, 0, indent), header_style="dim")


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


def print_written(console: Console, out: Path | None) -> None:
    """Where the file is, if there is one."""
    if out is not None:
        console.print(f"\nWritten to {escape(str(out))}.")
