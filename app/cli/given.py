"""The run that a command is given: a saved one, or one to be made now."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.options import check_file
from app.cli.tables import bar

if TYPE_CHECKING:
    import xarray as xr

    from sims.core.experiment import Experiment

FileOption = Annotated[
    str | None,
    typer.Option("--experiment", metavar="FILE.py", help="Whose run was saved, if it is in one."),
]


def whose(file: str | None) -> Experiment | None:
    """The experiment in a file, if one is named; ValueError, one sentence, if it has none."""
    if file is None:
        return None
    from sims.core.registry import find

    return find(file)


def run_of(what: str, out: Path, force: bool, *, trained: bool = True) -> xr.DataTree:
    """A saved run as it is, or that of a link or an id; only its prediction unless it is `trained`.

    Raises:
        ValueError: there is no such run, or nothing can be written to `out`; one sentence, before
            any work.
    """
    from app import wanted
    from sims.core import saved

    if wanted.is_file(what):
        tree = saved.read(what)
        check_file(out, force)
        return tree
    wanted.page(what)
    check_file(out, force)
    with bar("Predicting", "Training") as progress:
        return wanted.ran(what, progress) if trained else wanted.predicted(what)
