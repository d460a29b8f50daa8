from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.optimize import linprog, minimize

from sims.core import compilation
from sims.core.study import Study
from sims.grokking import modular_network as network
from sims.grokking.modular_addition import EXPERIMENT, measure, theory
from sims.grokking.modular_network import margins
from sims.grokking.scales import coverage_fraction

quick = partial(jax.jit, compiler_options=compilation.known(compilation.QUICK_TO_COMPILE))
logits = quick(network.logits, static_argnums=1)
margin_ratio = quick(measure.margin_ratio)


def stacked(A, B, C):
    return jnp.asarray(np.stack([A, B, C.T]))


@pytest.mark.parametrize(
    ("p", "margin"),
    [(7, 1.714e-2), (11, 8.206e-3), (23, 2.580e-3), (31, 1.629e-3), (59, 6.109e-4)],
)
def test_maximum_margin_as_published(p, margin):
    assert theory.max_margin(p) == pytest.approx(margin, rel=5e-4)


def test_maximum_margin_to_all_digits():
    assert theory.max_margin(97) == pytest.approx(2.87856e-4, abs=1e-9)
    assert theory.max_margin(113) == pytest.approx(2.286e-4, rel=2e-4)


@pytest.mark.parametrize("p", [6, 7, 8, 11, 12, 30])
def test_the_maximum_margin_is_that_of_the_linear_program(p):
    """Shares of the cubed norms, and the smallest margin over all distances, are linear."""
    k, d = np.arange(1, p // 2 + 1), np.arange(1, p)
    each = np.where(2 * k == p, 2.0, np.sqrt(2)) / (3 * p) ** 1.5
    gains = each * (1 - np.cos(2 * np.pi * np.outer(d, k) / p))
    found = linprog(
        np.append(np.zeros(k.size), -1.0), np.c_[-gains, np.ones(d.size)], np.zeros(d.size),
        [np.append(np.ones(k.size), 0.0)], [1.0],
    )  # fmt: skip
    assert theory.max_margin(p) == pytest.approx(-found.fun, rel=1e-9)
    np.testing.assert_allclose(theory.frequency_shares(p), found.x[:-1], rtol=1e-6)


@pytest.mark.parametrize(("p", "decay"), [(6, 1e-4), (8, 1e-3), (12, 1e-5)])
def test_an_even_modulus_settles_at_the_minimum_of_the_objective(p, decay):
    """Of ln(1 + Σ_d exp(-m_d)) + w Σ_k N_k, found anew by descent on the cubed norms N."""
    k, d = np.arange(1, p // 2 + 1), np.arange(1, p)
    each = np.where(2 * k == p, 2.0, np.sqrt(2)) / (3 * p) ** 1.5
    gains = each * (1 - np.cos(2 * np.pi * np.outer(d, k) / p))
    scale = 1 / each.mean()

    def objective(n):
        return np.logaddexp.reduce(np.append(0.0, -gains @ n * scale)) + decay * scale * n.sum()

    found = minimize(objective, np.ones(k.size), bounds=[(0, None)] * k.size, tol=1e-15)
    ratio, shares = theory.settled(p, decay)
    least = (gains @ found.x).min() / found.x.sum()
    assert ratio == pytest.approx(least / theory.max_margin(p), rel=1e-3)
    np.testing.assert_allclose(shares, found.x / found.x.sum(), rtol=5e-3)


def test_an_even_modulus_reaches_the_maximum_as_its_decay_goes_to_zero():
    assert theory.settled(11, 0.1)[0] == 1
    ratios = [theory.settled(10, w)[0] for w in (1e-3, 1e-5, 1e-9, 1e-30)]
    assert np.all(np.diff(ratios) > 0)
    assert 0.99 < ratios[-1] < 1
    assert theory.settled(10, 0.0)[0] == 1
    assert np.isnan(theory.settled(10, 0.1)[0])


@pytest.mark.parametrize(("p", "grid"), [(7, 3), (11, 8), (23, 4), (31, 4), (8, 4), (30, 6)])
def test_the_circuit_has_the_maximum_margin(p, grid):
    theta = stacked(*theory.circuit(p, grid))
    ratio = margin_ratio(logits(theta, "square"), theta)
    assert float(ratio) == pytest.approx(1, abs=1e-6)


def test_two_phases_do_not_average_out():
    theta = stacked(*theory.circuit(11, 2))
    assert float(margin_ratio(logits(theta, "square"), theta)) < 0.9


def test_random_phases_suffice_where_there_are_many_neurons():
    """Published accuracies of the untrained construction: p = 23, m = 88 and 352."""
    p, rng = 23, np.random.default_rng(0)
    for each, least in ((8, 0.98), (32, 1.0)):
        k = np.repeat(theory.frequencies(p), each)
        angle = 2 * np.pi * k[None, :] * np.arange(p)[:, None] / p
        phi, psi = rng.uniform(0, 2 * np.pi, (2, k.size))
        A, B, C = np.cos(angle + phi), np.cos(angle + psi), np.cos(angle + phi + psi)
        right = np.asarray(margins(logits(jnp.asarray(np.stack([A, B, C])), "square"))) > 0
        assert right.mean() >= least


@pytest.mark.parametrize(
    ("fraction", "share"), [(0.10, 0.03), (0.15, 0.55), (0.20, 0.93), (0.25, 0.99)]
)
def test_coverage_as_published(fraction, share):
    # 2000 draws scatter by 0.011 at one half
    assert theory.coverage(31, round(fraction * 961)) == pytest.approx(share, abs=0.03)


def test_the_union_bound_spares_the_draws():
    assert theory.coverage(113, 4000) == 1.0
    assert theory.coverage(31, 961) == 1.0


def test_fraction_that_covers():
    assert coverage_fraction(31) == pytest.approx(0.216, abs=5e-4)
    assert theory.coverage(31, round(coverage_fraction(31) * 961)) == pytest.approx(0.95, abs=0.02)


@pytest.mark.parametrize(
    ("p", "width", "norm"), [(23, 128, 16.4), (23, 64, 14.6), (23, 256, 18.4), (31, 128, 19.1)]
)
def test_norm_of_a_unit_margin(p, width, norm):
    assert theory.goldilocks_norm(p, width) == pytest.approx(norm, rel=3e-3)


def predicted(**knobs):
    setup = Study(EXPERIMENT, knobs).setup
    return theory.predict(setup.params, setup.tasks[0], setup.schedule)


def test_only_what_the_theory_at_hand_says_is_predicted():
    famous = predicted()
    assert "margin_ratio_final" not in famous
    assert float(famous["test_accuracy_final"]) == 1
    assert float(famous["decay_time"]) == pytest.approx(1 / 3e-3)
    assert famous["decay_time"].attrs["units"] == "steps"
    margin = predicted(p=11, fraction=1.0, regulariser="cubic", weight_decay=1e-4)
    np.testing.assert_allclose(margin["frequency_shares_final"], 0.2)
    assert "test_accuracy_final" not in margin
    descent = predicted(p=11, optimizer="gd", regulariser="l2", weight_decay=3e-3)
    assert not {n for n in descent if str(n).endswith("_final")}
