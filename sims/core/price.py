"""Presets for a GPU: what one costs on a CPU, what is said of it, and who leaves it out."""

from __future__ import annotations

import itertools

from sims.core.experiment import Experiment, Preset
from sims.core.knobs import axis, knobs_of, with_knobs
from sims.core.sentences import said
from sims.core.setup import given

UNMEASURED = "its verdicts have not been measured"


def everyday(experiment: Experiment) -> tuple[Preset, ...]:
    """The presets that any machine runs: those that are checked, recorded and tested."""
    return tuple(preset for preset in experiment.presets if not preset.gpu)


def cpu_seconds(experiment: Experiment, preset: Preset) -> float | None:
    """Seconds that training a preset should take one thread of a CPU; None: nobody says."""
    if experiment.cpu_seconds is None:
        return None
    known, where = knobs_of(experiment.Params), experiment.name
    axes = {name: axis(known[name], text) for name, text in (preset.over or {}).items()}
    base, total = given(experiment, preset.params), 0.0
    for point in itertools.product(*axes.values()):
        chosen = dict(zip(axes, (value.item() for value in point), strict=True))
        settled = experiment.resolve(with_knobs(base, chosen, where=where), ())
        total += experiment.cpu_seconds(settled)
    return total


def look_for(experiment: Experiment, preset: Preset) -> str:
    """What to look for; of a preset for a GPU also that it is one, and its price without."""
    if not preset.gpu:
        return preset.look_for
    seconds = cpu_seconds(experiment, preset)
    price = "" if seconds is None else f", about {_time(seconds)} on one thread of a CPU"
    unknown = "" if preset.verdicts else f"; {UNMEASURED}"
    return f"{preset.look_for} For a GPU{price}{unknown}."


def _time(seconds: float) -> str:
    minutes = seconds / 60
    if minutes < 1:
        return f"{said(seconds)} seconds"
    return f"{said(minutes)} minutes" if minutes < 60 else f"{said(minutes / 60)} hours"


__all__ = ["UNMEASURED", "cpu_seconds", "everyday", "look_for"]
