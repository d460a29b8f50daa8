from __future__ import annotations

import jax
import numpy as np
import pytest

from sims.edge_of_stability.neural_network.complementarity import solve

solved = jax.jit(solve)


def problem(k: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """A random slack and the Gram matrix of random directions, as the central flow has them."""
    rng = np.random.default_rng(seed)
    A = rng.standard_normal((k, k))
    D = rng.standard_normal((k, k, 40)) + 0.5 * rng.standard_normal(40)[None, None, :]
    D = (D + D.transpose(1, 0, 2)) / 2
    return (A + A.T) / 2, np.einsum("ijp,klp->ijkl", D, D)


@pytest.mark.parametrize("k", [1, 2, 3])
@pytest.mark.parametrize("seed", range(12))
def test_solution_is_feasible_and_complementary(k, seed):
    A, B = problem(k, seed)
    X = np.asarray(solved(A, B, np.zeros((k, k))))
    slack = A + np.einsum("ijkl,kl->ij", B, X)
    scale = np.abs(A).max()
    np.testing.assert_allclose(X, X.T, atol=1e-15)
    assert np.linalg.eigvalsh(X).min() > -1e-15
    assert np.linalg.eigvalsh((slack + slack.T) / 2).min() > -1e-8 * scale
    assert abs(np.sum(X * slack)) < 1e-8 * scale * max(np.trace(X), 1e-3)


def test_nothing_oscillates_while_there_is_slack():
    A, B = problem(3, 1)
    X = solved(A @ A.T, B, np.eye(3))
    assert np.all(np.asarray(X) == 0)


def test_one_direction_is_the_closed_form():
    for a, b, x in ((-1.5, 3.0, 0.5), (1.5, 3.0, 0.0)):
        A, B = np.full((1, 1), a), np.full((1, 1, 1, 1), b)
        assert float(solved(A, B, np.zeros((1, 1)))[0, 0]) == x


@pytest.mark.parametrize("k", [2, 3])
def test_two_starts_reach_one_solution(k):
    for seed in range(6):
        A, B = problem(k, seed)
        cold = solved(A, B, np.zeros((k, k)))
        warm = solved(A, B, 2 * np.eye(k))
        np.testing.assert_allclose(cold, warm, atol=1e-7 * max(1e-3, float(np.abs(cold).max())))


def test_a_direction_without_curvature_stays_out():
    """Noncritical eigenpairs enter with positive slack and no B; what is left is one direction."""
    B = np.zeros((2, 2, 2, 2))
    B[0, 0, 0, 0] = 3.0
    X = np.asarray(solved(np.diag([-1.5, 1.0]), B, np.zeros((2, 2))))
    np.testing.assert_allclose(X, [[0.5, 0], [0, 0]], atol=1e-9)
