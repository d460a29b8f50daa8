"""Curvatures at which a step becomes unstable; plain numbers in, so that knobs may say them too."""

from __future__ import annotations

WITH_MOMENTUM = ("polyak", "nesterov", "adam")

EDGES = {
    "gd": r"2/\eta",
    "sgd": r"2/\eta",
    "rmsprop": r"2/\eta",
    "polyak": r"(2+2\beta)/\eta",
    "nesterov": r"(2+2\beta)/(\eta(1+2\beta))",
    "adam": r"(2+2\beta)/((1-\beta)\eta)",
}
"""TeX of `edge`, by optimiser."""


def edge(optimizer: str, eta: float, beta: float = 0.0) -> float:
    """Largest stable eigenvalue: of H, for RMSProp and Adam of P⁻¹H.

    Gradient descent, SGD, RMSProp 2/η; Polyak (2+2β)/η; Nesterov (2+2β)/(η(1+2β)); Adam
    (2+2β)/((1-β)η): the curvature at which the linear recursion along one eigenvector has root -1.
    Without momentum β is 0.

    Source: Cohen et al., arXiv:2103.00065 and arXiv:2207.14484.
    """
    if optimizer == "nesterov":
        return (2 + 2 * beta) / (eta * (1 + 2 * beta))
    if optimizer == "adam":
        return (2 + 2 * beta) / ((1 - beta) * eta)
    return (2 + 2 * beta) / eta
