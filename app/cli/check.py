"""`lmx check`: whether an experiment keeps what every experiment promises."""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.padding import Padding

from app.cli.options import ForceOption, NameOrNone, check_file, check_folder
from app.cli.recorded import SETTINGS, recorded
from app.cli.surveyed import surveyed
from app.cli.tables import plain_table, terminal

if TYPE_CHECKING:
    from sims.core.experiment import Experiment
    from sims.testing import Finding

PASSED, FAILED = "[green]✓[/]", "[bold magenta]✗[/]"


def check(
    experiment: NameOrNone = None,
    every: Annotated[
        bool, typer.Option("--all", help="Every experiment, shipped and installed.")
    ] = False,
    quick: Annotated[bool, typer.Option("--quick", help="Leave out the slow presets.")] = False,
    random: Annotated[
        int | None,
        typer.Option(
            "--random", metavar="N", min=1, help="Instead: N settings of all knobs at random."
        ),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="What they are drawn with.")] = 0,
    json_file: Annotated[
        Path | None,
        typer.Option("--json", metavar="FILE", help="Also write what those settings come to."),
    ] = None,
    force: ForceOption = False,
    ledger: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="Instead: record there what presets, random settings and controls come to.",
        ),
    ] = None,
) -> int:
    """Check an experiment, that of FILE.py, or --all; exit code 1 if anything is wrong."""
    from sims import api
    from sims.core.compilation import use_persistent_cache
    from sims.core.registry import find

    if (experiment is not None) == every:
        raise ValueError("Give the name of one experiment, or --all.")
    found = None if experiment is None else find(experiment)
    use_persistent_cache()
    console = terminal()
    if ledger is not None:
        check_folder(ledger)
        if quick:
            raise ValueError("A ledger is of every preset: leave out --quick.")
        if json_file is not None:
            raise ValueError("A ledger is a file itself: leave out --json.")
        experiments = api.experiments() if found is None else [found]
        with _quiet_log():
            return recorded(
                console, experiments, SETTINGS if random is None else random, seed, ledger
            )
    if random is not None:
        if found is None:
            raise ValueError("Random settings are of one experiment: give its name, not --all.")
        if json_file is not None:
            check_file(json_file, force)
        with _quiet_log():
            return surveyed(console, found, random, seed, json_file)
    if json_file is not None:
        raise ValueError("--json writes what random settings come to: give --random too.")
    if found is None:
        return _every(console, quick)
    return int(not all(f.passed for f in _checked(console, found, quick)))


def _every(console: Console, quick: bool) -> int:
    """A table for each experiment, and one of all."""
    from sims import api
    from sims.core.registry import registry

    table = plain_table()
    for column in ("experiment", "checks that pass", "seconds", "fails"):
        table.add_column(column, justify="right" if column == "seconds" else "left")
    wrong, experiments = 0, api.experiments()
    for one in experiments:
        begun = time.monotonic()
        found = _checked(console, one, quick)
        console.print()
        failed = [f.check.name for f in found if not f.passed]
        wrong += bool(failed)
        count = f"{FAILED if failed else PASSED} {len(found) - len(failed)} of {len(found)}"
        table.add_row(one.name, count, f"{time.monotonic() - begun:.0f}", ", ".join(failed))
    console.print(table)
    refused = registry.not_taken()
    for sentence in refused:
        console.print(f"{FAILED} {escape(sentence)}")
    console.print(f"\n[bold]{len(experiments) - wrong} of {len(experiments)} experiments pass.[/]")
    return int(bool(wrong or refused))


def _checked(console: Console, found: Experiment, quick: bool) -> list[Finding]:
    """Make the checks of one experiment, and print each as it is made."""
    from app.live.check import DRAWN
    from sims import testing
    from sims.core.price import everyday

    presets = testing.quick(found) if quick else everyday(found)
    left_out = len(found.presets) - len(presets)
    console.print(f"[bold]{escape(found.title)}[/] ({found.name})\n")
    made: list[Finding] = []
    said: set[str] = set()
    with _quiet_log():
        for finding in testing.checks(found, (DRAWN,), presets=presets):
            made.append(finding)
            console.print(f"{PASSED if finding.passed else FAILED} {finding.check.words}")
            for sentence in finding.wrongs:
                words = "The same." if sentence in said else sentence
                said.add(sentence)
                console.print(Padding(escape(words), (0, 0, 0, 2), expand=False))
    console.print(f"\n[bold]{sum(f.passed for f in made)} of {len(made)} checks pass.[/]")
    if left_out:
        kind = "slow preset" if quick else "preset for a GPU"
        words = kind if left_out == 1 else kind.replace("preset", "presets")
        console.print(f"[dim]Left out: {left_out} {words}.[/]")
    return made


@contextlib.contextmanager
def _quiet_log() -> Iterator[None]:
    """What fails is a line of the answer, and no log of the server's."""
    log = logging.getLogger("lmx")
    level = log.level
    log.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        log.setLevel(level)
