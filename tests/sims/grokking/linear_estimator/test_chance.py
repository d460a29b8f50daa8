"""What the account of chance promises, measured over spectra and replicas drawn at random."""

import math

import numpy as np
import pytest
from scipy.special import erf

from sims.core.random_settings import settings
from sims.core.study import Study
from sims.grokking.linear_estimator import EXPERIMENT, chance, theory

SURPRISE = {
    "d": 282, "ratio": 0.2049, "replicas": 76, "eps": 0.08355, "level": 0.6377, "eta": 0.6404,
    "weight_decay": 0.03474, "student_variance": 79.06, "teacher_variance": 0.3607,
}  # fmt: skip
"""A setting of the ledger at which the test accuracy strayed farther than was allowed for."""


def eigenvalues(rng, n, d):
    """All d eigenvalues of XᵀX/n for n drawn samples."""
    X = rng.standard_normal((n, d))
    seen = np.linalg.eigvalsh((X.T @ X if n >= d else X @ X.T) / n)
    return np.concatenate([np.zeros(max(0, d - n)), np.clip(seen, 0, None)])


@pytest.mark.parametrize("train", [True, False])
@pytest.mark.parametrize(("ratio", "eta", "decay"), [(0.3, 0.6, 0.03), (0.6, 0.2, 0), (2, 0.1, 0)])
def test_the_spectrum_moves_a_loss_as_far_as_its_linear_statistics_say(ratio, eta, decay, train):
    d, drawn, times = 120, 300, np.array([3.0, 10.0, 30.0])
    found = theory.Settings(ratio, eta, decay, 2.0, 0.5, 0.01, 0.95)
    law = theory.losses(found, theory.marchenko_pastur(ratio), times)[0 if train else 1]
    rng, off = np.random.default_rng(4), []
    for _ in range(drawn):
        own = theory.Nodes(eigenvalues(rng, round(d / ratio), d), np.full(d, 1 / d))
        off.append(theory.losses(found, own, times)[0 if train else 1] / law - 1)
    mean, spread = chance.spectral(found, d, times, train=train)
    np.testing.assert_allclose(np.std(off, axis=0), spread, rtol=0.2)
    assert np.all(np.abs(np.mean(off, axis=0) - mean) < 4 * spread / math.sqrt(drawn) + 5 / d**2)


def strays(rng, found, d, k, times):
    """How far both mean accuracies of k outputs are off theory's at most, for drawn inputs."""
    nu = eigenvalues(rng, round(d / found.ratio), d)
    S = rng.standard_normal((d, k)) * math.sqrt(found.student_variance / d)
    T = rng.standard_normal((d, k)) * math.sqrt(found.teacher_variance / d)
    a = nu + found.weight_decay
    stays = np.divide(found.weight_decay, a, out=np.ones(d), where=a > 0)
    q = np.abs(1 - found.eta * a) ** times[:, None]
    left = (1 - stays) * q + stays
    law = theory.losses(found, theory.marchenko_pastur(found.ratio), times)
    for weights, L in zip((nu, np.ones(d)), law, strict=True):
        own = (q**2 * weights) @ S**2 + (left**2 * weights) @ T**2
        own -= 2 * (q * left * weights) @ (S * T)
        mean = erf(np.sqrt(found.eps / 2 / own)).mean(1)
        yield np.max(np.abs(mean - theory.accuracy(found.eps, L)))


def test_no_accuracy_strays_farther_than_allowed_for_at_settings_drawn_at_random():
    rng, tried = np.random.default_rng(8), 0
    for knobs in settings(EXPERIMENT, 300, seed=77):
        if knobs["d"] > 250 or knobs["replicas"] < 5:
            continue
        try:
            setup = Study(EXPERIMENT, {n: v for n, v in knobs.items() if n != "seed"}).setup
        except ValueError:
            continue
        found, d, k = theory.settings_of(setup.params), setup.params.d, setup.params.replicas
        times = setup.schedule.record_steps[1:].astype(float)
        wide = chance.spreads(found, d, k, setup.schedule.steps)
        if wide.replicas > chance.WIDEST_REPLICAS:
            continue
        allowed = [chance.accuracy_spread(found, d, k, times), math.inf]
        if wide.edge <= chance.WIDEST_EDGE:
            allowed[1] = chance.accuracy_spread(found, d, k, times, wide)
        for _ in range(4):
            tried += 1
            assert np.all(np.array(list(strays(rng, found, d, k, times))) < allowed)
    assert tried >= 48


def test_the_surprise_of_the_ledger_was_chance_that_is_allowed_for():
    start = Study(EXPERIMENT, SURPRISE, seed=937).freeze()
    run = start.run()
    run.finish()
    claims = start.judge(run).claims
    assert claims is not None
    assert claims["verdict"].sel(claim="test_accuracy").item() == "lands"
    assert claims["error"].sel(claim="test_accuracy").item() > 0.03
    assert claims["tolerance"].sel(claim="test_accuracy").item() < 0.05
