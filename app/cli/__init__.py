"""The command `lmx`: open the explorer, or predict, run, sweep and measure from a terminal.

Every mistake ends in one plain sentence on stderr and exit code 2.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

import typer
from typer.exceptions import TyperException

from app.cli import bench, explore, list_, open_, predict, run, sweep

lmx = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
lmx.callback(invoke_without_command=True)(explore.explore)
lmx.command("list")(list_.list_)
lmx.command("open")(open_.open_)
for command in (predict.predict, run.run, sweep.sweep, bench.bench):
    lmx.command()(command)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    command = typer.main.get_command(lmx)
    try:
        return int(command.main(arguments, prog_name="lmx", standalone_mode=False) or 0)
    except TyperException as error:
        return _refused(error.format_message())
    except ValueError as error:
        return _refused(str(error))
    except OSError as error:
        name = f"{error.filename}: " if error.filename else ""
        return _refused(f"{name}{error.strerror or error}")


def _refused(sentence: str) -> int:
    """One sentence on stderr, and the exit code of a mistake."""
    text = " ".join(sentence.split())
    print(text if text.endswith((".", "?", "!")) else f"{text}.", file=sys.stderr)
    return 2
