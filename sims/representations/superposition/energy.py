"""The expected loss of a network that writes features into too few neurons, exactly.

Inputs are independent: x_j is 0 with probability 1 - p, else uniform in 0..1. The mean over such an
input is (1 - p) h(0) + p (H(g) - H(0))/g of whatever h(g x) it is put into, with H' = h. Done for
all inputs of one output, that is a sum over what each of them does: stay off, or add or subtract
one end of an integral of the ReLU.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np

EXACT = 4
"""Other inputs of an output up to which overlaps are taken as exactly as arithmetic allows."""
TINY, SMALL = 1e-3, 1e-2
"""Overlaps below this act by their mean alone: dividing by them would cost all digits. The larger
one is for outputs with more than `EXACT` others, whose divisions multiply."""
OWN = -1
Numbers = Any
"""An array of numpy or of jax.numpy, or a number."""
Friends = Sequence[Sequence[int]]
_FACTORIAL = np.array([math.factorial(i) for i in range(24)], float)


def ignored(p: Any) -> Any:
    """Loss of an output that says b = p/2 whatever its input: the variance p/3 - p²/4."""
    return p / 3 - p * p / 4


@cache
def _patterns(k: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """What k inputs do, a row each of 3^k: whether a +, whether not off, how many, the sign."""
    does = np.array(list(itertools.product((0, 1, 2), repeat=k)), int).reshape(3**k, k)
    is_on = does > 0
    sign = np.where((does == 2).sum(axis=1) % 2, -1.0, 1.0)
    return (does == 1).astype(float), is_on, is_on.sum(axis=1), sign


def _relu_integral(u: Numbers, k: np.ndarray, xp: Any) -> Numbers:
    """The k-fold integral of relu, u^(k+1)/(k+1)!."""
    return xp.maximum(u, 0) ** (k + 1) / _FACTORIAL[k + 1]


def _square_integral(u: Numbers, k: np.ndarray, xp: Any) -> Numbers:
    """The k-fold integral of relu², 2u^(k+2)/(k+2)!."""
    return 2 * xp.maximum(u, 0) ** (k + 2) / _FACTORIAL[k + 2]


def one_output(
    own: Numbers,
    others: Numbers,
    b: Numbers,
    p: Numbers,
    friends: Friends = (),
    together: Numbers = 0.0,
    xp: Any = np,
) -> Numbers:
    """E (x - relu(own x + others·x' + b))², exact, for many settings at once.

    Args:
        own: weight |w_i|² of the input that is to be said again, (point,).
        others: weights w_i·w_j of the k other inputs, (point, k).
        b: bias, (point,).
        p: chance of an input to be on, (point,).
        friends: pairs among the others, and the friend of the output's own input as (OWN, j).
        together: chance of friends to switch on as one.
        xp: numpy or jax.numpy.

    Returns:
        The loss of every setting, (point,).
    """
    k = others.shape[1]
    tiny = TINY if k <= EXACT else SMALL
    plus, is_on, count, sign = _patterns(k)
    few = xp.abs(others) < tiny
    b = b + p / 2 * xp.sum(xp.where(few, others, 0.0), axis=1)
    # an input that is left out stays off for certain
    on = xp.where(few, 0.0, p[:, None] / xp.where(few, 1.0, others))
    off = xp.where(few, 1.0, 1 - p[:, None])
    factor = xp.where(is_on[None], on[:, None], off[:, None])
    stays, comes = _chances(factor, is_on, few, p, friends, together, xp)
    u, q = b[:, None] + others @ plus.T, count[None]
    alone = _square_integral(u, q, xp)
    is_seen = own[:, None] >= tiny
    a = xp.where(is_seen, own[:, None], 1.0)
    square = (_square_integral(u + a, q + 1, xp) - _square_integral(u, q + 1, xp)) / a
    product = _relu_integral(u + a, q + 1, xp) / a
    product = product - (_relu_integral(u + a, q + 2, xp) - _relu_integral(u, q + 2, xp)) / a**2
    on_itself = xp.where(is_seen, square - 2 * product, alone - _relu_integral(u, q, xp))
    return p / 3 + (stays * alone + comes * on_itself) @ sign


def _chances(
    factor: Numbers,
    is_on: np.ndarray,
    few: Numbers,
    p: Numbers,
    friends: Friends,
    together: Numbers,
    xp: Any,
) -> tuple[Numbers, Numbers]:
    """What every pattern weighs while the own input is off and on, (point, pattern) both.

    `factor` (point, pattern, input) is what an input alone contributes; two that switch as one
    contribute 1 - p where both are off, and on on'/p where both are on.
    """
    chance = p[:, None]
    stays, comes = 1 - chance, chance
    if isinstance(together, float) and together == 0:
        product = xp.prod(factor, axis=2)
        return stays * product, comes * product
    single = set(range(factor.shape[2]))
    for i, j in friends:
        single -= {i, j}
        other = factor[..., j]
        if i == OWN:
            left_out = few[:, j][:, None]
            if_off = xp.where(left_out, other, xp.where(is_on[:, j][None], 0.0, 1.0))
            if_on = xp.where(left_out, other, xp.where(is_on[:, j][None], other / chance, 0.0))
            stays = stays * ((1 - together) * other + together * if_off)
            comes = comes * ((1 - together) * other + together * if_on)
            continue
        apart = factor[..., i] * other
        both, neither = is_on[:, i] & is_on[:, j], ~(is_on[:, i] | is_on[:, j])
        as_one = xp.where(both[None], apart / chance, xp.where(neither[None], 1 - chance, 0.0))
        as_one = xp.where((few[:, i] | few[:, j])[:, None], apart, as_one)
        mixed = (1 - together) * apart + together * as_one
        stays, comes = stays * mixed, comes * mixed
    alone = xp.prod(factor[..., np.array(sorted(single), int)], axis=2)
    return stays * alone, comes * alone


def expected_loss(
    W: Numbers,
    b: Numbers,
    p: Numbers,
    importance: Numbers,
    together: Numbers = 0.0,
    xp: Any = np,
) -> Numbers:
    """L = Σ_i I_i E (x_i - relu(w_i·Σ_j w_j x_j + b_i))² of many networks, (replica,).

    Args:
        W: columns w_i, (replica, neuron, feature).
        b: biases, (replica, feature).
        p: density.
        importance: I, (feature,).
        together: chance of features 2j and 2j + 1 to switch on as one.
        xp: numpy or jax.numpy.
    """
    G, n = xp.einsum("rmi,rmj->rij", W, W), W.shape[2]
    density, losses = p * xp.ones(len(W)), []
    for i in range(n):
        # without the own input, those behind it move up by one
        at = {j: OWN if j == i else j - (j > i) for j in range(n)}
        friends = tuple(sorted((at[j], at[j + 1])) for j in range(0, n - 1, 2))
        others = xp.delete(G[:, i], i, axis=1)
        given = G[:, i, i], others, b[:, i], density
        losses.append(one_output(*given, friends, together, xp))
    return importance @ xp.stack(losses)


def expected_loss_linear(
    W: Numbers,
    b: Numbers,
    p: Numbers,
    importance: Numbers,
    together: Numbers = 0.0,
    xp: Any = np,
) -> Numbers:
    """The same of networks without a ReLU, from mean and covariance of the inputs, (replica,)."""
    n = W.shape[2]
    friends = np.zeros((n, n))
    for j in range(0, n - 1, 2):
        friends[j, j + 1] = friends[j + 1, j] = 1
    covariance = ignored(p) * np.eye(n) + together * (p - p * p) / 4 * friends
    missing = np.eye(n)[None] - xp.einsum("rmi,rmj->rij", W, W)
    mean = missing.sum(axis=2) * p / 2 - b
    spread = xp.einsum("rij,jk,rik->ri", missing, covariance, missing)
    return (mean**2 + spread) @ importance
