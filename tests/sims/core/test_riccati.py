import numpy as np
import pytest
from scipy.integrate import solve_ivp

from sims.core.riccati import two_layer_flow


def alt(n: int) -> np.ndarray:
    v = np.arange(1.0, n + 1) * (-1.0) ** np.arange(n)
    return np.eye(n) - 2 * np.outer(v, v) / (v @ v)


def house(n: int) -> np.ndarray:
    v = np.arange(1.0, n + 1)
    return np.eye(n) - 2 * np.outer(v, v) / (v @ v)


def balanced(alpha: float, lam: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    h, d_in, d_out = 4, 6, 5
    sig = alpha * (1 + np.arange(h)) / h
    R = alt(h)
    W1 = (R * np.sqrt(sig**2 + max(-lam, 0))) @ alt(d_in)[:h]
    W2 = (alt(d_out)[:, :h] * np.sqrt(sig**2 + max(lam, 0))) @ R.T
    M = (house(d_out)[:, :3] * np.array([4.0, 2.0, 1.0])) @ house(d_in)[:, :3].T
    return W1, W2, M


@pytest.mark.parametrize(
    ("alpha", "lam", "losses", "corner"),
    [
        (0.05, 0, (10.445948, 8.6378655, 2.0061941), 0.43971477),
        (0.5, 2, (0.61942026, 0.30409917, 0.23386957), 3.78045709),
        (0.5, -2, (0.78133036, 0.37249971, 0.27327771), 3.77766770),
    ],
)
def test_balanced_flow_at_the_stated_times(alpha, lam, losses, corner):
    W1, W2, M = balanced(alpha, lam)
    left, right = two_layer_flow(W1, W2, M, np.array([0.0, 0.5, 1.0, 1.5]), lam)
    W = left @ right
    np.testing.assert_allclose(0.5 * np.sum((W[1:] - M) ** 2, axis=(1, 2)), losses, rtol=1e-7)
    assert W[2, 0, 0] == pytest.approx(corner, rel=1e-7)


@pytest.mark.parametrize(
    ("alpha", "lam"), [(1e-3, 0.0), (0.3, 0.0), (0.5, 3.0), (0.5, -2.0), (0.1, 1.0)]
)
def test_flow_solves_its_differential_equation(alpha, lam):
    W1, W2, M = balanced(alpha, lam)
    times = np.linspace(0, 6, 25)
    shapes = W1.shape, W2.shape

    def velocity(_, y):
        a, b = y[: W1.size].reshape(shapes[0]), y[W1.size :].reshape(shapes[1])
        R = M - b @ a
        return np.concatenate([(b.T @ R).ravel(), (R @ a.T).ravel()])

    start = np.concatenate([W1.ravel(), W2.ravel()])
    solved = solve_ivp(
        velocity, (0, 6), start, method="DOP853", t_eval=times, rtol=1e-12, atol=1e-14
    )
    left, right = two_layer_flow(W1, W2, M, times, lam)
    for i, y in enumerate(solved.y.T):
        product = y[W1.size :].reshape(shapes[1]) @ y[: W1.size].reshape(shapes[0])
        assert np.max(np.abs(left[i] @ right[i] - product)) < 1e-9


def test_the_answer_does_not_depend_on_where_it_is_looked_at():
    W1, W2, M = balanced(0.05, 0)
    coarse = two_layer_flow(W1, W2, M, np.array([0.0, 8.0]))
    fine = two_layer_flow(W1, W2, M, np.linspace(0, 8, 500))
    np.testing.assert_allclose(coarse[0][-1] @ coarse[1][-1], fine[0][-1] @ fine[1][-1], atol=1e-10)
