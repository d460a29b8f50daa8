"""The Python twin of the page and the command: run, predict, sweep, list_experiments."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import xarray as xr

from sims.core import archive, compilation
from sims.core.devices import check_device, chosen_device
from sims.core.experiment import Experiment, Phenomenon
from sims.core.knobs import allowed, knobs_of, plain
from sims.core.prediction import alike
from sims.core.price import look_for
from sims.core.registry import find, registry
from sims.core.saved import read
from sims.core.study import Prepared, Study

ENGINES = ("here", "ray")
Progress = Callable[[float], None]


What = str | Path | Experiment
"""An id, an Experiment, `FILE.py`, or `FILE.py::phenomenon/experiment`."""


def phenomena() -> tuple[Phenomenon, ...]:
    """Every phenomenon with its experiments, in the order of the pages."""
    return registry.phenomena()


def experiments() -> list[Experiment]:
    """Every experiment, in the order of the pages."""
    return registry.experiments()


def experiment(name: str) -> Experiment:
    """The experiment of that id.

    Raises:
        ValueError: there is none; the sentence names the nearest or all.
    """
    return registry.experiment(name)


def run(
    what: What,
    *,
    preset: str | None = None,
    seed: int | None = None,
    seeds: int = 1,
    device: str = "auto",
    out: str | Path | None = None,
    overwrite: bool = False,
    progress: Progress | None = None,
    **knobs: Any,
) -> xr.DataTree:
    """Predict, train, judge: the tree of task, prediction, run and claims.

    `what` is an id, an Experiment, or `FILE.py`, which is code and is run. Where data of one's own
    are taken, `data=(X, y)` gives them, X (sample, feature) and y (sample,), classes or numbers;
    they are in the tree as `own_X` and `own_y`. A preset with `over` is a sweep and gives a sweep's
    tree. `out` also writes the file, whole or not at all; one that is there is replaced with
    `overwrite=True` alone.

    Raises:
        ValueError: a bad knob, preset, experiment, device or file name, a place where nothing can
            be written, or a file that is there already; one sentence, before anything is computed.
        NotWritten: the file could not be written in the end; the exception's `tree` is the result,
            and its `kept` the file that holds it.
    """
    found = find(what)
    if out is not None:
        archive.check_path(out, overwrite=overwrite)
    over = (found.preset(preset).over if preset else None) or found.over
    if over is not None:
        return sweep(
            found, over, preset=preset, seed=seed, seeds=seeds, device=device, out=out,
            overwrite=overwrite, progress=progress, **knobs,
        )  # fmt: skip
    check_device(device)
    study = Study(found, knobs, preset=preset, seed=seed, seeds=seeds)
    with compilation.persistent_cache():
        start = study.freeze()
        device = start.device(device).name
        made = start.run(device)
        while not made.done:
            made.advance(0.1)
            if progress is not None:
                progress(made.rows / made.total_rows)
        tree = start.tree(start.judge(made), device)
    return _written(tree, out)


def predict(
    what: What,
    *,
    preset: str | None = None,
    seed: int | None = None,
    seeds: int = 1,
    out: str | Path | None = None,
    overwrite: bool = False,
    **knobs: Any,
) -> xr.DataTree:
    """The prediction alone: the tree of task and prediction; see `run`."""
    if out is not None:
        archive.check_path(out, overwrite=overwrite)
    study = Study(find(what), knobs, preset=preset, seed=seed, seeds=seeds)
    with compilation.persistent_cache():
        tree = study.freeze().tree()
    return _written(tree, out)


def sweep(
    what: What,
    over: Mapping[str, Any],
    *,
    preset: str | None = None,
    seed: int | None = None,
    seeds: int = 1,
    device: str = "auto",
    out: str | Path | None = None,
    overwrite: bool = False,
    resume: bool = False,
    engine: str = "here",
    address: str | None = None,
    progress: Progress | None = None,
    **knobs: Any,
) -> xr.DataTree:
    """One experiment over one or two knobs and seeds, e.g. `over={"alpha": "1e-7:1e-2:12:log"}`.

    Up to 1,000,000 runs. With `out` every group of runs is on the disk, in the folder
    `<out>.parts`, as soon as it is judged; after Ctrl-C, or whatever ended it, `resume=True`
    completes it, bit for bit as if nothing had happened. A tree with variables too large for
    memory is read from the file as it is asked for.

    `engine="ray"` computes it on the cores of this machine, or on the cluster of that `address`;
    every variable is the same, bit for bit on the same kind of processor.

    Raises:
        ValueError: as `run`; also a list-valued knob, one that is set besides, a value that stands
            twice, more than two axes, too many runs, parts of other settings to resume, no Ray, or
            no cluster that answers.
        ConnectionError: the cluster was lost; what is done is kept.
        NotWritten: as `run`; the parts are kept as well.
    """
    from sims.core.grid import Grid
    from sims.core.swept import swept

    if out is not None:
        archive.check_path(out, overwrite=overwrite or resume)
    elif resume:
        raise ValueError("Only a sweep with a file can be resumed: give out.")
    for name in over:
        if name in knobs:
            raise ValueError(f"{name} is both set and swept over: give it once.")
    if engine not in ENGINES:
        raise ValueError(f"engine = {engine} is not allowed: give here or ray.")
    if address is not None and engine != "ray":
        raise ValueError("Only Ray has an address: give engine='ray' too.")
    grid = Grid.of(find(what), knobs, over, preset=preset, seed=seed, seeds=seeds)
    how: dict[str, Any] = {"overwrite": overwrite, "resume": resume}
    if out is not None:
        how["out"] = Path(out)
    if progress is not None:
        how["told"] = progress
    with contextlib.ExitStack() as stack:
        stack.enter_context(compilation.persistent_cache())
        if engine == "ray":
            from sims.core.cluster import connected

            how["engine"] = stack.enter_context(connected(address))
            how["engine"].check(device)
        if engine == "here" or device != "gpu":  # a cluster may have cards that are not here
            check_device(device)
            device = chosen_device(device)
        return swept(grid, device=device, **how)


def same(tree: xr.DataTree, other: xr.DataTree) -> bool:
    """Whether two trees predict the same: every number to 1e-9 of the largest in its variable.

    Holds across versions and machines, where the hash, which sees the last bit, may differ.

    Raises:
        ValueError: one of them has no prediction.
    """
    for one in (tree, other):
        if "prediction" not in one.children:
            raise ValueError(
                "There is no prediction in this tree: give one of predict, run or sweep."
            )
    return alike(tree["prediction"].to_dataset(), other["prediction"].to_dataset())


def compare_runs(*runs: xr.DataTree | str | Path) -> xr.Dataset:
    """Finished runs of one experiment, trees or files: knobs that differ, all claims side by side.

    See `sims.core.compared_runs` for what the Dataset holds.

    Raises:
        ValueError: fewer than two runs, of different experiments, a sweep, or one that is not
            judged; one sentence.
    """
    from sims.core.compared_runs import compared_runs, named

    return compared_runs(named(runs))


def _written(tree: xr.DataTree, out: str | Path | None) -> xr.DataTree:
    if out is not None:
        archive.write(tree, out)
    return tree


def list_experiments() -> list[dict[str, Any]]:
    """Experiments as plain data: id, title, question, knobs, presets, claims."""
    return [
        {
            "id": e.name,
            "title": e.title,
            "question": e.question,
            "knobs": [
                {
                    "name": k.name, "symbol": k.symbol, "unit": k.unit, "label": k.label,
                    "default": "auto" if k.default is None else k.default,
                    "lo": _finite(k.lo), "hi": _finite(k.hi),
                    "hard_lo": _finite(k.hard_lo), "hard_hi": _finite(k.hard_hi),
                    "scale": k.scale, "choices": list(k.choices), "static": k.static,
                    "help": k.help, "allowed": allowed(k),
                }
                for k in knobs_of(e.Params).values()
            ],
            "presets": [
                {
                    "id": p.id, "title": p.title, "look_for": look_for(e, p),
                    "verdicts": dict(p.verdicts),
                }
                for p in e.presets
            ],
            "claims": [{"name": c.name, "title": c.title} for c in e.claims],
        }
        for e in experiments()
    ]  # fmt: skip


def _finite(value: float) -> float | None:
    return value if abs(value) < float("inf") else None


def replayed(tree: xr.DataTree, what: What | None = None) -> Prepared:
    """What the run of a file began from: drawn anew from its attributes, with its prediction.

    `what` names the experiment where its id is not known here, such as a plug-in's file.

    Raises:
        ValueError: there is no experiment of that id here; one sentence.
    """
    attrs = tree.attrs
    try:
        found = find(what if what is not None else str(attrs["experiment"]))
    except ValueError:
        if what is not None or "origin" not in attrs:
            raise
        way = "name that file; its text is the attribute origin_source."
        if "origin_distribution" in attrs:
            way = "install that distribution."
        raise ValueError(
            f"The run is of {attrs['experiment']} {attrs['origin']}, which is not here: {way}"
        ) from None
    study = Study(
        found, archive.params_of(tree), seed=int(attrs["seed"]), seeds=int(attrs["seeds"])
    )
    prediction = tree["prediction"].to_dataset()
    return Prepared(study.setup, prediction, attrs["prediction_sha256"], str(attrs["predicted_at"]))


__all__ = [
    "experiment", "experiments", "list_experiments", "phenomena", "plain", "predict", "read",
    "replayed", "run", "same", "sweep",
]  # fmt: skip
