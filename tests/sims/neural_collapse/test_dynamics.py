import math

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from sims.neural_collapse import dynamics


def start(K=4, n=20, d=16, eps=0.03, seed=0):
    rng = np.random.default_rng(seed)
    W, H = (eps / math.sqrt(d) * rng.standard_normal(shape) for shape in ((K, d), (K * n, d)))
    y = np.repeat(np.arange(K), n)
    return W, H, np.stack([H[y == k].mean(axis=0) for k in range(K)]), y


def test_final_simplex_is_one_of_that_radius():
    W, _, M, _ = start()
    target = dynamics.final_simplex(dynamics.seed_of(W, M), 1.3)
    assert target @ target.T == pytest.approx(1.69 * (np.eye(4) - 0.25), abs=1e-12)


def test_modes_start_where_they_start_and_end_at_s():
    alpha = np.array([0.1, 0.001])
    a = dynamics.mode_strengths(alpha, 0.92, 4, np.array([0.0, 1e4]))
    assert a == pytest.approx(np.stack([alpha, [0.92, 0.92]]), abs=1e-12)
    half = dynamics.half_times(alpha, 0.92, 4)
    at_half = [dynamics.mode_strengths(alpha, 0.92, 4, half[j : j + 1])[0, j] for j in range(2)]
    assert at_half == pytest.approx([0.46, 0.46])


@pytest.mark.parametrize("lam", [0.02, 0.12, 0.25])
def test_riccati_curve_solves_its_equation(lam):
    sizes = np.array([80, 40, 20, 10])
    s = np.sqrt(sizes / sizes.mean())
    W, _, M, _ = start(eps=0.3)
    A0 = dynamics.starting_strengths(W, M, sizes)
    rate = np.diag(s - 4 * lam)

    def flow(_, flat):
        A = flat.reshape(4, 4)
        return ((rate @ A + A @ rate - 2 * A @ A) / 4).ravel()

    t = np.array([0.0, 5.0, 20.0, 60.0])
    exact = solve_ivp(flow, (0, 60), A0.ravel(), t_eval=t, rtol=1e-10, atol=1e-13).y
    A = dynamics.logits_without_bias(A0, sizes, lam, t) * s[None, None, :]
    assert pytest.approx(exact.T.reshape(4, 4, 4), abs=1e-7) == A


def test_riccati_curve_neither_overflows_nor_dies_late():
    sizes = np.array([80, 40, 20, 10])
    W, _, M, _ = start()
    A0 = dynamics.starting_strengths(W, M, sizes)
    Z = dynamics.logits_without_bias(A0, sizes, 0.2, np.array([4000.0]))
    assert np.isfinite(Z).all()
    s = math.sqrt(80 / 37.5)
    assert Z[0, 0, 0] == pytest.approx((s - 0.8) / s)
    assert abs(Z[0, 3, 3]) < 1e-12
    times = dynamics.class_times(A0, sizes, 0.2)
    assert np.isinf(times[3])
    assert np.isfinite(times[0])


def test_slow_spread_needs_room_between_its_rates():
    W, H, M, y = start()
    t = np.array([200.0, 300.0])
    for lam, rate in ((0.02, 0.12), (0.0, 0.0)):
        nc1 = dynamics.within_class_decay(W, H, M, y, lam, t)
        assert -np.diff(np.log(nc1))[0] / 100 == pytest.approx(rate, abs=1e-6)
    fast = dynamics.within_class_decay(W, H, M, y, 0.1, t)
    assert -np.diff(np.log(fast))[0] / 100 == pytest.approx(0.5, abs=1e-6)


def test_central_path_solves_its_equation():
    omega, K = np.array([0.05, 0.4, 2.0]), 4
    t = np.array([0.0, 3.0, 40.0, 900.0])

    def flow(_, x):
        return x / (1 + x**2) ** 2 / K**2

    exact = solve_ivp(flow, (0, 900), omega, t_eval=t, rtol=1e-11, atol=1e-13).y.T
    assert dynamics.central_path(omega, K, t) == pytest.approx(exact, rel=1e-8)


def test_descent_kept_on_the_central_path_follows_it():
    K, n, d = 3, 30, 4
    rng = np.random.default_rng(1)
    y = np.repeat(np.arange(K), n)
    onehot = np.eye(K)[y]
    H = rng.standard_normal((K * n, d)) + 0.8 * rng.standard_normal((K, d))[y]
    N, dt, steps = len(H), 2e-3, 1500

    def renewed(H):
        X = H - (onehot.T @ H / n)[y]
        level, U = np.linalg.eigh(X.T @ X / N)
        return H @ (U / np.sqrt(level)) @ U.T

    def spectrum(H):
        found = dynamics.signal_to_noise(H, onehot.T @ H / n, y)
        assert found is not None
        return found

    H = renewed(H)
    first = spectrum(H)
    for _ in range(steps):
        A = np.concatenate([H, np.ones((N, 1))], axis=1)
        V = np.linalg.lstsq(A, onehot, rcond=None)[0]
        force = (onehot - A @ V) @ V[:d].T  # -N dL/dH at the least-squares classifier
        X = H - (onehot.T @ H / n)[y]
        overlap = X.T @ force / N  # leave the part that changes Sigma_W to first order
        force = force - X @ (0.5 * (overlap + overlap.T))
        H = H + dt * force
    t = np.array([steps * dt * K])  # our time has features move at n̄ dL/dH = (N/K) dL/dH
    predicted = dynamics.central_path(first, K, t)[0]
    X = H - (onehot.T @ H / n)[y]
    assert pytest.approx(np.eye(d), abs=5e-3) == X.T @ X / N
    moved = predicted - first
    assert spectrum(H) - first == pytest.approx(moved, rel=0.02)


def test_growth_at_the_origin_is_that_of_the_linearised_flow():
    w, h, K, sigma = 0.03, 0.005, 4, np.array([1.3, 0.4])
    matrices = [np.array([[-w, s / K], [s / K, -h]]) for s in sigma]
    rates = [np.linalg.eigvalsh(m).max() for m in matrices]
    assert dynamics.slowest_growth(sigma, w, h, K) == pytest.approx(min(np.abs(rates)))


def test_too_few_samples_have_no_signal_to_noise():
    W, H, M, y = start(n=3, d=16)
    del W
    assert dynamics.signal_to_noise(H, M, y) is None
