"""What the deep linear network's theory wants of the settings, and what is said before the run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from sims.core.experiment import Assumption, Task
from sims.core.knobs import filled
from sims.core.sentences import said, share
from sims.saddle_to_saddle import edge
from sims.saddle_to_saddle import mode_laws as laws
from sims.saddle_to_saddle.linear_network import lags

if TYPE_CHECKING:
    from sims.saddle_to_saddle.linear_network.params import Params

WANTED_LAG = 0.8
"""Share of the tolerance against gradient flow that the steps may take."""


def assumptions(params: Params, task: Task, prediction: xr.Dataset) -> list[Assumption]:
    """What the theory wants of these settings, held or broken; one seed."""
    s = task["spectrum"]
    overlap, unclean, lag = (float(prediction[n]) for n in ("overlap", "uncleanness", "lag"))
    lagging = WANTED_LAG * lags.allowed(params, prediction)
    cond = float(params.input_condition)
    return [
        _small_init(params, s),
        Assumption(
            "separated_modes",
            "modes well separated",
            f"When one mode jumps the next is already {share(overlap)} learned; "
            "single-mode curves want at most 5 %.",
            overlap <= 0.05,
            overlap,
        ),
        Assumption(
            "clean_plateaus",
            "clean plateaus",
            f"Modes follow so closely that plateaus are off by {share(unclean)} even in theory "
            "(3 % allowed).",
            unclean <= 0.03,
            unclean,
        ),
        _balanced_layers(params, task, s),
        Assumption(
            "small_step",
            "small step",
            f"At this step size the run lags gradient flow by up to {share(lag)} of a mode "
            f"({share(lagging)} allowed).",
            lag <= lagging,
            lag,
        ),
        edge.before_the_edge(edge_ratio(params, task), "eta s_1" if cond == 1 else "eta s_1 |S|"),
        Assumption(
            "white_inputs",
            "white inputs",
            f"Inputs have condition number {said(cond, 3)}; this theory wants 1.",
            cond == 1,
            cond,
        ),
        Assumption(
            "linear_activation",
            "linear activation",
            f"The hidden layer is {params.activation}, the theory linear.",
            params.activation == "linear",
        ),
        _known_update(params),
        _plain_descent(params),
        _arithmetic(params),
    ]


def edge_ratio(params: Params, task: Task) -> float:
    """μ of this step size and depth, see `edge.edge_ratio`; coloured inputs: times |S|."""
    mu = edge.edge_ratio(filled(params.eta), params.depth, float(task["spectrum"][0]))
    if "input_covariance" in task:
        mu *= float(np.linalg.norm(task["input_covariance"], 2))
    return mu


def _small_init(params: Params, s: np.ndarray) -> Assumption:
    name, label, alpha = "small_init", "small start", filled(params.alpha)
    if params.init == "aligned":
        return Assumption(name, label, "An aligned start may have any size.", True, 0.0)
    if params.depth > 2:
        value = alpha ** (params.depth - 2)
        sentence = f"alpha^(L-2) = {said(value)}, wanted at most 0.05."
        return Assumption(name, label, sentence, value <= 0.05, value)
    value = float(alpha**2 / s[-1])
    sentence = f"The start is {share(value)} of the weakest mode; theory wants at most 1 %."
    return Assumption(name, label, sentence, value <= 0.01, value)


def _balanced_layers(params: Params, task: Task, s: np.ndarray) -> Assumption:
    value = 0.0
    if params.depth == 2 and params.init != "aligned":
        W1, W2 = laws.layers(task)
        off = W2.T @ W2 - W1 @ W1.T - float(params.layer_imbalance) * np.eye(len(W1))
        value = float(np.linalg.norm(off, 2) / s[-1])
    return Assumption(
        "balanced_layers",
        "balanced layers",
        f"Layers start out of balance by {share(value)} of the weakest mode; "
        "the exact solution wants at most 5 %.",
        value <= 0.05,
        value,
    )


def _known_update(params: Params) -> Assumption:
    held = params.optimizer != "adam"
    sentence = (
        "The update is a gradient step, with or without momentum."
        if held
        else "Adam rescales every weight; the theory knows only gradient steps."
    )
    return Assumption("known_update", "gradient steps", sentence, held)


def _plain_descent(params: Params) -> Assumption:
    sentence = {
        "gd": "Plain gradient descent.",
        "polyak": f"Momentum {said(filled(params.beta), 3)} changes the clock of gradient flow.",
        "adam": "Adam changes the clock of gradient flow.",
    }[params.optimizer]
    held = params.optimizer == "gd"
    return Assumption("plain_descent", "plain gradient descent", sentence, held)


def _arithmetic(params: Params) -> Assumption:
    alpha = filled(params.alpha)
    held = alpha >= (1e-5 if params.dtype == "float32" else 1e-15)
    sentence = (
        f"{params.dtype} carries an init of {said(alpha)}."
        if held
        else f"Rounding in {params.dtype} replaces an init of {said(alpha)}."
    )
    return Assumption("arithmetic", params.dtype, sentence, held, 0.0 if held else alpha)


def warnings(params: Params, task: Task, prediction: xr.Dataset) -> list[str]:
    """Banners shown before the run."""
    s = task["spectrum"]
    mu = edge_ratio(params, task)
    found = []
    if mu > edge.DIVERGES:
        found.append(edge.divergence(mu))
    elif mu >= 1:
        step = f"The step η = {said(filled(params.eta), 3)} gives μ = η s₁ = {said(mu, 3)} > 1."
        found.append(f"Past the stability edge. {step}{_two_cycle(prediction, s)}")
    if not _arithmetic(params).held:
        found.append(
            f"Rounding will replace the seed: {params.dtype} cannot carry a start of "
            f"{said(filled(params.alpha))}."
        )
    return found


def _two_cycle(prediction: xr.Dataset, s: np.ndarray) -> str:
    if "two_cycle" not in prediction:
        return ""
    high, low = prediction["two_cycle"].values / s[0]
    return (
        f" Expect mode 1 to alternate between {high:.3f} s₁ and {low:.3f} s₁ instead of settling."
    )
