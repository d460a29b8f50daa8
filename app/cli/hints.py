"""What knobs have to say of their values, in a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape

from app.cli.symbols import plain_text

if TYPE_CHECKING:
    import xarray as xr

    from sims.core.experiment import Experiment


def print_hints(console: Console, found: Experiment, tree: xr.DataTree) -> None:
    """What knobs have to say of their values, and which of those that were set play no part."""
    from sims.core.archive import params_of
    from sims.core.knobs import knobs_of, lines_beneath, plain, unused_knobs, with_knobs

    params = with_knobs(found.Params(), params_of(tree))
    values, knobs = plain(params), knobs_of(found.Params)
    unused = unused_knobs(found.Params, values)
    lines = {n: s for n, s in lines_beneath(params).items() if n not in unused}
    idle = {n: s for n, s in unused.items() if values[n] != knobs[n].default and not knobs[n].auto}
    if not lines and not idle:
        return
    console.print()
    for name, line in (lines | idle).items():
        warning = line.startswith("! ")
        text = plain_text(line.removeprefix("! "))
        console.print(f"  {name}: {'[yellow]' if warning else '[dim]'}{escape(text)}[/]")
