"""`lmx figure`: a panel of a run as a figure for a paper."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.cli.given import FileOption, run_of, whose
from app.cli.options import ForceOption
from app.cli.tables import terminal

What = Annotated[
    str,
    typer.Argument(
        metavar="run.nc|LINK", help="A run that was saved, a page's link, or an experiment's id."
    ),
]


def figure(
    what: What,
    panel: Annotated[
        str, typer.Option(metavar="ID", help="Which panel; the first that shows the run.")
    ] = "",
    width: Annotated[
        str, typer.Option(metavar="LENGTH", help="In in, cm, mm or TeX's pt.")
    ] = "3.25in",
    height: Annotated[str, typer.Option(metavar="LENGTH", help="By default what suits it.")] = "",
    text: Annotated[
        float, typer.Option(metavar="PT", min=4, max=24, help="Size of the numbers at the axes.")
    ] = 8.0,
    grey: Annotated[bool, typer.Option("--grey", help="Greys alone, for print.")] = False,
    experiment: FileOption = None,
    out: Annotated[
        Path, typer.Option("--out", metavar="FILE", help="A .pdf, .svg, .pgf or .png.")
    ] = Path("figure.pdf"),
    force: ForceOption = False,
) -> None:
    r"""Draw one panel as vectors: theory dashed, the run solid, seeds a band, names at the lines.

    A .pgf is put into a LaTeX document with \input, in the document's own fonts.
    """
    from rich.markup import escape

    from app.publication import lengths, written
    from app.publication.figure import Shape
    from app.publication.figure import figure as drawn
    from sims.core import files

    suffix = out.suffix.lower()
    written.checked(suffix)
    high = lengths.points(height) if height else None
    shape = Shape(lengths.points(width), high, text, grey)
    known = whose(experiment)
    tree = run_of(what, out, force)
    files.write(out, written.written(drawn(tree, panel, shape, known), suffix))
    terminal().print(f"Written to {escape(str(out))}.", soft_wrap=True)
