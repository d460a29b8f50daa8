"""Checks that any experiment should pass, shipped or one's own.

    from sims.testing import check_experiment
    check_experiment(EXPERIMENT)

`lmx check FILE.py` prints them; this project's own tests are the same checks over every
shipped experiment. What its claims come to where nobody chose the setting, `lmx check --random`
and `--ledger` tell, and here

    survey = random_settings(EXPERIMENT, 30, seed=1)
    sims.core.ledger.written(ledger(EXPERIMENT, 30, seed=1), folder)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sims.core.experiment import Experiment, Preset
from sims.testing import knobs, runs, severity, views
from sims.testing.checked import Check, Checked, Finding, Trees, finding, quick
from sims.testing.records import ledger, random_settings

CHECKS: tuple[Check, ...] = (
    Check("defaults", "the default setting runs and is judged", runs.defaults),
    Check("presets", "every preset ends as it states", runs.presets, of_presets=True),
    Check("declared", "what is predicted and observed is as declared", runs.declared, True),
    Check("viewed", "the picture names nothing that is not there", views.viewed, True),
    Check("file", "a file read back holds the same numbers", runs.file, True),
    Check("recomputed", "prediction and run follow from the task alone", runs.recomputed, True),
    Check("moved", "moving a knob compiles nothing", knobs.moved),
    Check("refused", "bad values are refused in one sentence", knobs.refused),
    Check("seeds", "a seed is the same alone and beside others", knobs.seeds),
    Check("sharp", "a theory that is 10 % wrong does not land", runs.sharp, True),
    Check("controls", "no claim lands where there is nothing to see", severity.controls),
)
"""In the order in which they are made: what costs little, and tells most, first."""


def checks(
    experiment: Experiment,
    more: Sequence[Check] = (),
    run: Trees | None = None,
    presets: Sequence[Preset] | None = None,
) -> Iterator[Finding]:
    """Make every check, one after the other; `more` are those of whoever draws and serves it.

    Without `presets` it is checked with all of them.
    """
    checked = Checked(experiment, run, presets)
    for check in (*CHECKS, *more):
        yield finding(check, checked)


def check_experiment(experiment: Experiment) -> None:
    """Make every check of an experiment.

    Raises:
        AssertionError: something is wrong; a line for each failure.
    """
    wrongs = [f"{f.check.name}: {w}" for f in checks(experiment) for w in f.wrongs]
    if wrongs:
        raise AssertionError("\n".join([f"{experiment.name} fails:", *wrongs]))


__all__ = [
    "CHECKS", "Check", "Checked", "Finding", "check_experiment", "checks", "finding", "ledger",
    "quick", "random_settings",
]  # fmt: skip
