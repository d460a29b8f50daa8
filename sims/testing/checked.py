"""An experiment under check, what a check is, and what it finds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import xarray as xr

from sims import api
from sims.core.blame import blamed
from sims.core.experiment import Experiment, Preset
from sims.core.price import everyday
from sims.core.setup import given, preset_of
from sims.core.simulation import Run
from sims.core.study import Study
from sims.core.sweep import Sweep

Trees = Callable[[str], xr.DataTree]
"""From a preset's id to what `sims.run` gives for it."""


class Checked:
    """An experiment under check; each of its presets is run once, when first asked for.

    Attributes:
        presets: those it is checked with.
    """

    def __init__(
        self,
        experiment: Experiment,
        run: Trees | None = None,
        presets: Sequence[Preset] | None = None,
    ) -> None:
        """`run` gives a preset's tree from somewhere else; `presets`: all that need no GPU."""
        self.experiment = experiment
        self.presets = tuple(everyday(experiment) if presets is None else presets)
        self._run = run or (lambda preset: api.run(experiment, preset=preset, device="cpu"))
        self._trees: dict[str, xr.DataTree] = {}

    def tree(self, preset: Preset) -> xr.DataTree:
        """Task, prediction, run and claims of a preset."""
        if preset.id not in self._trees:
            self._trees[preset.id] = self._run(preset.id)
        return self._trees[preset.id]

    @property
    def single_runs(self) -> list[Preset]:
        """Presets that are one setting, no sweep."""
        return [p for p in self.presets if p.over is None]

    def over(self, preset: Preset) -> tuple[str, ...]:
        """The knobs a preset sweeps over, none if it is one setting."""
        return tuple(preset.over or self.experiment.over or ())

    def prediction(self, preset: Preset) -> xr.Dataset:
        """What is predicted for a preset, whether it is among those that are run or not."""
        if preset in self.presets:
            return self.tree(preset)["prediction"].to_dataset()
        if axes := preset.over or self.experiment.over:
            sweep = Sweep(self.experiment, {}, axes, preset=preset.id)
            sweep.predict()
            return sweep.prediction()
        return Study(self.experiment, preset=preset.id).predict()

    @cached_property
    def default(self) -> tuple[Study, Run]:
        """The default setting, and its run, which is over."""
        study = Study(self.experiment)
        run = study.freeze().run()
        run.finish()
        return study, run

    @cached_property
    def default_prediction(self) -> xr.Dataset | None:
        """What is predicted for the defaults, if they are no preset, nor a sweep."""
        experiment = self.experiment
        if experiment.over is not None or preset_of(experiment, given(experiment, {})):
            return None
        return Study(experiment).predict()


def quick(experiment: Experiment) -> tuple[Preset, ...]:
    """The presets that do not declare themselves slow."""
    return tuple(p for p in everyday(experiment) if not p.slow)


@dataclass(frozen=True)
class Check:
    """Something every experiment should satisfy; `wrongs` yields a sentence for each failure.

    `of_presets` says that it is about runs of presets, and not about the defaults or the knobs.
    """

    name: str
    words: str
    wrongs: Callable[[Checked], Iterator[str]]
    of_presets: bool = False


@dataclass(frozen=True)
class Finding:
    """What became of a check; `wrongs` are the sentences that say what is wrong."""

    check: Check
    wrongs: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether nothing is wrong."""
        return not self.wrongs


def finding(check: Check, checked: Checked) -> Finding:
    """Make one check; what the experiment raises is a finding, too."""
    wrongs: list[str] = []
    try:
        wrongs.extend(check.wrongs(checked))
    except Exception as error:
        wrongs.append(blamed(error, checked.experiment))
    return Finding(check, tuple(wrongs))
