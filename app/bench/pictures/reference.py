"""Reference pictures made from real runs, with the numbers beside them and where they came from."""

from __future__ import annotations

from typing import Any

import numpy as np

from app.bench.pictures.thumbnail import plain
from app.figures import views
from app.figures.panels import Panel, View, first_seed, relaid
from app.live.server import columns
from sims import api
from sims.core.archive import versions
from sims.core.format import decimals
from sims.core.prediction import digest
from sims.core.simulation import Run
from sims.core.study import Study
from sims.core.sweep import Sweep
from sims.core.sweep_run import SweepRun


def made(spec: dict[str, Any]) -> dict[str, Any]:
    """One reference picture: the figure, the pair of numbers, the verdicts, where it came from."""
    experiment = api.experiment(spec["experiment"])
    study = Study(experiment, preset=spec["preset"], seeds=spec["seeds"])
    foreseen, start = study.predict(), study.freeze()
    run = start.run()
    run.finish()
    judged = start.judge(run)
    assert judged.claims is not None
    verdicts = [str(v) for v in judged.claims["verdict"].values]
    view = views.view(experiment, foreseen, start.before()[1])
    panel = next(p for p in view.panels if p.id == spec["panel"])
    number = first_seed(foreseen)[spec["number"]].values
    if "window" in spec:
        shown = [0.0, spec["window"] * float(np.ravel(number)[0])]
        panel = relaid(panel, xaxis={**panel.plain["layout"]["xaxis"], "range": shown})
    drawn = finished(panel, view, run, foreseen, start.setup.schedule)
    return {
        "experiment": experiment.name,
        "preset": spec["preset"],
        "title": spec["title"],
        "seeds": spec["seeds"],
        "steps": start.setup.schedule.steps,
        "predicted": said(number, spec),
        "measured": said(*_measured(first_seed(judged.seen), spec)),
        "compared": spec["words"],
        "landed": verdicts.count("lands"),
        "surprises": verdicts.count("surprise"),
        "judged": sum(v != "not judged" for v in verdicts),
        "prediction_sha256": start.hash,
        "versions": versions(),
        "figure": plain(drawn.to_plotly_json()),
    }


def made_of_sweep(spec: dict[str, Any]) -> dict[str, Any]:
    """The same of a sweep, judged by what is claimed of all its points together.

    Of two swept knobs the picture shows the second, at the last value of the first; without `over`
    it is the map over the preset's own two.
    """
    experiment = api.experiment(spec["experiment"])
    over = spec["over"] or dict(experiment.preset(spec["preset"]).over or {})
    sweep = Sweep(experiment, {}, over, preset=spec["preset"], seeds=spec["seeds"])
    sweep.predict()
    run = sweep.run()
    run.finish()
    if spec["over"] is None:
        return made_of_map(spec, run)
    *others, over = sweep.axes
    at, whole = sweep.axes[over], sweep.prediction()
    foreseen = whole.isel(dict.fromkeys(others, -1))
    found = [run.result(i).seen for i in range(len(run.starts))][-len(at) :]
    seen = np.stack([f[spec["number"]].values for f in found], axis=1)
    view = views.sweep_view(experiment, foreseen, (over,))
    panel = next(p for p in view.panels if p.id == spec["panel"])
    arrays = {spec["number"]: seen, over: np.tile(at.astype(float), (len(seen), 1))}
    source = columns.Source(arrays, {}, len(at), 0, foreseen, view.derived)
    figure = columns.filled(panel.plain, source, np.arange(len(at)), at)
    claims = run.tree()["claims"].to_dataset()
    verdicts = [str(v) for v in np.ravel(claims["sweep_verdict"].values)]
    return {
        "experiment": experiment.name,
        "preset": spec["preset"],
        "title": spec["title"],
        "seeds": spec["seeds"],
        "steps": sweep.setups[0].schedule.steps,
        "predicted": said(foreseen[spec["number"]].isel(seed=0).values, spec),
        "measured": said(seen[0], spec),
        "compared": spec["words"],
        "landed": verdicts.count("lands"),
        "judged": sum(v != "not judged" for v in verdicts),
        "prediction_sha256": digest(whole),
        "versions": versions(),
        "figure": plain(figure.to_plotly_json()),
    }


def made_of_map(spec: dict[str, Any], run: SweepRun) -> dict[str, Any]:
    """A map over two knobs with every cell filled; no number stands for it."""
    sweep = run.sweep
    foreseen = sweep.prediction()
    view = views.sweep_view(sweep.experiment, foreseen, tuple(sweep.axes))
    panel = next(p for p in view.panels if p.id == spec["panel"])
    found = [run.result(i).seen for i in range(len(run.starts))]
    maps = {
        f"{name}_map": np.stack([f[name].values for f in found], axis=1).reshape(
            spec["seeds"], 1, *sweep.shape
        )
        for name, variable in found[0].data_vars.items()
        if variable.dims == ("seed",)
    }
    records = {"points": np.ones((spec["seeds"], 1))}
    source = columns.Source(records, maps, 1, 1, foreseen, view.derived)
    figure = columns.filled(panel.plain, source, np.ones(1), np.ones(1), [0])
    return {
        "experiment": sweep.experiment.name,
        "preset": spec["preset"],
        "title": spec["title"],
        "seeds": spec["seeds"],
        "steps": sweep.setups[0].schedule.steps,
        "predicted": "",
        "measured": "",
        "compared": "",
        "landed": 0,
        "judged": 0,
        "prediction_sha256": digest(foreseen),
        "versions": versions(),
        "figure": plain(figure.to_plotly_json()),
    }


def finished(panel: Panel, view: View, run: Run, foreseen: Any, schedule: Any) -> Any:
    """The panel's figure with a finished run drawn in."""
    source = columns.Source(
        run.records, run.snapshots, run.rows, run.snapshot_rows, foreseen, view.derived
    )
    rows = (schedule.record_steps, schedule.record_times, schedule.snapshot_records)
    return columns.filled(panel.plain, source, *rows)


def _measured(seen: Any, spec: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """What was measured under the predicted name, or the end of the curve named by `run`."""
    if "run" in spec:
        return seen[spec["run"]].values, {**spec, "entry": -1}
    return seen[spec["number"]].values, spec


def said(values: Any, spec: dict[str, Any]) -> str:
    """The number of a picture in words."""
    number = float(np.ravel(values)[spec.get("entry", 0)])
    return decimals(number, spec.get("places", 3))
