"""Knobs of the diagonal linear network, how autos follow from them, and the presets."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from functools import partial

from sims.core.experiment import Preset, Task, stated
from sims.core.knobs import Scalar, knob, number, only_with, parameters
from sims.core.schedule import steps_until
from sims.core.sentences import rounded_up
from sims.saddle_to_saddle.diagonal_network import theory
from sims.saddle_to_saddle.diagonal_network.designs import DESIGNS, FIXED_DESIGNS

MOST_STEPS = 2_000_000
DRAWN_DESIGNS = tuple(name for name in DESIGNS if name not in FIXED_DESIGNS)
OWN_SIZE = only_with("This design has its own size.", design=DRAWN_DESIGNS)


@parameters
class Params:
    """Parameters of a run; every default is a run worth watching."""

    # fmt: off
    design: str = knob(
        "seeded", label="Data", group="Data",
        choices=DESIGNS, static=True,
        help="Gaussian inputs, orthogonal ones, or one of two small examples with fixed numbers.",
    )
    n: int | None = knob(
        None, label="Samples", symbol="n", group="Data",
        kind="int", lo=2, hi=64, static=True, auto=True,
        help="Number of equations; fewer than features leave the answer to the training.",
        unused=OWN_SIZE,
    )
    d: int | None = knob(
        None, label="Features", symbol="d", group="Data",
        kind="int", lo=2, hi=128, static=True, auto=True,
        help="Number of weights β = uv, one for each feature.",
        unused=OWN_SIZE,
    )
    alpha: Scalar = knob(
        1e-100, label="Initial scale", symbol=r"\alpha", unit="weight", group="Start",
        lo=1e-300, hi=0.1, scale="log",
        help="Size of the start; errors shrink like 1/ln(1/α), so it pays to start absurdly small.",
    )
    eta: Scalar = knob(
        0.01, label="Learning rate", symbol=r"\eta", unit="time/step", group="Training",
        lo=1e-4, hi=0.05, scale="log",
        help="Step size; one step is η of time.",
    )
    horizon: Scalar | None = knob(
        None, label="Horizon", symbol="T", unit="time", group="Training",
        kind="float", lo=10, hi=20_000, hard_lo=1e-3, hard_hi=1e6, scale="log", auto=True,
        help="Time t = ηn at which the run ends.",
        slider=False,
    )
    # fmt: on


def resolve(params: Params, tasks: Sequence[Task]) -> Params:
    """Fill the autos: n and d with (), the horizon with the tasks of all seeds.

    Raises:
        ValueError: an orthogonal design with n < d, or more than 2,000,000 steps; one sentence.
    """
    if not tasks:
        n, d = sizes(params)
        if params.design == "orthogonal" and n < d:
            raise ValueError(
                f"design=orthogonal needs n of at least d; it has n = {n} and d = {d}: "
                "give more samples or fewer features."
            )
        return dataclasses.replace(params, n=n, d=d)
    if params.horizon is None:
        latest = max(theory.path_of(task).learned_at for task in tasks)
        scale = -math.log(float(params.alpha))
        _check_steps(params, 1.3 * latest * scale + 5, latest)
        horizon = float(f"{1.3 * latest * scale + 5:.6g}")
        return dataclasses.replace(params, horizon=horizon)
    _check_steps(params, float(params.horizon))
    return params


def sizes(params: Params) -> tuple[int, int]:
    """(n, d) of the data: fixed by a fixed design, else what is set or suits the other."""
    if params.design in FIXED_DESIGNS:
        return FIXED_DESIGNS[params.design][0].shape
    if params.design == "orthogonal":
        d = params.d or min(5, params.n or 5)
        return params.n or max(12, d), d
    return params.n or 8, params.d or 20


def _check_steps(params: Params, horizon: float, latest: float | None = None) -> None:
    """Refuse a run of too many steps; `latest` is τ_e where the horizon is automatic."""
    eta = float(params.eta)
    steps = steps_until(horizon, eta)
    if steps <= MOST_STEPS:
        return
    largest = MOST_STEPS * eta
    other = f"a horizon of at most {number(float(f'{0.99 * largest:.2g}'))}"
    if latest is not None:
        decades = math.floor(max(0.0, largest - 5) / (1.3 * latest) / math.log(10))
        other = f"an alpha of at least 1e-{decades}"
    raise ValueError(
        f"The horizon T = {number(float(f'{horizon:.4g}'))} takes {steps} steps "
        f"of eta = {number(eta)}, more than {MOST_STEPS}: give eta of at least "
        f"{number(rounded_up(horizon / MOST_STEPS))}, or {other}."
    )


def notices(params: Params) -> list[str]:
    """What of the input is not used."""
    if params.design not in FIXED_DESIGNS:
        return []
    n, d = sizes(params)
    if params.n in (None, n) and params.d in (None, d):
        return []
    return [f"design={params.design} has its own {n} samples of {d} features; n and d are ignored."]


_stated = partial(stated, ("jump_times", "loss", "weights_final"))

PRESETS = (
    Preset(
        "sparse_regression",
        "One feature at a time",
        "The loss steps down at the predicted log-times, one feature after another.",
        {},
        _stated("L L -"),
    ),
    Preset(
        "orthogonal_design",
        "Independent features",
        "Every feature waits exactly one over its own weight: τₖ = 1/|βₖ|.",
        {"design": "orthogonal", "n": 12, "d": 5},
        _stated("L L n"),
    ),
    Preset(
        "feature_dropped",
        "Learned, then dropped",
        "Weight 4 enters first and leaves again at the third jump.",
        {"design": "drops_a_feature"},
        _stated("L L L"),
    ),
    Preset(
        "near_degenerate",
        "A nearly degenerate dual",
        "The loss stays on the line, yet the run ends on another set of features.",
        {"design": "near_degenerate", "alpha": 1e-60},
        _stated("L L D"),
    ),
)
