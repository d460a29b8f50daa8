"""Finished runs of one experiment side by side: the knobs that differ, and all their claims."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from sims.core import archive, saved
from sims.core.knobs import written

NUMBERS = ("predicted", "measured", "tolerance")
COUNTS = ("seed", "seeds")


def compared_runs(runs: Mapping[str, xr.DataTree]) -> xr.Dataset:
    """Runs by their names as one Dataset.

    Returns:
        `value(run, knob)`, text as `--set` takes it, of the knobs and counts (`seed`, `seeds`) in
        which the runs differ; `verdict`, `reason`, `predicted`, `measured`, `error`, `tolerance`
        (run, claim), as in each file, of its worst seed: '' and NaN where a claim does not arise.
        The attribute `experiment` is the id that all share.

    Raises:
        ValueError: fewer than two runs, of different experiments, a sweep, or one that is not
            judged; one sentence.
    """
    _check(runs)
    judged = {name: tree["claims"].to_dataset() for name, tree in runs.items()}
    claims = list(dict.fromkeys(str(c) for one in judged.values() for c in one["claim"].values))
    texts = {name: _texts(tree) for name, tree in runs.items()}
    knobs = [
        knob
        for knob in dict.fromkeys(k for one in texts.values() for k in one)
        if len({one.get(knob, "") for one in texts.values()}) > 1
    ]
    values = [[one.get(knob, "") for knob in knobs] for one in texts.values()]
    shape = (len(runs), len(knobs))
    found: dict[str, Any] = {"value": (("run", "knob"), np.array(values, object).reshape(shape))}
    for name in ("verdict", "reason"):
        rows = [[_text(one, claim, name) for claim in claims] for one in judged.values()]
        found[name] = (("run", "claim"), np.array(rows, object).reshape(len(runs), len(claims)))
    for name in (*NUMBERS, "error"):
        found[name] = (
            ("run", "claim"),
            np.array([[_number(one, claim, name) for claim in claims] for one in judged.values()]),
        )
    experiment = str(next(iter(runs.values())).attrs["experiment"])
    coords = {"run": list(runs), "knob": knobs, "claim": claims}
    return xr.Dataset(found, coords, {"experiment": experiment})


def named(runs: Sequence[xr.DataTree | str | Path]) -> dict[str, xr.DataTree]:
    """Runs, trees or files, by their names.

    Raises:
        ValueError: there is no such file, or it is none of a run; one sentence.
    """
    trees = [one if isinstance(one, xr.DataTree) else saved.read(one) for one in runs]
    return dict(zip(names_of(runs), trees, strict=True))


def names_of(runs: Sequence[xr.DataTree | str | Path]) -> list[str]:
    """A file's name without its ending, `run 2` for a tree; each once, the second with a number."""
    found: list[str] = []
    for i, one in enumerate(runs, 1):
        name = f"run {i}" if isinstance(one, xr.DataTree) else Path(one).stem
        found.append(f"{name} ({i})" if name in found else name)
    return found


def _check(runs: Mapping[str, xr.DataTree]) -> None:
    if len(runs) < 2:
        raise ValueError("One run has nothing beside it: give two or more.")
    for name, tree in runs.items():
        if "sweep" in tree.children:
            raise ValueError(f"{name} is a sweep: give single runs.")
        if "claims" not in tree.children:
            raise ValueError(f"Nothing is judged in {name}: give finished runs.")
    (first, one), *others = runs.items()
    for name, tree in others:
        if tree.attrs["experiment"] != one.attrs["experiment"]:
            raise ValueError(
                f"{first} is a run of {one.attrs['experiment']}, {name} of "
                f"{tree.attrs['experiment']}: give runs of one experiment."
            )


def _texts(tree: xr.DataTree) -> dict[str, str]:
    params = {name: written(value) for name, value in archive.params_of(tree).items()}
    return params | {name: str(int(tree.attrs[name])) for name in COUNTS}


def _text(judged: xr.Dataset, claim: str, name: str) -> str:
    return str(judged[name].sel(claim=claim).item()) if claim in judged["claim"] else ""


def _number(judged: xr.Dataset, claim: str, name: str) -> float:
    if claim not in judged["claim"]:
        return float("nan")
    row = judged.sel(claim=claim)
    if name == "error":
        return float(row["error"].sel(seed=int(row["worst_seed"])))
    return float(row[name])
