"""`lmx handout`: one page of A4 for a class."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.cli.given import FileOption, run_of, whose
from app.cli.options import ForceOption
from app.cli.tables import terminal

SUFFIX = ".pdf"


def handout(
    what: Annotated[
        str,
        typer.Argument(
            metavar="LINK|run.nc",
            help="A page's link, an experiment's id, or a run that was saved.",
        ),
    ],
    blank: Annotated[
        bool, typer.Option("--blank", help="For the students: nothing of theory or run.")
    ] = False,
    server: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Where the explorer is served, for link and QR code."),
    ] = None,
    experiment: FileOption = None,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="Write this PDF.")] = Path(
        "handout.pdf"
    ),
    force: ForceOption = False,
) -> None:
    """Write a hand-out: question, law, a picture to guess in, the run, claims, an exercise.

    A saved run is not trained again; a link's is trained now, unless the page is to be blank.
    """
    from rich.markup import escape

    from app import wanted

    if out.suffix.lower() != SUFFIX:
        raise ValueError(f"{out.name} is no known kind of file: give a name ending in {SUFFIX}.")
    at = wanted.checked_server(server) if server else wanted.server_of(what)
    known = whose(experiment)
    tree = run_of(what, out, force, trained=not blank)
    from app.handout.made import made
    from sims.core import files

    files.write(out, made(tree, blank=blank, server=at, experiment=known))
    terminal().print(f"Written to {escape(str(out))}.", soft_wrap=True)
