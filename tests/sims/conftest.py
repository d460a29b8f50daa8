from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
import xarray as xr

from sims.core.claims import judge
from sims.core.experiment import Experiment
from sims.core.prediction import prediction
from sims.core.setup import Setup, prepared
from sims.core.simulation import Run
from sims.core.trajectory import trajectory


class Judged(NamedTuple):
    setup: Setup
    prediction: xr.Dataset
    run: xr.Dataset
    claims: xr.Dataset

    def verdict(self, claim: str) -> str:
        return str(self.claims["verdict"].sel(claim=claim).values)

    def reason(self, claim: str) -> str:
        return str(self.claims["reason"].sel(claim=claim).values)

    def error(self, claim: str) -> float:
        return float(self.claims["error"].sel(claim=claim).max())

    def held(self, assumption: str) -> bool:
        return bool(self.claims["held"].sel(assumption=assumption))

    def sentence(self, assumption: str) -> str:
        return str(self.claims["sentence"].sel(assumption=assumption).values)

    def first(self, name: str) -> Any:
        return self.prediction[name].values[0]

    def verdict_had_it_been(self, claim: str, **wrong: Any) -> str:
        other = self.prediction.copy(deep=True)
        for name, values in wrong.items():
            other[name] = other[name].dims, values
        found = judge(self.setup, other, self.run)["verdict"].sel(claim=claim)
        return str(found.values)


@pytest.fixture(scope="session")
def judged() -> Callable[..., Judged]:
    def made(
        experiment: Experiment,
        preset: str | None = None,
        seed: int | None = None,
        seeds: int = 1,
        **knobs: Any,
    ) -> Judged:
        setup = prepared(experiment, knobs, preset=preset, seed=seed, seeds=seeds)
        foreseen = prediction(setup)
        run = Run(experiment, setup.params, setup.tasks, setup.schedule)
        run.finish()
        seen = trajectory(setup, foreseen, run)
        return Judged(setup, foreseen, seen, judge(setup, foreseen, seen))

    return made
