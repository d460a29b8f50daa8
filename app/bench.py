"""What `lmx bench` measures: speed against a bare scan, latencies, many readers, the browser.

Everything is measured on this machine as it is; medians of interleaved repeats, so that whatever
else runs here disturbs both sides of a comparison alike.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import json
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from rich.console import Console
from rich.table import Table

from app import bench_edge
from sims import api
from sims.core import compilation
from sims.core.archive import versions
from sims.core.devices import device_named, has_gpu
from sims.core.experiment import Experiment
from sims.core.knobs import Knob, knobs_of
from sims.core.setup import Setup, prepared
from sims.core.simulation import Run

VARIANTS: Mapping[str, Mapping[str, Mapping[str, Any]]] = {
    "saddle_to_saddle/linear_network": {
        "10-16-8": {},
        "64-128-64": {"d_in": 64, "d_out": 64, "width": 128},
    },
    "neural_collapse/free_features": {"default, to time 2000": {"horizon": 2000.0}},
    "grokking/modular_addition": {"default": {}, "p = 23": {"p": 23}},
}
"""Sizes measured, experiment by experiment; elsewhere the default alone."""
TARGETS: Mapping[str, Mapping[str, str]] = {
    "saddle_to_saddle/linear_network": {"streamed": ">= 0.95"},
    "lazy_rich/two_layer_network": {
        "streamed": ">= 0.95", "prediction": "<= 150", "run": "<= 0.3",
    },
    "lazy_rich/phase_diagram": {"sweep": "<= 4"},
    "neural_collapse/free_features": {
        "streamed": ">= 0.95", "prediction": "<= 50", "streamed speed": ">= 50000",
    },
    "neural_collapse/real_network": {"run": "<= 6"},
    "grokking/linear_estimator": {"run": "<= 2"},
    "grokking/modular_addition": {
        "streamed": ">= 0.95", "run": "<= 8", "streamed speed, p = 23": ">= 4000",
    },
    "grokking/weight_decay_timing": {"run": "<= 3"},
    "grokking/fourier_staircase": {"run": "<= 10"},
    "grokking/phase_diagram": {"sweep": "<= 30"},
}  # fmt: skip
"""What some of the numbers should reach: shares, steps a second, milliseconds of a prediction,
seconds of a run or sweep."""
SWEEPS: Mapping[str, Mapping[str, str]] = {
    "saddle_to_saddle/linear_network": {"alpha": "1e-7:1e-2:12:log"},
}
CROWD: Mapping[str, Mapping[str, Any]] = {"saddle_to_saddle/linear_network": {"eta": 1e-4}}
"""Settings whose run outlasts the measurement."""
MOVED = ("alpha", "eta_lambda0", "eta")
"""The knob that is moved: the first of these an experiment has."""

CHROMIUM_FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip


@dataclass(frozen=True)
class Size:
    """How much is measured."""

    repeats: int = 9
    clients: int = 16
    seconds: float = 10.0
    sweep_seeds: int = 8
    browser: bool = True


TINY = Size(repeats=1, clients=2, seconds=0.5, sweep_seeds=1, browser=False)


@dataclass(frozen=True)
class Result:
    """One number, and the target it should reach (`>= 0.95`) if there is one."""

    name: str
    value: float
    unit: str = ""
    target: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the target is reached; None without one."""
        if not self.target:
            return None
        sign, wanted = self.target.split()
        return self.value >= float(wanted) if sign == ">=" else self.value <= float(wanted)


def report(
    console: Console, names: Sequence[str], file: Path | None = None, size: Size | None = None
) -> list[Result]:
    """Measure, print each number as it comes, and write all of them to `file`."""
    compilation.use_persistent_cache()
    machine = conditions()
    console.print(f"[bold]lmx bench[/] {machine['date']}")
    console.print(f"[dim]{machine['device']}, {machine['cores']} cores, {machine['load']}[/]")
    console.print(f"[dim]{', '.join(f'{k} {v}' for k, v in machine['versions'].items())}[/]\n")
    results = []
    for title, measured in _sections(names, size or Size()):
        console.print(f"[bold]{title}[/]")
        table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 2))
        for column in ("name", "value", "target"):
            table.add_column(column, no_wrap=True, justify="left" if column == "name" else "right")
        for result in measured:
            results.append(result)
            table.add_row(*_row(result))
        console.print(table)
    missed = [r.name for r in results if r.met is False]
    reached = sum(r.met is True for r in results)
    console.print(f"\n{reached} targets reached, {len(missed)} missed.")
    if file is not None:
        data = {**machine, "results": [{**asdict(r), "met": r.met} for r in results]}
        file.write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n")
    return results


def _row(result: Result) -> tuple[str, str, str]:
    from app.wording import number

    value = f"{number(result.value, 3)} {result.unit}".strip()
    if not result.target:
        return result.name, value, ""
    sign, wanted = result.target.split()
    words = f"{'at least' if sign == '>=' else 'at most'} {wanted}"
    return (
        result.name,
        value,
        f"[dim]{words}[/] " + ("[green]✓[/]" if result.met else "[yellow]✗ missed[/]"),
    )


def conditions() -> dict[str, Any]:
    """Device, date and versions: what a number without is worth nothing."""
    load = f"load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "load unknown"
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "device": _processor() + "".join(f", {d.device_kind}" for d in jax.devices() if has_gpu()),
        "cores": os.cpu_count(),
        "load": load,
        "versions": versions(),
    }


def _processor() -> str:
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _sections(names: Sequence[str], size: Size) -> Iterator[tuple[str, Iterator[Result]]]:
    for name in names:
        if name == bench_edge.NAME:
            yield f"{name}: one CPU thread", at_the_edge(size)
            continue
        for device in ("cpu", "gpu") if has_gpu() else ("cpu",):
            yield f"{name}: streamed against one bare scan, {device}", streamed(name, device, size)
        yield f"{name}: latency without a browser", latencies(name, size)
        if over := SWEEPS.get(name) or api.experiment(name).over:
            yield f"{name}: a sweep", sweeps(name, over, size)
    crowded = next((n for n in names if n in CROWD), None)
    if crowded is not None:
        yield f"{crowded}: one reader", one_reader(crowded, size)
        yield f"{crowded}: {size.clients} readers at once", crowd(crowded, size)
    if size.browser and crowded is not None:
        yield f"{crowded}: in Chromium", in_browser(crowded, size)


# Speed


def streamed(name: str, device: str, size: Size) -> Iterator[Result]:
    """Steps a second of a run advanced in slices, as a share of a bare `lax.scan` of the same."""
    experiment, targets = api.experiment(name), TARGETS.get(name, {})
    for label, values in VARIANTS.get(name, {"default": {}}).items():
        setup = prepared(experiment, values)
        bare, observed = (
            one_scan(setup, device),
            one_scan(setup, device, observed=True, options=run_options(setup, device)),
        )
        alike = one_scan(setup, device, options=run_options(setup, device))
        ways = bare, alike, observed, streamed_run(setup, device)
        rounds = [[way() for way in ways] for _ in range(size.repeats + 1)][1:]
        speeds = [setup.schedule.steps / statistics.median(t) for t in zip(*rounds, strict=True)]
        words = "bare scan", "the same, compiled as runs are", "with the same records", "streamed"
        for word, speed in zip(words, speeds, strict=True):
            wanted = targets.get(f"{word} speed, {label}", "") or targets.get(f"{word} speed", "")
            yield Result(f"{label}, {word}", speed, "steps/s", wanted)
        share, strict = (statistics.median(t[i] / t[3] for t in rounds) for i in (0, 1))
        yield Result(f"{label}, streamed / bare", share, "", targets.get("streamed", ""))
        yield Result(f"{label}, streamed / bare compiled as runs are", strict)


def run_options(setup: Setup, device: str) -> Any:
    """Compiler options of a run."""
    if device != "cpu":
        return None
    fused = setup.experiment.simulation(setup.params).fused
    return compilation.known(compilation.FUSED if fused else compilation.QUICK_TO_COMPILE)


def one_scan(
    setup: Setup, device: str, observed: bool = False, options: Any = None
) -> Callable[[], float]:
    """A function that times one scan over all steps of a setup's first seed.

    It keeps nothing, or with `observed` the records and snapshots of the schedule.
    """
    experiment: Experiment = setup.experiment
    dtype = experiment.dtype(setup.params)
    simulation, schedule = experiment.simulation(setup.params), setup.schedule

    def placed(value: Any) -> jax.Array:
        array = np.asarray(value)
        array = array.astype(dtype) if array.dtype.kind == "f" else array
        return jax.device_put(array, device_named(device))

    params = jax.tree.map(placed, setup.params)
    task = {n: placed(v) for n, v in setup.tasks[0].items()}
    shot = np.zeros(len(schedule.record_steps), bool)
    shot[schedule.snapshot_records] = True
    strides = np.diff(schedule.record_steps, prepend=0)

    @partial(jax.jit, compiler_options=options)
    def bare(params: Any, task: Any, state: Any) -> Any:
        step = partial(simulation.step, params, task)
        return lax.scan(lambda s, _: (step(s), None), state, length=schedule.steps)[0]

    @partial(jax.jit, compiler_options=options)
    def with_records(params: Any, task: Any, state: Any) -> Any:
        step = partial(simulation.step, params, task)
        snapshot = partial(simulation.snapshot, params, task)
        blank = jax.tree.map(lambda a: jnp.zeros(a.shape, a.dtype), jax.eval_shape(snapshot, state))

        def record(state: Any, now: Any) -> Any:
            stride, taken = now
            state = lax.fori_loop(0, stride, lambda _, s: step(s), state)
            if simulation.refresh is not None:
                state = simulation.refresh(params, task, state)
            seen = simulation.observe(params, task, state)
            return state, (seen, lax.cond(taken, snapshot, lambda _: blank, state))

        return lax.scan(record, state, (jnp.asarray(strides), jnp.asarray(shot)))

    state = jax.jit(simulation.init)(params, task)
    scanned = with_records if observed else bare

    def timed() -> float:
        start = time.perf_counter()
        jax.block_until_ready(scanned(params, task, state))
        return time.perf_counter() - start

    return timed


def streamed_run(setup: Setup, device: str) -> Callable[[], float]:
    """A function that times a whole run in slices, with its records and snapshots."""

    def timed() -> float:
        run = Run(setup.experiment, setup.params, setup.tasks, setup.schedule, device)
        run.compile()
        start = time.perf_counter()
        while not run.done:
            run.advance(0.025)
        return time.perf_counter() - start

    return timed


def latencies(name: str, size: Size) -> Iterator[Result]:
    """Of the default page: its prediction, its run, and a moved knob as a browser gets it."""
    from app.live.server.hub import Hub
    from app.live.server.job import Cursor
    from sims.core.prediction import intervened, prediction

    experiment, targets = api.experiment(name), TARGETS.get(name, {})
    moves = [_moved_values(experiment, i) for i in range(2 * size.repeats)]

    def predicted(move: Mapping[str, Any]) -> None:
        prediction(prepared(experiment, move["values"], seed=move["seed"]))

    predicted(moves[-1])
    taken = _median_seconds(predicted, moves[: size.repeats])
    yield Result("prediction, warm", 1e3 * taken, "ms", targets.get("prediction", ""))
    setup = prepared(experiment)
    run = streamed_run(intervened(setup, prediction(setup)), "cpu")
    run()
    seconds = statistics.median(run() for _ in range(size.repeats))
    yield Result("run at full pace, warm", seconds, "s", targets.get("run", ""))
    owner = Hub()

    def drawn(move: Mapping[str, Any]) -> None:
        token = owner.submit("bench", name, move["values"], move["seed"])
        cursor = Cursor()
        while not any('"complete":true' in t for t in owner.read(token, cursor)[0]):
            time.sleep(0.001)

    drawn(moves[-1])
    taken = _median_seconds(drawn, moves[size.repeats :])
    yield Result("a knob moved to figures ready", 1e3 * taken, "ms")
    owner.close()


def _moved_values(experiment: Experiment, i: int) -> dict[str, Any]:
    """The i-th of many different settings: another value of a knob, or another seed."""
    if not any(name in MOVED for name in knobs_of(experiment.Params)):
        return {"values": {}, "seed": experiment.default_seed + 1 + i}
    knob = moved_knob(experiment)
    start = getattr(prepared(experiment).params, knob.name)
    values = {knob.name: start * (1.1 + 0.02 * i)}
    return {"values": values, "seed": experiment.default_seed}


def moved_knob(experiment: Experiment) -> Knob:
    """The dynamic knob that stands for any other."""
    knobs = knobs_of(experiment.Params)
    return next(knobs[name] for name in MOVED if name in knobs)


def _median_seconds(work: Callable[[Any], Any], inputs: Sequence[Any]) -> float:
    taken = []
    for one in inputs:
        start = time.perf_counter()
        work(one)
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def sweeps(name: str, over: Mapping[str, str], size: Size) -> Iterator[Result]:
    """A whole sweep, predictions and claims included, after a first one has compiled it."""
    from sims.core.knobs import axis

    knobs = knobs_of(api.experiment(name).Params)
    seeds = size.sweep_seeds if len(over) == 1 else 1

    def swept(_: int) -> None:
        api.sweep(name, over, seeds=seeds, device="auto")

    swept(0)
    seconds = _median_seconds(swept, range(min(3, size.repeats)))
    axes = " and ".join(f"{len(axis(knobs[knob], text))} {knob}" for knob, text in over.items())
    target = TARGETS.get(name, {}).get("sweep", "")
    if name in SWEEPS and seeds == Size.sweep_seeds:
        target = "<= 2"
    yield Result(f"{axes} x {seeds} seeds, warm", seconds, "s", target)


def at_the_edge(size: Size) -> Iterator[Result]:
    """The page whose prediction takes seconds: flows, eigenvalues, a whole default view."""
    found = bench_edge.measured(min(3, size.repeats))
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


# Readers


def one_reader(name: str, size: Size) -> Iterator[Result]:
    """What one browser costs the server at the page's own pace."""
    from app.live import load

    found = load.crowd(name, {}, clients=1, seconds=max(1.0, 0.6 * size.seconds), rate=30.0)
    yield Result("run to first rows", 1e3 * found.first_rows_seconds, "ms")
    yield Result("frames", found.slowest_frames_per_second, "frames/s")
    yield Result("bytes a frame", found.bytes_per_frame, "B", "<= 4000")
    yield Result("server CPU a frame", found.cpu_ms_per_frame, "ms", "<= 2")


def crowd(name: str, size: Size) -> Iterator[Result]:
    """Many browsers, one long run each."""
    from app.live import load

    importlib.import_module("app.server")  # its memory counts
    with _peak_memory() as peak:
        found = load.crowd(name, CROWD[name], clients=size.clients, seconds=size.seconds)
    yield Result("fairness (fewest / most steps)", found.fairness, "", ">= 0.9")
    yield Result("all runs together", found.steps_per_second, "steps/s")
    yield Result("slowest reader", found.slowest_frames_per_second, "frames/s", ">= 3")
    yield Result("memory of the server process", peak[0], "GB", "<= 1.2")
    left = sum(found.left_over.values())
    yield Result("jobs and sockets left 5 s after", left, "", "<= 0")


@contextlib.contextmanager
def _peak_memory() -> Iterator[list[float]]:
    """Largest resident memory of this process inside the block, in GB."""
    import psutil

    process, peak, over = psutil.Process(), [0.0], threading.Event()

    def watch() -> None:
        while not over.wait(0.1):
            peak[0] = max(peak[0], process.memory_info().rss / 1e9)

    peak[0] = process.memory_info().rss / 1e9
    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    yield peak
    over.set()
    thread.join()


# The browser


def chromium() -> str | None:
    """Path of an installed Chromium or Chrome, if there is one; LMX_CHROMIUM names another."""
    given = os.environ.get("LMX_CHROMIUM")
    if given:
        return given
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return next((found for n in names if (found := shutil.which(n))), None)


@contextlib.contextmanager
def explorer() -> Iterator[str]:
    """The command `lmx` in a process of its own, on a free port; yields its address."""
    command = [sys.executable, "-m", "app.cli", "--no-browser", "--port", "0"]
    root = Path(__file__).resolve().parent.parent
    environment = {**os.environ, "PYTHONPATH": str(root)}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    assert process.stdout is not None
    try:
        said = re.search(r"http://\S+", process.stdout.readline())
        if said is None:
            raise RuntimeError("the explorer did not start")
        yield said[0]
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
        process.stdout.close()


READY = ".lmx[data-state=ready]"
DRAWN = "[data-panel][data-drawn=true]"

WATCH_KNOB = """root => {
  const before = root.dataset.run;
  window.took = null;
  let start = null;
  addEventListener("keydown", () => start ??= performance.now(), {capture: true, once: true});
  const look = () => {
    if (start !== null && root.dataset.run !== before && root.dataset.state === "ready")
      requestAnimationFrame(() => window.took = performance.now() - start);
    else requestAnimationFrame(look);
  };
  look();
}"""
WATCH_RUN = """root => {
  window.took = null;
  window.draws = 0;
  new MutationObserver(seen => window.draws += seen.length).observe(
    root, {attributes: true, attributeFilter: ["data-rows"]});
  root.querySelector("[data-action=run]").click();
  const start = performance.now();
  const look = () => {
    if (Number(root.dataset.rows) > 0) window.took = performance.now() - start;
    else requestAnimationFrame(look);
  };
  look();
}"""


def in_browser(name: str, size: Size) -> Iterator[Result]:
    """Cold start, knob, run and redraws as a reader sees them."""
    found = chromium()
    if found is None or importlib.util.find_spec("playwright") is None:
        yield Result("no Chromium or no playwright: skipped", float("nan"))
        return
    from playwright.sync_api import sync_playwright

    address = name.replace("/", "-")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=list(CHROMIUM_FLAGS))
        page = browser.new_page(viewport={"width": 1440, "height": 1000})
        starts = []
        for _ in range(2 if size.repeats > 1 else 1):
            began = time.perf_counter()
            with explorer() as url:
                page.goto(f"{url}/{address}")
                page.wait_for_selector(READY, timeout=60_000)
                page.wait_for_selector(DRAWN, timeout=60_000)
                starts.append(time.perf_counter() - began)
        yield Result("cold start to a usable page", min(starts), "s", "<= 6")
        with explorer() as url:
            page.goto(f"{url}/{address}")
            page.wait_for_selector(READY, timeout=60_000)
            page.wait_for_timeout(5_000)
            yield Result("knob moved to new prediction", _moved(page, name, size), "ms", "<= 250")
            first, draws = _played(page, size)
            yield Result("run to first rows", first, "ms", "<= 300")
            yield Result("redraws while running", draws, "a second", ">= 10")
        browser.close()


def _moved(page: Any, name: str, size: Size) -> float:
    """Median milliseconds from Enter in a knob's field to the new prediction on screen."""
    experiment = api.experiment(name)
    knob = moved_knob(experiment)
    start = getattr(prepared(experiment).params, knob.name)
    field = page.locator(f"input[aria-label^='{knob.label}']").first
    taken = []
    for i in range(size.repeats):
        field.fill(f"{start * (1.5 + 0.1 * i):.4g}")
        page.locator(".lmx").element_handle().evaluate(WATCH_KNOB)
        field.press("Enter")
        page.wait_for_function("window.took !== null", timeout=20_000)
        taken.append(page.evaluate("window.took"))
        page.wait_for_timeout(300)
    return statistics.median(taken)


def _played(page: Any, size: Size) -> tuple[float, float]:
    """Median milliseconds from Run to the first rows, and redraws a second of a running page."""
    taken, draws = [], []
    for _ in range(min(3, size.repeats)):
        page.locator(".lmx").element_handle().evaluate(WATCH_RUN)
        page.wait_for_function("window.took !== null", timeout=20_000)
        taken.append(page.evaluate("window.took"))
        began, before = page.evaluate("[performance.now(), window.draws]")
        page.wait_for_timeout(3_000)
        ended, after = page.evaluate("[performance.now(), window.draws]")
        draws.append(1000 * (after - before) / (ended - began))
        page.locator("[data-action=reset]").click()
        page.wait_for_selector(READY, timeout=20_000)
    return statistics.median(taken), statistics.median(draws)
