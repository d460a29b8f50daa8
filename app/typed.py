"""What somebody typed, in a link or a field: values of knobs and counts, or one sentence."""

from __future__ import annotations

from typing import Any

from sims.core.knobs import Knob, parsed, refusal
from sims.core.own_data import NotHere
from sims.core.setup import SEED_LIMIT, SEEDS_LIMIT

COUNTS = {"seed": (0, SEED_LIMIT - 1), "seeds": (1, SEEDS_LIMIT)}
MOST_SHOWN = 40


def typed(knob: Knob, text: str) -> Any:
    """A knob's value from what someone typed; a refusal quotes it as it was typed.

    Raises:
        ValueError: the knob takes no such value; one sentence.
    """
    try:
        return parsed(knob, text)
    except NotHere:
        raise
    except ValueError:
        raise refusal(knob, short(text)) from None


def count(name: str, text: str) -> int:
    """`seed` or `seeds` from text; ValueError with one sentence if it takes no such number."""
    lo, hi = COUNTS[name]
    if text.isascii() and text.isdigit() and lo <= int(text) <= hi:
        return int(text)
    raise ValueError(
        f"{name} = {short(text)} is not allowed: give a whole number from {lo} to {hi}."
    )


def short(text: str) -> str:
    """What somebody typed, for a sentence: on one line, without what cannot be printed."""
    line = "".join(c if c.isprintable() else " " for c in text)
    return line if len(line) <= MOST_SHOWN else line[:MOST_SHOWN] + "…"
