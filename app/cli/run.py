"""`lmx run`: predict, train and judge."""

from __future__ import annotations

from typing import Annotated

import typer

from app.cli.options import (
    DataOption,
    DeviceOption,
    ForceOption,
    Name,
    OutOption,
    PresetOption,
    SeedOption,
    SeedsOption,
    SetOption,
    asked,
)  # fmt: skip
from app.cli.tables import bar
from app.cli.verdicts import reported


def run(
    experiment: Name,
    preset: PresetOption = None,
    set_: SetOption = None,
    data: DataOption = None,
    seeds: SeedsOption = 1,
    seed: SeedOption = None,
    device: DeviceOption = "auto",
    out: OutOption = None,
    force: ForceOption = False,
    check: Annotated[
        bool, typer.Option("--check", help="Exit 1 if a claim is a surprise.")
    ] = False,
) -> int:
    """Predict, train, judge; print the claims."""
    from sims import api

    found, values = asked(experiment, preset, set_, out, force, data)
    with bar("Predicting", "Training") as progress:
        tree = api.run(
            found, preset=preset, seed=seed, seeds=seeds, device=device, progress=progress,
            **values,
        )  # fmt: skip
    return reported(found, tree, out, check)
