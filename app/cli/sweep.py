"""`lmx sweep`: one experiment over one or two knobs."""

from __future__ import annotations

from typing import Annotated

import typer

from app.cli.options import (
    DeviceOption,
    ForceOption,
    Name,
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


def sweep(
    experiment: Name,
    over: Annotated[
        list[str],
        typer.Option("--over", metavar="KNOB=lo:hi:n[:log]|a,b,c", help="An axis; at most two."),
    ],
    preset: PresetOption = None,
    set_: SetOption = None,
    seeds: SeedsOption = 1,
    seed: SeedOption = None,
    device: DeviceOption = "auto",
    out: OutOption = None,
    force: ForceOption = False,
) -> int:
    """Run over one or two knobs and judge every point."""
    from sims import api

    found, values = asked(experiment, preset, set_, out, force)
    axes = assigned(over, "--over")
    with bar("Predicting", "Training") as progress:
        tree = api.sweep(
            found, axes, preset=preset, seed=seed, seeds=seeds, device=device, progress=progress,
            **values,
        )  # fmt: skip
    return reported(found, tree, out, check=False)
