"""How fast one streamed run is with all cores to itself, in a process of its own.

`python -m app.bench.alone EXPERIMENT JSON` prints steps and steps a second; the JSON names the
knobs, the seconds a run should take among `readers` runs, and how many readers there are.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.explorer import environment

FIRST_STEPS, FEWEST_STEPS = 2_000, 1_000
REPEATS = 3
SLICE = 0.025
"""Seconds of a slice, as the server gives them."""


@dataclass(frozen=True)
class Alone:
    """A run of that length, and its steps a second."""

    steps: int
    speed: float


def alone(
    experiment: str, knobs: Mapping[str, Any], seconds: float, readers: int, most: int
) -> Alone:
    """One run by itself, of a length that many at once need more than so many seconds for.

    `knobs` has eta; no run is longer than `most` steps.
    """
    plan = {"knobs": dict(knobs), "seconds": seconds, "readers": readers, "most": most}
    done = subprocess.run(
        [sys.executable, "-m", "app.bench.alone", experiment, json.dumps(plan)],
        stdout=subprocess.PIPE, text=True, check=True, env=environment(),
    )  # fmt: skip
    return Alone(**json.loads(done.stdout.splitlines()[-1]))


def share(readers: int) -> float:
    """The most speed one of so many runs may have, in units of a run by itself."""
    return min(os.cpu_count() or 1, readers) / readers


def lasting(speed: float, seconds: float, readers: int, most: int) -> int:
    """Steps of a run that lasts so long among as many, however well they use the cores."""
    return min(most, max(FEWEST_STEPS, int(speed * seconds * share(readers))))


def main(experiment: str, plan: Mapping[str, Any]) -> dict[str, Any]:
    """Measure twice: first to know how long a run should be, then one of that length."""
    guess = _speed(experiment, plan["knobs"], min(FIRST_STEPS, plan["most"]))
    steps = lasting(guess, plan["seconds"], plan["readers"], plan["most"])
    return {"steps": steps, "speed": _speed(experiment, plan["knobs"], steps)}


def _speed(experiment: str, knobs: Mapping[str, Any], steps: int) -> float:
    from sims import api
    from sims.core import compilation
    from sims.core.study import Study

    compilation.use_persistent_cache()
    values = {**knobs, "horizon": steps * knobs["eta"]}
    setup = Study(api.experiment(experiment), values).setup
    speeds = []
    for _ in range(REPEATS):
        run = Study.of(setup).early().run("cpu")
        run.compile()
        start = time.perf_counter()
        while not run.done:
            run.advance(SLICE)
        speeds.append(run.steps_done / (time.perf_counter() - start))
    return sorted(speeds)[REPEATS // 2]


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], json.loads(sys.argv[2]))))
