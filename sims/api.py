"""The Python twin of the page and the command: run, predict, sweep, list_experiments."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import xarray as xr

from sims.core import archive, compilation
from sims.core.devices import chosen_device
from sims.core.experiment import Experiment, Phenomenon
from sims.core.knobs import allowed, knobs_of, plain
from sims.core.study import Prepared, Study
from sims.edge_of_stability import PHENOMENON as EDGE_OF_STABILITY
from sims.grokking import PHENOMENON as GROKKING
from sims.lazy_rich import PHENOMENON as LAZY_RICH
from sims.neural_collapse import PHENOMENON as NEURAL_COLLAPSE
from sims.saddle_to_saddle import PHENOMENON as SADDLE_TO_SADDLE

PHENOMENA: tuple[Phenomenon, ...] = (
    SADDLE_TO_SADDLE, EDGE_OF_STABILITY, LAZY_RICH, NEURAL_COLLAPSE, GROKKING,
)  # fmt: skip

Progress = Callable[[float], None]


def experiments() -> list[Experiment]:
    """Every experiment, in the order of the pages."""
    return [e for phenomenon in PHENOMENA for e in phenomenon.experiments]


def experiment(name: str) -> Experiment:
    """The experiment of that id.

    Raises:
        ValueError: there is none; the sentence names the nearest or all.
    """
    known = {e.name: e for e in experiments()}
    if name in known:
        return known[name]
    near = difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean {near[0]}?" if near else "there are " + ", ".join(known) + "."
    raise ValueError(f"There is no experiment {name!r}; {hint}")


def run(
    name: str,
    *,
    preset: str | None = None,
    seed: int | None = None,
    seeds: int = 1,
    device: str = "auto",
    out: str | Path | None = None,
    progress: Progress | None = None,
    **knobs: Any,
) -> xr.DataTree:
    """Predict, train, judge: the tree of task, prediction, run and claims.

    A preset with `over` is a sweep and gives a sweep's tree. `out` also writes the file.

    Raises:
        ValueError: a bad knob, preset, experiment, device or file name; one sentence.
    """
    found = experiment(name)
    if out is not None:
        archive.check_path(out)
    over = (found.preset(preset).over if preset else None) or found.over
    if over is not None:
        return sweep(
            name, over, preset=preset, seed=seed, seeds=seeds, device=device, out=out,
            progress=progress, **knobs,
        )  # fmt: skip
    study = Study(found, knobs, preset=preset, seed=seed, seeds=seeds)
    compilation.use_persistent_cache()
    start = study.freeze()
    device = start.device(device)
    made = start.run(device)
    while not made.done:
        made.advance(0.1)
        if progress is not None:
            progress(made.rows / made.total_rows)
    return _written(start.tree(start.judge(made), device), out)


def predict(
    name: str,
    *,
    preset: str | None = None,
    seed: int | None = None,
    seeds: int = 1,
    out: str | Path | None = None,
    **knobs: Any,
) -> xr.DataTree:
    """The prediction alone: the tree of task and prediction; see `run`."""
    if out is not None:
        archive.check_path(out)
    study = Study(experiment(name), knobs, preset=preset, seed=seed, seeds=seeds)
    compilation.use_persistent_cache()
    return _written(study.freeze().tree(), out)


def sweep(
    name: str,
    over: Mapping[str, Any],
    *,
    preset: str | None = None,
    seed: int | None = None,
    seeds: int = 1,
    device: str = "auto",
    out: str | Path | None = None,
    progress: Progress | None = None,
    **knobs: Any,
) -> xr.DataTree:
    """One experiment over one or two knobs and seeds, e.g. `over={"alpha": "1e-7:1e-2:12:log"}`.

    Raises:
        ValueError: as `run`; also a list-valued knob, more than two axes, or too many points.
    """
    from sims.core.sweep import Sweep

    if out is not None:
        archive.check_path(out)
    device = chosen_device(device)
    if device == "auto":  # many runs side by side are what an accelerator is good at
        device = "gpu"
    made = Sweep(
        experiment(name), knobs, over, preset=preset, seed=seed, seeds=seeds, device=device
    )
    compilation.use_persistent_cache()
    made.predict()
    run = made.run()
    run.finish(progress)
    return _written(run.tree(), out)


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
                {"id": p.id, "title": p.title, "look_for": p.look_for, "verdicts": dict(p.verdicts)}
                for p in e.presets
            ],
            "claims": [{"name": c.name, "title": c.title} for c in e.claims],
        }
        for e in experiments()
    ]  # fmt: skip


def _finite(value: float) -> float | None:
    return value if abs(value) < float("inf") else None


def replayed(tree: xr.DataTree) -> Prepared:
    """What the run of a file began from: drawn anew from its attributes, with its prediction."""
    attrs = tree.attrs
    study = Study(
        experiment(attrs["experiment"]),
        archive.params_of(tree),
        seed=int(attrs["seed"]),
        seeds=int(attrs["seeds"]),
    )
    prediction = tree["prediction"].to_dataset()
    return Prepared(study.setup, prediction, attrs["prediction_sha256"], str(attrs["predicted_at"]))


__all__ = [
    "PHENOMENA", "experiment", "experiments", "list_experiments", "plain", "predict", "replayed",
    "run", "sweep",
]  # fmt: skip
