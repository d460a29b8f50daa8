"""`lmx predict`: what theory says, before any training."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape

from app.cli.hints import print_hints
from app.cli.options import (
    DataOption,
    ForceOption,
    Name,
    OutOption,
    PresetOption,
    SeedOption,
    SeedsOption,
    SetOption,
    asked,
)  # fmt: skip
from app.cli.tables import bar, plain_table, print_title, terminal, written
from app.cli.verdicts import print_assumptions
from app.judged import tolerance_words

if TYPE_CHECKING:
    import xarray as xr

    from sims.core.experiment import Claim, Experiment

MOST_LISTED = 12
"""Entries a predicted quantity may have to be printed number by number."""


def predict(
    experiment: Name,
    preset: PresetOption = None,
    set_: SetOption = None,
    data: DataOption = None,
    seeds: SeedsOption = 1,
    seed: SeedOption = None,
    out: OutOption = None,
    force: ForceOption = False,
) -> None:
    """Print what theory predicts, before any training."""
    from sims import api

    found, values = asked(experiment, preset, set_, out, force, data)
    if preset and found.preset(preset).over is not None:
        raise ValueError(
            f"The preset {preset} is a sweep: use lmx run {experiment} --preset {preset}."
        )
    with bar("Predicting"):
        tree = api.predict(found, preset=preset, seed=seed, seeds=seeds, **values)
    prediction = tree["prediction"].to_dataset()
    assumptions, tolerances = api.replayed(tree, found).before()
    console = terminal()
    with written(console, tree, out):
        print_title(console, found, tree)
        print_prediction(console, found, prediction, tolerances)
        print_assumptions(console, [(a.name, a.sentence, bool(a.held)) for a in assumptions])
        print_hints(console, found, tree)


def print_prediction(
    console: Console, found: Experiment, prediction: xr.Dataset, tolerances: Mapping[str, float]
) -> None:
    """The predicted numbers of the first seed, and how many curves are predicted."""
    table = plain_table()
    table.add_column("predicted")
    table.add_column("", ratio=1)
    table.add_column("tolerance", justify="right", no_wrap=True)
    claims = {c.name: c for c in found.claims}
    for name in (n for n in {**claims, **found.observables} if n in prediction):
        claim, known = claims.get(name), found.observables.get(name)
        label = claim.title if claim is not None else found.observables[name].label
        unit = f" [dim]({known.unit})[/]" if known is not None and known.unit else ""
        tolerance = tolerances.get(name, float("nan"))
        values = _predicted_words(prediction[name], claim, tolerance)
        stated = tolerance_words(claim, tolerance) if claim is not None else ""
        table.add_row(escape(label) + unit, escape(values), escape(stated))
    console.print()
    console.print(table)
    if "seed" in prediction.dims and prediction.sizes["seed"] > 1:
        console.print(f"[dim]numbers of seed {int(prediction['seed'][0])}[/]")


def _predicted_words(variable: xr.DataArray, claim: Claim | None, tolerance: float) -> str:
    from app.wording import deserved, number

    one = variable.isel(seed=0) if "seed" in variable.dims else variable
    if {"record", "snapshot"} & set(one.dims):
        curves = one.size // one.sizes["record" if "record" in one.dims else "snapshot"]
        return f"{curves} curve{'s' if curves > 1 else ''}"
    values = [float(v) for v in one.values.ravel()]
    if len(values) > MOST_LISTED:
        return f"{len(values)} numbers"
    if claim is not None and claim.unit == "relative" and tolerance > 0:
        return ", ".join(deserved(v, tolerance * abs(v)) if v else "0" for v in values)
    if all(v == round(v) for v in values if abs(v) < float("inf")):
        return ", ".join(deserved(v, 0.0) if v == v else "none" for v in values)
    return ", ".join(number(v, 4) for v in values)
