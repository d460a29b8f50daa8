"""What a symmetry of the loss conserves: a number of every hidden unit, or of every pair of them.

    translation  c_i = Σ_k V_ki                 z -> z + c changes no softmax
    rescale      q_i = k|V_:i|² - |W_i:|²       W_i: -> s W_i:, V_:i -> s^-k V_:i, φ of degree k
    scale        s_i = |W_i:|²                  W_i: -> s W_i: behind a normalisation
    rotation     J_j, the spin of a pair        W -> R W, V -> V Rᵀ of a linear layer

Noether's charges of gradient descent: Kunin et al., arXiv:2012.04728. All functions take arrays of
numpy or of jax.
"""

from __future__ import annotations

from typing import Any, NamedTuple

SYMMETRIES = ("rescale", "translation", "rotation", "scale")
LEAKY = ("rescale", "scale")
"""Charges that are squares of lengths: a step of finite size lets them leak."""
DEGREES = {"relu": 1, "linear": 1, "square": 2}
"""Of homogeneous activations: φ(s u) = s^k φ(u) for s > 0."""


class Weights(NamedTuple):
    """W (unit, pixel), V (class, unit), b (unit,), or what is added to them."""

    W: Any
    V: Any
    b: Any


def pair(symmetry: str, activation: str, u: Weights, v: Weights) -> Any:
    """uᵀ A v of every unit, (unit,): the charge's form in two arguments.

    Of the linear charge of a translation v plays no part; of a rotation A is antisymmetric.
    """
    if symmetry == "translation":
        return u.V.sum(axis=0)
    if symmetry == "scale":
        return (u.W * v.W).sum(axis=1)
    if symmetry == "rescale":
        degree = DEGREES.get(activation, 1)
        return degree * (u.V * v.V).sum(axis=0) - (u.W * v.W).sum(axis=1)
    return _turned(u.W.T, v.W.T) + _turned(u.V, v.V)


def _turned(a: Any, c: Any) -> Any:
    """Σ (a_2j c_2j+1 - a_2j+1 c_2j) over rows, of every pair of columns."""
    return (a[:, 0::2] * c[:, 1::2] - a[:, 1::2] * c[:, 0::2]).sum(axis=0)


def charge(symmetry: str, activation: str, weights: Weights, velocity: Weights) -> Any:
    """The charge of every unit, or of every pair of units, (unit,)."""
    other = velocity if symmetry == "rotation" else weights
    return pair(symmetry, activation, weights, other)


def turning(weights: Weights, kappa: float) -> Weights:
    """The velocity at which every pair of hidden units turns by kappa a step."""
    W, V, b = weights
    vW, vV = 0 * W, 0 * V
    vW[0::2], vW[1::2] = -kappa * W[1::2], kappa * W[0::2]
    vV[:, 0::2], vV[:, 1::2] = -kappa * V[:, 1::2], kappa * V[:, 0::2]
    return Weights(vW, vV, 0 * b)
