"""Reference pictures of the home page, made from real runs: `python -m app.figures.reference`.

Each picture is a panel of a finished run with its colours still roles, thinned, and the numbers
beside it; nothing is typed by hand.
"""

from __future__ import annotations

import base64
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

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

FOLDER = Path(__file__).resolve().parents[2] / "assets" / "reference"
DIGITS = 4

# `window`: the picture ends at so many times the predicted number; `places`: its decimals;
# `entry`: which entry of the number is shown, the first one otherwise; `over`: a sweep (None: the
# preset's own, as a map); `run`: the curve whose end is compared, where no number is measured.
PICTURES: tuple[dict[str, Any], ...] = (
    {
        "file": "opening",
        "experiment": "saddle_to_saddle/linear_network",
        "preset": "staircase",
        "seeds": 8,
        "panel": "loss",
        "title": "Loss of a two-layer linear network",
        "number": "jump_times",
        "words": "time of the first drop",
    },
    {
        "file": "saddle_to_saddle-linear_network",
        "experiment": "saddle_to_saddle/linear_network",
        "preset": "staircase",
        "seeds": 8,
        "panel": "mode_strengths",
        "title": "Mode strengths",
        "number": "jump_times",
        "words": "time of the first drop",
    },
    {
        "file": "saddle_to_saddle-diagonal_network",
        "experiment": "saddle_to_saddle/diagonal_network",
        "preset": "sparse_regression",
        "seeds": 1,
        "panel": "weights",
        "title": "Weights",
        "number": "jump_times",
        "words": "time of the first jump",
    },
    {
        "file": "saddle_to_saddle-matrix_completion",
        "experiment": "saddle_to_saddle/matrix_completion",
        "preset": "matrix_completion",
        "seeds": 1,
        "panel": "singular_values",
        "title": "Singular values",
        "number": "first_escape_time",
        "words": "time of the first escape",
        "window": 3,
    },
    {
        "file": "edge_of_stability-neural_network",
        "experiment": "edge_of_stability/neural_network",
        "preset": "rides_the_edge",
        "seeds": 1,
        "panel": "sharpness",
        "title": "Sharpness over its edge",
        "number": "reach_step",
        "words": "step at 0.95 of the edge",
        "places": 0,
    },
    {
        "file": "edge_of_stability-self_stabilisation",
        "experiment": "edge_of_stability/self_stabilisation",
        "preset": "kick",
        "seeds": 1,
        "panel": "sharpness_gap",
        "title": "Sharpness above the edge",
        "number": "overshoot",
        "words": "overshoot of the sharpness",
    },
    {
        "file": "edge_of_stability-scalar_models",
        "experiment": "edge_of_stability/scalar_models",
        "preset": "period_two",
        "seeds": 1,
        "panel": "orbit",
        "title": "Orbits against the learning rate",
        "number": "orbit",
        "words": "lower point of the two-cycle",
        "places": 5,
    },
    {
        "file": "lazy_rich-two_layer_network",
        "experiment": "lazy_rich/two_layer_network",
        "preset": "lazy",
        "seeds": 1,
        "panel": "train_loss",
        "title": "Train loss",
        "number": "feature_change_final",
        "words": "change of the features",
        "places": 5,
    },
    {
        "file": "lazy_rich-diagonal_network",
        "experiment": "lazy_rich/diagonal_network",
        "preset": "l1_to_l2",
        "seeds": 1,
        "panel": "test_error_curve",
        "title": "Test error at the end, whatever the start",
        "number": "test_error_final",
        "words": "test error at the end",
    },
    {
        "file": "lazy_rich-one_neuron",
        "experiment": "lazy_rich/one_neuron",
        "preset": "downstream",
        "seeds": 1,
        "panel": "beta",
        "title": "Function learned",
        "number": "a",
        "words": "outer weight at the end",
        "entry": -1,
    },
    {
        "file": "lazy_rich-parity",
        "experiment": "lazy_rich/parity",
        "preset": "parity_kernel",
        "seeds": 1,
        "panel": "test_loss",
        "title": "Test loss",
        "number": "test_loss_final",
        "words": "test loss at the end",
    },
    {
        "file": "lazy_rich-phase_diagram",
        "experiment": "lazy_rich/phase_diagram",
        "preset": "erf",
        "seeds": 1,
        "over": {"width": "16,64", "alpha": "1e-2:31.6:61:log"},
        "panel": "feature_change_final",
        "title": "Change of the features",
        "number": "feature_change_final",
        "words": "change of the features at the last scale",
        "places": 4,
        "entry": -1,
    },
    {
        "file": "neural_collapse-free_features",
        "experiment": "neural_collapse/free_features",
        "preset": "predictable_collapse",
        "seeds": 1,
        "panel": "nc1",
        "title": "Variability within classes",
        "number": "loss_final",
        "run": "loss",
        "words": "loss at the end",
        "places": 5,
    },
    {
        "file": "neural_collapse-real_network",
        "experiment": "neural_collapse/real_network",
        "preset": "digits",
        "seeds": 1,
        "panel": "objective",
        "title": "Objective on the digits",
        "number": "objective_final",
        "run": "objective",
        "words": "objective at the end",
        "places": 4,
    },
    {
        "file": "grokking-linear_estimator",
        "experiment": "grokking/linear_estimator",
        "preset": "marchenko_pastur",
        "seeds": 1,
        "panel": "accuracy",
        "title": "Accuracy of a linear student",
        "number": "grok_time",
        "words": "step at which it generalises",
        "places": 1,
    },
    {
        "file": "grokking-modular_addition",
        "experiment": "grokking/modular_addition",
        "preset": "famous",
        "seeds": 1,
        "panel": "accuracy",
        "title": "Accuracy of addition modulo 31",
        "number": "test_accuracy_final",
        "run": "test_accuracy",
        "words": "test accuracy at the end",
    },
    {
        "file": "grokking-weight_decay_timing",
        "experiment": "grokking/weight_decay_timing",
        "preset": "decay_clock",
        "seeds": 1,
        "panel": "test_error",
        "title": "Test error",
        "number": "grok_time",
        "words": "time at which the error halves",
        "places": 1,
    },
    {
        "file": "grokking-fourier_staircase",
        "experiment": "grokking/fourier_staircase",
        "preset": "staircase",
        "seeds": 1,
        "panel": "loss",
        "title": "Loss, one frequency at a time",
        "number": "plateau_losses",
        "words": "loss of the first plateau",
        "entry": 1,
    },
    {
        "file": "grokking-phase_diagram",
        "experiment": "grokking/phase_diagram",
        "preset": "four_phases",
        "seeds": 1,
        "over": None,
        "panel": "phase",
        "title": "Four phases",
    },
)


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
        "predicted": _shown(number, spec),
        "measured": _shown(*_measured(first_seed(judged.seen), spec)),
        "compared": spec["words"],
        "landed": verdicts.count("lands"),
        "surprises": verdicts.count("surprise"),
        "judged": sum(v != "not judged" for v in verdicts),
        "prediction_sha256": start.hash,
        "versions": versions(),
        "figure": _plain(drawn.to_plotly_json()),
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
        "predicted": _shown(foreseen[spec["number"]].isel(seed=0).values, spec),
        "measured": _shown(seen[0], spec),
        "compared": spec["words"],
        "landed": verdicts.count("lands"),
        "judged": sum(v != "not judged" for v in verdicts),
        "prediction_sha256": digest(whole),
        "versions": versions(),
        "figure": _plain(figure.to_plotly_json()),
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
        "figure": _plain(figure.to_plotly_json()),
    }


def finished(panel: Panel, view: View, run: Run, foreseen: Any, schedule: Any) -> Any:
    """The panel's figure with a finished run drawn in."""
    source = columns.Source(
        run.records, run.snapshots, run.rows, run.snapshot_rows, foreseen, view.derived
    )
    rows = (schedule.record_steps, schedule.record_times, schedule.snapshot_records)
    return columns.filled(panel.plain, source, *rows)


def _number(values: Any, places: int = 3, entry: int = 0) -> str:
    return decimals(float(np.ravel(values)[entry]), places)


def _measured(seen: Any, spec: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """What was measured under the predicted name, or the end of the curve named by `run`."""
    if "run" in spec:
        return seen[spec["run"]].values, {**spec, "entry": -1}
    return seen[spec["number"]].values, spec


def _shown(values: Any, spec: dict[str, Any]) -> str:
    return _number(values, spec.get("places", 3), spec.get("entry", 0))


def _plain(value: Any) -> Any:
    """JSON data with few digits, and without what a static picture does not need."""
    if isinstance(value, dict) and "bdata" in value:
        flat = np.frombuffer(base64.b64decode(value["bdata"]), value["dtype"])
        shape = [int(n) for n in value["shape"].split(",")] if "shape" in value else [-1]
        return _plain(flat.reshape(shape))
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items() if k not in ("meta", "hovertemplate")}
    if isinstance(value, np.ndarray):
        return [_plain(v) for v in value.tolist()]
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    if isinstance(value, (float, np.floating)):
        return float(f"{value:.{DIGITS}g}") if np.isfinite(value) else None
    return value


def thumbnail(figure: dict[str, Any], *, bands: bool) -> dict[str, Any]:
    """The figure for a small card: fewer ticks, tighter margins, no curve labels."""
    hidden = ("words",) if bands else ("words", "band")
    layout = {**figure["layout"]}
    layout["margin"] = {"l": 52, "r": 8, "t": 8, "b": 40}
    layout["annotations"] = []
    for name in ("xaxis", "yaxis"):
        axis = layout[name] = {**layout[name], "nticks": 5}
        if axis.get("type") == "log" and isinstance(axis.get("dtick"), (int, float)):
            axis["dtick"] = max(axis["dtick"], int(np.ceil(np.ptp(axis["range"]) / 4)))
    data = [_thinned(t) for t in figure["data"] if t.get("legendgroup") not in hidden]
    return {"data": data, "layout": layout}


def _thinned(trace: dict[str, Any]) -> dict[str, Any]:
    """A curve with a hundred points or a few more, which a small picture cannot tell from all.

    Of a cloud of dots 600 are kept.
    """
    if trace.get("type") == "heatmap":
        return trace
    most = 600 if trace.get("mode") == "markers" else 100
    return trace | {a: trace[a][:: max(1, len(trace.get(a, ())) // most)] for a in "xy"}


def main(wanted: str = "") -> None:
    """Make every picture anew, or those whose file begins as wanted."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for spec in PICTURES:
        if not spec["file"].startswith(wanted):
            continue
        made_now = made_of_sweep(spec) if "over" in spec else made(spec)
        if spec["file"] != "opening":
            made_now["figure"] = thumbnail(made_now["figure"], bands=spec["seeds"] > 1)
        text = json.dumps(made_now, separators=(",", ":"), ensure_ascii=False)
        (FOLDER / f"{spec['file']}.json").write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
