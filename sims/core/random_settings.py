"""All knobs of an experiment drawn at once, over the ranges of their sliders."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from sims.core.experiment import Experiment
from sims.core.knobs import Knob, knobs_of, unused_knobs

KEPT = 0.5
"""Chance that a knob which follows from the others is left to do so."""
WIDEST = 2.0
"""Decades a range without an end reaches beyond the default."""


def settings(experiment: Experiment, count: int, seed: int) -> Iterator[dict[str, Any]]:
    """So many settings, the same ones for the same seed; some may be refused.

    Numbers are uniform over the slider's range, or in their logarithm where that is its scale;
    choices are equally likely; lists stay at their default, and so do the axes of an experiment
    that is a sweep, and a knob that plays no part beside the others. An experiment's `feasible`
    then makes them fit together. The run's own seed is drawn, too.
    """
    rng = np.random.default_rng(seed)
    axes = experiment.over or ()
    knobs = {name: k for name, k in knobs_of(experiment.Params).items() if name not in axes}
    defaults = {name: k.default for name, k in knobs_of(experiment.Params).items()}
    for _ in range(count):
        drawn = {name: value for name, k in knobs.items() if (value := _drawn(k, rng)) is not None}
        drawn |= {k: v for k, v in experiment.feasible(defaults | drawn).items() if k not in axes}
        idle = unused_knobs(experiment.Params, defaults | drawn)
        kept = {name: value for name, value in drawn.items() if name not in idle}
        yield {**kept, "seed": int(rng.integers(1000))}


def _drawn(knob: Knob, rng: np.random.Generator) -> Any:
    """A value of one knob; None leaves it as it is."""
    if knob.auto and rng.random() < KEPT:
        return None
    if knob.choices:
        return knob.choices[int(rng.integers(len(knob.choices)))]
    if knob.kind == "bool":
        return bool(rng.random() < 0.5)
    if knob.kind not in ("float", "int"):
        return None
    lo, hi = _ends(knob)
    if not lo < hi:
        return None
    if knob.scale == "log" and lo > 0:
        value = math.exp(rng.uniform(math.log(lo), math.log(hi)))
    else:
        value = rng.uniform(lo, hi)
    if knob.kind == "int":
        return min(max(round(value), math.ceil(lo)), math.floor(hi))
    return min(max(float(f"{value:.4g}"), lo), hi)


def _ends(knob: Knob) -> tuple[float, float]:
    """The slider's ends; an open one lies some decades from the default."""
    size = abs(float(knob.default or 1.0)) * 10**WIDEST
    lo = knob.lo if math.isfinite(knob.lo) else -size
    return lo, knob.hi if math.isfinite(knob.hi) else size
