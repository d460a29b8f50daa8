"""A linear network of infinite width, and how the noise of a finite one's start grows in it.

f = W2 W1 z/N with white inputs: in the basis of the target's modes A = W1'W1/N, B = W2 W2'/N and
P = W2 W1/N begin at σ², σ² and 0, up to noise of order 1/√N, which training carries along linearly.
Derived here. Nothing here sees a seed.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Response(NamedTuple):
    """At every record: the infinite network, and N times the variances of a finite one.

    a: diagonal of A, (record, input). p: that of P, (record, mode). v: N Var A_jk, (record, input,
    input). own: N Var P_kk, (record, mode). rest: N Σ Var P_jk over all entries, (record,).
    """

    a: np.ndarray
    p: np.ndarray
    v: np.ndarray
    own: np.ndarray
    rest: np.ndarray


def response(
    s: np.ndarray, inputs: int, outputs: int, sigma: float, eta: float, steps: np.ndarray
) -> Response:
    """Gradient descent at rate η from weights of standard deviation σ.

    Args:
        s: singular values of the target, (mode,).
        inputs: d; those behind the modes are used by nobody.
        outputs: C, likewise.
        sigma: standard deviation of every weight.
        eta: learning rate.
        steps: when it is looked at, (record,), from 0 on.
    """
    r, variance = len(s), sigma**2
    a, p = np.full(r, variance), np.zeros(r)
    # (dA_jk, dB_jk, dP_jk, dP_kj) of modes j, k from what they were at the start
    T = np.broadcast_to(np.eye(4), (r, r, 4, 4)).copy()
    U = np.broadcast_to(np.eye(2), (r, 2, 2)).copy()  # (dA, dP) of a mode and an unused input
    left = 1.0  # dP of unused inputs and outputs
    found, at = [], 0
    for goal in steps.tolist():
        for _ in range(goal - at):
            e, q = s - p, s - 2 * p
            T += eta * _pull(e, q, a) @ T
            U += eta * _pull_unused(e, q, a, variance) @ U
            left *= 1 - 2 * eta * variance
            p, a = (
                p + 2 * eta * a * e + eta**2 * p * e**2,
                a + 2 * eta * p * e + eta**2 * a * e**2,
            )
        at = goal
        v, own, rest = _variances(T, U, left, inputs, outputs)
        whole = np.append(a, np.full(inputs - r, variance))
        found.append((whole, p, v * variance**2, own * variance**2, rest * variance**2))
    return Response(*(np.array(one) for one in zip(*found, strict=True)))


def _pull(e: np.ndarray, q: np.ndarray, a: np.ndarray) -> np.ndarray:
    """Rows (0,0,q_j,q_k), (0,0,q_k,q_j), (e_j,e_k,-a_j-a_k,0), (e_k,e_j,0,-a_j-a_k)."""
    M = np.zeros((len(e), len(e), 4, 4))
    j, k = np.index_exp[:, None], np.index_exp[None, :]
    M[..., 0, 2], M[..., 0, 3] = q[j], q[k]
    M[..., 1, 2], M[..., 1, 3] = q[k], q[j]
    M[..., 2, 0], M[..., 2, 1] = e[j], e[k]
    M[..., 3, 0], M[..., 3, 1] = e[k], e[j]
    M[..., 2, 2] = M[..., 3, 3] = -(a[j] + a[k])
    return M


def _pull_unused(e: np.ndarray, q: np.ndarray, a: np.ndarray, variance: float) -> np.ndarray:
    """Rows (0, q_j), (e_j, -σ² - a_j)."""
    m = np.zeros((len(e), 2, 2))
    m[:, 0, 1], m[:, 1, 0], m[:, 1, 1] = q, e, -(variance + a)
    return m


def _variances(
    T: np.ndarray, U: np.ndarray, left: float, inputs: int, outputs: int
) -> tuple[np.ndarray, np.ndarray, float]:
    """v, own and rest of a `Response` over σ⁴; A and B vary twice as much on their diagonals."""
    r = len(T)
    i = np.arange(r)

    def diagonal(row: np.ndarray) -> np.ndarray:
        return 2 * row[:, 0] ** 2 + 2 * row[:, 1] ** 2 + (row[:, 2] + row[:, 3]) ** 2

    v = np.ones((inputs, inputs)) + np.eye(inputs)
    v[:r, :r] = np.sum(T[:, :, 0] ** 2, axis=-1)
    v[i, i] = diagonal(T[i, i, 0])
    v[:r, r:] = np.sum(U[:, 0] ** 2, axis=-1)[:, None]
    v[r:, :r] = v[:r, r:].T
    P = np.sum(T[:, :, 2] ** 2, axis=-1)
    P[i, i] = diagonal(T[i, i, 2])
    of_modes = float(P.sum() + (inputs + outputs - 2 * r) * np.sum(U[:, 1] ** 2))
    return v, P[i, i], of_modes + (inputs - r) * (outputs - r) * left**2


def square(v: np.ndarray, B: np.ndarray | None = None) -> np.ndarray:
    """2 Σ_{j≠k} B_jk² v_jk + Σ_j B_jj² v_jj, (record,); B is √v where none is given.

    v, B: (record, input, input); entries jk and kj of a symmetric noise move as one.
    """
    W = v if B is None else B**2
    return 2 * np.sum(v * W, axis=(-1, -2)) - np.einsum("...ii,...ii->...", v, W)


def noise(found: Response, width: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Noise over signal x = Σ v/(N|a|²), its standard deviation, and (tr A)²/|A|², (record,) each.

    N is the width.
    """
    size = np.sum(found.a**2, axis=-1)
    x = np.sum(found.v, axis=(-1, -2)) / size / width
    return x, np.sqrt(square(found.v)) / size / width, np.sum(found.a, axis=-1) ** 2 / size
