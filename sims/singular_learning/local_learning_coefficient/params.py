"""Knobs of the local learning coefficient, what is refused, and the presets."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from sims.core.experiment import Preset, Task
from sims.core.knobs import Scalar, filled, knob, number, parameters
from sims.singular_learning.local_learning_coefficient import scales

MOST_STEPS = 1_000_000
PER_WEIGHT = 4e-8
"""Seconds that one thread takes for a step of one weight of one chain."""
QUICK_WORK = 6e7
"""Steps times weights times chains of a setting that is drawn at random: a second or two."""
FEWEST_STEPS, QUICK_STEPS = 1000, 20_000
FEWEST_CHAINS = 8


def weights(params: Params) -> int:
    """How many there are."""
    return params.width * (params.d_in + params.d_out)


def local(params: Params) -> scales.Local:
    """The learning coefficient where training ends, its multiplicity and its singular rest."""
    sizes = (params.d_in, params.d_out, params.width)
    return scales.trained(*sizes, int(params.rank), int(params.large))


def wait(params: Params) -> float:
    """Steps after which the slowest direction that matters has forgotten where it was."""
    given = (float(filled(params.nbeta)), float(params.strength), float(params.c))
    valley, sharp = scales.forgetting(*given)
    return valley if local(params).rest else sharp


def _weights_line(params: Params) -> str:
    return f"{weights(params)} weights in all"


def _rank_line(params: Params) -> str:
    M, N, H = params.d_in, params.d_out, params.width
    return f"a map of rank {int(params.rank)}, of at most {min(M, N, H)}"


@parameters
class Params:
    """Parameters of a run; every default is a run worth watching."""

    # fmt: off
    d_in: int = knob(
        6, label="Inputs", symbol="M",
        lo=2, hi=10, hard_lo=1, hard_hi=16, static=True,
        help="Number of inputs.",
    )
    width: int = knob(
        6, label="Width", symbol="H",
        lo=2, hi=10, hard_lo=1, hard_hi=16, static=True,
        help="Hidden units.",
        beneath=_weights_line,
    )
    d_out: int = knob(
        6, label="Outputs", symbol="N",
        lo=2, hi=10, hard_lo=1, hard_hi=16, static=True,
        help="Number of outputs.",
    )
    rank: Scalar = knob(
        1, label="Rank", symbol="r", group="Data",
        kind="int", lo=0, hi=6, hard_hi=16,
        help="Of the map to be learned; 0: there is nothing to learn.",
        beneath=_rank_line,
    )
    strength: Scalar = knob(
        1.0, label="Strength", symbol="s", group="Data",
        lo=0.5, hi=2, hard_lo=0.1, hard_hi=10, scale="log",
        help="Size of each of the map's singular values.",
    )
    large: Scalar = knob(
        0, label="Large start", symbol="a_0", group="Training",
        kind="int", lo=0, hi=6, hard_hi=16,
        help="Input directions whose weights start large; 0: all of them start small.",
    )
    alpha: Scalar = knob(
        1e-3, label="Small start", symbol=r"\alpha", group="Training",
        lo=1e-4, hi=1e-2, hard_lo=1e-6, hard_hi=0.1, scale="log",
        help="Size of all other initial weights.",
    )
    train_steps: Scalar = knob(
        2000, label="Training steps", symbol="T_0", unit="steps", group="Training",
        kind="int", lo=500, hi=5000, hard_lo=1, hard_hi=50_000, scale="log",
        help="Gradient steps before the heating.",
    )
    nbeta: Scalar | None = knob(
        None, label="Inverse temperature", symbol="t", group="Heating",
        kind="float", lo=300, hi=1e5, hard_lo=1, hard_hi=1e7, scale="log", auto=True,
        help="Number of samples times their inverse temperature.",
    )
    gamma: Scalar | None = knob(
        None, label="Leash", symbol=r"\gamma", group="Heating",
        kind="float", lo=0.5, hi=150, hard_lo=0.01, hard_hi=1e4, scale="log", auto=True,
        help="How strongly heated weights are pulled back to the trained ones.",
    )
    c: Scalar = knob(
        0.1, label="Langevin step", symbol="c", group="Heating",
        lo=0.05, hi=0.2, hard_lo=0.01, hard_hi=1.5, scale="log",
        help="Step of the heating over the time of the stiffest direction.",
    )
    chains: int = knob(
        32, label="Chains", symbol="C", group="Heating",
        lo=FEWEST_CHAINS, hi=128, hard_lo=2, hard_hi=1024, scale="log", static=True,
        help="Copies of the network that are heated at once.",
    )
    steps: Scalar | None = knob(
        None, label="Heating steps", symbol="T", unit="steps", group="Heating",
        kind="int", lo=FEWEST_STEPS, hi=50_000, hard_lo=100, hard_hi=MOST_STEPS, scale="log",
        auto=True,
        help="Langevin steps; automatically what it takes to fill the valleys.",
    )
    # fmt: on


def resolve(params: Params, tasks: Sequence[Task]) -> Params:
    """Temperature and leash follow from the strength, the number of steps from how slow it is.

    Raises:
        ValueError: a rank or a large start that does not fit the network, or too many steps.
    """
    del tasks
    r, large, s = int(params.rank), int(params.large), float(params.strength)
    most = min(params.d_in, params.width, params.d_out)
    if r > most:
        raise ValueError(
            f"rank = {r} is not allowed: it is at most min(d_in, width, d_out) = {most}."
        )
    most = min(params.d_in, params.width)
    if large > most or 0 < large < r:
        allowed = f"0 or from {max(r, 1)} to {most}" if most >= max(r, 1) else "0"
        raise ValueError(
            f"large = {large} is not allowed: it is 0, or from rank to min(d_in, width); here "
            f"{allowed}."
        )
    if params.nbeta is None:
        params = dataclasses.replace(params, nbeta=(1e5 if large else 1e3) / s**2)
    if params.gamma is None:
        params = dataclasses.replace(params, gamma=(100.0 if large else 1.0) / s)
    if params.steps is None:
        quickly = large and local(params).rest
        times = scales.FILLED_LARGE if quickly else scales.FILLED
        params = dataclasses.replace(params, steps=max(100, int(times * wait(params))))
    together = int(filled(params.steps)) + int(params.train_steps)
    if together > MOST_STEPS:
        raise ValueError(
            f"steps and train_steps are {together} together: give at most {MOST_STEPS}, a smaller "
            f"nbeta than {number(float(filled(params.nbeta)))}, or a larger c."
        )
    return params


def work(params: Params) -> float:
    """Steps times weights times chains."""
    steps = 10_000 if params.steps is None else float(params.steps)
    return (float(params.train_steps) + steps) * weights(params) * params.chains


def cpu_seconds(params: Params) -> float:
    """One thread, mostly for random numbers."""
    return 0.3 + PER_WEIGHT * work(params)


def feasible(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Of knobs drawn at random those to be changed: what fits the network, within seconds."""
    M, H, N = (int(values[name]) for name in ("d_in", "width", "d_out"))
    r = int(values["rank"]) % (min(M, H, N) + 1)
    large = int(values["large"]) % (min(M, H) + 1)
    fitting = {"rank": r, "large": max(large, r) if large else 0}
    params = resolve(Params(**{**values, **fitting}), ())
    chains = int(QUICK_WORK / work(params) * params.chains)
    if chains < FEWEST_CHAINS:
        steps = min(int(filled(params.steps)), QUICK_STEPS)
        return {**fitting, "chains": FEWEST_CHAINS, "steps": steps}
    return {**fitting, "chains": min(chains, params.chains)}


_BOTH = ("llc", "exact_heat")

PRESETS = (
    Preset(
        "rank_one",
        "A rank-one map",
        "72 weights, and the pile grows around 15, not 36: it is worth 30 of them.",
        {},
        lands=_BOTH,
    ),
    Preset(
        "nothing_to_learn",
        "Nothing to learn",
        "13.5: to do nothing is not free, for every weight could do something.",
        {"rank": 0},
        lands=_BOTH,
    ),
    Preset(
        "bottleneck",
        "A bottleneck",
        "Eight inputs, three hidden units, five outputs: 10 of 19.5.",
        {"d_in": 8, "width": 3, "d_out": 5},
        lands=_BOTH,
    ),
    Preset(
        "five_large",
        "Five of six start large",
        "The map is the same, nothing; the start is not: 15.5 in place of 13.5.",
        {"rank": 0, "large": 5},
        lands=_BOTH,
    ),
    Preset(
        "wide_output",
        "The start decides",
        "Nothing to learn again: 8 after a small start, 15.5 where three of four inputs start "
        "large, and half the maps are 20.",
        {"d_in": 4, "width": 4, "d_out": 10, "rank": 0, "large": 3},
        lands=_BOTH,
    ),
    Preset(
        "large_inputs",
        "The same map, a large start",
        "All inputs start large, and the minimum is an ordinary one: 18, as a guess says, too.",
        {"rank": 0, "large": 6},
        not_judged=_BOTH,
    ),
    Preset(
        "full_rank",
        "Full rank",
        "18: only the rotations between the layers are free.",
        {"rank": 6},
        not_judged=_BOTH,
    ),
    Preset(
        "stopped_early",
        "Heated on a saddle",
        "Training has not begun in earnest, and the heated loss falls far below zero.",
        {"rank": 2, "train_steps": 60},
        departs=_BOTH,
    ),
    Preset(
        "tight_leash",
        "A tight leash",
        "The valleys are cut short: 9.2, as sampling without any step says beforehand.",
        {"rank": 0, "gamma": 30},
        lands=("exact_heat",),
        departs=("llc",),
    ),
    Preset(
        "coarse_step",
        "A coarse step",
        "Steps eight times as long find 15.5 where 13.5 is true.",
        {"rank": 0, "c": 0.8},
        departs=_BOTH,
    ),
    Preset(
        "too_short",
        "Too short",
        "After 600 steps the valleys are not filled: 10, and still on its way up.",
        {"rank": 0, "steps": 600},
        departs=_BOTH,
    ),
)
