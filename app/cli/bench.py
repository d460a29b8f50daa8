"""`lmx bench`: speed and latencies on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.cli.options import ForceOption, OnOption, check_file
from app.cli.tables import terminal


def bench(
    experiments: Annotated[
        list[str] | None, typer.Argument(metavar="[EXPERIMENT]...", help="Default: all.")
    ] = None,
    crowd: Annotated[
        int | None,
        typer.Option("--crowd", metavar="N", min=1, help="Instead: so many readers at once."),
    ] = None,
    room: Annotated[
        int | None,
        typer.Option("--room", metavar="N", min=1, help="Instead: so many students in a room."),
    ] = None,
    soak: Annotated[
        float | None,
        typer.Option("--soak", metavar="MINUTES", min=0.1, help="Instead: 20 who come and go."),
    ] = None,
    sweep: Annotated[
        int | None,
        typer.Option("--sweep", metavar="N", min=4, max=1_000_000, help="Instead: N runs."),
    ] = None,
    on: OnOption = "here",
    gpu: Annotated[bool, typer.Option("--gpu", help="Instead: the graphics card.")] = False,
    rehearse: Annotated[
        bool, typer.Option("--rehearse", help="With --gpu: in small, on the CPU in its place.")
    ] = False,
    folder: Annotated[
        Path | None, typer.Option("--out", metavar="FOLDER", help="With --gpu: for its numbers.")
    ] = None,
    seconds: Annotated[
        float | None,
        typer.Option("--seconds", metavar="S", min=1, help="With --gpu: for all. Default: 400."),
    ] = None,
    json_file: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Also write the numbers.")
    ] = None,
    force: ForceOption = False,
) -> None:
    """Measure speed and latencies on this machine, what many readers make of it, or its GPU."""
    if gpu:
        if experiments or json_file is not None or (crowd, room, soak, sweep) != (None,) * 4:
            raise ValueError("--gpu measures all of the card: give it without anything else.")
        _card(folder, rehearse, seconds)
        return
    alone = {"--rehearse": rehearse, "--out": folder, "--seconds": seconds}
    for option in (name for name, value in alone.items() if value):
        raise ValueError(f"{option} belongs to --gpu: give both.")
    from app import bench as measurements
    from sims import api

    names = [api.experiment(name).name for name in experiments or ()]
    if json_file is not None:
        check_file(json_file, force)
    if on != "here" and (sweep is None or on != "ray"):
        raise ValueError("--on ray belongs to --sweep: give both.")
    if (crowd, room, soak, sweep) == (None,) * 4:
        measurements.report(terminal(), names or [e.name for e in api.experiments()], json_file)
        return
    sections = [
        *(measurements.crowded(crowd, names) if crowd is not None else ()),
        *(measurements.taught(room) if room is not None else ()),
        *(measurements.soaked(soak) if soak is not None else ()),
        *(measurements.swept(sweep, with_ray=on == "ray") if sweep is not None else ()),
    ]
    measurements.printed(terminal(), sections, json_file)


def _card(folder: Path | None, rehearse: bool, seconds: float | None) -> None:
    """Measure the graphics card."""
    if folder is None:
        raise ValueError("Say where the numbers go: --out FOLDER.")
    from app.bench import gpu

    gpu.report(terminal(), folder, rehearse=rehearse, seconds=seconds)
