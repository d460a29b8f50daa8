"""The outcome of a run or a sweep, claim by claim."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape

from app.cli.hints import print_hints
from app.cli.tables import plain_table, print_title, terminal, written
from app.judged import both_words, tolerance_words, verdicts_of

if TYPE_CHECKING:
    import xarray as xr

    from sims.core.experiment import Claim, Experiment

GLYPHS = {
    "lands": "[green]✓ lands[/]",
    "departs": "[yellow]◆ departs[/]",
    "surprise": "[bold magenta]! surprise[/]",
    "not judged": "[dim]○ not judged[/]",
}


def reported(
    found: Experiment,
    tree: xr.DataTree,
    out: Path | None,
    check: bool,
    *,
    is_there: bool = False,
    failure: OSError | None = None,
) -> int:
    """Write the file and print the outcome; 1 if a surprise was to be checked for and is there.

    `is_there`: the file was written before, or could not be, which `failure` then says.
    """
    console = terminal()
    claims = tree["claims"].to_dataset()
    with written(console, tree, out, is_there=is_there, failure=failure):
        print_title(console, found, tree)
        if "sweep" in tree.children:
            print_sweep(console, found, tree, claims)
        else:
            columns = (claims[c].values.tolist() for c in ("assumption", "sentence", "held"))
            print_assumptions(console, list(zip(*columns, strict=True)))
            print_claims(console, found.claims, claims)
            print_hints(console, found, tree)
    verdicts = verdicts_of(claims["verdict"])
    if "sweep_claim" in claims:
        verdicts += claims["sweep_verdict"].values.tolist()
    return int(check and "surprise" in verdicts)


def print_claims(console: Console, known: Sequence[Claim], claims: xr.Dataset) -> None:
    """The claims with their numbers and verdicts, and the sentence they come to."""
    from app.live.messages.judgement import headline

    table = plain_table()
    table.add_column("claim", ratio=1)
    columns = ["predicted", "measured", "error", "tolerance"]
    if has_guess := "skill" in claims and bool(claims["baseline_error"].notnull().any()):
        columns.insert(3, "guess off by")
    for column in columns:
        table.add_column(column, justify="right", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    several = claims.sizes["seed"] > 1
    for claim in known:
        row = claims.sel(claim=claim.name)
        table.add_row(*_claim_row(claim, row, several=several, has_guess=has_guess))
    verdicts = [str(v) for v in claims["verdict"].values]
    console.print()
    console.print(table)
    console.print(f"\n[bold]{headline(verdicts)}.[/]")


def _claim_row(claim: Claim, row: xr.Dataset, *, several: bool, has_guess: bool) -> list[str]:
    from app.wording import missed, share

    predicted, measured = both_words(claim, row)
    tolerance, verdict = float(row["tolerance"]), str(row["verdict"].item())
    reason, where = str(row["reason"].item()), str(row["where"].item())
    title = escape(claim.title)
    if verdict == "not judged":
        blank = [""] * (5 if has_guess else 4)
        return [f"{title}\n[dim]{escape(reason)}[/]", *blank, GLYPHS[verdict]]
    seed = int(row["worst_seed"])
    if several:
        where = f"{where}, seed {seed}" if where else f"seed {seed}"
    notes = [where] * bool(where) + [reason] * (verdict != "lands")
    relative = claim.unit == "relative"
    guess = float(row["baseline_error"].sel(seed=seed)) if has_guess else math.nan
    guess_text = missed(guess, float(row["measured"]), relative)
    return [
        "\n".join([title, *(f"[dim]{escape(n)}[/]" for n in notes)]),
        predicted,
        measured,
        share(float(row["error"].sel(seed=seed)), relative),
        *([guess_text] * has_guess),
        escape(tolerance_words(claim, tolerance)),
        GLYPHS[verdict],
    ]


def print_assumptions(console: Console, listed: Sequence[tuple[str, str, bool]]) -> None:
    """(name, sentence, held) of each: the broken ones in words, the others counted."""
    broken = [(name, sentence) for name, sentence, held in listed if not held]
    console.print()
    for name, sentence in broken:
        console.print(f"[yellow]✗ {name} broken[/]: {escape(sentence)}")
    held = len(listed) - len(broken)
    if not broken:
        few = {0: "nothing is assumed", 1: "the one assumption holds", 2: "both assumptions hold"}
        console.print(f"[dim]✓ {few.get(held, f'all {held} assumptions hold')}[/]")
    else:
        console.print(f"[dim]✓ {held} assumption{'s hold' if held != 1 else ' holds'}[/]")


def print_sweep(console: Console, found: Experiment, tree: xr.DataTree, claims: xr.Dataset) -> None:
    """How many points of the sweep got which verdict, claim by claim."""
    data = tree["sweep"].to_dataset()
    axes = [str(d) for d in claims["verdict"].dims if d != "claim"]
    for axis in axes:
        console.print(f"[dim]{axis} {escape(_axis_words(data[axis].values))}[/]")
    table = plain_table()
    table.add_column("claim", ratio=1)
    for column in (*GLYPHS, "median skill"):
        table.add_column(column, justify="right")
    titles = {c.name: c.title for c in found.claims}
    for name in claims["claim"].values:
        verdicts = verdicts_of(claims["verdict"].sel(claim=name))
        counts = [verdicts.count(v) for v in GLYPHS]
        skill = _median_skill(claims, name)
        title = escape(titles.get(str(name), str(name)))
        table.add_row(title, *(str(n or "") for n in counts), skill)
    if claims.sizes["claim"]:
        points = claims["verdict"].size // claims.sizes["claim"]
        console.print()
        console.print(table)
        console.print(f"[dim]of {points} point{'s' if points > 1 else ''} each[/]")
    if "sweep_claim" in claims:
        from sims.core.claims import of_the_whole

        names = claims["sweep_claim"].values.tolist()
        known = [c for c in found.sweep_claims if c.name in names]
        print_claims(console, known, of_the_whole(claims))


def _median_skill(claims: xr.Dataset, claim: Any) -> str:
    """That of all points and seeds that have one; '' where none has, or the file is older."""
    import numpy as np

    from app.wording import fixed

    found = claims["skill"].sel(claim=claim).values if "skill" in claims else np.zeros(0)
    found = found[~np.isnan(found)]
    if not found.size:
        return ""
    return fixed(float(np.median(found)), 3)


def _axis_words(values: Any) -> str:
    """What a sweep's axis ran over: `from 0.001 to 1, 12 values`, or the words it took."""
    if values.dtype.kind not in "fiu":
        return "over " + ", ".join(map(str, values.tolist()))
    if len(values) == 1:
        return f"at {_alike(float(values[0]))[0]}"
    lo, hi = _alike(float(values[0]), float(values[-1]))
    return f"from {lo} to {hi}, {len(values)} values"


def _alike(*values: float) -> list[str]:
    """Knobs' numbers, all with a power of ten where one of them needs it."""
    from sims.core.format import MINUS
    from sims.core.knobs import number

    plain = [number(value) for value in values]
    if any("e" in text for text in plain):
        return [_powered(value) if value else "0" for value in values]
    return [text.replace("-", MINUS) for text in plain]


def _powered(value: float) -> str:
    """A number to twelve digits with its power of ten: `2.5 × 10⁻⁶`, `10⁻⁴`."""
    from sims.core.format import MINUS, TIMES, power_of_ten

    mantissa, exponent = f"{value:.11e}".split("e")
    mantissa = mantissa.rstrip("0").rstrip(".").replace("-", MINUS)
    power = power_of_ten(int(exponent))
    return power if mantissa == "1" else f"{mantissa} {TIMES} {power}"
