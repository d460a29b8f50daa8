"""`lmx table`: the claims of a run, for a paper."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.cli.given import FileOption, whose
from app.cli.options import ForceOption, check_file


def table(
    file: Annotated[Path, typer.Argument(metavar="RUN.nc", help="A run that was saved.")],
    latex: Annotated[bool, typer.Option("--latex", help="For LaTeX, with booktabs.")] = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="The usual.")] = False,
    csv: Annotated[
        bool, typer.Option("--csv", help="Whole numbers, a row a claim and seed.")
    ] = False,
    experiment: FileOption = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write it there.")
    ] = None,
    force: ForceOption = False,
) -> None:
    """Write the claims of a run or a sweep as a table: predicted, measured, error, verdict."""
    from app.publication.table import KINDS, Kind
    from app.publication.table import table as made
    from sims.core import files, saved

    chosen: list[Kind] = [k for k, on in zip(KINDS, (latex, markdown, csv), strict=True) if on]
    if len(chosen) > 1:
        raise ValueError(f"A table has one form: give --{chosen[0]} or --{chosen[1]}.")
    tree = saved.read(file)
    text = made(tree, chosen[0] if chosen else "markdown", whose(experiment))
    if out is None:
        print(text, end="")
        return
    check_file(out, force)
    files.write(out, text.encode())
    print(f"Written to {out}.")
