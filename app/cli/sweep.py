"""`lmx sweep`: one experiment over one or two knobs."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from app.cli.options import (
    DataOption,
    DeviceOption,
    ForceOption,
    Name,
    OnOption,
    OutOption,
    PresetOption,
    SeedOption,
    SeedsOption,
    SetOption,
    asked,
    assigned,
)  # fmt: skip
from app.cli.tables import bar
from app.cli.verdicts import reported
from app.interrupts import INTERRUPTED


def sweep(
    experiment: Name,
    over: Annotated[
        list[str],
        typer.Option("--over", metavar="KNOB=lo:hi:n[:log]|a,b,c", help="An axis; at most two."),
    ],
    preset: PresetOption = None,
    set_: SetOption = None,
    data: DataOption = None,
    seeds: SeedsOption = 1,
    seed: SeedOption = None,
    device: DeviceOption = "auto",
    out: OutOption = None,
    force: ForceOption = False,
    resume: Annotated[
        bool, typer.Option("--resume", help="With --out: go on with what is done of it.")
    ] = False,
    on: OnOption = "here",
) -> int:
    """Run over one or two knobs and judge every point."""
    from sims import NotWritten, api

    if resume and out is None:
        raise ValueError("--resume needs the file that is to be completed: give --out too.")
    found, values = asked(experiment, preset, set_, out, force or resume, data)
    axes = assigned(over, "--over")
    engine, _, address = on.partition("=")
    replaces = force or (out is not None and out.is_file())  # which was asked about
    failure = None
    try:
        with bar("Predicting", "Training") as progress:
            tree = api.sweep(
                found, axes, preset=preset, seed=seed, seeds=seeds, device=device, out=out,
                overwrite=replaces, resume=resume, engine=engine,
                address=address or None, progress=progress, **values,
            )  # fmt: skip
    except NotWritten as error:
        tree, failure = error.tree, error
    except KeyboardInterrupt as stopped:
        if str(stopped):
            print(f"{stopped}: the same command with --resume completes it.", file=sys.stderr)
        return INTERRUPTED
    return reported(found, tree, out, check=False, is_there=True, failure=failure)
