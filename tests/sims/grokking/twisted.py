"""Runs in which something essential is broken, judged by the honest theory."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

from sims.core.controls import Untrained, survivors
from sims.core.experiment import Experiment, Task
from sims.core.knobs import with_knobs
from sims.core.study import Study


def verdicts(
    experiment: Experiment,
    knobs: Mapping[str, Any],
    *,
    values: Mapping[str, Any] | None = None,
    task: Callable[[Task], Task] | None = None,
    trained: bool = True,
    seed: int | None = None,
) -> dict[str, str]:
    """By claim what becomes of a run with other values, from another task, or of one untrained."""
    start = Study(experiment, knobs, seed=seed).freeze()
    setup = start.setup
    params = with_knobs(setup.params, dict(values or {}))
    tasks = setup.tasks if task is None else tuple(task(dict(one)) for one in setup.tasks)
    twisted = dataclasses.replace(setup, params=params, tasks=tasks)
    run = dataclasses.replace(start, setup=twisted).run()
    run.finish()
    claims = start.judge(run if trained else Untrained(run)).claims
    assert claims is not None
    return dict(zip(map(str, claims.claim.values), map(str, claims.verdict.values), strict=True))


def surviving(experiment: Experiment, **knobs: Any) -> list[str]:
    """Claims that land in the honest run of a setting and in a twisted one, too."""
    found = survivors(Study(experiment, knobs))
    return [f"{one.claim}: {one.twist} ({one.error:.3g} of {one.tolerance:.3g})" for one in found]
