"""`lmx list`: experiments by body of evidence, or found by words; of one, its knobs and presets."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence, Set
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.padding import Padding

from app.cli.symbols import plain_symbol
from app.cli.tables import plain_table, terminal

if TYPE_CHECKING:
    from sims.core.experiment import Phenomenon

MOST_QUOTED = 60


def list_(
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="[WORDS]...", help="Of questions, laws, knobs, papers; or an id."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As data, for programs.")] = False,
) -> None:
    """Show every experiment, or those that say all WORDS; of a single one its knobs and presets.

    Why something that is installed is none of them stands on stderr.
    """
    from sims.api import list_experiments
    from sims.core.registry import registry

    phenomena = registry.phenomena()
    for sentence in registry.not_taken():
        print(sentence, file=sys.stderr)
    names = _named(" ".join(words or ()), phenomena)
    listed = [entry for entry in list_experiments() if entry["id"] in names]
    if as_json:
        import json

        every_letter = (sys.stdout.encoding or "").lower().startswith("utf")
        print(json.dumps(listed, ensure_ascii=not every_letter, indent=1, allow_nan=False))
        return
    out = terminal()
    if len(listed) == 1:
        _print_experiment(out, listed[0])
    else:
        _print_map(out, phenomena, names)


def _named(typed: str, phenomena: Sequence[Phenomenon]) -> frozenset[str]:
    """The ids of what is found; ValueError if nothing is."""
    from sims.core.search import found
    from sims.core.sentences import one_line

    hits = [experiment.name for _, experiment in found(typed, phenomena)]
    if typed in hits:
        return frozenset({typed})
    if not hits:
        quoted = repr(one_line(typed, MOST_QUOTED))
        raise ValueError(f"No experiment says {quoted}: try fewer or shorter words.")
    return frozenset(hits)


def _print_map(console: Console, phenomena: Sequence[Phenomenon], names: Set[str]) -> None:
    """Each of those under its phenomenon and its body of evidence."""
    from sims.core.evidence import by_body

    for body, members in by_body(phenomena):
        left = [p for p in members if any(e.name in names for e in p.experiments)]
        if not left:
            continue
        console.print(f"[bold]{escape(body.title)}[/]  [dim]{escape(body.words)}[/]\n")
        for phenomenon in left:
            console.print(f"  {escape(phenomenon.title)}")
            table = plain_table()
            table.show_header = False
            table.add_column("id", no_wrap=True)
            table.add_column("question", ratio=1)
            for experiment in phenomenon.experiments:
                if experiment.name in names:
                    table.add_row(experiment.name, escape(experiment.question))
            console.print(Padding(table, (0, 0, 1, 4)))
    console.print("lmx list WORDS finds; lmx list ID shows knobs and presets.")


def _print_experiment(console: Console, entry: Mapping[str, Any]) -> None:
    console.print(f"[bold]{entry['id']}[/]  {escape(entry['title'])}")
    console.print(f"{escape(entry['question'])}\n")
    knobs = plain_table(indent=2)
    for column in ("knob", "", "default"):
        knobs.add_column(column, no_wrap=True)
    knobs.add_column("takes", ratio=2)
    knobs.add_column("", ratio=3)
    for k in entry["knobs"]:
        knobs.add_row(
            k["name"], plain_symbol(k["symbol"]), _written(k["default"]),
            escape(k["allowed"]), f"[dim]{escape(k['help'])}[/]",
        )  # fmt: skip
    presets = plain_table(indent=2)
    presets.add_column("preset", no_wrap=True)
    presets.add_column("title", no_wrap=True)
    presets.add_column("look for", ratio=1)
    for p in entry["presets"]:
        presets.add_row(p["id"], escape(p["title"]), f"[dim]{escape(p['look_for'])}[/]")
    console.print(knobs)
    console.print()
    console.print(presets)
    console.print()


def _written(value: Any) -> str:
    from sims.core.knobs import written

    return written(value)
