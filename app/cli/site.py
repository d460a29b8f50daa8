"""`lmx site`: the explorer as a folder of pages that play recorded runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from app.cli.options import DeviceOption
from app.cli.page import ServerOption, checked
from app.cli.tables import bar, terminal


def site(
    out: Annotated[Path, typer.Option("--out", metavar="FOLDER", help="Where the pages go.")],
    experiments: Annotated[
        list[str] | None, typer.Argument(metavar="[EXPERIMENT]...", help="Default: all.")
    ] = None,
    presets: Annotated[
        bool,
        typer.Option("--all", help="Presets and tours too; those for a GPU where there is one."),
    ] = False,
    server: ServerOption = "",
    device: DeviceOption = "auto",
) -> int:
    """Write the explorer as a static site: pages that play recorded runs, on any host or none.

    What is recorded there already is kept, so that an interrupted command goes on where it was.
    Exits with 1 if a page could not be made.
    """
    checked(server)
    _prepare(out)
    from app.recorded import site as pages
    from sims.core.blame import worded
    from sims.core.devices import chosen_device

    chosen = chosen_device(device)
    wanted = pages.places(experiments or (), presets=presets, gpu=chosen == "gpu")
    console, failed = terminal(), 0
    pages.write_shared(out)
    try:
        for i, place in enumerate(wanted):
            words = f"{i + 1} of {len(wanted)}  {place.name}"
            try:
                with bar(words, words) as move:
                    _, was_there = pages.record(place, out, chosen, move)
            except Exception as error:  # the others are made all the same
                failed += 1
                why = worded(error)
                console.print(f"[bold magenta]left out[/] {place.name}: {escape(why)}")
                continue
            console.print(f"{words}{'  (there already)' if was_there else ''}", soft_wrap=True)
    finally:
        shown = pages.write_pages(out, chosen, server)
    size = sum(path.stat().st_size for path in out.rglob("*") if path.is_file()) / 1e6
    words = f"{len(shown)} pages, {size:.1f} MB: open {out / pages.HOME}"
    console.print(f"\n{escape(words)}", soft_wrap=True)
    return int(failed > 0)


def _prepare(folder: Path) -> None:
    """Make the folder; ValueError, one sentence, if nothing can be written into it."""
    from sims.core.files import check_writable

    if folder.exists() and not folder.is_dir():
        raise ValueError(f"{folder} is a file: give the name of a folder.")
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise ValueError(f"The folder {folder} cannot be made ({error.strerror}).") from None
    check_writable(folder / "index.html")
