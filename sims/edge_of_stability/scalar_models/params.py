"""Knobs of the exactly solvable models, and how autos follow from the model."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sims.core.experiment import Task
from sims.core.knobs import Scalar, filled, knob, knobs_of, number, parameters
from sims.core.sentences import said
from sims.edge_of_stability import scales

MODELS = ("uv_network", "two_scalars", "balanced_product", "tied_depth_four")
TWO_NUMBERS = ("uv_network", "two_scalars")
"""Models whose gradient descent closes on the residual and the curvature."""

ETA = {"two_scalars": 0.2, "balanced_product": 1.15, "tied_depth_four": 0.05}
STEPS = {
    "uv_network": 400,
    "two_scalars": 2000,
    "balanced_product": 4000,
    "tied_depth_four": 10_000,
}
START = {"two_scalars": (3.0, 0.5), "balanced_product": (0.9, 0.0), "tied_depth_four": (6.0, 0.1)}
IGNORED = {
    "uv_network": ("eta", "a0", "b0", "depth"),
    "two_scalars": ("eta_lambda0", "m", "target", "depth"),
    "balanced_product": ("eta_lambda0", "m", "target", "b0"),
    "tied_depth_four": ("eta_lambda0", "m", "target", "depth"),
}


WHY_IGNORED = {
    "uv_network": "The start is drawn at random, and sets the learning rate.",
    "two_scalars": "Two scalars are the net of width 1 with target 1.",
    "balanced_product": "One number, and its power.",
    "tied_depth_four": "Two numbers, each used twice.",
}


def _ignored(name: str) -> Callable[[Mapping[str, Any]], str]:
    def unused(values: Mapping[str, Any]) -> str:
        model = str(values["model"])
        return WHY_IGNORED[model] if name in IGNORED[model] else ""

    return unused


def _start_line(params: Params) -> str:
    """On which side of the edge, 2, and of 4 the start lies."""
    if params.model != "uv_network":
        return ""
    start = float(params.eta_lambda0)
    if start < 2:
        return "below the edge at 2: no catapult"
    if start < 4:
        return "between the edge, 2, and 4: a catapult"
    return "! 4 or more: no finite limit for target 0"


def _edge_line(params: Params) -> str:
    """Where the edge, or the flip of a balanced product, lies."""
    if params.model == "uv_network":
        return ""
    eta = filled(params.eta)
    if params.model == "balanced_product":
        flip = 2 / params.depth
        side = "below" if eta <= flip else "beyond"
        return f"{side} the flip at $2/D =$ {said(flip, 4)}"
    return f"edge ${scales.EDGES['gd']} =$ {said(scales.edge('gd', eta), 4)}"


@parameters
class Params:
    """Parameters of a run; every default is a run worth watching."""

    # fmt: off
    model: str = knob(
        "uv_network", label="Model",
        choices=MODELS, static=True,
        help="A two-layer net with one input, or two, one and two numbers that play its part.",
    )
    eta_lambda0: Scalar = knob(
        3.0, label="Start over the curvature scale", symbol=r"\eta\lambda_0", group="Training",
        lo=0.1, hi=5,
        help="Learning rate times the curvature at the start (uv_network): 2 is the edge.",
        beneath=_start_line,
        unused=_ignored("eta_lambda0"),
    )
    m: int = knob(
        512, label="Width", symbol="m",
        lo=1, hi=2048, static=True,
        help="Hidden units of uv_network.",
        unused=_ignored("m"),
    )
    target: Scalar = knob(
        0.0, label="Target", symbol="y", group="Data",
        lo=-2, hi=2,
        help="Output that uv_network is trained to give.",
        unused=_ignored("target"),
    )
    eta: Scalar | None = knob(
        None, label="Learning rate", symbol=r"\eta", unit="time/step", group="Training",
        kind="float", lo=0.01, hi=2.5, hard_lo=1e-5, hard_hi=10, scale="log", auto=True,
        help="Step size; uv_network takes its own from the start.",
        beneath=_edge_line,
        unused=_ignored("eta"),
    )
    depth: int = knob(
        2, label="Depth", symbol="D",
        choices=(2, 3, 4, 5, 6), lo=2, hi=6, static=True,
        help="Number of equal factors in balanced_product.",
        unused=_ignored("depth"),
    )
    a0: Scalar | None = knob(
        None, label="First number", symbol="a_0", group="Start",
        kind="float", lo=-10, hi=10, hard_lo=-100, hard_hi=100, auto=True,
        help="Where the first number starts.",
        unused=_ignored("a0"),
    )
    b0: Scalar | None = knob(
        None, label="Second number", symbol="b_0", group="Start",
        kind="float", lo=-10, hi=10, hard_lo=-100, hard_hi=100, auto=True,
        help="Where the second number starts; balanced_product has none.",
        unused=_ignored("b0"),
    )
    steps: Scalar | None = knob(
        None, label="Steps", symbol="T", unit="steps", group="Training",
        kind="int", lo=50, hi=20_000, hard_lo=1, hard_hi=100_000, scale="log", auto=True,
        help="Number of steps of the run.",
    )
    # fmt: on


def has_two_numbers(params: Params) -> bool:
    """Whether gradient descent closes exactly on residual and curvature."""
    return params.model in TWO_NUMBERS


def resolve(params: Params, tasks: Sequence[Task]) -> Params:
    """Fill the autos by the model; the step of uv_network with the tasks (the first seed's).

    Raises:
        ValueError: a start at a saddle, where no step leads away.
    """
    if tasks:
        if params.model == "uv_network":
            return dataclasses.replace(params, eta=float(f"{float(tasks[0]['rate']):.12g}"))
        return params
    model = params.model
    a0, b0 = START.get(model, (0.0, 0.0))
    found = dataclasses.replace(
        params,
        eta=params.eta if params.eta is not None else ETA.get(model),
        a0=params.a0 if params.a0 is not None else a0,
        b0=params.b0 if params.b0 is not None else b0,
        steps=params.steps if params.steps is not None else STEPS[model],
    )
    _check_start(found)
    return found


def _check_start(params: Params) -> None:
    a0, b0 = filled(params.a0), filled(params.b0)
    given = f"a0 = {number(a0)}"
    if params.model == "balanced_product" and a0 == 0:
        raise ValueError(
            f"{given} is the saddle itself: give a number from -100 to 100 other than 0."
        )
    if params.model == "two_scalars" and a0 == b0 == 0:
        raise ValueError(
            f"{given} and b0 = 0 is the saddle itself: give at least one of them a number from "
            "-100 to 100 other than 0."
        )
    if params.model == "tied_depth_four" and a0 * b0 == 0:
        raise ValueError(
            f"{given} and b0 = {number(b0)} is a saddle: give both a number from -100 to 100 "
            "other than 0."
        )


def notices(params: Params) -> list[str]:
    """Which of the given knobs this model does not use."""
    known = knobs_of(params)
    unused = [n for n in IGNORED[params.model] if getattr(params, n) != known[n].default]
    if not unused:
        return []
    verb = "is" if len(unused) == 1 else "are"
    listed = unused[0] if len(unused) == 1 else ", ".join(unused[:-1]) + " and " + unused[-1]
    return [f"model={params.model} has no use for {listed}, which {verb} ignored."]
