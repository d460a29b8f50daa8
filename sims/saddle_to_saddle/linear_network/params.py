"""Knobs of the deep linear network, and how autos follow from them."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from sims.core import own_data
from sims.core.experiment import Task
from sims.core.knobs import Scalar, filled, knob, number, only_with, parameters
from sims.core.schedule import steps_until
from sims.core.sentences import rounded_up, said
from sims.saddle_to_saddle import edge
from sims.saddle_to_saddle import mode_laws as laws
from sims.saddle_to_saddle.linear_network import theory
from sims.saddle_to_saddle.target_maps import DATA, fixed_target

MOST_STEPS = 200_000
SPECTRUM_DEFAULT = (5.0, 3.0, 1.8, 1.0)
ALPHA_BY_DEPTH = {2: 1e-4, 3: 0.05, 4: 0.2, 5: 0.35}


def _fixed_by_data(values: Mapping[str, Any]) -> str:
    data = str(values["data"])
    if own_data.is_own(data):
        return "Data of one's own fix it."
    return "" if data == "spectrum" else f"The data fix it: {data.replace('_', ' ')}."


def _edge_line(params: Params) -> str:
    """How near the step is to the stability edge."""
    depth = params.depth
    mu = edge.edge_ratio(filled(params.eta), depth, float(spectrum_of(params)[0]))
    law = r"\eta s_1" if depth == 2 else r"\eta L s_1^{2-2/L}/2"
    number = rf"$\mu = {law} = {mu:.3f}$"
    return f"{number}, edge at 1" if mu < 1 else f"! {number}, past the edge at 1"


@parameters
class Params:
    """Parameters of a run; every default is a run worth watching."""

    # fmt: off
    depth: int = knob(
        2, label="Depth", symbol="L", unit="layers",
        choices=(2, 3, 4, 5), lo=2, hi=4, hard_hi=5, static=True,
        help="Number of weight matrices.",
    )
    d_in: int = knob(
        10, label="Inputs", symbol=r"d_\mathrm{in}",
        lo=2, hi=64, hard_lo=1, hard_hi=128, static=True,
        help="Number of input dimensions.",
        unused=_fixed_by_data,
    )
    d_out: int = knob(
        8, label="Outputs", symbol=r"d_\mathrm{out}",
        lo=2, hi=64, hard_lo=1, hard_hi=128, static=True,
        help="Number of output dimensions.",
        unused=_fixed_by_data,
    )
    width: int | None = knob(
        None, label="Hidden width", symbol="h",
        kind="int", lo=1, hi=256, hard_hi=512, static=True, auto=True,
        help="Hidden units in each layer; fewer than modes make a bottleneck.",
    )
    spectrum: tuple[Scalar, ...] = knob(
        SPECTRUM_DEFAULT, label="Singular values", symbol="s_k",
        lo=0.1, hi=10, hard_lo=0.01, hard_hi=100,
        help="Strengths of the modes of the data, strongest first.",
        unused=_fixed_by_data,
    )
    data: str = knob(
        "spectrum", label="Data",
        choices=DATA, static=True, own=True,
        help="Modes drawn at random, a tree of living things, 1 797 real digits, or data of "
        "one's own, whitened as they are.",
    )
    alpha: Scalar | None = knob(
        None, label="Initial scale", symbol=r"\alpha", unit="weight", group="Start",
        kind="float", lo=1e-12, hi=2, hard_lo=1e-30, hard_hi=10, scale="log", auto=True,
        help="Size of the initial weights; the smaller, the longer the wait and the cleaner "
        "the stairs.",
    )
    init: str = knob(
        "random", label="Initial weights", group="Start",
        choices=("random", "aligned", "lambda_balanced"), static=True,
        help="Gaussian; along the modes of the data; or balanced between the layers up to "
        "a constant.",
    )
    layer_imbalance: Scalar = knob(
        0.0, label="Layer imbalance", symbol=r"\lambda", unit="weight²", group="Start",
        lo=-5, hi=5, hard_lo=-20, hard_hi=20,
        help="W₂ᵀW₂ − W₁W₁ᵀ = λ I at the start; needs the lambda_balanced start.",
        unused=only_with("Needs the lambda_balanced start.", init="lambda_balanced"),
    )
    eta: Scalar | None = knob(
        None, label="Learning rate", symbol=r"\eta", unit="time/step", group="Training",
        kind="float", lo=1e-4, hi=0.5, hard_lo=1e-8, hard_hi=2, scale="log", auto=True,
        help="Step size; one step is η of time.",
        beneath=_edge_line,
    )
    optimizer: str = knob(
        "gd", label="Optimiser", group="Training",
        choices=("gd", "polyak", "adam"), static=True,
        help="Gradient descent, heavy ball (Polyak momentum), or Adam.",
    )
    beta: Scalar | None = knob(
        None, label="Momentum", symbol=r"\beta", group="Training",
        kind="float", lo=0, hi=0.99, auto=True,
        help="Momentum of the heavy ball; unused otherwise.",
        unused=only_with("Only the heavy ball (polyak) has momentum.", optimizer="polyak"),
    )
    input_condition: Scalar = knob(
        1.0, label="Input covariance", symbol=r"\mathrm{cond}(S)", group="Training",
        lo=1, hi=100, hard_hi=1e4, scale="log",
        help="Condition number of the input covariance; 1 is white.",
    )
    activation: str = knob(
        "linear", label="Activation",
        choices=("linear", "tanh", "relu"), static=True,
        help="Of the hidden layer; the theory is for linear.",
    )
    samples: int = knob(
        400, label="Samples", symbol="N",
        lo=100, hi=2000, static=True,
        help="Inputs of a tanh or ReLU net: half of them drawn, half their mirror images.",
        unused=only_with(
            "A linear net is trained on the whole distribution.", activation=("tanh", "relu")
        ),
    )
    horizon: Scalar | None = knob(
        None, label="Horizon", symbol="T", unit="time", group="Training",
        kind="float", lo=0.1, hi=1000, hard_lo=1e-3, hard_hi=1e6, scale="log", auto=True,
        help="Time t = ηn at which the run ends.",
        slider=False,
    )
    dtype: str = knob(
        "float64", label="Arithmetic", group="Training",
        choices=("float64", "float32"), static=True,
        help="Precision of the run; the theory is always float64.",
    )
    # fmt: on


def spectrum_of(params: Params) -> np.ndarray:
    """Singular values of the target, descending, (r,)."""
    if params.data != "spectrum":
        return fixed_target(params.data).spectrum
    return np.sort(np.asarray(params.spectrum, float))[::-1]


def _refused(params: Params) -> str:
    """Why this combination cannot be run, or ''."""
    count, most = len(params.spectrum), min(params.d_in, params.d_out)
    if params.data == "spectrum" and count > most:
        return (
            f"spectrum has {count} values but only min(d_in, d_out) = {most} modes fit: "
            f"give at most {most} values."
        )
    if params.data != "spectrum":
        fixed, default = fixed_target(params.data), Params()
        for name, here in (("d_in", fixed.d_in), ("d_out", fixed.d_out)):
            if getattr(params, name) not in (getattr(default, name), here):
                return f"{name} is {here} for data={params.data}: leave {name} out."
        if params.spectrum != SPECTRUM_DEFAULT:
            return f"The spectrum follows from data={params.data}: leave spectrum out."
    if params.layer_imbalance != 0:
        given = f"layer_imbalance = {number(params.layer_imbalance)}"
        if params.init != "lambda_balanced":
            return f"{given} needs init=lambda_balanced: choose it, or give 0."
        if params.depth > 2:
            return f"{given} needs depth=2: give 0 for deeper nets."
    if params.activation != "linear":
        word = params.activation
        if params.depth > 2:
            return f"activation={word} needs depth=2."
        if params.input_condition > 1:
            return f"activation={word} needs input_condition=1."
        if params.data != "spectrum":
            return f"activation={word} needs data=spectrum."
        if params.samples % 2 or params.samples < 2 * params.d_in:
            return (
                f"samples = {params.samples} is not allowed: "
                f"give an even number from {max(100, 2 * params.d_in)} to 2000."
            )
    if params.input_condition > 1 and params.data != "spectrum":
        return f"data={params.data} needs input_condition=1."
    return ""


def _refused_start(params: Params, d_in: int, d_out: int, r: int) -> str:
    width, most = filled(params.width), min(d_in, d_out)
    if params.init == "lambda_balanced":
        if params.depth > 2:
            return "init=lambda_balanced needs depth=2."
        if width > most:
            return (
                f"init=lambda_balanced needs width of at most min(d_in, d_out) = {most}; "
                f"it is {width}."
            )
    if params.init == "aligned" and width < r:
        return f"init=aligned needs a width of at least the number of modes, {r}; it is {width}."
    return ""


def resolve(params: Params, tasks: Sequence[Task]) -> Params:
    """Fill the autos: those that need no Task with (), the horizon with the tasks of all seeds.

    Raises:
        ValueError: a combination that cannot be run, or more than 200 000 steps; one sentence.
    """
    s = spectrum_of(params)
    if not tasks:
        if reason := _refused(params):
            raise ValueError(reason)
        params = _without_task(params, s)
        d_in, d_out = sizes(params)
        if reason := _refused_start(params, d_in, d_out, len(s)):
            raise ValueError(reason)
        return params
    if params.horizon is None:
        params = dataclasses.replace(params, horizon=_horizon(params, tasks, s))
    _check_steps(params)
    return params


def sizes(params: Params) -> tuple[int, int]:
    """(d_in, d_out) of the data."""
    if params.data == "spectrum":
        return params.d_in, params.d_out
    fixed = fixed_target(params.data)
    return fixed.d_in, fixed.d_out


def _without_task(params: Params, s: np.ndarray) -> Params:
    width = params.width or (32 if params.data == "digits" else 16)
    real = params.data == "digits" or (own_data.is_own(params.data) and params.depth == 2)
    alpha = params.alpha or (1e-3 if real else ALPHA_BY_DEPTH[params.depth])
    beta = (
        params.beta if params.beta is not None else (0.9 if params.optimizer == "polyak" else 0.0)
    )
    eta = params.eta
    if eta is None:
        plain = params.depth == 2 and params.activation == "linear"
        eta = 1e-3 if params.optimizer == "adam" else (0.01 if plain else 0.02) / s[0]
        if params.optimizer == "polyak":
            eta *= 1 - beta
    d_in, d_out = sizes(params)
    sorted_spectrum = tuple(float(v) for v in s) if params.data == "spectrum" else params.spectrum
    return dataclasses.replace(
        params,
        width=width,
        alpha=alpha,
        beta=beta,
        eta=float(f"{eta:.12g}"),
        d_in=d_in,
        d_out=d_out,
        spectrum=sorted_spectrum,
    )


def _horizon(params: Params, tasks: Sequence[Task], s: np.ndarray) -> float:
    """The longest automatic horizon over the seeds."""
    return float(f"{max(_horizon_of(params, task, s) for task in tasks):.6g}")


def _horizon_of(params: Params, task: Task, s: np.ndarray) -> float:
    eta = filled(params.eta)
    if params.optimizer == "adam":
        return 2000 * eta
    if params.depth > 2 and params.init == "random":
        return 3.2 * theory.first_jump(params, task) + 8
    if params.activation == "relu":
        return 2 * theory.relu_escape_time(params, task)
    times = eta * theory.jump_steps(params, task)
    latest = max(times[np.isfinite(times)], default=0.0)
    stretch = 1.15 if params.activation == "linear" and params.input_condition == 1 else 1.6
    return stretch * latest + 2 / s[-1]


def _check_steps(params: Params) -> None:
    horizon, eta = filled(params.horizon), filled(params.eta)
    steps = steps_until(horizon, eta)
    if steps > MOST_STEPS:
        fitting = horizon / MOST_STEPS
        raise ValueError(
            f"The horizon T = {number(float(f'{horizon:.4g}'))} takes {steps} steps of eta = "
            f"{number(eta)}, more than {MOST_STEPS}: give eta of at least "
            f"{number(rounded_up(fitting))}, or a larger alpha."
        )


def notices(params: Params) -> list[str]:
    """What was done to the input, and what it means for the claims."""
    found = []
    s = spectrum_of(params)
    if params.data == "spectrum" and tuple(s) != tuple(float(v) for v in params.spectrum):
        found.append("The singular values were sorted, strongest first.")
    if laws.near_tie(s):
        found.append(
            "Near-tie: modes rotate into each other, so single-mode curves are not meaningful "
            "and are not judged."
        )
    width = params.width
    if width is not None and width < len(s):
        loss = 0.5 * float(np.sum(s[width:] ** 2))
        found.append(
            f"Bottleneck: {width} hidden units can learn {width} modes; "
            f"the predicted final loss is {said(loss, 4)}."
        )
    return found
