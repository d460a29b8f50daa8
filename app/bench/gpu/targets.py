"""What a card should reach, and whether a row does."""

from __future__ import annotations

import operator

from app.bench.gpu.section import Row
from app.bench.gpu.size import Card

SIGNS = {">=": operator.ge, "<=": operator.le}


def aimed(row: Row, target: str, card: Card) -> Row:
    """The row with its target, such as `streamed_over_bare >= 0.9`, and whether it is reached.

    A rehearsal reaches and misses nothing: what it measures is not the card.
    """
    name, sign, wanted = target.split()
    value, reached = row.get(name), None
    if value is not None and not card.rehearsal:
        reached = bool(SIGNS[sign](value, float(wanted)))
    return {**row, "target": target, "reached": reached}
