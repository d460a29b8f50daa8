"""One hidden neuron f(x) = a w·x, lazy, balanced or delayed: an experiment in one file."""

import math

import jax.numpy as jnp
import numpy as np

from sims import (
    Assumption,
    Claim,
    Experiment,
    Observable,
    Preset,
    Schedule,
    Source,
    knob,
    parameters,
)
from sims.compare import largest_gap

SMALL_STEP = 0.03


def conserved(a, w, eta_a, eta_w):
    """The δ = η_w a² - η_a |w|², which gradient flow conserves."""
    return eta_w * a**2 - eta_a * w**2


def kind_of_start(params):
    delta = conserved(params.a0, params.w0, params.eta_a, params.eta_w)
    share = delta / math.hypot(delta, 2 * math.sqrt(params.eta_a * params.eta_w))
    kind = "balanced" if abs(share) < 0.1 else "upstream" if share > 0 else "downstream"
    return rf"$\delta =$ {delta:.3g}: {kind}"


@parameters
class Params:
    a0 = knob(0.1, "Outer weight", "a_0", lo=-3, hi=3, help="Large against w is lazy.")
    w0 = knob(
        0.1,
        "Inner weight",
        "|w_0|",
        lo=1e-3,
        hi=3,
        scale="log",
        beneath=kind_of_start,
        help="Length that w starts with.",
    )
    angle = knob(115.0, "Angle to the target", r"\theta", unit="degrees", lo=0, hi=180)
    eta_a = knob(1.0, "Rate of a", r"\eta_a", lo=0.1, hi=3, scale="log")
    eta_w = knob(1.0, "Rate of w", r"\eta_w", lo=0.1, hi=3, scale="log")
    horizon = knob(12.0, "Horizon", "T", unit="time", lo=1, hi=60, hard_hi=1000, scale="log")
    dt = knob(
        0.002, "Step", "dt", unit="time/step", lo=5e-4, hi=1e-2, hard_hi=0.5, scale="log",
        help="Time of one step; the theory is its limit 0.",
    )  # fmt: skip


OBSERVABLES = {
    "loss": Observable("loss", "L", scale="log"),
    "a": Observable("outer weight", "a"),
    "w": Observable("inner weights", "w", dims=("coordinate",)),
    "beta": Observable("function learned", r"\beta", dims=("coordinate",)),
    "conserved": Observable("conserved quantity", r"\delta"),
}

# The run, to be read aloud


def prepare(params, seed):
    """The target b = (1, 0) and the start; nothing is drawn."""
    del seed
    angle = math.radians(params.angle)
    w = params.w0 * np.array([math.cos(angle), math.sin(angle)])
    return {"a": np.array(params.a0), "w": w, "target": np.array([1.0, 0.0])}


def init(params, task):
    return {"a": task["a"], "w": task["w"]}


def step(params, task, state):
    """One step down |a w - b|²/2: a <- a - dt η_a w·(a w - b), w <- w - dt η_w a (a w - b)."""
    a, w = state["a"], state["w"]
    gap = a * w - task["target"]
    return {
        "a": a - params.dt * params.eta_a * jnp.dot(w, gap),
        "w": w - params.dt * params.eta_w * a * gap,
    }


def observe(params, task, state):
    a, w = state["a"], state["w"]
    return {
        "loss": 0.5 * jnp.sum((a * w - task["target"]) ** 2),
        "beta": a * w,
        "conserved": params.eta_w * a**2 - params.eta_a * jnp.sum(w**2),
        **state,
    }


# The theory: sees the task, never the run


def decayed(D, kappa, rest, s):
    """e^{-2κs} (1 - e^{-Ds})/D, its limit s e^{-2κs} at D = 0; `rest` is 2κ + D, not negative."""
    if D == 0:
        return s * np.exp(-2 * kappa * s)
    if D > 0:
        return -np.exp(-2 * kappa * s) * np.expm1(-D * s) / D
    return np.exp(-rest * s) * np.expm1(D * s) / D


def trajectory(a0, w0, b, eta_a, eta_w, t):
    """The a (t,) and w (t, d) of gradient flow at times t; Kunin et al., arXiv:2406.06158.

    With g = √(η_a η_w), A = a/√η_a, W = w/√η_w, s = g²t the pair Q = (W, A) obeys
    Q' = GQ - Q|Q|²/2, so that Q(s) = e^{Gs} Q_0/√(1 + ∫|e^{Gr} Q_0|² dr).
    """
    g, size = math.sqrt(eta_a * eta_w), float(np.linalg.norm(b))
    A, W, B, s = a0 / math.sqrt(eta_a), w0 / math.sqrt(eta_w), size / g, g * g * t
    toward = b / size
    p = float(W @ toward)
    across = W - p * toward
    D = float(A**2 - W @ W)
    kappa = math.hypot(D / 2, B)
    slow = 2 * B**2 / (2 * kappa + abs(D))
    rest = 2 * slow if D < 0 else 2 * kappa + D
    q = np.array([p, A])
    Fq = np.array([-D / 2 * p + B * A, B * p + D / 2 * A])
    growing, shrinking = (q + Fq / kappa) / 2, (q - Fq / kappa) / 2
    once = np.exp(-2 * kappa * s)
    norm = (
        once
        + across @ across * decayed(D, kappa, rest, s)
        + (growing @ growing + shrinking @ shrinking * once) * (1 - once) / (2 * kappa)
    )
    C = 1 / np.sqrt(np.maximum(norm, np.finfo(float).tiny))
    pair = C[:, None] * (growing[None, :] + once[:, None] * shrinking[None, :])
    left = C * np.exp(-rest / 2 * s)
    w = pair[:, :1] * toward[None, :] + left[:, None] * across[None, :]
    return math.sqrt(eta_a) * pair[:, 1], math.sqrt(eta_w) * w


def predict(params, task, schedule):
    """Closed form of gradient flow at every record, and the fastest rate η_w a² + η_a |w|² met."""
    b, eta_a, eta_w = task["target"], params.eta_a, params.eta_w
    a, w = trajectory(float(task["a"]), task["w"], b, eta_a, eta_w, schedule.record_times)
    beta = a[:, None] * w
    delta = eta_w * float(task["a"]) ** 2 - eta_a * float(task["w"] @ task["w"])
    return {
        "loss": 0.5 * np.sum((beta - b) ** 2, axis=1),
        "a": a,
        "w": w,
        "beta": beta,
        "conserved": np.full(len(a), delta),
        "rate_max": np.max(eta_w * a**2 + eta_a * np.sum(w**2, axis=1)),
    }


def relative_step(params, prediction):
    return float(params.dt * prediction["rate_max"])


def small_step(params, task, prediction):
    x = relative_step(params, prediction)
    sentence = f"The theory is gradient flow; the step is {x:.2g} (limit {SMALL_STEP})."
    return Assumption("small_step", "small step", sentence, x <= SMALL_STEP, x)


def tolerance(params, prediction):
    return max(0.002, relative_step(params, prediction))


def size_of_beta(params, prediction):
    """The largest |β| predicted, at least |b| = 1."""
    return max(1.0, float(np.max(np.linalg.norm(prediction["beta"].values, axis=1))))


def change_of_a(params, prediction):
    """How far a is predicted to move."""
    a = prediction["a"].values
    return float(np.max(np.abs(a - a[0])))


def claim(name, **how):
    compare = largest_gap(name, **how)
    return Claim(name, compare, tolerance, ("small_step",), on_divergence="not judged")


CLAIMS = (
    claim("beta", over=size_of_beta, vectors=True),
    claim("a", over=change_of_a),
    claim("loss", over="start"),
)
ALL = tuple(c.name for c in CLAIMS)

EXPERIMENT = Experiment(
    name="plugins/one_neuron",
    title="One neuron",
    question="Does the outer or the inner weight learn first, and who decides?",
    law=r"\dot\beta = (\eta_w a^2 I+\eta_a ww^{\mathsf T})(b-\beta)\,,\quad \beta = aw",
    regime="Exact for gradient flow on whitened inputs, from every start.",
    falsifier="one run that leaves the closed form by more than its own step size.",
    sources=(Source("2406.06158", "D. Kunin and others", "Get rich quick", 2024),),
    Params=Params,
    prepare=prepare,
    init=init,
    step=step,
    observe=observe,
    predict=predict,
    schedule=lambda params, tasks: Schedule.until(params.horizon, params.dt),
    observables=OBSERVABLES,
    assumptions=(small_step,),
    claims=CLAIMS,
    presets=(
        Preset("balanced", "Balanced", "A plateau, then a sigmoid.", {}, lands=ALL),
        Preset(
            "upstream", "Upstream: lazy", "w follows at once, a hardly moves.",
            {"a0": 2.0, "w0": 0.01}, lands=ALL,
        ),
        Preset(
            "downstream", "Downstream: lazy, then rich", "a goes negative; then w turns slowly.",
            {"a0": 0.01, "w0": 2.0}, lands=ALL,
        ),
    ),
)  # fmt: skip
