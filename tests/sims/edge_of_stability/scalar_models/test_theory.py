import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from sims.core.arithmetic import theory_arithmetic
from sims.core.study import Study
from sims.edge_of_stability.scalar_models import EXPERIMENT, balanced, diagrams, theory


@pytest.mark.parametrize("eta_lambda0", [1.5, 2.5, 3.0, 3.9])
@pytest.mark.parametrize("target", [0.0, 1.0])
def test_the_two_number_map_is_gradient_descent_to_1e_12(judged, eta_lambda0, target):
    found = judged(EXPERIMENT, eta_lambda0=eta_lambda0, target=target, steps=50, seed=1)
    for name in ("loss", "curvature"):
        p, m = found.first(name), found.run[name].values[0]
        assert np.max(np.abs(p - m)) < 1e-12 * np.max(np.abs(p))


def test_two_scalars_stay_on_the_map_for_two_thousand_steps(judged):
    found = judged(EXPERIMENT, "two_scalars")
    for name in ("loss", "curvature", "curvature_gradient_flow"):
        np.testing.assert_allclose(found.first(name), found.run[name].values[0], atol=1e-13)


def test_gradient_descent_ends_flatter_than_gradient_flow(judged):
    found = judged(EXPERIMENT, "two_scalars")
    ends = found.first("curvature_gradient_flow")
    assert np.all(np.diff(ends) <= 1e-13)
    assert ends[0] == pytest.approx(math.hypot(9 - 0.25, 2))
    assert found.first("curvature_final") == pytest.approx(ends[-1])


@pytest.mark.parametrize(("eta_lambda0", "phase"), [(1.5, "lazy"), (3, "catapult"), (4.05, "gone")])
def test_phases_at_zero_target(eta_lambda0, phase):
    setup = Study(EXPERIMENT, {"eta_lambda0": eta_lambda0, "m": 2048}).setup
    r, lam, _ = theory._path(setup.params, setup.tasks[0])
    c = float(setup.tasks[0]["rate"]) * lam
    if phase == "lazy":
        assert np.all(np.diff(np.abs(r)) <= 0)
        assert c[-1] == pytest.approx(c[0], rel=20 / 2048)  # the curvature moves by O(1/m)
    elif phase == "catapult":
        assert 0.1 * 2048 < np.max(r**2) < 10 * 2048
        assert c[-1] < 2
    else:
        assert np.isfinite(theory.divergence(setup.params, setup.tasks[0]))
        assert c[-1] > c[0]


def test_growth_is_large_where_the_net_is_chaotic():
    def growth(**knobs):
        setup = Study(EXPERIMENT, {"m": 1, "target": 1, **knobs}, seed=0).setup
        return theory.growth(setup.params, setup.tasks[0], setup.schedule.steps)

    assert growth(eta_lambda0=1.0) < 10
    chaotic = Study(EXPERIMENT, {"model": "two_scalars", "a0": 1.2, "b0": 1.15, "eta": 1.45}).setup
    assert theory.growth(chaotic.params, chaotic.tasks[0], 2000) > 1e4


def test_the_two_cycle_at_eta_1_1():
    np.testing.assert_allclose(
        balanced.orbit(1.1, 2)[::-1], [1.1160629715, 0.8145516269], atol=1e-9
    )


@pytest.mark.parametrize("eta", [1.05, 1.1, 1.2, 1.23])
def test_the_closed_form_is_a_two_cycle_with_its_multiplier(eta):
    low, high = balanced.orbit(eta, 2)
    assert balanced.step(low, eta, 2) == pytest.approx(high, abs=1e-13)
    assert balanced.step(high, eta, 2) == pytest.approx(low, abs=1e-13)
    product = balanced.slope(low, eta, 2) * balanced.slope(high, eta, 2)
    assert product == pytest.approx(balanced.multiplier(eta, 2), abs=1e-12)
    assert balanced._two_cycle(eta, 2) == pytest.approx(low, abs=1e-12)


@pytest.mark.parametrize("D", [2, 3, 4, 5, 6])
def test_the_fixed_point_flips_at_two_over_depth(D):
    assert balanced.slope(1.0, balanced.flip(D), D) == pytest.approx(-1)
    np.testing.assert_array_equal(balanced.orbit(0.99 * balanced.flip(D), D), [1])
    low, high = balanced.orbit(1.02 * balanced.flip(D), D)
    assert low < 1 < high
    assert balanced.step(high, 1.02 * balanced.flip(D), D) == pytest.approx(low, abs=1e-12)


def period(eta: float) -> int:
    x = 0.9
    for _ in range(20_000):
        x = balanced.step(x, eta, 2)
    y = x
    for n in range(1, 9):
        y = balanced.step(y, eta, 2)
        if abs(y - x) < 1e-9:
            return n
    return 0


def test_period_two_gives_way_to_four_where_the_multiplier_is_minus_one():
    assert (period(1.2355), period(1.2375)) == (2, 4)
    assert balanced.multiplier(math.sqrt(5) - 1, 2) == pytest.approx(-1)


def test_a_start_beyond_the_outermost_point_grows():
    for eta, D in ((1.15, 2), (0.4, 3), (0.3, 5)):
        R = balanced.outermost(eta, D)
        assert balanced.step(R, eta, D) == pytest.approx(-R)
        assert abs(balanced.step(1.01 * R, eta, D)) > 1.01 * R
    assert balanced.outermost(1.15, 2) == pytest.approx(math.sqrt(1 + 2 / 1.15))


def test_the_diagram_ends_in_the_branches_while_they_attract():
    branch, product = balanced.branches(2)
    visits = np.sort(np.abs(balanced.attractor(2, 0.9)), axis=1)
    settled = np.abs(product) < 0.9
    np.testing.assert_allclose(visits[settled][:, [0, -1]], branch[settled], atol=1e-6)
    rates = balanced.RATES
    assert np.isnan(visits[rates > 2.01]).all()
    signs = np.array([np.ptp(np.sign(row)) for row in balanced.attractor(2, 0.9)])
    merged = rates[(signs > 0) & (rates < 1.95)]
    assert merged[0] == pytest.approx(1.5 * math.sqrt(3) - 1, abs=0.02)


def test_the_catapult_curves_are_the_map_at_every_step_size():
    setup = Study(EXPERIMENT, {}).setup
    r, lam, limit = theory._path(setup.params, setup.tasks[0])
    with theory_arithmetic():
        starts, final, highest = diagrams.catapult(float(r[0]), float(lam[0]), 512, 0.0, 400, limit)
    i = int(np.argmin(np.abs(starts - 3)))
    assert starts[i] == 3
    assert final[i] == pytest.approx(float(setup.tasks[0]["rate"]) * lam[-1])
    assert highest[i] == pytest.approx(0.5 * np.max(r**2))
    assert np.isnan(final[starts > 4.2]).all()
    np.testing.assert_allclose(final[starts < 1], starts[starts < 1], rtol=0.02)


def test_curvatures_of_the_tied_product():
    def loss(w):
        return 0.5 * (jnp.prod(w) - 1) ** 2

    setup = Study(EXPERIMENT, {"model": "tied_depth_four", "a0": 1.7, "b0": -0.4}).setup
    start = jnp.array([1.7, 1.7, -0.4, -0.4])
    top = float(jnp.linalg.eigvalsh(jax.hessian(loss)(start))[-1])
    assert theory.tied_curvature(setup.tasks[0]) == pytest.approx(top)
    Q = 1.7**2 - 0.4**2
    x2 = 0.5 * (Q + math.hypot(Q, 2))
    x, y = math.sqrt(x2), -1 / math.sqrt(x2)
    ends = float(jnp.linalg.eigvalsh(jax.hessian(loss)(jnp.array([x, x, y, y])))[-1])
    assert theory.tied_curvature_of_gradient_flow(setup.tasks[0]) == pytest.approx(ends)


def test_the_landscape_holds_its_minima(judged):
    for preset, power in (("two_scalars", 1), ("ends_at_the_edge", 2)):
        found = judged(EXPERIMENT, preset)
        a, b = found.first("minima_first"), found.first("minima_second")
        np.testing.assert_allclose(a * b, 1)
        np.testing.assert_allclose(found.first("minima_curvature"), power * (a**2 + b**2))
        reach = [np.max(found.first(f"landscape_{n}")) for n in ("first", "second")]
        assert np.all(np.max(np.abs(found.run["iterate"].values[0]), axis=0) <= reach)
