"""Knobs of the word vectors, what is refused, and the presets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from sims.core.experiment import Preset, Task
from sims.core.format import short
from sims.core.knobs import Scalar, knob, number, only_with, parameters
from sims.representations.word_vectors import corpora, theory

WATCHED = {"calendar": 4, "manual": 6}
"""Modes that are watched, at most."""
WEAKEST = 0.02
"""Eigenvalue, in units of the largest, below which a mode is not waited for."""
MOST_WORK = 3e11
"""Products of a whole run, 2 x steps x words² x dimensions, beyond which it is refused."""
PER_SECOND = 2e9
"""Such products one thread does in a second."""


def _modes_line(params: Params) -> str:
    """Beneath the dimension: how many meanings compete for it."""
    return f"{how_many(params, _eigenvalues(params))} meanings are watched"


def _rate_line(params: Params) -> str:
    """Beneath the rate: what it says of the fastest mode."""
    lam = _eigenvalues(params)
    return rf"$\eta$ = {short(float(params.eta_lambda1) / float(lam[0]))}"


@parameters
class Params:
    """Parameters of a run; every default is a run worth watching."""

    # fmt: off
    corpus: str = knob(
        "calendar", label="Text", group="Data",
        choices=("calendar", "manual"), static=True,
        help="A diary of a year, drawn sentence by sentence; or the manual of Python.",
    )
    sentences: int = knob(
        4000, label="Sentences", symbol="S", group="Data",
        kind="int", lo=500, hi=8000, hard_lo=100, hard_hi=50_000, static=True,
        help="Of the diary, eight words each.",
        unused=only_with("The manual is as long as it is.", corpus="calendar"),
    )
    vocabulary: int = knob(
        150, label="Vocabulary", symbol="V", group="Data",
        kind="int", lo=50, hi=250, hard_lo=20, hard_hi=500, static=True,
        help="Most frequent words of the manual that are embedded.",
        unused=only_with("The diary has 72 words.", corpus="manual"),
    )
    weights: str = knob(
        "even", label="Weight of a pair", group="Data",
        choices=("even", "frequency"), static=True,
        help="All pairs of words count alike, or as often as they are seen.",
    )
    dim: int = knob(
        16, label="Dimensions", symbol="d", group="Network",
        kind="int", lo=2, hi=64, hard_lo=1, hard_hi=200, static=True,
        help="Numbers that stand for a word.",
        beneath=_modes_line,
    )
    alpha: Scalar = knob(
        0.01, label="Start", symbol=r"\alpha", group="Network",
        lo=1e-4, hi=0.3, hard_lo=1e-8, hard_hi=1, scale="log",
        help="Size of the first vectors, in units of where they end.",
    )
    loss_kind: str = knob(
        "quadratic", label="Loss", group="Training",
        choices=("quadratic", "word2vec"), static=True,
        help="The square of what is missing; or the loss that word2vec descends.",
    )
    eta_lambda1: Scalar = knob(
        0.05, label="Learning rate", symbol=r"\eta\lambda_1", group="Training",
        lo=0.01, hi=0.3, hard_lo=0.002, hard_hi=1.5, scale="log",
        help="In units of what the strongest meaning allows: at 1 it overshoots for ever.",
        beneath=_rate_line,
    )
    data_seed: Scalar = knob(
        0, label="Data seed", group="Data",
        lo=0, hi=99, hard_hi=1_000_000,
        help="Draws the diary; the seed draws the first vectors alone.",
        unused=only_with("Nothing of the manual is drawn.", corpus="calendar"),
    )
    # fmt: on


def _eigenvalues(params: Params) -> np.ndarray:
    return theory.modes(theory.target(corpora.of(params).counts)[0])[0]


def how_many(params: Params, lam: np.ndarray) -> int:
    """Modes that are watched: 4 of the diary, 6 of the manual, as many as there is room for."""
    strong = int(np.sum(lam > WEAKEST * lam[0]))
    return max(1, min(params.dim, WATCHED[params.corpus], strong))


def resolve(params: Params, tasks: Sequence[Task]) -> Params:
    """Nothing is left to be filled in; what cannot be run is refused.

    Raises:
        ValueError: more dimensions than words, a word that meets nobody, too long a run.
    """
    if tasks:
        steps = max(theory.of_task(task) for task in tasks)
        each = 2 * len(tasks[0]["target"]) ** 2 * params.dim
        if steps * each > MOST_WORK:
            raise ValueError(
                f"eta_lambda1 = {number(float(params.eta_lambda1))} takes {steps:,.0f} steps, too "
                "many for so many words and dimensions: give a larger one, or a smaller dim."
            )
        return params
    corpus = corpora.of(params)
    if params.dim > len(corpus.words):
        raise ValueError(
            f"dim = {params.dim} is more than there are words: give at most {len(corpus.words)}."
        )
    alone = [w for w, met in zip(corpus.words, corpus.counts.sum(axis=1), strict=True) if not met]
    if alone:
        raise ValueError(
            f"sentences = {number(params.sentences)} leaves {alone[0]!r} without a word beside it: "
            "give more sentences, at least 500."
        )
    return params


def cpu_seconds(params: Params) -> float:
    """One thread: Z and its pull on every word, at every step."""
    many = params.vocabulary if params.corpus == "manual" else 72
    steps = 23 / float(params.eta_lambda1)
    return 0.2 + 2 * steps * many**2 * params.dim / PER_SECOND


def feasible(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Of knobs drawn at random those to be changed: no more dimensions than words."""
    return {"dim": min(int(values["dim"]), int(values["vocabulary"]))}


_TIMES = ("half_times", "strengths", "places", "loss")
_ALL = (*_TIMES, "one_line")

PRESETS = (
    Preset(
        "months",
        "A year in words",
        "Winter parts from summer first, then spring from autumn: the months form a circle.",
        {},
        lands=_ALL,
    ),
    Preset(
        "manual",
        "Real text",
        "Python's manual, 150 words of it: one topic after another, each at its predicted step.",
        {"corpus": "manual"},
        lands=_ALL,
    ),
    Preset(
        "crowded",
        "Four seats",
        "Four dimensions for all meanings: the line fails, and the whole start still tells.",
        {"corpus": "manual", "dim": 4, "alpha": 0.1},
        lands=_TIMES,
        departs=("one_line",),
    ),
    Preset(
        "word2vec",
        "The loss of word2vec",
        "The same moments, and other places: the loss bends where words go far.",
        {"loss_kind": "word2vec"},
        lands=("half_times",),
        departs=("strengths", "places"),
    ),
    Preset(
        "frequency",
        "Frequent pairs first",
        "Pairs weigh as often as they are seen: the order of the meanings is gone.",
        {"corpus": "manual", "weights": "frequency"},
        departs=("half_times", "strengths", "places", "loss"),
    ),
    Preset(
        "big_step",
        "Too big a step",
        "At 0.9 of what it allows, the first meaning jumps past its end.",
        {"eta_lambda1": 0.9},
        departs=("strengths", "places"),
    ),
)
