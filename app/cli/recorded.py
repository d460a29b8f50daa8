"""An experiment's record in a ledger: made, written and told."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape

from app.cli.surveyed import off_by
from app.cli.tables import bar

if TYPE_CHECKING:
    from sims.core.experiment import Experiment
    from sims.core.ledger import Record

SETTINGS = 30
"""Random settings of a record, unless another number is given."""
BAD = "[bold magenta]"


def recorded(
    console: Console, experiments: Sequence[Experiment], count: int, seed: int, folder: Path
) -> int:
    """Write a record of each; 1 if there is a surprise, a failure, or a control that is survived.

    Each is there as soon as it is made. Raises ValueError where a file in its place is no record.
    """
    from sims import testing
    from sims.core import ledger

    for experiment in experiments:
        _check_earlier(folder / ledger.file_name(experiment.name))
    clean = True
    for experiment in experiments:
        console.print(f"[bold]{escape(experiment.title)}[/] ({experiment.name})")
        with bar("runs") as move:
            made = testing.ledger(experiment, count, seed, move)
        path = ledger.written(made, folder)
        record = ledger.read(path)
        _print(console, record)
        console.print(f"Written to {escape(str(path))}.\n", soft_wrap=True)
        clean &= record.is_clean
    return int(not clean)


def _check_earlier(path: Path) -> None:
    """ValueError, one sentence, if what would be replaced is no record."""
    from sims.core import ledger

    if path.exists():
        ledger.read(path)


def _print(console: Console, record: Record) -> None:
    from app.wording import fixed

    line = record.line
    console.print(f"{line.as_stated} of {line.presets} presets end as they state")
    for preset in record.presets:
        if preset.why:
            console.print(f"{BAD}failed[/] preset {preset.preset}: {escape(preset.why)}")
        for name in preset.otherwise * (not preset.why):
            ended = " and ".join(sorted(preset.ended(name))) or "nothing"
            stated = f"{name} is stated as {preset.stated[name]} and ends as {ended}"
            console.print(f"{BAD}otherwise[/] preset {preset.preset}: {stated}")
    console.print(
        f"{line.settings} settings drawn with seed {line.seed}: {line.judged} judged, "
        f"{line.too_long} too long, {line.failed} failed; {line.refused} more refused"
    )
    console.print(
        f"{line.lands} land, {line.departs} depart, {line.surprise} surprises, "
        f"{line.not_judged} not judged; a theory 10 % wrong is caught in {line.caught} of "
        f"{line.tried} landings"
        + ("" if math.isnan(line.median_skill) else f"; median skill {fixed(line.median_skill, 3)}")
    )
    console.print(
        f"controls: {line.controls_caught} caught, {line.controls_survived} survived, "
        f"{line.controls_void} void"
    )
    for trial in record.controls:
        if trial.end == "survived":
            console.print(f"{BAD}survived[/] {trial.claim} lands although {escape(trial.twist)}")
    for one in record.surprises:
        console.print(f"{BAD}surprise[/] {one.claim}: {off_by(one.score)}")
        console.print(f"  {escape(one.command)}", soft_wrap=True)
    for one in record.settings.outcomes:
        if one.end == "failed":
            console.print(f"{BAD}failed[/] {escape(one.why)}")
            console.print(f"  {escape(record.command(one))}", soft_wrap=True)
