"""Knobs of the deep linear network, how autos follow from them, and the presets."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence

import numpy as np

from sims.core.experiment import Preset, Task
from sims.core.knobs import Scalar, knob, number, parameters
from sims.saddle_to_saddle.linear_network import theory
from sims.saddle_to_saddle.target_maps import DATA, fixed_target

MOST_STEPS = 200_000
NEAR_TIE = 0.05
SPECTRUM_DEFAULT = (5.0, 3.0, 1.8, 1.0)
ALPHA_BY_DEPTH = {2: 1e-4, 3: 0.05, 4: 0.2, 5: 0.35}


@parameters
class Params:
    """Parameters of a run; every default is a run worth watching."""

    depth: int = knob(
        2,
        symbol="L",
        label="Depth",
        unit="layers",
        choices=(2, 3, 4, 5),
        static=True,
        lo=2,
        hi=4,
        hard_hi=5,
        help="Number of weight matrices.",
    )
    d_in: int = knob(
        10,
        symbol=r"d_\mathrm{in}",
        label="Inputs",
        lo=2,
        hi=64,
        hard_lo=1,
        hard_hi=128,
        static=True,
        help="Number of input dimensions.",
    )
    d_out: int = knob(
        8,
        symbol=r"d_\mathrm{out}",
        label="Outputs",
        lo=2,
        hi=64,
        hard_lo=1,
        hard_hi=128,
        static=True,
        help="Number of output dimensions.",
    )
    width: int | None = knob(
        None,
        kind="int",
        symbol="h",
        label="Hidden width",
        lo=1,
        hi=256,
        hard_hi=512,
        static=True,
        auto=True,
        help="Hidden units in each layer; fewer than modes make a bottleneck.",
    )
    spectrum: tuple[Scalar, ...] = knob(
        SPECTRUM_DEFAULT,
        symbol="s_k",
        label="Singular values",
        lo=0.1,
        hi=10,
        hard_lo=0.01,
        hard_hi=100,
        help="Strengths of the modes of the data, strongest first.",
    )
    data: str = knob(
        "spectrum",
        label="Data",
        choices=DATA,
        static=True,
        help="Modes drawn at random, a tree of living things, or 1 797 real digits.",
    )
    alpha: Scalar | None = knob(
        None,
        kind="float",
        symbol=r"\alpha",
        label="Initial scale",
        unit="weight",
        group="Start",
        lo=1e-12,
        hi=2,
        hard_lo=1e-30,
        hard_hi=10,
        scale="log",
        auto=True,
        help="Size of the initial weights; the smaller, the longer the wait and the cleaner the stairs.",
    )
    init: str = knob(
        "random",
        label="Initial weights",
        group="Start",
        static=True,
        choices=("random", "aligned", "lambda_balanced"),
        help="Gaussian; along the modes of the data; or balanced between the layers up to a constant.",
    )
    layer_imbalance: Scalar = knob(
        0.0,
        symbol=r"\lambda",
        label="Layer imbalance",
        unit="weight²",
        group="Start",
        lo=-5,
        hi=5,
        hard_lo=-20,
        hard_hi=20,
        help="W₂ᵀW₂ − W₁W₁ᵀ = λ I at the start; needs the lambda_balanced start.",
    )
    eta: Scalar | None = knob(
        None,
        kind="float",
        symbol=r"\eta",
        label="Learning rate",
        unit="time/step",
        group="Training",
        lo=1e-4,
        hi=0.5,
        hard_lo=1e-8,
        hard_hi=2,
        scale="log",
        auto=True,
        help="Step size; one step is η of time.",
    )
    optimizer: str = knob(
        "gd",
        label="Optimiser",
        group="Training",
        choices=("gd", "polyak", "adam"),
        static=True,
        help="Gradient descent, heavy ball (Polyak momentum), or Adam.",
    )
    beta: Scalar | None = knob(
        None,
        kind="float",
        symbol=r"\beta",
        label="Momentum",
        group="Training",
        lo=0,
        hi=0.99,
        auto=True,
        help="Momentum of the heavy ball; unused otherwise.",
    )
    input_condition: Scalar = knob(
        1.0,
        symbol=r"\mathrm{cond}(S)",
        label="Input covariance",
        group="Training",
        lo=1,
        hi=100,
        hard_hi=1e4,
        scale="log",
        help="Condition number of the input covariance; 1 is white.",
    )
    activation: str = knob(
        "linear",
        label="Activation",
        choices=("linear", "tanh", "relu"),
        static=True,
        help="Of the hidden layer; the theory is for linear.",
    )
    samples: int = knob(
        400,
        symbol="N",
        label="Samples",
        lo=100,
        hi=2000,
        static=True,
        help="Inputs of a tanh or ReLU net: half of them drawn, half their mirror images.",
    )
    horizon: Scalar | None = knob(
        None,
        kind="float",
        symbol="T",
        label="Horizon",
        unit="time",
        group="Training",
        lo=0.1,
        hi=1000,
        hard_lo=1e-3,
        hard_hi=1e6,
        scale="log",
        auto=True,
        help="Time t = ηn at which the run ends.",
    )
    dtype: str = knob(
        "float64",
        label="Arithmetic",
        group="Training",
        choices=("float64", "float32"),
        static=True,
        help="Precision of the run; the theory is always float64.",
    )


def spectrum_of(params: Params) -> np.ndarray:
    """Singular values of the target, descending, (r,)."""
    if params.data != "spectrum":
        return fixed_target(params.data).spectrum
    return np.sort(np.asarray(params.spectrum, float))[::-1]


def near_tie(s: np.ndarray) -> bool:
    """Whether two neighbouring singular values differ by less than 5 %."""
    return bool(np.any((s[:-1] - s[1:]) / s[:-1] < NEAR_TIE))


def _refused(params: Params) -> str:
    """Why this combination cannot be run, or ''."""
    s = params.spectrum
    if params.data == "spectrum" and len(s) > min(params.d_in, params.d_out):
        return (
            f"spectrum has {len(s)} values but only min(d_in, d_out) = {min(params.d_in, params.d_out)} "
            f"modes fit: give at most {min(params.d_in, params.d_out)} values."
        )
    if params.data != "spectrum":
        fixed, default = fixed_target(params.data), Params()
        for name, here in (("d_in", fixed.d_in), ("d_out", fixed.d_out)):
            if getattr(params, name) not in (getattr(default, name), here):
                return f"{name} is {here} for data={params.data}: leave {name} out."
        if params.spectrum != SPECTRUM_DEFAULT:
            return f"The spectrum follows from data={params.data}: leave spectrum out."
    if params.layer_imbalance != 0:
        if params.init != "lambda_balanced":
            return f"layer_imbalance = {number(params.layer_imbalance)} needs init=lambda_balanced: choose it, or give 0."
        if params.depth > 2:
            return f"layer_imbalance = {number(params.layer_imbalance)} needs depth=2: give 0 for deeper nets."
    if params.activation != "linear":
        word = params.activation
        if params.depth > 2:
            return f"activation={word} needs depth=2."
        if params.input_condition > 1:
            return f"activation={word} needs input_condition=1."
        if params.data != "spectrum":
            return f"activation={word} needs data=spectrum."
        if params.samples % 2 or params.samples < 2 * params.d_in:
            return f"samples = {params.samples} is not allowed: give an even number from {max(100, 2 * params.d_in)} to 2000."
    if params.input_condition > 1 and params.data != "spectrum":
        return f"data={params.data} needs input_condition=1."
    return ""


def _refused_start(params: Params, d_in: int, d_out: int, r: int) -> str:
    assert params.width is not None
    if params.init == "lambda_balanced":
        if params.depth > 2:
            return "init=lambda_balanced needs depth=2."
        if params.width > min(d_in, d_out):
            return f"init=lambda_balanced needs width of at most min(d_in, d_out) = {min(d_in, d_out)}; it is {params.width}."
    if params.init == "aligned" and params.width < r:
        return f"init=aligned needs a width of at least the number of modes, {r}; it is {params.width}."
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
    alpha = params.alpha or (1e-3 if params.data == "digits" else ALPHA_BY_DEPTH[params.depth])
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
    assert params.eta is not None
    if params.optimizer == "adam":
        return 2000 * params.eta
    if params.depth > 2 and params.init == "random":
        return 3.2 * theory.first_jump(params, task) + 8
    if params.activation == "relu":
        return 2 * theory.relu_escape_time(params, task)
    times = params.eta * theory.jump_steps(params, task)
    latest = max(times[np.isfinite(times)], default=0.0)
    stretch = 1.15 if params.activation == "linear" and params.input_condition == 1 else 1.6
    return stretch * latest + 2 / s[-1]


def _check_steps(params: Params) -> None:
    assert params.horizon is not None and params.eta is not None
    steps = math.ceil(params.horizon / params.eta)
    if steps > MOST_STEPS:
        fitting = params.horizon / MOST_STEPS
        raise ValueError(
            f"The horizon T = {number(float(f'{params.horizon:.4g}'))} takes {steps} steps of eta = "
            f"{number(params.eta)}, more than {MOST_STEPS}: give eta of at least "
            f"{number(float(f'{fitting:.2g}') * 1.01)}, or a larger alpha."
        )


def notices(params: Params) -> list[str]:
    """What was done to the input, and what it means for the claims."""
    found = []
    s = spectrum_of(params)
    if params.data == "spectrum" and tuple(s) != tuple(float(v) for v in params.spectrum):
        found.append("The singular values were sorted, strongest first.")
    if near_tie(s):
        found.append(
            "Near-tie: modes rotate into each other, so single-mode curves are not meaningful and are not judged."
        )
    width = params.width
    if width is not None and width < len(s):
        loss = 0.5 * float(np.sum(s[width:] ** 2))
        found.append(
            f"Bottleneck: {width} hidden units can learn {width} modes; the predicted final loss is {loss:.4g}."
        )
    return found


_DEEP = {"depth": 3, "spectrum": (4, 2.5, 1.5), "d_in": 8, "d_out": 8, "width": 12}
_THREE = {**_DEEP, "alpha": 0.05}
_THREE_ALIGNED = {**_DEEP, "init": "aligned", "alpha": 0.1, "eta": 0.002}
_LAZY = {"alpha": 1}
_LAZY_BALANCED = {"init": "lambda_balanced", "alpha": 1, "width": 8}
_CLAIMS = (
    "mode_strengths", "mode_strengths_gradient_flow", "singular_values", "jump_times",
    "plateau_losses", "negative_curvatures", "first_escape_time",
)  # fmt: skip
_WORDS = {"L": "lands", "D": "departs", "n": "not judged"}


def _stated(row: str, **more: str) -> dict:
    """Verdicts from a row of the preset table: L lands, D departs, n not judged, - not asserted."""
    stated = zip(_CLAIMS, row.split(), strict=True)
    return {claim: _WORDS[v] for claim, v in [*stated, *more.items()] if v != "-"}


PRESETS = (
    Preset("staircase", "The staircase", "Look for four flat stretches: four drops, each where the dashed line said.",
           {}, _stated("L L L L L L L"), compare={"optimizer": "polyak"}, compare_title="heavy ball"),
    Preset("tiny_init", "Visiting the saddles", "Look at the gradient: it dips to saddles with 64, 45, 28, 13 and 0 ways down.",
           {"alpha": 1e-6}, _stated("L L L L L L L")),
    Preset("semantic_tree", "Animals and plants", "Look for broad categories first, and an illusion that grows 1/8, 1/4, 1/2 and vanishes.",
           {"data": "semantic_tree"}, _stated("n n L n L L -", illusory_correlation="L")),
    Preset("digits", "Real digits", "Ties: modes mix, yet the singular values stay on the line.",
           {"data": "digits"}, _stated("n n L n - - -")),
    Preset("three_layers", "Depth makes it wait", "Look for a power-law wait, then heights as predicted but no later times.",
           _THREE, _stated("n n n L L n n"), compare=_THREE_ALIGNED, compare_title="aligned start"),
    Preset("three_layers_aligned", "Depth, aligned", "Every jump is predicted, to rounding.",
           _THREE_ALIGNED, _stated("L L n L - n n")),
    Preset("bottleneck", "Two hidden units", "The run stops at the plateau of two modes and stays.",
           {"width": 2}, _stated("L L L L L L L")),
    Preset("heavy_ball", "Momentum keeps the stairs", "Same stairs, a faster clock, still predicted.",
           {"optimizer": "polyak"}, _stated("L D D L L L L")),
    Preset("lazy_start", "Too large a start", "No plateaus are left; the sigmoids are wrong by a third.",
           _LAZY, _stated("D D - D - - -"), compare=_LAZY_BALANCED, compare_title="balanced start"),
    Preset("lazy_balanced", "The same start, balanced", "The exact solution lands without any small number.",
           _LAZY_BALANCED, _stated("D L L D - - -")),
    Preset("past_the_edge", "Past the edge", "Mode 1 hops between 1.278 and 0.592 of its strength, and the map knows.",
           {"eta": 0.23}, _stated("L D D L D - L")),
    Preset("adam", "Adam flattens the stairs", "All modes arrive within a few hundred steps of each other.",
           {"optimizer": "adam"}, _stated("D D D D D - D")),
    Preset("coloured_inputs", "Coloured inputs", "The first escape is still exact; the white stairs are gone.",
           {"input_condition": 25}, _stated("D D D D - n L")),
    Preset("float32_noise", "Rounding as the seed", "The last jump comes a quarter too early: rounding grew in place of the start.",
           {"dtype": "float32", "alpha": 1e-12}, _stated("D D D D - - -")),
    Preset("relu", "ReLU at half speed", "The escape comes at twice the time, as predicted.",
           {"activation": "relu", "width": 64, "alpha": 1e-3}, _stated("D D n D - n L")),
    Preset("waiting_times", "Each decade costs the same wait", "Four straight lines of slope 1/sₖ: ten times smaller a start, ln(10)/sₖ later.",
           {}, {"jump_times": "lands"}, over={"alpha": "1e-7:1e-2:12:log"}),
    Preset("ties", "Three equal modes", "Singular values rise one by one, exactly, though no single mode can be followed.",
           {"spectrum": (3, 3, 3, 1)}, _stated("n n L n L L n")),
)  # fmt: skip
