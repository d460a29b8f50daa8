import numpy as np
import pytest
from scipy.integrate import solve_ivp

from sims.core.cache import Cache
from sims.core.setup import SEEDS_LIMIT
from sims.saddle_to_saddle import mode_laws as laws


def pat(n: int, m: int, k: int) -> np.ndarray:
    i, j = np.arange(1, n + 1)[:, None], np.arange(1, m + 1)[None, :]
    return np.cos(1.7 * i**2 * j + 0.3 * j + k)


def house(n: int) -> np.ndarray:
    v = np.arange(1.0, n + 1)
    return np.eye(n) - 2 * np.outer(v, v) / (v @ v)


def alternating_house(n: int) -> np.ndarray:
    v = np.arange(1.0, n + 1) * (-1.0) ** np.arange(n)
    return np.eye(n) - 2 * np.outer(v, v) / (v @ v)


def test_half_time_and_sigmoid_of_one_balanced_mode():
    assert laws.half_time(np.array([3.0]), np.array([1e-6]))[0] == pytest.approx(
        2.48568709, rel=1e-8
    )
    a = laws.sigmoid(3.0, 1e-6, np.array([2.0, 2.6]))
    np.testing.assert_allclose(a, [0.15437951, 1.9951477], rtol=1e-7)


def test_a_mode_that_starts_at_zero_never_jumps():
    assert laws.half_time(np.array([2.0]), np.array([0.0]))[0] == np.inf
    assert laws.map_jump_steps(np.array([0.0]), np.array([2.0]), 0.01)[0] == np.inf


def test_hyperbolic_solution_at_the_stated_times():
    u = laws.hyperbolic(2.0, 0.5, 0.01, np.array([0.5, 1.0, 2.0]))
    np.testing.assert_allclose(u, [0.39753073, 1.30860876, 1.98102216], rtol=1e-7)


@pytest.mark.parametrize(
    ("a", "b"), [(0.5, 0.01), (0.01, 0.5), (0.3, 0.3), (0.4, -0.1), (-0.2, 0.7)]
)
def test_hyperbolic_solution_solves_its_equation(a, b):
    s, t = 2.0, np.linspace(0, 3, 13)

    def velocity(_, y):
        return [y[1] * (s - y[0] * y[1]), y[0] * (s - y[0] * y[1])]

    solved = solve_ivp(velocity, (0, 3), [a, b], t_eval=t, rtol=1e-11, atol=1e-13)
    np.testing.assert_allclose(laws.hyperbolic(s, a, b, t), solved.y[0] * solved.y[1], atol=1e-8)


@pytest.mark.parametrize(
    ("depth", "expected", "half"), [(3, 2.365781, -0.133906), (4, 12.466385, -0.033302)]
)
def test_deep_aligned_half_times(depth, expected, half):
    s, w0 = 4.0, 0.1
    wait = laws.half_clock(s, depth) - laws.depth_clock(np.array(w0**depth), s, depth)
    assert wait == pytest.approx(expected, abs=1e-5)
    assert laws.half_clock(s, depth) == pytest.approx(half, abs=1e-5)


@pytest.mark.parametrize("depth", [2, 3, 4, 5])
def test_deep_sigmoid_solves_its_equation(depth):
    s, a0 = 2.0, 1e-3
    t = np.linspace(
        0, 3 * laws.half_clock(s, depth) - 3 * laws.depth_clock(np.array(a0), s, depth), 50
    )
    solved = solve_ivp(
        lambda _, a: depth * np.abs(a) ** (2 - 2 / depth) * (s - a),
        (0, t[-1]), [a0], t_eval=t, rtol=1e-10, atol=1e-12,
    )  # fmt: skip
    np.testing.assert_allclose(laws.deep_sigmoid(s, a0, t, depth), solved.y[0], atol=2e-5)


def acceptance_start(alpha: float) -> tuple[np.ndarray, ...]:
    d_in, h, d_out = 6, 10, 5
    W1 = alpha / np.sqrt(h) * pat(h, d_in, 0)
    W2 = alpha / np.sqrt(h) * pat(d_out, h, 1)
    return W1, W2, house(d_out)[:, :3], house(d_in)[:, :3]


def test_starting_strengths_use_up_one_hidden_direction_per_mode():
    W1, W2, U, V = acceptance_start(1e-3)
    np.testing.assert_allclose(
        laws.starting_strengths(W1, W2, U, V), [3.204308e-07, 8.785491e-08, 3.208716e-07], rtol=1e-5
    )
    without = np.sum(laws.alignments(W1, W2, U, V) ** 2, axis=0) / 4
    np.testing.assert_allclose(without, [3.204308e-07, 9.089191e-08, 3.830733e-07], rtol=1e-5)


def test_modes_beyond_the_width_start_from_nothing():
    rng = np.random.default_rng(0)
    a0 = laws.starting_strengths(
        rng.standard_normal((2, 6)), rng.standard_normal((5, 2)), np.eye(5)[:, :4], np.eye(6)[:, :4]
    )
    assert (a0[:2] > 0).all()
    assert (a0[2:] == 0).all()


def test_jump_times_of_flow_and_map():
    s = np.array([4.0, 2.0, 1.0])
    a0 = laws.starting_strengths(*acceptance_start(1e-3))
    np.testing.assert_allclose(laws.half_time(s, a0), [2.04249, 4.23518, 7.47611], atol=1e-5)
    small = 2e-3 * laws.map_jump_steps(a0, s, 2e-3)
    np.testing.assert_allclose(small, [2.04961, 4.24261, 7.48255], atol=1e-5)
    large = 0.1 * laws.map_jump_steps(a0, s, 0.1)
    np.testing.assert_allclose(large, [2.38262, 4.59799, 7.79413], atol=1e-3)


def test_map_and_its_jump_steps_agree():
    s, a0 = np.array([3.0, 1.0]), np.array([1e-6, 1e-5])
    steps = np.arange(0, 9000, 5)
    a = laws.mode_map(a0, s, 1e-3, steps)
    seen = [laws.crossing(steps, a[:, k], s[k] / 2, s[k]) for k in range(2)]
    np.testing.assert_allclose(seen, laws.map_jump_steps(a0, s, 1e-3), rtol=1e-6)


@pytest.mark.parametrize(("mu", "pair"), [(1.05, (1.19048, 0.76190)), (1.15, (1.2778, 0.5917))])
def test_past_the_edge_a_mode_settles_on_the_two_cycle(mu, pair):
    heights = laws.two_cycle(mu)
    assert heights is not None
    assert heights == pytest.approx(pair, abs=1e-4)
    a = laws.mode_map(np.array([0.01]), np.array([1.0]), mu, np.arange(2000))[-2:, 0]
    np.testing.assert_allclose(np.sort(a)[::-1], heights, rtol=1e-9)


@pytest.mark.parametrize("mu", [0.9, 1.0, 1.3])
def test_there_is_no_stable_two_cycle_outside_its_window(mu):
    assert laws.two_cycle(mu) is None


def test_heavy_ball_root_is_the_map_within_its_stated_error():
    s, a0 = np.array([5.0, 3.0, 1.8, 1.0]), np.full(4, 1e-8)
    for beta, eta, worst in [(0.5, 1e-3, 2.5e-3), (0.9, 1e-3, 2.5e-2)]:
        closed = laws.heavy_ball_jump_steps(eta, beta, s, a0)
        stepped = laws.map_jump_steps(a0, s, eta, beta=beta)
        assert np.max(np.abs(closed / stepped - 1)) < worst


def test_blow_up_time_of_the_acceptance_start():
    U, V = house(5)[:, :3], house(5)[:, :3]
    M = (U * np.array([4.0, 2.5, 1.5])) @ V.T
    unit = [pat(8, 5, 0), pat(8, 8, 1), pat(5, 8, 2)]
    T = laws.blow_up_time([w / np.sqrt(8) for w in unit], M)
    assert pytest.approx(0.41782, abs=1e-3) == T
    assert T / 0.1 + laws.half_clock(4.0, 3) == pytest.approx(4.0442, abs=1e-3)
    assert T / 0.03 + laws.half_clock(4.0, 3) == pytest.approx(13.7933, abs=3e-3)


def test_blow_up_needs_three_layers():
    with pytest.raises(ValueError, match="three layers"):
        laws.blow_up_time([np.eye(2), np.eye(2)], np.eye(2))


def test_the_blow_up_of_more_starts_than_seeds_of_a_run_is_found_once(monkeypatch):
    starts = [[np.full((2, 2), 1.0 + k)] * 3 for k in range(SEEDS_LIMIT)]
    found = []
    monkeypatch.setattr(laws, "_blow_up_times", Cache(laws.MOST_STARTS, 2**20, lambda _: 8))
    monkeypatch.setattr(laws, "_blow_up_time", lambda *_: float(found.append(1) or len(found)))
    for _ in range(2):
        times = [laws.blow_up_time(weights, np.eye(2)) for weights in starts]
        assert times == list(range(1, SEEDS_LIMIT + 1))
    assert len(found) == SEEDS_LIMIT


def test_layer_forces_are_minus_the_gradient():
    rng = np.random.default_rng(1)
    weights = [
        rng.standard_normal((4, 3)),
        rng.standard_normal((4, 4)),
        rng.standard_normal((2, 4)),
    ]
    M, eps = rng.standard_normal((2, 3)), 1e-6

    def loss(ws):
        return 0.5 * np.sum((ws[2] @ ws[1] @ ws[0] - M) ** 2)

    forces = laws.layer_forces(weights, M - weights[2] @ weights[1] @ weights[0])
    for l in range(3):
        up, down = [w.copy() for w in weights], [w.copy() for w in weights]
        up[l][0, 1] += eps
        down[l][0, 1] -= eps
        assert -(loss(up) - loss(down)) / (2 * eps) == pytest.approx(forces[l][0, 1], rel=1e-6)


def test_plateau_levels_and_which_are_judged():
    s = np.array([5.0, 3.0, 1.8, 1.0])
    np.testing.assert_allclose(laws.plateau_levels(s), [19.12, 6.62, 2.12, 0.5, 0.0])
    assert laws.judged_plateaus(s, 16) == [1, 2, 3]
    assert laws.judged_plateaus(s, 2) == [1]
    assert laws.judged_plateaus(np.array([3.0, 3.0, 3.0, 1.0]), 16) == [3]


def test_crossing_is_exact_on_a_sigmoid_between_coarse_records():
    t = np.linspace(0, 10, 30)
    a = laws.sigmoid(2.0, 1e-4, t)
    assert laws.crossing(t, a, 1.0, 2.0) == pytest.approx(
        laws.half_time(np.array([2.0]), np.array([1e-4]))[0], rel=1e-12
    )
    assert np.isnan(laws.crossing(t, a, 3.0, 2.0))
