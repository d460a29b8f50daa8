"""`lmx list`: every experiment with its knobs and presets."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from app.cli.symbols import plain_symbol
from app.cli.tables import plain_table, terminal


def list_(
    as_json: Annotated[bool, typer.Option("--json", help="As data, for programs.")] = False,
) -> None:
    """Show every experiment: its question, knobs with ranges, presets.

    Why something that is installed is none of them stands on stderr.
    """
    from sims.api import list_experiments
    from sims.core.registry import registry

    listed = list_experiments()
    for sentence in registry.not_taken():
        print(sentence, file=sys.stderr)
    if as_json:
        import json

        every_letter = (sys.stdout.encoding or "").lower().startswith("utf")
        print(json.dumps(listed, ensure_ascii=not every_letter, indent=1, allow_nan=False))
        return
    out = terminal()
    for entry in listed:
        _print_experiment(out, entry)


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
