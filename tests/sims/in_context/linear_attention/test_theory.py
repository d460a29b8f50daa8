import numpy as np
import pytest

from sims.core.study import Study
from sims.in_context.linear_attention import EXPERIMENT, sequences, theory
from sims.in_context.linear_attention.params import problem_of, weights_of
from sims.in_context.linear_attention.prediction import predict, rests

LAM = np.array([0.4, 0.3, 0.2, 0.1])


def problem(noise=0.0, *, merged=False, n=16):
    return theory.Problem(LAM, n, noise**2, merged)


def start(seed=0, **knobs):
    found = Study(EXPERIMENT, {"steps": 10, **knobs}, seed=seed).setup
    return problem_of(found.params), weights_of(found.tasks[0])


def falls(seed, eta, steps, **knobs):
    problem, weights = start(seed, **knobs)
    U = theory.averaged(problem, weights, eta, steps)
    s = theory.diagonal(U) * LAM * problem.shrinkage
    return theory.crossings(s, eta * np.arange(steps + 1))


def test_levels_are_as_published():
    np.testing.assert_allclose(problem().shrinkage, (1.21875, 1.270833, 1.375, 1.6875), atol=1e-5)
    levels = (1, 0.671795, 0.435729, 0.290275, 0.231015)
    np.testing.assert_allclose(problem().levels(np.arange(4)), levels, atol=1e-5)
    noisy = (1, 0.709091, 0.506274, 0.387755, 0.344512)
    np.testing.assert_allclose(problem(1.0).levels(np.arange(4)), noisy, atol=1e-5)


@pytest.mark.parametrize(
    ("n", "loss"), [(4, 0.750105), (16, 0.231015), (64, 0.101243), (256, 0.0688), (2, 1.4422)]
)
def test_the_loss_at_other_lengths_is_as_published(n, loss):
    end = problem().learned(np.arange(4))
    assert problem().loss(end, n) == pytest.approx(loss, abs=2e-5 if n > 2 else 0.2)
    a, at = problem().shrinkage, problem().at(n)
    assert problem().loss(end, n) == pytest.approx(np.sum(LAM * (1 - 2 / a + at / a**2)))


def test_the_first_weights_are_as_published():
    _, (v, k, q) = start()
    np.testing.assert_allclose(v[:3], (0.012573, -0.013210, 0.064042), atol=1e-6)
    assert k.shape == q.shape == (8, 4)


@pytest.mark.parametrize(
    ("seed", "published"),
    [
        (0, (72.0906, 106.2061, 231.2346, 446.5641)),
        (1, (67.5126, 105.8101, 293.6650, 698.0140)),
    ],
)
def test_falls_of_the_averaged_map_are_as_published(seed, published):
    np.testing.assert_allclose(falls(seed, 0.5, 1500), published, atol=1e-3)


def test_merged_heads_fall_as_published():
    found = falls(0, 0.1, 1500, attention="merged", alpha=0.001)
    np.testing.assert_allclose(found, (36.660, 40.458, 51.041, 111.552), atol=1e-2)


def test_half_the_start_doubles_the_waiting():
    ratio = falls(0, 0.5, 2000, alpha=0.05) / falls(0, 0.5, 2000)
    assert ratio[:3] == pytest.approx(2.0, abs=0.06)


@pytest.mark.parametrize("merged", [False, True])
def test_the_map_goes_down_the_averaged_loss(merged):
    one, weights = start(attention="merged" if merged else "separate", alpha=0.3)
    U = theory.averaged(one, weights, 1e-3, 1)
    down = (U[1] - U[0]) / 1e-3

    def half(weights):
        return float(one.loss(theory.matrix(weights))) / 2

    slopes, h = [], 1e-5
    for i, w in enumerate(weights):
        slope = np.zeros(w.shape)
        for at in np.ndindex(*w.shape):
            sides = []
            for sign in (1, -1):
                moved = [x.copy() for x in weights]
                moved[i][at] += sign * h
                sides.append(half(moved))
            slope[at] = (sides[0] - sides[1]) / (2 * h)
        slopes.append(slope)
    moved = [w - 1e-3 * slope for w, slope in zip(weights, slopes, strict=True)]
    np.testing.assert_allclose(theory.matrix(moved) - U[0], 1e-3 * down, atol=1e-9)


@pytest.mark.parametrize("noise", [0.0, 1.0])
def test_moments_and_optimum_are_those_of_sampled_sequences(noise):
    one = problem(noise)
    told = sequences.drawn((1, 2), 16, LAM, noise, "gaussian", count=40_000)
    np.testing.assert_allclose(np.mean(told.beta**2, axis=0), one.moments, rtol=0.03)
    end = one.learned(np.arange(4))
    assert sequences.losses(end, told) == pytest.approx(float(one.loss(end)), rel=0.03)


@pytest.mark.parametrize("learned", [0, 2])
def test_noise_of_a_batch_has_the_variance_of_sampled_gradients(learned):
    """Along what is still to be learned: behind a fall it is two to three times as large."""
    one = problem()
    told = sequences.drawn((3, 4), 16, LAM, 0.0, "gaussian", count=60_000)
    U = one.learned(np.arange(learned))
    x = told.x[:, -1]
    gap = told.answers - np.sum((told.beta @ U) * x, axis=1)
    sampled = np.var(gap[:, None, None] * told.beta[:, :, None] * x[:, None], axis=0)
    left = LAM * (1 - np.diag(U) * LAM * one.shrinkage) ** 2
    formula = one.moments[:, None] * LAM * (
        float(one.loss(U)) + 2 * (left[:, None] + left) + 4 * np.diag(left)
    )  # fmt: skip
    waiting = (sampled / formula)[learned:, learned:]
    assert waiting.min() > 0.7
    assert waiting.max() < 1.3


def test_the_first_copy_is_the_map_and_larger_batches_scatter_less():
    one, weights = start()
    U = theory.averaged(one, weights, 0.25, 600)
    scatter = []
    for batch in (64, 1024):
        copies = theory.noisy(one, weights, 0.25, 600, batch)
        s = theory.diagonal(U) * LAM * one.shrinkage
        np.testing.assert_allclose(copies.strengths[:, 0], s, atol=1e-10)
        np.testing.assert_allclose(copies.end[0], U[-75:].mean(axis=0), atol=1e-10)
        t = theory.crossings(copies.strengths[:, 1:], 0.25 * np.arange(601))
        scatter.append(t[:, :2].std(axis=0))
    np.testing.assert_allclose(scatter[0] / scatter[1], 4, rtol=0.3)


def test_of_a_map_that_diverges_the_rest_is_open():
    one, weights = start(alpha=3)
    with np.errstate(all="ignore"):
        U = theory.averaged(one, weights, 5.0, 600)
        copies = theory.noisy(one, weights, 5.0, 600, 64)
    assert np.isnan(U[-1]).all()
    assert np.isnan(copies.end).all()


def test_a_time_is_read_between_steps_and_never_is_infinite():
    s = np.array([[0.0, 0.0], [0.4, 0.1], [0.8, 0.2]])
    np.testing.assert_allclose(theory.crossings(s, np.array([0.0, 1.0, 2.0])), (1.25, np.inf))


def test_an_automatic_run_goes_past_the_last_fall():
    one, weights = start()
    assert theory.automatic_steps(one, weights, 0.25) == 3262


def test_rests_are_judged_where_falls_are_far_apart():
    one, weights = start()
    U = theory.averaged(one, weights, 0.25, 3000)
    times = 0.25 * np.arange(3001)
    t = theory.crossings(theory.diagonal(U) * LAM * one.shrinkage, times)
    found = rests(one, one.loss(U), times, t)
    assert np.isnan(found.times).tolist() == [True, False, False]
    assert (found.miss[1:] < 0.02).all()
    assert np.isnan(rests(problem(merged=True), one.loss(U), times, t).times).all()


def test_the_best_possible_estimate_is_exact_once_labels_are_enough():
    losses = [
        sequences.best_possible(sequences.drawn((5, n), n, LAM, 0.0, "gaussian"), 0.0)
        for n in (2, 4, 16)
    ]
    assert 0.35 < losses[0] < 0.55
    assert max(losses[1:]) < 1e-2
    noisy = sequences.drawn((5, 16), 16, LAM, 1.0, "gaussian")
    end = problem(1.0).learned(np.arange(4))
    assert sequences.best_possible(noisy, 1.0) < float(sequences.losses(end, noisy))


def test_curves_come_before_the_noise_has_been_looked_at():
    setup = Study(EXPERIMENT, {"steps": 400}).setup
    first, whole = predict(setup.params, setup.tasks[0], setup.schedule)
    assert "spread" not in first
    np.testing.assert_array_equal(first["loss"], whole["loss"])
    held = EXPERIMENT.evaluate_assumptions(setup.params, setup.tasks[0], first)
    assert [one.name for one in held] == ["linear_attention", "gaussian_inputs", "labels_only"]
