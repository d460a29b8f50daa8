"""`lmx open FILE`: the page of an experiment in a file, or of a saved run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.cli.explore import (
    AllowDataOption,
    HostOption,
    NoBrowserOption,
    PortOption,
    PublicOption,
    let_upload,
    served,
    take_device,
)
from app.cli.options import DeviceOption

Files = Annotated[
    list[Path],
    typer.Argument(
        metavar="FILE...", help="Files (or folders) with an EXPERIMENT, or a saved RUN.nc."
    ),
]


def open_(
    files: Files,
    port: PortOption = 8501,
    host: HostOption = None,
    device: DeviceOption = "auto",
    no_browser: NoBrowserOption = False,
    public: PublicOption = False,
    allow_data: AllowDataOption = False,
) -> None:
    """Open the explorer with experiments of your own, or on a saved run.

    A file with an experiment is code, and is run; its page draws itself anew when it is saved. Of a
    saved run nothing is trained: its page shows it to the end, and Reset trains it again.
    """
    from app import addresses
    from sims.core.archive import SUFFIXES
    from sims.core.registry import registry

    let_upload(allow_data)
    take_device(device)  # before a file asks JAX for anything
    saved = [file for file in files if file.suffix in SUFFIXES]
    if len(saved) > 1:
        raise ValueError("Each saved run has a page of its own: give one at a time.")
    code = [file for file in files if file not in saved]
    pages = [addresses.of(one.name) for file in code for one in registry.open(file)]
    if saved:
        from app.live.server import filed

        pages.insert(0, filed.show(saved[0]))
    served(port, host, device, no_browser, public, page=pages[0])
