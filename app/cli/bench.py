"""`lmx bench`: speed and latencies on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.cli.options import ForceOption, check_file
from app.cli.tables import terminal


def bench(
    experiments: Annotated[
        list[str] | None, typer.Argument(metavar="[EXPERIMENT]...", help="Default: all.")
    ] = None,
    crowd: Annotated[
        int | None,
        typer.Option("--crowd", metavar="N", min=1, help="Instead: so many readers at once."),
    ] = None,
    soak: Annotated[
        float | None,
        typer.Option("--soak", metavar="MINUTES", min=0.1, help="Instead: 20 who come and go."),
    ] = None,
    json_file: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Also write the numbers.")
    ] = None,
    force: ForceOption = False,
) -> None:
    """Measure speed and latencies on this machine, or what many readers at once make of it."""
    from app import bench as measurements
    from sims import api

    names = [api.experiment(name).name for name in experiments or ()]
    if json_file is not None:
        check_file(json_file, force)
    if crowd is None and soak is None:
        measurements.report(terminal(), names or [e.name for e in api.experiments()], json_file)
        return
    sections = [
        *(measurements.crowded(crowd, names) if crowd is not None else ()),
        *(measurements.soaked(soak) if soak is not None else ()),
    ]
    measurements.printed(terminal(), sections, json_file)
