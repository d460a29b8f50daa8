import numpy as np
import pytest

from sims.core.study import Study
from sims.representations.word_vectors import EXPERIMENT


def test_the_run_is_as_published(judged):
    found = judged(EXPERIMENT)
    np.testing.assert_allclose(
        found.run["half_times"].values[0], [138.84, 163.92, 226.43, 368.31], atol=0.02
    )


@pytest.mark.parametrize(
    "knobs",
    [{}, {"loss_kind": "word2vec"}, {"corpus": "manual", "vocabulary": 50, "weights": "frequency"}],
)
def test_a_run_is_gradient_descent_on_its_loss(judged, knobs):
    """Against plain numpy, and a loss that is differentiated by differences."""
    found = judged(EXPERIMENT, **knobs)
    task = found.setup.tasks[0]
    W, M, Omega, eta = task["W"], task["target"], task["pair_weights"], float(task["eta"])
    word2vec = knobs.get("loss_kind") == "word2vec"
    for _ in range(int(found.run["step"][40])):
        Z = W @ W.T
        W = W - eta * (Omega * ((2 * np.tanh(Z / 2) if word2vec else Z) - M)) @ W
    strengths = np.sum((task["modes"].T @ W) ** 2, axis=1)
    np.testing.assert_allclose(found.run["strengths"].values[0, 40], strengths, rtol=1e-9)
    np.testing.assert_allclose(
        found.run["loss"].values[0, 40], np.sum((W @ W.T - M) ** 2) / 4, rtol=1e-12
    )


def test_a_place_is_along_a_mode_and_its_square_adds_up_to_the_strength(judged):
    found = judged(EXPERIMENT)
    places, strengths = found.run["places"].values[0], found.run["strengths"].values[0]
    # all words along a mode: |W Wᵀu|²/s, which is s where the mode has been learned
    np.testing.assert_allclose(np.sum(places[-1] ** 2, axis=0)[:2], strengths[-1, :2], rtol=1e-3)


def test_the_diary_follows_its_own_seed_and_the_start_the_other():
    one, other = (Study(EXPERIMENT, {"sentences": 500}, seed=s).setup.tasks[0] for s in (0, 1))
    np.testing.assert_array_equal(one["target"], other["target"])
    assert not np.allclose(one["W"], other["W"])
    drawn_anew = Study(EXPERIMENT, {"sentences": 500, "data_seed": 1}).setup.tasks[0]
    assert not np.allclose(drawn_anew["target"], one["target"])


@pytest.mark.parametrize(
    ("knobs", "sentence"),
    [
        ({"dim": 100}, "dim = 100 is more than there are words: give at most 72"),
        ({"corpus": "manual", "vocabulary": 50, "dim": 60}, "give at most 50"),
        ({"sentences": 50}, "give a whole number from 100 to 50000"),
        ({"eta_lambda1": 2}, "give a number from 0.002 to 1.5"),
        ({"corpus": "novel"}, "give calendar or manual"),
        (
            {"corpus": "manual", "vocabulary": 500, "dim": 200, "eta_lambda1": 0.002},
            "too many for so many words and dimensions: give a larger one, or a smaller dim",
        ),
    ],
)
def test_what_cannot_be_asked_is_refused_in_a_sentence(knobs, sentence):
    with pytest.raises(ValueError, match=sentence):
        _ = Study(EXPERIMENT, knobs).setup


def test_a_word_that_meets_nobody_is_named(monkeypatch):
    from sims.representations.word_vectors import corpora

    diary = corpora.diary(0, 100)
    counts = diary.counts.copy()
    counts[5] = counts[:, 5] = 0
    monkeypatch.setattr(corpora, "diary", lambda *_: diary._replace(counts=counts))
    with pytest.raises(ValueError, match="leaves 'june' without a word beside it"):
        _ = Study(EXPERIMENT, {"sentences": 100}).setup
