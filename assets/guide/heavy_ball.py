"""Heavy-ball momentum in a quadratic valley: solved exactly, and what is left of it as a flow."""

import jax.numpy as jnp
import numpy as np

from sims import (
    Assumption,
    Baseline,
    Claim,
    Experiment,
    Observable,
    Preset,
    Schedule,
    Source,
    knob,
    parameters,
)  # fmt: skip
from sims.compare import largest_gap, slope
from sims.view import STEPS, Curves, Difference, Tile, View

SHORT, ROUNDING, SMALLEST = 0.02, 1e-6, 1e-280


def edge(params):
    """Where the steep direction becomes unstable: its root is -1 at η λ = 2(1 + β)."""
    return 2 * (1 + params.beta) / max(params.steep, params.flat)


def distance_to_the_edge(params):
    return rf"unstable above $\eta =$ {edge(params):.3g}"


@parameters
class Params:
    steep = knob(1.0, "Steep curvature", r"\lambda_1", lo=0.1, hi=10, scale="log",
                 help="Curvature of the valley across.")  # fmt: skip
    flat = knob(0.2, "Flat curvature", r"\lambda_2", lo=0.01, hi=10, scale="log")
    eta = knob(0.004, "Learning rate", r"\eta", lo=1e-4, hi=10, scale="log",
               beneath=distance_to_the_edge, help="Size of a step.")  # fmt: skip
    beta = knob(0.5, "Momentum", r"\beta", lo=0, hi=0.99,
                help="Share of the last step that is taken again.")  # fmt: skip
    steps = knob(2000, "Steps", "N", lo=20, hi=20000, scale="log", help="Length of the run.")


OBSERVABLES = {
    "loss": Observable("loss", "L", scale="log"),
    "x": Observable("position", "x", dims=("direction",)),
    "amplitude": Observable("amplitude of the oscillation", "A", scale="log"),
    "flow": Observable("position of the flow", "x", dims=("direction",)),
}

# --- the run --------------------------------------------------------------------------------


def prepare(params, seed):
    """All that a run starts from, as numpy arrays: what is random is drawn here, from the seed."""
    start = np.random.default_rng(seed).choice([-1.0, 1.0], size=2)
    return {"start": start, "curvature": np.array([params.steep, params.flat])}


def init(params, task):
    """The state before the first step, at rest; jax from here on."""
    return {"x": task["start"], "before": task["start"]}


def step(params, task, state):
    """x <- x - η λ x + β (x - x_before)."""
    x, before = state["x"], state["before"]
    after = x - params.eta * task["curvature"] * x + params.beta * (x - before)
    return {"x": after, "before": x}


def observe(params, task, state):
    """By name of the observable; q = x² - a x x_before + β x_before² shrinks by β at each step."""
    x, before = state["x"], state["before"]
    a = 1 + params.beta - params.eta * task["curvature"]
    q = x**2 - a * x * before + params.beta * before**2
    return {
        "loss": 0.5 * jnp.sum(task["curvature"] * x**2),
        "x": x,
        "amplitude": jnp.sqrt(jnp.sum(jnp.abs(q))),
    }


# --- the theory: sees the task, never the run -------------------------------------------------


def impulse(a, b, n):
    """The s_n of s_{n+1} = a s_n - b s_{n-1}, s_0 = 0, s_1 = 1, from the roots of r² - a r + b = 0.

    With roots m ± d it is ((m+d)^n - (m-d)^n)/2d, real whether d is or not; n m^{n-1} at d = 0.
    """
    m, d = a / 2, np.sqrt(complex(a**2 / 4 - b))
    if d == 0:
        return n * m ** np.maximum(n - 1, 0)
    return (((m + d) ** n - (m - d) ** n) / (2 * d)).real


def is_oscillating(params, curvature):
    """Complex roots: (1 - √β)² < η λ < (1 + √β)²."""
    x, root = params.eta * curvature, np.sqrt(params.beta)
    return bool(np.all(((1 - root) ** 2 < x) & (x < (1 + root) ** 2)))


def predict(params, task, schedule):
    """At every record x_n = x_0 (s_{n+1} - β s_n), exact; and a flow of learning rate η/(1-β)."""
    n, beta = schedule.record_steps, params.beta
    lam, start = task["curvature"], task["start"]
    s = [[impulse(1 + beta - params.eta * one, beta, m) for one in lam] for m in (n + 1, n)]
    x = start * (np.transpose(s[0]) - beta * np.transpose(s[1]))
    flow = start * np.exp(-params.eta / (1 - beta) * lam * n[:, None])
    found = {"x": x, "flow": flow, "edge": edge(params), "memory": memory(params)}
    found["loss"] = 0.5 * np.sum(lam * x**2, axis=1)
    is_seen = beta ** n[-1] > SMALLEST
    if is_seen and is_oscillating(params, lam):  # then q is positive, and its root bounds x
        first = np.sqrt(np.sum(params.eta * lam * start**2))
        found |= {"amplitude": first * beta ** (n / 2), "rate": 0.5 * np.log(beta)}
    return found


def memory(params):
    """Steps that momentum remembers, 1/(1-β), over steps in which x changes, (1-β)/(η λ)."""
    return params.eta * max(params.steep, params.flat) / (1 - params.beta) ** 2


def short_memory(params, task, prediction):
    """The flow forgets that x has a velocity of its own."""
    x = memory(params)
    words = f"The flow has no memory; that of momentum is {x:.2g} of its time (limit {SHORT})."
    return Assumption("short_memory", "short memory", words, x <= SHORT, x)


def stable(params, task, prediction):
    """Past the edge x grows until no number holds it: the law is exact, and the run ends."""
    words = f"Past η = {edge(params):.3g} the run diverges, and ends where numbers end."
    return Assumption("stable", "below the edge", words, params.eta <= edge(params), params.eta)


def flow_error(params, prediction):
    """First order in m = η λ/(1-β)²: the flow misses x by x_0 e^{-τ} m (β - τ(1+β)/2), τ its time.

    Of this the first term, at the start, is the larger one: it stays below m.
    """
    return min(memory(params), SHORT)


NO_RATE = "a direction does not oscillate, so that its larger root decides, or all falls to 0."
CLAIMS = (
    # Exact up to rounding: the roots lose √ε ≈ 1.5e-8 where they meet, all else is N ε < 1e-11.
    Claim("x", largest_gap("x", over="largest"), ROUNDING, relies_on=("stable",)),
    # q shrinks by β exactly; the slope of ln A loses no more than the records do.
    Claim("rate", slope("amplitude", "rate", along="step", absent=NO_RATE), ROUNDING,
          title="rate of decay", symbol=r"\ln\sqrt\beta", unit="relative",
          baseline=Baseline("no decay", 0.0)),
    Claim("flow", largest_gap("flow", "x", over="start"), flow_error, relies_on=("short_memory",),
          title="flow with learning rate η/(1-β)"),
)  # fmt: skip

# --- the page ---------------------------------------------------------------------------------

VIEW = View(
    hero=Curves("x", second="flow", names=("steep", "flat"), label="end", levels=(0,)),
    panels=(
        Curves("loss", log=True, floor=1e-20),
        Curves("amplitude", log=True, note="falls as √β to the power n wherever both oscillate"),
        Difference("x", claim="x", note="rounding is all that is left"),
    ),
    tiles=(
        Tile("edge", "edge of stability", symbol=r"2(1+\beta)/\lambda_1", measured="", claim=""),
        Tile("memory", "memory over time", symbol="m", digits=2, measured="", claim="flow"),
    ),
    clock=STEPS, legend={"second_theory": "flow"},
)  # fmt: skip

EXPERIMENT = Experiment(
    name="mine/heavy_ball", title="Heavy ball",
    question="What does momentum do that a larger learning rate does not?",
    law=r"x_{n+1} = x_n - \eta\lambda x_n + \beta\,(x_n - x_{n-1})",
    regime="Exact for a quadratic loss; the flow holds while the memory of momentum is short.",
    falsifier="one run that leaves the closed form by more than rounding.",
    sources=(Source("1408.3595", "L. Lessard and others", "Integral quadratic constraints", 2014),),
    Params=Params, prepare=prepare, init=init, step=step, observe=observe, predict=predict,
    schedule=lambda params, tasks: Schedule.until(params.steps),
    observables=OBSERVABLES, assumptions=(short_memory, stable), claims=CLAIMS, view=VIEW,
    presets=(
        Preset("short", "Short memory", "Momentum is a larger learning rate, and no more.", {},
               lands=("x", "flow"), not_judged=("rate",)),
        Preset("none", "No momentum", "Gradient descent: one root is 0.",
               {"beta": 0.0, "eta": 0.01}, lands=("x", "flow"), not_judged=("rate",)),
        Preset("long", "Long memory", "Both directions oscillate, and decay alike.",
               {"beta": 0.9, "eta": 0.1, "steps": 200}, lands=("x", "rate"), departs=("flow",)),
        Preset("double", "Double root", "The steep direction is as fast as it can be.",
               {"beta": 0.25, "eta": 0.25, "steps": 100}, lands=("x",), departs=("flow",),
               not_judged=("rate",)),
        Preset("past_edge", "Past the edge", "The exact law foresees that it diverges.",
               {"eta": 3.1, "steps": 100}, lands=("x",), departs=("flow",), not_judged=("rate",)),
        Preset("diverged", "Out of numbers", "It ends where no number holds it.",
               {"eta": 3.1, "steps": 5000}, departs=("x", "flow"), not_judged=("rate",)),
    ),
)  # fmt: skip
