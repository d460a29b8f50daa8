"""`lmx open FILE.py`: the page of an experiment in a file, drawn anew as the file is saved."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.cli.explore import (
    HostOption,
    NoBrowserOption,
    PortOption,
    PublicOption,
    served,
    take_device,
)
from app.cli.options import DeviceOption

Files = Annotated[
    list[Path], typer.Argument(metavar="FILE...", help="Files (or folders) with an EXPERIMENT.")
]


def open_(
    files: Files,
    port: PortOption = 8501,
    host: HostOption = None,
    device: DeviceOption = "auto",
    no_browser: NoBrowserOption = False,
    public: PublicOption = False,
) -> None:
    """Open the explorer with experiments of your own: each file is code, and is run.

    The page draws itself anew when its file is saved.
    """
    from app import addresses
    from sims.core.registry import registry

    take_device(device)  # before a file asks JAX for anything
    opened = [experiment for file in files for experiment in registry.open(file)]
    served(port, host, device, no_browser, public, page=addresses.of(opened[0].name))
