"""The command `lmx`: open the explorer, or predict, run, sweep and measure from a terminal.

Every mistake ends in one plain sentence on stderr and exit code 2.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from collections.abc import Sequence

import typer
from typer.exceptions import TyperException

from app.cli import (
    bench,
    check,
    cite,
    compare,
    explore,
    figure,
    handout,
    letters,
    list_,
    new,
    open_,
    page,
    predict,
    run,
    site,
    sweep,
    table,
)
from app.interrupts import INTERRUPTED

FRAMED = 60
"""Columns that the frames of the help need; without them it is plain, and nothing is cut."""
NOBODY_READS = 141
"""What a shell says of a program whose reader has gone."""
MOST_SAID = 400
"""Letters of a library's complaint, which quotes what was typed however long it is."""

lmx = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich" if shutil.get_terminal_size().columns >= FRAMED else None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
lmx.callback(invoke_without_command=True)(explore.explore)
lmx.command("list")(list_.list_)
lmx.command("open")(open_.open_)
COMMANDS = (
    predict.predict, run.run, sweep.sweep, compare.compare, figure.figure, table.table, cite.cite,
    page.page, site.site, handout.handout, check.check, new.new, bench.bench,
)  # fmt: skip
for command in COMMANDS:
    lmx.command()(command)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    try:
        letters.allow((sys.stdout, sys.stderr))
        command = typer.main.get_command(lmx)
        code = int(command.main(arguments, prog_name="lmx", standalone_mode=False) or 0)
        sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        return _unread()
    except SystemExit as ended:
        if isinstance(ended.__context__, BrokenPipeError):
            return _unread()
        raise
    except TyperException as error:
        return _refused(_cut(error.format_message()))
    except ValueError as error:
        return _refused(str(error))
    except OSError as error:
        name = f"{error.filename}: " if error.filename else ""
        return _refused(f"{name}{error.strerror or error}")
    except Exception as error:
        return _refused(_unforeseen(error))


def _cut(text: str) -> str:
    """A complaint with its middle left out where it is too long to be read."""
    if len(text) <= MOST_SAID:
        return text
    half = MOST_SAID // 2
    return f"{text[:half]} … {text[-half:]}"


def _refused(sentence: str) -> int:
    """One sentence on stderr, and the exit code of a mistake."""
    text = " ".join(sentence.split())
    print(text if text.endswith((".", "?", "!")) else f"{text}.", file=sys.stderr)
    return 2


def _unread() -> int:
    """Python would try once more to write what is left, and complain."""
    with contextlib.suppress(AttributeError, OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return NOBODY_READS


def _unforeseen(error: Exception) -> str:
    """The line of someone's own file that failed, or of this package, which is a bug in it."""
    from sims.core.blame import is_within, place, worded
    from sims.core.registry import registry

    own = place(error, lambda name: any(is_within(name, path) for path in registry.files))
    words = worded(error).rstrip(".")
    if own:
        return f"{own}: {words}"
    return f"lmx itself failed ({place(error, lambda _: True)}: {words}): please report it"
