"""Figures of a sweep over one knob: where every run ends, on the line where it should."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from app.figures.panels import (
    Panel,
    View,
    axis,
    constantly,
    first_seed,
    legend,
    linear_range,
    panel,
    run_traces,
    theory_trace,
)
from app.figures.reading import Tolerances
from app.figures.style import italic, symbol

KNOB_WORDS = {
    "imbalance": ("imbalance", italic("R")),
    "init_scale": ("initial scale", italic("ε")),
    "lambda_w": ("decay", symbol("λ", "W")),
    "lambda_h": ("decay of the features", symbol("λ", "H")),
    "classes": ("classes", italic("K")),
    "width": ("width", italic("d")),
    "eta": ("learning rate", italic("η")),
    "label_noise": ("share of random labels", ""),
}
LEVELS = {
    "loss": ("loss_final", "Loss at the end", italic("L")),
    "objective": ("objective_final", "Loss with decay at the end", italic("J")),
    "margin": ("margin_final", "Margin at the end", italic("a")),
    "feature_norm": ("feature_norm_final", "Length of class means", f"|{symbol('m', 'k')}|"),
    "minority_cosine": ("minority_cosine_final", "Cosine between small classes", ""),
    "test_accuracy": ("", "Accuracy on the test set", ""),
}
DECADES = {
    "orientation_error": ("Distance to the predicted corners", [-3.6, 0.6]),
    "nc1_trace": ("Spread within over between classes", [-16.0, 1.5]),
}


def free_features_swept(prediction: xr.Dataset, over: str, tolerances: Tolerances) -> View:
    """Loss, margin, lengths, and what the knob decides."""
    del tolerances
    last = {"imbalance": "minority_cosine", "init_scale": "orientation_error"}
    return _view(prediction, over, ["loss", "margin", "feature_norm", last.get(over, "nc1_trace")])


def real_network_swept(prediction: xr.Dataset, over: str, tolerances: Tolerances) -> View:
    """Objective, margin, spread within classes, and the test set."""
    del tolerances
    return _view(prediction, over, ["objective", "margin", "nc1_trace", "test_accuracy"])


def _view(prediction: xr.Dataset, over: str, names: list[str]) -> View:
    panels = [_panel(prediction, over, name) for name in names]
    return View(panels, legend=legend(panels, {}, prediction.sizes.get("seed", 1)))


def _along(over: str, at: np.ndarray) -> dict[str, Any]:
    words, letter = KNOB_WORDS.get(over, (over, ""))
    title = f"{words} {letter}".strip()
    if at.min() > 0 and at.max() > 20 * at.min():
        ends = np.log10([at.min(), at.max()])
        return axis(title, linear_range(ends[0], ends[1], pad=0.04), log=True)
    return axis(title, linear_range(float(at.min()), float(at.max()), pad=0.04))


def _panel(prediction: xr.Dataset, over: str, name: str) -> Panel:
    at = np.asarray(prediction[over].values, float)
    traces = run_traces(name, x=over, markers=True)
    if name in DECADES:
        title, log = DECADES[name]
        return panel(
            name, title, "", traces, x=_along(over, at), y="at the end", log=log,
            empty="appears with the run", alt=constantly(f"{title} at the end, against {over}."),
        )  # fmt: skip
    theory, title, letter = LEVELS[name]
    y = np.zeros(0)
    if theory in prediction:
        y = np.asarray(first_seed(prediction)[theory].values, float)
        order = np.argsort(at)
        traces.append(theory_trace(at[order], y[order], ""))
    seen = np.append(y[np.isfinite(y)], [0.0, 0.0 if y.size else 1.0])
    return panel(
        name,
        title,
        letter,
        traces,
        x=_along(over, at),
        y="at the end",
        linear=linear_range(float(seen.min()), float(seen.max()), pad=0.12),
        empty="" if y.size else "appears with the run",
        alt=constantly(f"{title} against {over}, with its prediction."),
    )
