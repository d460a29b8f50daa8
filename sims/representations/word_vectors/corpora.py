"""Texts whose words are to be embedded: a diary that is drawn, and the manual of Python."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from sims.representations.word_vectors.params import Params

_ROOT = Path(__file__).resolve().parents[3]
_MANUAL = Path("assets", "data", "python_manual.txt")
WINDOW = 8
"""Words apart up to which two words of the manual count as a pair."""
IN_A_SENTENCE = 8
"""Words of a sentence of the diary."""
SEASON, PLACE, HOUR = 1.5, 0.8, 0.7
"""How strongly the date, the place and the hour of a sentence choose its words."""
MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip
BY_MONTH = (
    "snow ice frost sledge", "skates fog", "thaw mud", "blossom rain", "lambs nest",
    "roses meadow", "sun heat swim sand", "melon wasps", "harvest apples", "leaves wind",
    "storm dusk", "candles carols",
)  # fmt: skip
TOWN = "street tram office school market bridge cinema library museum station"
SEA = "boat harbour fish sail island net tide gull anchor lighthouse"
MORNING = "coffee alarm toast newspaper shower bicycle"
EVENING = "supper lamp piano novel guests bedtime"
KINDS = ("months", "seasons", "places", "hours")
"""Of the diary's words."""


class Corpus(NamedTuple):
    """Words, what kind each is of (V,), and how often each pair of them meets (V, V), symmetric."""

    words: tuple[str, ...]
    kind: np.ndarray
    counts: np.ndarray


@cache
def _diary_words() -> tuple[tuple[str, ...], np.ndarray, np.ndarray, np.ndarray]:
    """Words; month from 0, -1 for none; place +1 town, -1 sea; hour +1 morning, -1 evening."""
    rows = [(word, month, 0, 0) for month, word in enumerate(MONTHS)]
    rows += [(word, m, 0, 0) for m, line in enumerate(BY_MONTH) for word in line.split()]
    for line, place, hour in ((TOWN, 1, 0), (SEA, -1, 0), (MORNING, 0, 1), (EVENING, 0, -1)):
        rows += [(word, -1, place, hour) for word in line.split()]
    words, month, place, hour = zip(*rows, strict=True)
    return words, np.array(month), np.array(place), np.array(hour)


@lru_cache(maxsize=8)
def diary(data_seed: int, sentences: int) -> Corpus:
    """Sentences of eight words; each has a date, a place and an hour, its words nothing else.

    A pair meets wherever its words stand at two places of one sentence.
    """
    words, month, place, hour = _diary_words()
    rng = np.random.default_rng(data_seed)
    date = rng.uniform(0, 12, sentences)[:, None]
    at = rng.choice([-1, 1], sentences)[:, None]
    when = rng.choice([-1, 1], sentences)[:, None]
    season = np.where(month >= 0, SEASON, 0.0) * np.cos(2 * np.pi * (date - month) / 12)
    weight = np.exp(season + PLACE * place * at + HOUR * hour * when)
    passed = np.cumsum(weight / weight.sum(axis=1, keepdims=True), axis=1)
    drawn = rng.random((sentences, IN_A_SENTENCE))
    chosen = np.stack([(u[:, None] > passed).sum(axis=1) for u in drawn.T], axis=1)
    chosen = np.minimum(chosen, len(words) - 1)  # the last sum may be below 1 by rounding
    found = np.zeros((sentences, len(words)))
    np.add.at(found, (np.arange(sentences)[:, None], chosen), 1.0)
    of_year = np.where(np.arange(len(words)) < len(MONTHS), 0, 1)
    kind = np.where(month >= 0, of_year, np.where(place != 0, 2, 3))
    return Corpus(words, kind, found.T @ found - np.diag(found.sum(axis=0)))


@cache
def _manual_text() -> tuple[str, ...]:
    """All words of Python's manual, in order; see the licence beside the file."""
    # a wheel carries assets/ inside app
    file = next(f for f in (_ROOT / _MANUAL, _ROOT / "app" / _MANUAL) if f.exists())
    return tuple(re.findall(r"[a-z]+", file.read_text(encoding="utf-8").lower()))


@lru_cache(maxsize=8)
def manual(vocabulary: int) -> Corpus:
    """The most frequent words of Python's manual; a pair k words apart counts (9 - k)/8."""
    text = _manual_text()
    words = tuple(word for word, _ in Counter(text).most_common(vocabulary))
    place = {word: i for i, word in enumerate(words)}
    at = np.array([place.get(word, -1) for word in text])
    pairs = np.zeros(vocabulary**2)
    for k in range(1, WINDOW + 1):
        both = (at[:-k] >= 0) & (at[k:] >= 0)
        met = np.bincount(at[:-k][both] * vocabulary + at[k:][both], minlength=vocabulary**2)
        pairs += (WINDOW + 1 - k) / WINDOW * met
    counts = pairs.reshape(vocabulary, vocabulary)
    return Corpus(words, np.zeros(vocabulary, int), counts + counts.T)


def of(params: Params) -> Corpus:
    """The corpus of these knobs."""
    if params.corpus == "manual":
        return manual(params.vocabulary)
    return diary(int(params.data_seed), int(params.sentences))
