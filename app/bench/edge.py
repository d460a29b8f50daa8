"""What `lmx bench` measures of a net at the edge of stability, in a process with one CPU thread.

`python -m app.bench.edge` prints the numbers as JSON; the bench starts it twice with one
compilation cache, empty the first time, so that cold and warm are those of a new process.
"""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from app.bench.result import Result, Size

NAME = "edge_of_stability/neural_network"
ONE_THREAD = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
STEPS = 2200


def measured(repeats: int) -> dict[str, Any]:
    """All numbers, from a new process: {"cold": {...}, "warm": {...}}."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(__file__).resolve().parent.parent.parent
        environment = {
            **os.environ, "LMX_CACHE_DIR": folder, "XLA_FLAGS": ONE_THREAD, "OMP_NUM_THREADS": "1",
            "PYTHONPATH": str(root), "JAX_PLATFORMS": "cpu",
        }  # fmt: skip
        found = {}
        for word, count in (("cold", 0), ("warm", repeats)):
            said = subprocess.run(
                [sys.executable, "-m", "app.bench.edge", str(count)],
                env=environment, check=True, capture_output=True, text=True,
            )  # fmt: skip
            found[word] = json.loads(said.stdout.splitlines()[-1])
        return found


def default_view() -> float:
    """Seconds of the default page's computing: prediction and run, programs included."""
    from sims import api

    start = time.perf_counter()
    api.run(NAME, device="cpu")
    return time.perf_counter() - start


def run_speed(knobs: Mapping[str, Any], repeats: int) -> float:
    """Steps a second of a streamed run with its eigenvalues, the fastest of some."""
    from sims import api
    from sims.core.study import Study

    setup = Study(api.experiment(NAME), {"central_flow": False, **knobs}).setup

    def once() -> float:
        run = Study.of(setup).early().run()
        run.compile()
        start = time.perf_counter()
        run.finish()
        return run.steps_done / (time.perf_counter() - start)

    return max([once() for _ in range(repeats + 1)][1:])


def bare_share(repeats: int) -> float:
    """Streamed descent that records its loss alone, over one bare scan of the same steps."""
    from app.bench.speed import one_scan, streamed_run
    from sims import api
    from sims.core.schedule import RECORDS, Schedule, even
    from sims.core.study import Study
    from sims.edge_of_stability.objective import objective

    experiment = api.experiment(NAME)

    def only_the_loss(params: Any) -> Any:
        whole = experiment.simulation(params)
        return dataclasses.replace(
            whole,
            refresh=None,
            observe=lambda p, task, state: {"loss": objective(p, task)(state.w)},
            snapshot=lambda *_: {},
        )

    lean = dataclasses.replace(experiment, simulation=only_the_loss, name=f"{NAME}/loss")
    setup = Study(lean, {"central_flow": False, "steps": 20_000}).setup
    few = Schedule(even(setup.schedule.steps, RECORDS), even(0, 1)[:0], 1.0)
    setup = dataclasses.replace(setup, schedule=few)
    ways = one_scan(setup, "cpu"), streamed_run(setup, "cpu")
    rounds = [[way() for way in ways] for _ in range(repeats + 1)][1:]
    return sorted(bare / streamed for bare, streamed in rounds)[len(rounds) // 2]


def central_flow_speed() -> float:
    """Steps a second of the prediction behind the break, where directions oscillate."""
    from sims import api
    from sims.core.prediction import of_seed
    from sims.core.study import Study

    study, seen = Study(api.experiment(NAME), {"steps": STEPS}), []
    setup, known = study.setup, None
    while not study.grow():
        grown = study.prediction
        if grown is not None and grown is not known:
            known, part = grown, of_seed(grown, 0)
            done = int((~part["loss_central_flow"].isnull()).sum()) if "loss" in part else 0
            seen.append((time.perf_counter(), done, float(part.get("break_step", float("inf")))))
    last = len(setup.schedule.record_steps)
    behind = [(at, n) for at, n, step in seen if step < STEPS and n < last]
    (start, first), (end, then) = behind[0], behind[-1]
    return (then - first) * setup.params.every / (end - start)


def _resident() -> float:
    """Megabytes this process holds."""
    import psutil

    return psutil.Process().memory_info().rss / 1e6


def at_the_edge(size: Size) -> Iterator[Result]:
    """The page whose prediction takes seconds: flows, eigenvalues, a whole default view."""
    found = measured(min(3, size.repeats))
    cold, warm = found["cold"], found["warm"]
    yield Result("default view, nothing compiled yet", cold["view"], "s", "<= 12")
    yield Result("default view, programs on disk", warm["view"], "s")
    yield Result("default view again", warm["view_again"], "s", "<= 5")
    yield Result("memory of a default view", warm["memory"], "MB", "<= 300")
    yield Result("central flow, at the edge", warm["central_flow"], "steps/s", ">= 800")
    words = "top 3 eigenvalues at w and at the midpoint"
    yield Result(f"{words}, every step", warm["every_step"], "steps/s", ">= 2500")
    yield Result(f"{words}, every 5 steps", warm["every_fifth"], "steps/s", ">= 7000")
    yield Result("descent with its loss alone, streamed / bare", warm["bare"], "", ">= 0.95")


def main(repeats: int) -> dict[str, float]:
    """Numbers of this process; only the view if there are no repeats."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    from sims import api
    from sims.core import compilation

    compilation.use_persistent_cache()
    api.run("saddle_to_saddle/diagonal_network", device="cpu")
    idle = _resident()
    found = {"view": default_view(), "memory": _resident() - idle}
    if repeats:
        found |= {
            "view_again": min(default_view() for _ in range(repeats)),
            "central_flow": max(central_flow_speed() for _ in range(repeats)),
            "every_step": run_speed({"tracked": 3, "every": 1}, repeats),
            "every_fifth": run_speed({"tracked": 3, "every": 5}, repeats),
            "bare": bare_share(3 * repeats),
        }
    return found


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]))))
