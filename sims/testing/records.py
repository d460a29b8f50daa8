"""What `lmx check --random` and `--ledger` run: an experiment's claims where nobody chose."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable

from sims.core import archive
from sims.core.blame import blamed
from sims.core.controls import Trial, trials
from sims.core.experiment import Experiment, Preset
from sims.core.ledger import PresetEnd, Record
from sims.core.outcome import Tally
from sims.core.price import everyday
from sims.core.random_settings import settings
from sims.core.study import Study
from sims.core.survey import Survey, called, run_scores
from sims.core.sweep import Sweep
from sims.core.swept_scores import swept_scores

Told = Callable[[float], None]
DEVICE = "cpu"
MOST_DRAWN = 40
"""Times as many settings are drawn as are asked for, until so many are taken."""
NUMBER = re.compile(r"(?<![\w.])[−-]?\d+(\.\d+)?(e-?\d+)?")


def random_settings(
    experiment: Experiment, count: int, seed: int = 0, told: Told = lambda _: None
) -> Survey:
    """What becomes of the claims at so many settings of all knobs at once.

    Settings that are refused are counted beside them. They are the same ones for the same seed;
    `told` hears of the progress.
    """
    survey, taken = Survey(experiment), 0
    for one in survey.of(settings(experiment, MOST_DRAWN * count, seed)):
        taken += one.end != "refused"
        told(taken / count)
        if taken == count:
            break
    return survey


def ledger(
    experiment: Experiment, count: int, seed: int = 0, told: Told = lambda _: None
) -> Record:
    """The record of an experiment: every preset, so many random settings, and every control."""
    tried = everyday(experiment)
    whole = len(tried) + count + 1
    presets = []
    for preset in tried:
        presets.append(preset_end(experiment, preset))
        told(len(presets) / whole)
    found = random_settings(
        experiment, count, seed, lambda share: told((len(presets) + share * count) / whole)
    )
    return record(found, seed, tuple(presets), _trials(experiment))


def record(
    survey: Survey,
    seed: int,
    presets: tuple[PresetEnd, ...] = (),
    controls: tuple[Trial, ...] = (),
) -> Record:
    """A record of what was found, as of now."""
    experiment, versions = survey.experiment, archive.versions()
    claims = (*experiment.claims, *experiment.sweep_claims)
    taken = [one for one in survey.outcomes if one.end != "refused"]
    refused = Counter(NUMBER.sub("…", one.why) for one in survey.outcomes if one.end == "refused")
    return Record(
        experiment.name, called(experiment), archive.now()[:10],
        versions["learning-mechanics-explorer"], versions, DEVICE, seed,
        {claim.name: claim.title for claim in claims}, presets, Tally(taken), controls,
        dict(refused.most_common()),
    )  # fmt: skip


def preset_end(experiment: Experiment, preset: Preset) -> PresetEnd:
    """What a preset comes to; one that raises has failed, and says why."""
    said = preset.id, preset.title, dict(preset.verdicts)
    over = preset.over or experiment.over
    try:
        if over is not None:
            sweep = Sweep(experiment, {}, over, preset=preset.id)
            sweep.predict()
            made = sweep.run()
            made.finish()
            found = swept_scores(made)
            return PresetEnd(*said, found.scores, found.points)
        start = Study(experiment, preset=preset.id).freeze()
        run = start.run(DEVICE)
        run.finish()
        return PresetEnd(*said, run_scores(start, run))
    except Exception as error:
        return PresetEnd(*said, {}, why=blamed(error, experiment))


def _trials(experiment: Experiment) -> tuple[Trial, ...]:
    """Every control of the defaults; a sweep has none."""
    if experiment.over is not None:
        return ()
    return tuple(trials(Study(experiment)))
