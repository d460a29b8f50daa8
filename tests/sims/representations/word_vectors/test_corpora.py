import numpy as np

from sims.representations.word_vectors import corpora, theory


def test_the_diary_has_every_word_once_months_first():
    diary = corpora.diary(0, 100)
    assert len(diary.words) == len(set(diary.words)) == 72
    assert diary.words[:12] == corpora.MONTHS
    assert np.bincount(diary.kind).tolist() == [12, 28, 20, 12]


def test_a_sentence_of_eight_words_has_fifty_six_ordered_pairs():
    counts = corpora.diary(3, 500).counts
    assert counts.sum() == 500 * 8 * 7
    np.testing.assert_array_equal(counts, counts.T)
    assert (np.diag(counts) % 2 == 0).all()  # a word beside itself is two pairs


def test_pairs_of_the_diary_are_those_of_its_sentences():
    """The counts of one sentence, word by word."""
    counts = corpora.diary(0, 1).counts
    seen = np.flatnonzero(counts.sum(axis=1))
    often = counts.sum(axis=1)[seen] / 7
    assert often.sum() == 8
    np.testing.assert_array_equal(
        counts[np.ix_(seen, seen)], np.outer(often, often) - np.diag(often)
    )


def test_the_target_is_twice_the_tanh_of_half_the_mutual_information():
    counts = corpora.diary(0, 4000).counts
    M, weights = theory.target(counts)
    P = counts / counts.sum()
    Q = np.outer(P.sum(axis=1), P.sum(axis=1))
    met = P > 0
    np.testing.assert_allclose(M[met], 2 * np.tanh(np.log(P[met] / Q[met]) / 2), atol=1e-12)
    assert (M[~met] == -2).all()
    np.testing.assert_allclose(weights.mean(), 1)
    np.testing.assert_allclose(M[0, 1], 0.2752, atol=1e-4)  # january and february


def test_the_manual_is_the_shipped_text_and_not_that_of_the_python_that_runs():
    found = corpora.manual(150)
    assert found.words[:5] == ("the", "a", "is", "of", "in")
    lam = theory.modes(theory.target(found.counts)[0])[0]
    np.testing.assert_allclose(lam[:3], [42.493, 37.225, 31.769], atol=1e-3)


def test_a_pair_of_the_manual_counts_the_more_the_nearer(monkeypatch):
    text = ("one", "two", "other", "one", *("far",) * 8, "two")
    monkeypatch.setattr(corpora, "_manual_text", lambda: text)
    found = corpora.manual.__wrapped__(3)
    one, two = found.words.index("one"), found.words.index("two")
    # one two: 1 apart; two .. one: 2 apart; the last two is 9 away from the second one
    assert found.counts[one, two] == found.counts[two, one] == 1 + 7 / 8
    assert found.counts[one, one] == 2 * 6 / 8
