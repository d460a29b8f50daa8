"""Figures of sweeps over one knob: each point is a run, the line is the prediction."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import xarray as xr

from app.figures.lazy_rich.training import known, law_panel, points, quotient, ratio, ratio_panel
from app.figures.panels import Derived, Panel, View, legend, relaid
from app.figures.reading import SLASH, Tolerances
from app.figures.style import italic, symbol

DERIVED: Derived = {
    "grok_time_gap": ratio("grok_time"),
}
KNOBS = {
    "ratio": f"dimensions per sample {italic('λ')}",
    "d": f"input dimension {italic('d')}",
    "replicas": f"outputs {italic('k')}",
    "eps": f"tolerated squared error {italic('ε')}",
    "level": f"accuracy to reach {symbol('A', '', '*')}",
    "weight_decay": f"weight decay {italic('γ')}",
    "student_variance": f"student variance {symbol('σ', '', '2')}",
    "teacher_variance": f"teacher variance {symbol('τ', '', '2')}",
    "alpha": f"initial scale {italic('α')}",
    "init_scale": f"initial scale {italic('σ')}",
    "width": f"neurons {italic('H')}",
    "eta": f"learning rate {italic('η')}",
    "k": f"features that matter {italic('k')}",
}
T_TRAIN, T_GEN = symbol("t", "tr"), symbol("t", "gen")
T_GROK = symbol("t", "grok")


def _view(prediction: xr.Dataset, over: str, panels: list[Panel], words: str) -> View:
    """The panels with the swept knob in words under each."""
    if over in KNOBS:
        panels = [_titled(one, KNOBS[over]) for one in panels]
    seeds = prediction.sizes.get("seed", 1)
    return View(panels, (), (), legend(panels, {"theory": words}, seeds), DERIVED)


def _titled(one: Panel, words: str) -> Panel:
    return relaid(one, xaxis={**one.plain["layout"]["xaxis"], "title": {"text": words}})


def delays(prediction: xr.Dataset, over: str, tolerances: Tolerances) -> View:
    """Both times of the linear estimator and their ratio against a knob."""
    panels = [
        law_panel(prediction, over, "grok_time", "Grokking time", T_GEN),
        ratio_panel(
            prediction, over, "grok_time_gap", quotient("t"), known(tolerances, "grok_time", 0.055)
        ),
        law_panel(prediction, over, "delay", "Delay", f"{T_GEN}{SLASH}{T_TRAIN}"),
        law_panel(prediction, over, "train_time", "Train time", T_TRAIN),
    ]
    return _view(prediction, over, panels, "theory, Marchenko-Pastur")


def clocks(prediction: xr.Dataset, over: str, tolerances: Tolerances) -> View:
    """Grokking time of the diagonal network against a knob."""
    scale: Any = "log" if over == "weight_decay" else "linear"
    panels = [
        law_panel(prediction, over, "grok_time", "Grokking time", T_GROK, scale=scale),
        ratio_panel(
            prediction, over, "grok_time_gap", quotient("t"), known(tolerances, "grok_time", 0.04)
        ),
    ]
    return _view(prediction, over, panels, "theory, decaying interpolator")


def drops(prediction: xr.Dataset, over: str, tolerances: Tolerances) -> View:
    """The first drop of the staircase against a knob, above its bound."""
    del tolerances
    panels = [_bound(prediction, over)]
    return _view(prediction, over, panels, "theory, a bound from below")


def _bound(prediction: xr.Dataset, over: str) -> Panel:
    drawn = law_panel(
        prediction,
        over,
        "first_drop_bound",
        "First drop and its bound",
        symbol("t", 1),
        measured=False,
        note="the run's first drop must lie above the dashes",
    )
    traces = [*points("first_drop", over), *drawn.plain["data"]]
    return replace(drawn, plain={**drawn.plain, "data": traces})
