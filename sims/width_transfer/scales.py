"""How the weights and rates of each layer go with the width n, by name; plain numbers in.

Layers 1..L are hidden, of width n over d inputs, layer L + 1 is the output. Source: Yang et al.,
arXiv:2203.03466; ntk is the tangent kernel scaling with its multipliers put into the rates.
"""

from __future__ import annotations

import numpy as np

PARAMETERISATIONS = ("sp", "ntk", "mup")
OPTIMIZERS = ("gd", "adam")


def gain(activation: str) -> float:
    """The variance that keeps the size of x^l over layers: 2 for relu, else 1."""
    return 2.0 if activation == "relu" else 1.0


def output_exponent(parameterisation: str) -> float:
    """The s of output weights with standard deviation n^-s."""
    return 1.0 if parameterisation == "mup" else 0.5


def multipliers(parameterisation: str, optimizer: str, d: int, n: int, depth: int) -> np.ndarray:
    """The mu_l of layers 1..L+1, (layer,): W_l <- W_l - eta mu_l u_l.

    u_l is the gradient, or for adam its sign. mup of gd has mu_1 = n/d: without it the first
    layer's share of a step would fall as 1/n.
    """
    gd, adam = {
        "sp": ((1.0, 1.0, 1.0), (1.0, 1.0, 1.0)),
        "ntk": ((1 / d, 1 / n, 1 / n), (d**-0.5, n**-0.5, n**-0.5)),
        "mup": ((n / d, 1.0, 1 / n), (1 / d, 1 / n, 1 / n)),
    }[parameterisation]
    first, hidden, last = gd if optimizer == "gd" else adam
    return np.array([first] + [hidden] * (depth - 1) + [last])


def widths(narrowest: int, widest: int) -> list[int]:
    """The narrowest width, doubled for as long as it is at most the widest."""
    found = [int(narrowest)]
    while 2 * found[-1] <= widest:
        found.append(2 * found[-1])
    return found


def nets(neurons: int, n: int) -> int:
    """How many nets of width n are drawn."""
    return max(1, int(neurons) // n)
