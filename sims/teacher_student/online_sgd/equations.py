"""The closed equations of online SGD: error and rates of the overlaps, as Gaussian averages.

Of K student units and M teacher units only overlaps matter: C = [[Q, R], [R', 1]] over all N = K+M,
with Q = WW'/d and R = WB'/d. Each field λ = w·x/√d is Gaussian with these covariances, g(u) =
erf(u/√2), and all averages are arcsines (Saad and Solla, Phys. Rev. E 52, 4225, 1995; extended to
K > M by arXiv:1906.08632). A state (..., n) holds the upper triangle of Q, then the rows of R; all
functions take any leading axes.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Float

States = Float[np.ndarray, "*points overlaps"]
"""Overlaps of one or of many moments."""


@dataclass(frozen=True)
class Overlaps:
    """Places of a state: of `student` units K and `teacher` units M."""

    student: int
    teacher: int

    @cached_property
    def pairs(self) -> tuple[np.ndarray, np.ndarray]:
        """Rows and columns of Q's upper triangle, (pair,) each."""
        return np.triu_indices(self.student)

    @property
    def size(self) -> int:
        """Numbers in a state."""
        return len(self.pairs[0]) + self.student * self.teacher

    @cached_property
    def signs(self) -> np.ndarray:
        """1 for every student unit and -1 for every teacher unit, (unit,): f - f*."""
        return np.repeat([1.0, -1.0], [self.student, self.teacher])

    @cached_property
    def _places(self) -> np.ndarray:
        """Which number of a state, with 0 and 1 behind them, each entry of C is, (unit, unit)."""
        K, N, n = self.student, self.student + self.teacher, self.size
        places = np.full((N, N), n)
        np.fill_diagonal(places, n + 1)
        places[self.pairs] = np.arange(len(self.pairs[0]))
        places[:K, K:] = np.arange(len(self.pairs[0]), n).reshape(K, -1)
        return np.triu(places) + np.triu(places, 1).T

    def packed(self, Q: np.ndarray, R: np.ndarray) -> States:
        """A state from Q (..., K, K) and R (..., K, M)."""
        i, j = self.pairs
        return np.concatenate([Q[..., i, j], R.reshape(*R.shape[:-2], -1)], axis=-1)

    def covariance(self, x: States) -> np.ndarray:
        """C of all fields, (..., unit, unit)."""
        ends = np.broadcast_to([0.0, 1.0], (*x.shape[:-1], 2))
        return np.concatenate([x, ends], axis=-1)[..., self._places]

    def blocks(self, C: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The blocks of students (..., K, K), and of students with teachers (..., K, M)."""
        K = self.student
        return C[..., :K, :K], C[..., :K, K:]

    @property
    def names(self) -> np.ndarray:
        """Of the numbers in a state: Q11, Q12, ..., R11, ..., (overlap,)."""
        pairs = [f"Q{i + 1}{j + 1}" for i, j in zip(*self.pairs, strict=True)]
        cross = [f"R{k + 1}{m + 1}" for k in range(self.student) for m in range(self.teacher)]
        return np.array([*pairs, *cross], object)

    def error(self, x: States) -> np.ndarray:
        """ε = E(f - f*)²/2, (...): half the sum of s_a s_b (2/π) arcsin(C_ab/√(v_a v_b))."""
        C = self.covariance(x)
        v = 1 + np.diagonal(C, axis1=-2, axis2=-1)
        angles = np.arcsin(C / np.sqrt(v[..., :, None] * v[..., None, :]))
        return np.asarray(np.einsum("...ab,a,b->...", angles, self.signs, self.signs) / np.pi)

    def rates(self, x: States, eta: float, noise: float) -> States:
        """dx/dt, t = step/d.

        dR/dt = -η J and dQ/dt = -η (J + J') + η² (I + σ² E[g'g']), J_ab = E[g'_a b (f - f*)],
        I_ab = E[g'_a g'_b (f - f*)²].
        """
        C, K = self.covariance(x), self.student
        J = self._pulls(C)
        i, j = self.pairs
        step = self._steps(C, noise)
        pair = -eta * (J[..., i, j] + J[..., j, i]) + eta**2 * step
        return np.concatenate([pair, -eta * J[..., K:].reshape(*x.shape[:-1], -1)], axis=-1)

    def _pulls(self, C: np.ndarray) -> np.ndarray:
        """J (..., a student, b unit), from E[g'_a b g_c] = (2/π)(C_bc - C_ab C_ac/v_a)/√(..)."""
        K = self.student
        v = 1 + np.diagonal(C, axis1=-2, axis2=-1)
        va, vc = v[..., :K, None], v[..., None, :]
        to_c = C[..., :K, :]
        weight = self.signs / np.sqrt(va * vc - to_c**2)
        direct = np.einsum("...ac,...bc->...ab", weight, C)
        through = np.sum(weight * to_c, axis=-1, keepdims=True) / va
        return (2 / np.pi) * (direct - to_c * through)

    @cached_property
    def _fields(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Pairs c <= e of all fields, and how often s_c s_e counts, (pair,) each."""
        c, e = np.triu_indices(self.student + self.teacher)
        return c, e, self.signs[c] * self.signs[e] * np.where(c == e, 1.0, 2.0)

    def _steps(self, C: np.ndarray, noise: float) -> np.ndarray:
        """E[g'_i g'_j ((f - f*)² + σ²)] of every pair of student units, (..., pair).

        With L4 = v_i v_j - C_ij²: E[g'_i g'_j g_c g_e] = (4/π²) arcsin(L0/√(L1 L2))/√L4, where
        L0, L1, L2 are L4 times the covariance and the variances (plus 1) of c and e given that
        both derivatives are taken.
        """
        (i, j), (c, e, weight) = self.pairs, self._fields
        v = 1 + np.diagonal(C, axis1=-2, axis2=-1)
        vi, vj, ij = v[..., i], v[..., j], C[..., i, j]
        L4 = vi * vj - ij**2
        ic, jc = C[..., i, :], C[..., j, :]
        wide = (..., None)
        own = L4[wide] * v[..., None, :] - jc**2 * vi[wide] - ic**2 * vj[wide]
        L1 = own + 2 * ij[wide] * ic * jc
        left = vi[wide] * jc - ij[wide] * ic
        right = vj[wide] * ic - ij[wide] * jc
        L0 = L4[wide] * C[..., None, c, e] - jc[..., e] * left[..., c] - ic[..., e] * right[..., c]
        ratio = L0 / np.sqrt(L1[..., c] * L1[..., e])
        squares = np.arcsin(np.clip(ratio, -1.0, 1.0)) @ weight
        root = np.sqrt(L4)
        return ((4 / np.pi**2) * squares + noise**2 * (2 / np.pi)) / root

    def draws(self, C: np.ndarray, eta: float, noise: float, Z: np.ndarray) -> np.ndarray:
        """Covariance of one step's change of a state, times d², (..., n, n).

        With u_i = g'(λ_i)(f - y), one example changes Q_ik by
        (-η (u_i λ_k + u_k λ_i) + η² u_i u_k)/d and R_im by -η u_i ν_m/d. The average is over
        standard normal points Z (..., point, N+1); the last column is the label's noise.
        """
        from scipy.special import erf

        K, (i, j) = self.student, self.pairs
        values, vectors = np.linalg.eigh(C)
        root = (vectors * np.sqrt(np.maximum(values, 0.0))[..., None, :]) @ vectors.mT
        fields = Z[..., :-1] @ root
        gap = erf(fields / np.sqrt(2)) @ self.signs - noise * Z[..., -1]
        student = fields[..., :K]
        u = np.sqrt(2 / np.pi) * np.exp(-(student**2) / 2) * gap[..., None]
        pair = u[..., i] * (eta**2 * u[..., j] - eta * student[..., j]) - eta * (
            u[..., j] * student[..., i]
        )
        cross = -eta * u[..., :, None] * fields[..., None, K:]
        z = np.concatenate([pair, cross.reshape(*gap.shape, -1)], axis=-1)
        z -= z.mean(axis=-2, keepdims=True)
        return z.mT @ z / z.shape[-2]
