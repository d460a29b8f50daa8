import dataclasses
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
import xarray as xr

from sims.core.experiment import Experiment
from sims.core.setup import Setup
from sims.core.study import Prepared, Study


class Judged(NamedTuple):
    start: Prepared
    prediction: xr.Dataset
    run: xr.Dataset
    claims: xr.Dataset

    @property
    def setup(self) -> Setup:
        return self.start.setup

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
        return str(self.had_it_been(other)["verdict"].sel(claim=claim).values)

    def had_it_been(self, prediction: xr.Dataset) -> xr.Dataset:
        """The verdicts on the same run, had this been predicted."""
        return dataclasses.replace(self.start, prediction=prediction).claims(self.run)


@pytest.fixture(scope="session")
def judged() -> Callable[..., Judged]:
    def made(
        experiment: Experiment,
        preset: str | None = None,
        seed: int | None = None,
        seeds: int = 1,
        **knobs: Any,
    ) -> Judged:
        start = Study(experiment, knobs, preset=preset, seed=seed, seeds=seeds).freeze()
        run = start.run()
        run.finish()
        judged = start.judge(run)
        assert start.prediction is not None
        assert judged.claims is not None
        return Judged(start, start.prediction, judged.seen, judged.claims)

    return made
