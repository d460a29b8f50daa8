"""A small experiment, figures for it, and hubs whose clock the test holds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest
import xarray as xr

from app.figures import views
from app.figures.panels import LegendEntry, Panel, Tile, View
from app.figures.traces import tag
from app.live.server.hub import Hub
from sims.core.experiment import (
    Assumption,
    Claim,
    Compared,
    Experiment,
    Observable,
    Schedule,
    Simulation,
)
from sims.core.knobs import Scalar, knob, parameters

RECORDS = 241
MODES = 3


@parameters
class Params:
    """One growing number for each mode."""

    eta: Scalar = knob(0.01, label="Learning rate", lo=1e-4, hi=5.0, scale="log")
    steps: int = knob(2400, label="Steps", lo=240, hi=10_000_000, static=True)
    heavy: int = knob(0, label="Extra work", lo=0, hi=4000, static=True)


def prepare(params: Any, seed: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    return {"s": np.array([3.0, 2.0, 1.0]), "a0": 1e-3 * (1 + rng.random(MODES))}


def schedule(params: Any, tasks: Any) -> Schedule:
    steps = np.linspace(0, params.steps, RECORDS).round().astype(int)
    return Schedule(steps, np.arange(0, RECORDS, 8), float(params.eta))


def predict(params: Any, task: dict, schedule: Schedule) -> Iterator[xr.Dataset]:
    t = schedule.record_times[:, None]
    with np.errstate(over="ignore", invalid="ignore"):
        a = task["s"] / (1 + (task["s"] / task["a0"] - 1) * np.exp(-2 * task["s"] * t))
    strengths = (("record", "mode"), a)
    yield xr.Dataset({"mode_strengths": strengths}, attrs={"progress": 0.5})
    jumps = np.log((task["s"] - task["a0"]) / task["a0"]) / (2 * task["s"])
    yield xr.Dataset({"mode_strengths": strengths, "jump_times": ("mode", jumps)})


def simulation(params: Any) -> Simulation[Any]:
    def step(params, task, state):
        a, burden = state
        for _ in range(params.heavy):
            burden = jnp.sin(burden) + 1e-9
        return a + params.eta * 2 * a * (task["s"] - a), burden

    return Simulation(
        init=lambda _params, task: (task["a0"] * 1.0, task["a0"] * 2.0),
        step=step,
        observe=lambda _params, task, state: {
            "mode_strengths": state[0],
            "loss": 0.5 * jnp.sum((task["s"] - state[0]) ** 2),
        },
        snapshot=lambda _params, _task, state: {"product": jnp.outer(state[0], state[0])},
    )


def compare(params: Any, prediction: xr.Dataset, run: xr.Dataset) -> Compared:
    theory = prediction.mode_strengths.values[: run.sizes["record"]]
    gap = abs(run.mode_strengths.values - theory) / theory.max()
    return Compared(1.0, 1.0, float(np.nanmax(gap)), where="k = 1")


TOY = Experiment(
    name="toy/growth",
    title="Growth",
    question="When does each mode grow?",
    law="a(t)",
    regime="small steps",
    falsifier="a mode that leaves its curve by more than the tolerance.",
    sources=(),
    Params=Params,
    presets=(),
    prepare=prepare,
    resolve=lambda params, _tasks: params,
    schedule=schedule,
    predict=predict,
    assumptions=lambda params, _task, _prediction: [
        Assumption("small_step", "small step", f"eta = {params.eta}.", bool(params.eta < 0.05))
    ],
    simulation=simulation,
    measure=lambda params, *_: xr.Dataset(
        {"jump_times": ("mode", np.ones(3)), "rate_final": ((), float(params.eta))}
    ),
    observables={
        "mode_strengths": Observable("strength", "a_k", dims=("mode",)),
        "loss": Observable("loss", "L"),
        "product": Observable("product", "W", dims=("output", "input"), at="snapshots"),
        "jump_times": Observable("jump times", "t_k", dims=("mode",), at="measured"),
        "rate_final": Observable("rate", "r", at="measured"),
    },
    claims=(
        Claim(
            "mode_strengths", compare, 0.2, relies_on=("small_step",), title="mode strengths",
            symbol=r"a_k(t)", unit="of s_k", baseline=None, no_guess="the comparison is made up.",
        ),
    ),
)  # fmt: skip


def spread(run: Any, prediction: xr.Dataset) -> np.ndarray:
    return run["mode_strengths"].sum(axis=-1)


def growth_view(prediction: xr.Dataset, tolerances: Any = None) -> View:
    time = prediction["time"].values
    empty = {"type": "scatter", "x": [], "y": []}
    strengths = [
        {"type": "scatter", "x": time, "y": time, "name": "theory 1", "legendgroup": "theory"},
        {**empty, "meta": tag("mode_strengths", [0], seed="band_lo"), "line": {"width": 0}},
        {**empty, "meta": tag("mode_strengths", [0], seed="band_hi"), "fill": "tonexty"},
        {**empty, "meta": tag("mode_strengths", [0]), "line": {"color": "role:series0"}},
        {**empty, "meta": tag("mode_strengths", [1], minus=True, scale=10.0)},
        {**empty, "meta": tag("spread")},
    ]
    heat = [{"type": "heatmap", "z": np.zeros((3, 3)), "meta": tag("product", at="scrub", z=True)}]
    layout = {"yaxis": {"range": [0, 1.5]}}
    panels = [
        Panel("strengths", "Strengths", "a", {"data": strengths, "layout": layout}),
        Panel("product", "Product", "W", {"data": heat, "layout": {}}),
    ]
    tiles = [Tile("t", "first", "1.234", measures="jump_times[0]", claim="mode_strengths")]
    legend = [LegendEntry("theory", "theory"), LegendEntry("band", "seeds")]
    return View(panels, tiles, (), legend, {"spread": spread})


def swept_view(prediction: xr.Dataset, over: str, tolerances: Any = None) -> View:
    trace = {"type": "scatter", "x": [], "y": [], "meta": tag("jump_times", [0], x=over)}
    panels = [Panel("jumps", "Jump times", "t", {"data": [trace], "layout": {}})]
    return View(
        panels, [Tile("r", "rate", "0.010"), Tile("r", "so far", "0.010", follows="rate_final")]
    )


def grid_view(prediction: xr.Dataset, over: Sequence[str], tolerances: Any = None) -> View:
    trace = {"type": "heatmap", "z": [], "meta": tag("rate_final_map", at="scrub", x="")}
    figure = {"data": [trace], "layout": {"meta": {"cells": True}}}
    return View([Panel("rates", "Rates", "r", figure)])


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(autouse=True)
def toy_figures(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What draws the toy, by table; a test may put another drawing there."""
    drawn: dict[str, Any] = {
        "VIEWS": growth_view,
        "SWEEP_VIEWS": swept_view,
        "GRID_VIEWS": grid_view,
    }
    view, sweep_view = views.view, views.sweep_view

    def one(what: Experiment, prediction: xr.Dataset, tolerances: Any = None) -> View:
        if what.name != TOY.name:
            return view(what, prediction, tolerances)
        return drawn["VIEWS"](prediction, tolerances)

    def many(
        what: Experiment,
        prediction: xr.Dataset,
        knobs: Any,
        tolerances: Any = None,
        claims: Sequence[Claim] = (),
    ) -> View:
        if what.name != TOY.name:
            return sweep_view(what, prediction, knobs, tolerances, claims)
        if len(knobs) == 1:
            return drawn["SWEEP_VIEWS"](prediction, knobs[0], tolerances)
        return drawn["GRID_VIEWS"](prediction, tuple(knobs), tolerances)

    monkeypatch.setattr(views, "view", one)
    monkeypatch.setattr(views, "sweep_view", many)
    return drawn


@pytest.fixture
def toy() -> Experiment:
    return TOY


@pytest.fixture(scope="module")
def toy_experiment() -> Experiment:
    return TOY


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def still_hub(clock: Clock) -> Iterator[Hub]:
    """A hub without threads: the test gives the turns."""
    made = Hub(clock=clock, threads=False, lookup=lambda _name: TOY)
    yield made
    made.close()


@pytest.fixture
def live_hub() -> Iterator[Hub]:
    """A hub with its own threads."""
    made = Hub(lookup=lambda _name: TOY)
    yield made
    made.close()
