"""The picture of word vectors: words on their way to where theory puts them, mode after mode."""

from __future__ import annotations

import numpy as np

from sims.core.format import decimals
from sims.representations.word_vectors.corpora import KINDS, MONTHS
from sims.view import (
    STEPS,
    Curves,
    Guess,
    Known,
    Law,
    Level,
    Moment,
    Picture,
    Places,
    Tile,
    View,
)

TOLD = 4
"""Meanings that have a tile."""
WRITTEN = 16
"""Words that are written beside their points, at most."""


def is_diary(known: Known) -> bool:
    """Whether the text is the diary."""
    return bool(np.max(known["kind"]) > 0)


def ends(known: Known, k: int) -> str:
    """The words at both ends of a mode."""
    along, words = known["places"][-1][:, k], known["word"]
    return f"{words[np.argmin(along)]} from {words[np.argmax(along)]}"


def named(first: int, second: int):
    """Words farthest out in the plane of two modes; of the year the months come first."""

    def chosen(known: Known) -> list[int]:
        out = np.linalg.norm(known["places"][-1][:, [first, second]], axis=1)
        farthest = np.argsort(-out)
        if first == 0 and is_diary(known):
            return [*range(len(MONTHS)), *farthest.tolist()][:WRITTEN]
        return farthest[:WRITTEN].tolist()

    return chosen


def kinds(known: Known) -> tuple[str, ...]:
    """What the colours stand for; a text of one kind has no key."""
    return KINDS if is_diary(known) else ()


def plane(first: int, second: int, title, note: str) -> Places:
    """All words in the plane of two modes."""
    return Places(
        "places", axes=(first, second), id=f"places_{first + 1}", title=title, names="word",
        named=named(first, second), kinds="kind", kind_names=kinds,
        x=f"meaning {first + 1}", y=f"meaning {second + 1}", symbol="", note=note,
        when=lambda known: known["eigenvalues"].size > second,
    )  # fmt: skip


def hero_title(known: Known) -> str:
    """What forms."""
    return "The months find their circle" if is_diary(known) else "Topics part"


def hero(known: Known) -> Picture:
    """The plane of the first two meanings; with one dimension its strength."""
    if known["eigenvalues"].size > 1:
        return plane(0, 1, hero_title, "rings: where theory puts every word at this moment")
    return STRENGTHS


STRENGTHS = Curves(
    "strengths", names="meaning #", label="half", title="One meaning after another", linear=True,
    y="strength $s_k = |W^\\mathsf{T}u_k|^2$",
    levels=(Level("eigenvalues", r"$\lambda_#$"),),
    note="dotted: the eigenvalues of $M$, where they end",
)  # fmt: skip


def panels(known: Known) -> tuple[Picture, ...]:
    """The strengths, the next two meanings, and the loss."""
    more = (STRENGTHS,) if known["eigenvalues"].size > 1 else ()
    return (
        *more,
        plane(2, 3, "The next two meanings", "nothing of them is told before they are learned"),
        Curves("loss", linear=True, title="Loss", y="loss $L = |WW^\\mathsf{T} - M|^2/4$",
               note="it falls whenever a meaning is learned"),
    )  # fmt: skip


def by_the_line(known: Known, k: int) -> str:
    """What the one line says of a meaning."""
    return f"by the one line: {decimals(known['one_line'][k], 1)}"


def tiles(known: Known) -> tuple[Tile, ...]:
    """The moment of each of the first meanings."""
    count = known["eigenvalues"].size
    return tuple(
        Tile(f"half_times[{k}]", ends(known, k), by_the_line(known, k), symbol=f"t_{k + 1}",
             places=1, hue=(k, count))
        for k in range(min(count, TOLD))
    )  # fmt: skip


def last(known: Known) -> int:
    """The meaning that is asked for: the third, if there is one."""
    return min(3, known["eigenvalues"].size) - 1


def asks(known: Known) -> str:
    """The question before the run."""
    if is_diary(known) and last(known) == 2:
        return "The year is learned first. At which step do town and sea part?"
    return "The first meaning comes at its step. When is the next but one half learned?"


def sweep(over: str) -> tuple[Picture, ...]:
    """The moments against a knob."""
    del over
    return (
        Law("half_times", names="meaning #", linear=True, log=True, first="log",
            y="half-way times $t_k$, steps"),
    )  # fmt: skip


VIEW = View(
    hero,
    panels,
    tiles,
    (Moment("half_times", "t_#"),),
    clock=STEPS,
    guess=Guess.time("half_times[2]", asks, panel="strengths"),
    sweep=sweep,
)
