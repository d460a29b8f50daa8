"""The stability edge of a product of layers: how near a step is, and what is said of it."""

from __future__ import annotations

from sims.core.experiment import Assumption
from sims.core.sentences import said

DIVERGES = 1.3
"""μ beyond which a run leaves the finite range."""


def edge_ratio(eta: float, depth: int, strongest: float) -> float:
    """μ = η L s_1^{2-2/L} / 2: step size over the largest one that is stable at the minimum."""
    return eta * depth * strongest ** (2 - 2 / depth) / 2


def before_the_edge(mu: float, symbol: str = "eta s_1") -> Assumption:
    """Below the edge, where the largest step that is stable has μ = 1."""
    number = f"{symbol} = {said(mu, 3)}, held below 1"
    if mu < 1:
        label, sentence = f"below the edge, μ = {said(mu, 3)} < 1", f"{number}."
    else:
        label, sentence = "below the edge, μ < 1", f"{number}: past the stability edge."
    return Assumption("before_the_edge", label, sentence, mu < 1, mu)


def divergence(mu: float) -> str:
    """The banner for a step with μ > 1.3."""
    return (
        f"Expected to diverge. The step gives μ = {said(mu, 3)}; "
        f"beyond {DIVERGES} the run leaves the finite range."
    )
