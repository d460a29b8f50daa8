"""`lmx cite`: what a paper should cite, as BibTeX."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.cli.options import ForceOption, check_file


def cite(
    what: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[run.nc|EXPERIMENT]...", help="What was used; nothing: all there is."
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write this .bib.")
    ] = None,
    force: ForceOption = False,
) -> None:
    """Write BibTeX of the explorer and of the papers behind the experiments that were used."""
    from app import wanted
    from app.publication.cite import entries
    from sims import api
    from sims.core import files, saved

    trees, experiments = [], []
    for one in what or ():
        if wanted.is_file(one):
            tree = saved.read(one)
            trees.append(tree)
            experiments.append(api.experiment(str(tree.attrs["experiment"])))
        else:
            experiments.append(wanted.page(one).experiment)
    text = entries(experiments if what else api.experiments(), trees)
    if out is None:
        print(text, end="")
        return
    check_file(out, force)
    files.write(out, text.encode())
    print(f"Written to {out}.")
