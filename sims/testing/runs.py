"""Checks of runs: verdicts as stated, declared dims, files, recomputing, wrong theories."""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from sims import api
from sims.core import archive
from sims.core.claims import tolerance_of
from sims.core.declared import LEADING
from sims.core.experiment import Experiment, Preset
from sims.core.knobs import knobs_of
from sims.core.prediction import digest, of_seed
from sims.core.study import Study
from sims.core.wrong_theory import off_by
from sims.testing.checked import Checked

ROWS = {"record", "snapshot"}


def defaults(checked: Checked) -> Iterator[str]:
    """The default setting is predicted, trained to its end and judged."""
    experiment = checked.experiment
    if experiment.over is not None:
        return
    study, run = checked.default
    found = study.freeze().judge(run)
    if found.claims is None:
        yield "the defaults: nothing was judged."
    if (stopped := found.seen.attrs.get("stopped", -1)) >= 0:
        yield f"the defaults: the run leaves the finite range at step {stopped}."


def presets(checked: Checked) -> Iterator[str]:
    """Every preset ends as it states."""
    experiment = checked.experiment
    known = {claim.name for claim in (*experiment.claims, *experiment.sweep_claims)}
    for preset in checked.presets:
        for name in sorted(set(preset.verdicts) - known):
            yield (
                f"preset {preset.id} states a verdict on {name}, which is no claim: there are "
                f"{', '.join(sorted(known)) or 'none'}."
            )
        claims = checked.tree(preset)["claims"].to_dataset()
        for name in (n for n in preset.verdicts if n in known):
            yield from _verdict(preset, claims, name, preset.verdicts[name])


def _verdict(preset: Preset, claims: xr.Dataset, name: str, stated: str) -> Iterator[str]:
    if name in claims.get("sweep_claim", ()):
        found = {str(claims["sweep_verdict"].sel(sweep_claim=name).item())}
        error = float(claims["sweep_error"].sel(sweep_claim=name).max())
        why = ""
    else:
        why = str(claims["reason"].sel(claim=name).values) if "reason" in claims else ""
        one = claims["verdict"].sel(claim=name)
        error = float(claims["error"].sel(claim=name).max())
        if "flag_meanings" in one.attrs:  # a sweep's file holds verdicts as codes
            words = one.attrs["flag_meanings"].split()
            found = {words[int(code)].replace("_", " ") for code in one.values.ravel()}
        else:
            found = {str(one.values)}
    if found != {stated}:
        ended = " and ".join(sorted(found))
        here = f"preset {preset.id}: {name} is stated as {stated} and ends as {ended}"
        yield f"{here}, {why[:1].lower()}{why[1:]}" if np.isnan(error) else f"{here}, {error:.3g}."


def declared(checked: Checked) -> Iterator[str]:
    """What is predicted and observed has the dimensions that the observables say."""
    experiment = checked.experiment
    for preset in checked.single_runs[:1]:
        tree = checked.tree(preset)
        predicted, run = (tree[group].to_dataset() for group in ("prediction", "run"))
        for name in run.data_vars:
            if name not in experiment.observables:
                yield f"{name} is observed, and no observable says what it is."
        drawn = tree["task"].to_dataset()
        for name in sorted(_knob_names(experiment) & _names_in(predicted, run, drawn)):
            yield (
                f"{name} is a knob and the name of what is drawn, predicted or observed, too: a "
                "sweep over the knob would have two of that name."
            )
        for name, seen in experiment.observables.items():
            wanted = (*LEADING[seen.at], *seen.dims)
            for where, data in (("predicted", predicted), ("observed", run)):
                if name not in data:
                    continue
                found = tuple(str(d) for d in data[name].dims if d != "seed")
                if seen.at == "measured":  # once the run is over, along whatever it was measured
                    found = tuple(d for d in found if d in seen.dims or d not in ROWS)
                if found != wanted:
                    yield f"{name} is {where} with dimensions {found}, declared as {wanted}."
        for name in {*predicted.data_vars, *run.data_vars} & set(experiment.observables):
            if name in predicted and name in run:
                sizes = [{d: x.sizes[d] for d in x.dims if d != "seed"} for x in
                         (predicted[name], run[name])]  # fmt: skip
                both = set(sizes[0]) & set(sizes[1]) - ROWS
                if any(sizes[0][d] != sizes[1][d] for d in both):
                    yield f"{name} is predicted with sizes {sizes[0]} and observed with {sizes[1]}."


def _knob_names(experiment: Experiment) -> set[str]:
    """Knobs that a sweep may go over."""
    return {name for name, k in knobs_of(experiment.Params).items() if k.kind != "list"}


def _names_in(*groups: xr.Dataset) -> set[str]:
    return {str(name) for group in groups for name in (*group.variables, *group.dims)}


def file(checked: Checked) -> Iterator[str]:
    """A file read back holds the same numbers, under the same hash."""
    for preset in checked.presets:
        tree = checked.tree(preset)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "run.nc"
            archive.write(tree, path)
            again = archive.read(path)
        if digest(again["prediction"].to_dataset()) != tree.attrs["prediction_sha256"]:
            yield f"preset {preset.id}: the prediction of the file has another hash."
        for group in tree.children:
            one, other = tree[group].to_dataset(), again[group].to_dataset()
            for name in one.data_vars:
                if not _same(one[name].values, other[name].values):
                    yield f"preset {preset.id}: {group}/{name} is another in the file."


def _same(one: np.ndarray, other: np.ndarray) -> bool:
    if one.dtype.kind in "fiub":
        return np.array_equal(one, other, equal_nan=one.dtype.kind == "f")
    return one.tolist() == other.tolist()


def recomputed(checked: Checked) -> Iterator[str]:
    """Prediction and run follow from the task of the file alone."""
    for preset in checked.single_runs[:1]:
        tree = checked.tree(preset)
        drawn = api.replayed(tree, checked.experiment).setup
        tasks = tuple(archive.task_of(tree, drawn.tasks))
        disturbed = set() if checked.experiment.intervene is None else {"kick_step", "kick_size"}
        for name in differing(drawn.tasks, tasks) - disturbed:
            yield f"{name} of the task is drawn anew as another: prepare must follow from the seed."
        start = Study.of(dataclasses.replace(drawn, tasks=tasks)).freeze()
        again = start.prediction
        assert again is not None
        stored = tree["prediction"].to_dataset()
        for name in sorted({*again.data_vars, *stored.data_vars}, key=str):
            if name not in again or name not in stored:
                yield f"{name} is predicted once and once not."
            elif not np.allclose(
                again[name], stored[name], rtol=1e-10, atol=1e-300, equal_nan=True
            ):
                yield f"{name} is predicted as another the second time."
        run = start.run()
        run.finish()
        told = tree["run"].to_dataset()
        for name, values in run.records.items():
            if not _reached_again(values[:, : run.rows], told[name].values):
                yield f"{name} is observed as another the second time."


def differing(one: Sequence[Any], other: Sequence[Any]) -> set[str]:
    """Names of what differs between two tasks, seed by seed."""
    found: set[str] = set()
    for a, b in zip(one, other, strict=True):
        found |= set(a) ^ set(b)
        found |= {n for n in set(a) & set(b) if not np.array_equal(a[n], b[n], equal_nan=True)}
    return found


def _reached_again(found: np.ndarray, told: np.ndarray) -> bool:
    """How a run was cut into slices, which depends on the time they took, may change last bits."""
    rounding = np.sqrt(np.finfo(told.dtype).eps) if told.dtype.kind == "f" else 0.0
    largest = np.max(np.abs(told), initial=0.0, where=np.isfinite(told))
    close = {"rtol": rounding, "atol": rounding * largest, "equal_nan": True}
    return found.shape == told.shape and np.allclose(found, told, **close)


def sharp(checked: Checked) -> Iterator[str]:
    """A theory that is 10 % wrong no longer lands, unless the claim says why it cannot see that."""
    experiment = checked.experiment
    for preset in checked.single_runs:
        tree = checked.tree(preset)
        ended = tree["claims"]["verdict"]
        landed = [
            claim for claim in experiment.claims
            if claim.sees_ten_percent and ended.sel(claim=claim.name).item() == "lands"
        ]  # fmt: skip
        start = api.replayed(tree, experiment)
        prediction, run = (of_seed(tree[name].to_dataset(), 0) for name in ("prediction", "run"))
        for claim in landed:
            params = start.setup.params
            if off_by(claim, params, prediction, run) <= tolerance_of(claim, params, prediction):
                yield (
                    f"preset {preset.id}: {claim.name} lands though its theory is 10 % wrong, "
                    "curves too late and levels too high: tighten it, or give "
                    "sees_ten_percent=False and say because= of what."
                )
