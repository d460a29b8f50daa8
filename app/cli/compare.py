"""`lmx compare`: saved runs of one experiment side by side."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.given import FileOption, whose
from app.cli.options import ForceOption, check_file
from app.cli.tables import plain_table, terminal

if TYPE_CHECKING:
    import xarray as xr

    from sims.core.experiment import Experiment

WIDTH = 5.5 * 72
"""Points that a figure is wide: a column of text."""
TABLES, FIGURES = (".csv", ".md", ".html"), (".pdf", ".svg", ".pgf", ".png")


def compare(
    files: Annotated[list[Path], typer.Argument(metavar="RUN.nc ...", help="Saved runs.")],
    panel: Annotated[
        str, typer.Option(metavar="ID", help="Which panel of the figure; the first with curves.")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="All of it as JSON.")] = False,
    experiment: FileOption = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="FILE",
            help="A table as .csv or .md, a figure as .pdf, .svg, .pgf or .png, both as .html.",
        ),
    ] = None,
    force: ForceOption = False,
) -> None:  # fmt: skip
    """Say in which knobs saved runs differ, and hold all their claims against each other."""
    from sims.core import saved
    from sims.core.compared_runs import compared_runs, names_of
    from sims.core.registry import find

    if out is not None:
        _check_suffix(out)
    trees: list[xr.DataTree] = [saved.read(file) for file in files]
    runs = dict(zip(names_of(files), trees, strict=True))
    compared = compared_runs(runs)
    known = whose(experiment)
    found = known or find(compared.attrs["experiment"])
    if out is not None:
        check_file(out, force)
        _write(out, runs, compared, found, panel)
    if as_json:
        from app.publication.compared import as_data

        print(json.dumps(as_data(compared), ensure_ascii=False, indent=1))
        return
    _print(found, compared)
    if out is not None:
        print(f"\nWritten to {out}.")


def _check_suffix(out: Path) -> None:
    """ValueError, one sentence, if nothing can be written with that ending."""
    suffix = out.suffix.lower()
    if suffix in TABLES:
        return
    if suffix not in FIGURES:
        listed = ", ".join((*TABLES, *FIGURES))
        raise ValueError(f"{suffix or 'No ending'} is no kind of comparison: give {listed}.")
    from app.publication import written

    written.checked(suffix)


def _write(
    out: Path,
    runs: dict[str, xr.DataTree],
    compared: xr.Dataset,
    found: Experiment,
    panel: str,
) -> None:
    from app.publication import compared as tables
    from sims.core import files

    suffix = out.suffix.lower()
    if suffix == ".csv":
        made = tables.as_csv(compared).encode()
    elif suffix == ".md":
        made = tables.as_markdown(found, compared).encode()
    elif suffix == ".html":
        svg = _drawn(runs, panel, found, ".svg").decode()
        command = "lmx compare " + " ".join(f"{name}.nc" for name in runs)
        made = tables.as_html(found, compared, svg[svg.index("<svg") :], command).encode()
    else:
        made = _drawn(runs, panel, found, suffix)
    files.write(out, made)


def _drawn(runs: dict[str, xr.DataTree], panel: str, found: Experiment, suffix: str) -> bytes:
    from app.publication import written
    from app.publication.figure import Shape
    from app.publication.overlaid import overlaid

    return written.written(overlaid(runs, panel, Shape(WIDTH), found), suffix)


def _print(found: Experiment, compared: xr.Dataset) -> None:
    from rich.markup import escape

    from app.cli.verdicts import GLYPHS
    from app.publication.compared import rows_of
    from app.tex import plain

    console = terminal()
    console.print(f"[bold]{escape(found.title)}[/] ({found.name}), side by side")
    if not compared.sizes["knob"]:
        console.print("[dim]no knob and no seed differs[/]")
    table = plain_table()
    table.add_column("", ratio=1)
    for name in compared["run"].values:
        table.add_column(escape(str(name)))
    for title, cells in rows_of(found, compared):
        lines = [
            "\n".join([GLYPHS.get(first, escape(first)), *map(escape, others)])
            for first, *others in cells
        ]
        table.add_row(escape(plain(title)), *lines)
    console.print()
    console.print(table)
