"""`lmx page`: a finished run as one file that plays in any browser."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.cli.options import ForceOption, check_file
from app.cli.tables import terminal

File = Annotated[Path, typer.Argument(metavar="RUN.nc", help="What `lmx run --out` wrote.")]
ServerOption = Annotated[
    str,
    typer.Option("--server", metavar="URL", help="An explorer that pages lead to, to run it live."),
]


def page(
    file: File,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Default: RUN.html beside it.")
    ] = None,
    server: ServerOption = "",
    force: ForceOption = False,
) -> None:
    """Make one file that plays a run in any browser, with nothing installed, without a network."""
    to = out or file.with_suffix(".html")
    if to.suffix != ".html":
        raise ValueError(f"{to} is no page: give a name ending in .html.")
    checked(server)
    from sims import api
    from sims.core.files import write

    if not file.exists():
        raise ValueError(f"There is no file {file}.")
    check_file(to, force)
    from app.recorded.filed import read
    from app.recorded.page import alone

    recording = read(file)
    made = alone(recording, api.experiment(recording.about.experiment), server)
    write(to, made.encode())
    size = len(made.encode()) / 1e6
    terminal().print(f"Written to {to} ({size:.1f} MB).", soft_wrap=True, markup=False)


def checked(server: str) -> None:
    """ValueError, one sentence, if that is no address of a server."""
    from urllib.parse import urlsplit

    if server and not (urlsplit(server).scheme in ("http", "https") and urlsplit(server).netloc):
        raise ValueError(f"--server {server} is no address: give one such as https://lmx.example.")
