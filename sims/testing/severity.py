"""Whether a claim would land where there is nothing to see."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sims.core.baseline import apart
from sims.core.comparison import Comparison
from sims.core.controls import Trial, survivors, sweep_survivors
from sims.core.prediction import of_seed
from sims.core.sentences import said
from sims.core.sweep import Sweep
from sims.testing.checked import Checked


def controls(checked: Checked) -> Iterator[str]:
    """No claim that lands at the defaults lands in its controls."""
    experiment = checked.experiment
    yield from _swept(checked)
    if experiment.over is not None:
        return
    names = [claim.name for claim in experiment.claims]
    for control in experiment.controls:
        for name in sorted(set(control.claims) - set(names)):
            yield (
                f"control {control.name!r} is about {name!r}, which is no claim: there are "
                f"{', '.join(names)}."
            )
    yield from _unguessed(checked)
    for one in survivors(*checked.default):
        yield _sentence(one)


def _swept(checked: Checked) -> Iterator[str]:
    """Claims of whole sweeps that land where nothing is trained, or where the guess does."""
    for preset in checked.presets:
        over = preset.over or checked.experiment.over
        if over is None or not checked.experiment.sweep_claims:
            continue
        sweep = Sweep(checked.experiment, {}, over, preset=preset.id)
        sweep.predict()
        for one in sweep_survivors(sweep, checked.tree(preset)["claims"].to_dataset()):
            yield f"preset {preset.id}: {_sentence(one)}"


def _sentence(one: Trial) -> str:
    return (
        f"{one.claim} lands although {one.twist}: its error is {said(one.error)} of "
        f"{said(one.tolerance)} allowed. Tighten it, give it a baseline, or drop it."
    )


def _unguessed(checked: Checked) -> Iterator[str]:
    """Claims that are judged at the defaults, although their guess was not made, or not asked."""
    study, run = checked.default
    start = study.freeze()
    claims = start.judge(run).claims
    if claims is None or start.prediction is None:
        return
    params, first = start.setup.params, of_seed(start.prediction, 0)
    for claim in checked.experiment.claims:
        row = claims.sel(claim=claim.name)
        judged = str(row["verdict"].item()) != "not judged"
        if claim.baseline is None or not judged:
            continue
        if bool(row["baseline_error"].isnull().any()):
            yield (
                f"{claim.name} is judged, and nothing is guessed of it: its baseline asks for what "
                "is not predicted."
            )
        elif isinstance(claim.compare, Comparison) and np.isnan(apart(claim, params, first)[0]):
            yield (
                f"{claim.name} is judged, and nobody knows before the run whether its guess would "
                "land too: it is compared by more than what is predicted."
            )
