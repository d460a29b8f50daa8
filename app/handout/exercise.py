"""The exercise of a hand-out: the experiment's own, or one that follows from its presets."""

from __future__ import annotations

from app.handout.settings import said
from sims.core.experiment import Experiment, Preset
from sims.core.knobs import knobs_of
from sims.core.setup import given


def exercise(experiment: Experiment, preset: str = "") -> str:
    """One exercise, TeX between dollars; '' for an experiment without any other settings.

    `preset` is the one that was run. Another that departs asks what no longer holds.
    """
    if experiment.exercise:
        return experiment.exercise
    others = [p for p in experiment.presets if p.id != preset and p.params and p.over is None]
    broken = next((p for p in others if "departs" in p.verdicts.values()), None)
    if broken is not None:
        return f"Set {_set(experiment, broken)}. Which claims no longer hold, and why?"
    if others:
        return f"Set {_set(experiment, others[0])}. What changes, and what does the law say of it?"
    return ""


def _set(experiment: Experiment, preset: Preset) -> str:
    """The knobs of a preset in words."""
    knobs, params = knobs_of(experiment.Params), given(experiment, {}, preset.id)
    return ", ".join(said(knobs[name], getattr(params, name)) for name in preset.params)
