"""`lmx check`: whether an experiment keeps what every experiment promises."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator

from rich.markup import escape
from rich.padding import Padding

from app.cli.options import Name
from app.cli.tables import terminal


def check(experiment: Name) -> int:
    """Check an experiment, or that of FILE.py; exit code 1 if anything is wrong."""
    from app.live.check import DRAWN
    from sims.core.compilation import use_persistent_cache
    from sims.core.registry import find
    from sims.testing import checks

    found = find(experiment)
    use_persistent_cache()
    console = terminal()
    console.print(f"[bold]{escape(found.title)}[/] ({found.name})\n")
    passed: list[bool] = []
    said: set[str] = set()
    with _quiet_log():
        for finding in checks(found, (DRAWN,)):
            passed.append(finding.passed)
            glyph = "[green]✓[/]" if finding.passed else "[bold magenta]✗[/]"
            console.print(f"{glyph} {finding.check.words}")
            for sentence in finding.wrongs:
                words = "The same." if sentence in said else sentence
                said.add(sentence)
                console.print(Padding(escape(words), (0, 0, 0, 2), expand=False))
    console.print(f"\n[bold]{sum(passed)} of {len(passed)} checks pass.[/]")
    return int(not all(passed))


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
