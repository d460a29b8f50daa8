"""Experiments found by words: of their questions, laws, claims, presets, knobs and papers."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

from sims.core.experiment import Experiment, Phenomenon
from sims.core.knobs import knobs_of

Found = tuple[Phenomenon, Experiment]


def found(typed: str, phenomena: Iterable[Phenomenon]) -> list[Found]:
    """The experiments in which every typed word begins some word, the nearest first.

    Nearest is who has them all in its titles and question; then who has them in what is claimed of
    it; then who has them in its knobs and papers. Letters are compared without case and accents.
    """
    wanted = _words(typed)
    ranked = [
        (rank, phenomenon, experiment)
        for phenomenon in phenomena
        for experiment in phenomenon.experiments
        if (rank := _rank(wanted, said(phenomenon, experiment))) is not None
    ]
    ranked.sort(key=lambda one: one[0])
    return [(phenomenon, experiment) for _, phenomenon, experiment in ranked]


def _rank(wanted: Sequence[str], texts: Sequence[str]) -> int | None:
    """How many further texts the first needs until they hold all words; None: all do not."""
    known: list[str] = []
    for rank, text in enumerate(texts):
        known += _words(text)
        if all(any(word.startswith(begun) for word in known) for begun in wanted):
            return rank
    return None


def said(phenomenon: Phenomenon, experiment: Experiment) -> tuple[str, str, str]:
    """What is searched: titles and question; what is claimed; knobs and papers."""
    presets = (f"{preset.title} {preset.look_for}" for preset in experiment.presets)
    claims = (f"{claim.name} {claim.title}" for claim in experiment.claims)
    knobs = (f"{k.name} {k.label} {k.help}" for k in knobs_of(experiment.Params).values())
    papers = (f"{s.arxiv} {s.authors} {s.title} {s.year}" for s in experiment.sources)
    return (
        f"{phenomenon.title} {experiment.name} {experiment.title} {experiment.question}",
        " ".join(
            (
                phenomenon.question, phenomenon.story, phenomenon.evidence, experiment.law,
                experiment.regime, experiment.falsifier, *claims, *presets,
            )
        ),
        " ".join((*knobs, *papers)),
    )  # fmt: skip


def _words(text: str) -> list[str]:
    bare = unicodedata.normalize("NFKD", text).casefold()
    return re.findall(
        r"[^\W_]+(?:\.\d+)?", "".join(c for c in bare if not unicodedata.combining(c))
    )
