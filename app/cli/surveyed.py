"""An experiment's claims at random settings, as they end, and what they come to."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape

from app.cli.tables import bar, plain_table

if TYPE_CHECKING:
    from sims.core.experiment import Experiment
    from sims.core.outcome import Score
    from sims.core.survey import Survey


def surveyed(
    console: Console, experiment: Experiment, count: int, seed: int, file: Path | None
) -> int:
    """Run so many settings, print what became of them; 1 if there is a surprise or a failure."""
    from sims import testing

    with bar("runs") as move:
        survey = testing.random_settings(experiment, count, seed, move)
    console.print(f"[bold]{escape(experiment.title)}[/] ({experiment.name})")
    console.print(f"[dim]{count} settings of all knobs, drawn with seed {seed}[/]\n")
    _print_claims(console, survey)
    _print_sums(console, survey)
    if file is not None:
        from sims.core import files, ledger
        from sims.testing.records import record

        files.write(file, ledger.text(record(survey, seed)).encode())
    return int(bool(survey.surprises or survey.ends["failed"]))


def _print_claims(console: Console, survey: Survey) -> None:
    from app.wording import fixed

    table = plain_table()
    table.add_column("claim")
    for column in ("lands", "departs", "surprise", "not judged", "median skill"):
        table.add_column(column, justify="right")
    experiment = survey.experiment
    for claim in experiment.claims if experiment.over is None else experiment.sweep_claims:
        found = [one.scores[claim.name].verdict for one in survey.judged]
        counts = [found.count(v) for v in ("lands", "departs", "surprise", "not judged")]
        skill = survey.skill_of(claim.name)
        shown = "" if math.isnan(skill) else fixed(skill, 3)
        table.add_row(escape(claim.title), *(str(n or "") for n in counts), shown)
    console.print(table)


def _print_sums(console: Console, survey: Survey) -> None:
    ends = ", ".join(f"{count} {end}" for end, count in survey.ends.most_common())
    caught, tried = survey.caught
    console.print(f"\n{ends}")
    if tried:
        console.print(f"a theory 10 % wrong is caught in {caught} of {tried} landings")
    for one in survey.surprises:
        for name in one.surprises:
            off = off_by(one.scores[name])
            console.print(f"[bold magenta]surprise[/] {name}: {off}")
            _print_command(console, survey.command(one))
    for one in survey.outcomes:
        if one.end == "failed":
            console.print(f"[bold magenta]failed[/] {escape(one.why)}")
            _print_command(console, survey.command(one))
    words = f"{len(survey.surprises)} surprise{'' if len(survey.surprises) == 1 else 's'}"
    console.print(f"\n[bold]{words} in {len(survey.judged)} runs.[/]")


def off_by(score: Score) -> str:
    """How far off a claim is, and how far it may be."""
    from app.wording import share

    error, tolerance = (share(v, relative=False, digits=3) for v in (score.error, score.tolerance))
    return f"{error} of {tolerance}"


def _print_command(console: Console, command: str) -> None:
    """On one line, however long, so that it can be copied."""
    console.print(f"  {escape(command)}", soft_wrap=True)
