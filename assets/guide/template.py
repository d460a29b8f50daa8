"""Gradient descent in a quadratic valley: each direction forgets its start at a rate of its own.

A template: put your law into `predict`, your training into `init`, `step` and `observe`, and keep
`lmx open FILE.py` running beside it. `lmx check FILE.py` says what is missing.
"""

import jax.numpy as jnp
import numpy as np

from sims import (
    Assumption,
    Claim,
    Experiment,
    Observable,
    Preset,
    Schedule,
    knob,
    parameters,
)
from sims.compare import largest_gap

SMALL_STEP = 0.05


@parameters
class Params:
    steep = knob(1.0, "Steep curvature", r"\lambda_1", lo=0.1, hi=10, scale="log",
                 help="Curvature of the valley across.")  # fmt: skip
    flat = knob(0.2, "Flat curvature", r"\lambda_2", lo=0.01, hi=10, scale="log",
                help="Curvature of the valley along its floor.")  # fmt: skip
    eta = knob(0.02, "Learning rate", r"\eta", lo=1e-3, hi=1, hard_hi=10, scale="log",
               help="Step of gradient descent; the theory is its limit 0.")  # fmt: skip
    horizon = knob(10.0, "Horizon", "T", unit="time", lo=1, hi=100, scale="log",
                   help="Time at which the run ends: steps times learning rate.")  # fmt: skip


OBSERVABLES = {
    "loss": Observable("loss", "L", scale="log"),
    "x": Observable("position", "x", dims=("direction",)),
}

# --- the run --------------------------------------------------------------------------------


def prepare(params, seed):
    """All that a run starts from, as numpy arrays: what is random is drawn here, from the seed."""
    start = np.random.default_rng(seed).choice([-1.0, 1.0], size=2)
    return {"start": start, "curvature": np.array([params.steep, params.flat])}


def init(params, task):
    """The state before the first step; jax from here on."""
    return task["start"]


def step(params, task, x):
    """x <- x - η λ x."""
    return x - params.eta * task["curvature"] * x


def observe(params, task, x):
    """What is recorded, by the names of the observables."""
    return {"loss": 0.5 * jnp.sum(task["curvature"] * x**2), "x": x}


# --- the theory: sees the task, never the run -------------------------------------------------


def predict(params, task, schedule):
    """Gradient flow: x_i(t) = x_i(0) exp(-λ_i t), at every record."""
    t = schedule.record_times[:, None]
    x = task["start"] * np.exp(-task["curvature"] * t)
    return {"loss": 0.5 * np.sum(task["curvature"] * x**2, axis=1), "x": x}


def largest_step(params):
    """The largest η λ, which has to be small."""
    return params.eta * max(params.steep, params.flat)


def small_step(params, task, prediction):
    """What the theory wants of the settings, held or broken, known before the run."""
    x = largest_step(params)
    words = f"The theory is gradient flow; the largest step η λ is {x:.2g} (limit {SMALL_STEP})."
    return Assumption("small_step", "small step", words, x <= SMALL_STEP, x)


def tolerance(params, prediction):
    """The error order of the theory: (1 - ηλ)^{t/η} = e^{-λt} (1 + O(ηλ)), largest near t = 1/λ."""
    return 0.5 * min(largest_step(params), SMALL_STEP)


EXPERIMENT = Experiment(
    name="mine/template",
    title="Quadratic valley",
    question="How fast does gradient descent forget where it started?",
    law=r"x_i(t) = x_i(0)\, e^{-\lambda_i t}\,,\qquad t = \eta\, n",
    regime="Exact for gradient flow; gradient descent follows it while the step is small.",
    falsifier="one run with a small step that leaves the exponential by more than half that step.",
    sources=(),
    Params=Params,
    prepare=prepare, init=init, step=step, observe=observe, predict=predict,
    schedule=lambda params, tasks: Schedule.until(params.horizon, params.eta),
    observables=OBSERVABLES,
    assumptions=(small_step,),
    # held against the guess that nothing changes; baseline=Baseline("words", value) is another
    claims=(
        Claim("x", largest_gap("x", over=1.0), tolerance, relies_on=("small_step",)),
        Claim("loss", largest_gap("loss", over="start"), tolerance, relies_on=("small_step",)),
    ),
    presets=(
        Preset("valley", "A valley", "The steep direction is forgotten first.", {},
               lands=("x", "loss")),
        Preset("round", "A bowl", "Both directions at once.", {"flat": 1.0}, lands=("x", "loss")),
        Preset("large_steps", "Large steps", "Descent overshoots what flow would do.",
               {"eta": 0.8}, departs=("x", "loss")),
    ),
)  # fmt: skip
