"""Powers of the width n: those that a parameterisation gives, and those that follow from them.

Layers are in three groups, first, hidden, last: W_l = n^-a_l w_l, entries of w_l have the size
n^-b_l, and the rate of w_l is eta n^-c_l. Sources: arXiv:2011.14522 (gradient descent, kernel or
features), 2308.01814 (Adam); the bookkeeping with the next power, of both optimizers in one form,
is derived in the notes. Plain numbers in.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

PARAMETERISATIONS = ("sp", "ntk", "mup", "mean_field")
KINDS = ("unstable", "trivial", "kernel", "feature learning")
ROUNDING = 1e-9
Three = Sequence[float]


class Powers(NamedTuple):
    """The powers a, b, c of first, hidden and last layers."""

    a: Three
    b: Three
    c: Three


def named(parameterisation: str, optimizer: str, depth: int) -> Powers:
    """The powers of a parameterisation, c such that one eta serves every width."""
    is_gd = optimizer == "gd"
    step = 0.5 if depth > 1 else 0.0  # n² signs in a hidden matrix: adam's rate falls faster
    c = {
        "sp": (1, 1, 1) if is_gd else (1 + step,) * 3,
        "ntk": (0, 0, 0) if is_gd else (0.5 + step,) * 3,
        "mup": (0, 0, 0) if is_gd else (0, 1, 1),
        "mean_field": (-1, -1, -1) if is_gd else (0, 0.5, 0),
    }[parameterisation]
    a, b = {
        "sp": ((0, 0, 0), (0, 0.5, 0.5)),
        "ntk": ((0, 0.5, 0.5), (0, 0, 0)),
        "mup": ((-0.5, 0, 0.5), (0.5, 0.5, 0.5)) if is_gd else ((0, 0, 0), (0, 0.5, 1)),
        "mean_field": ((0, 0.5, 1), (0, 0, 0)),
    }[parameterisation]
    return Powers(*(tuple(map(float, three)) for three in (a, b, c)))


def of_layers(three: Three, depth: int) -> list[float]:
    """One number for each of the layers 1..L+1 from those of first, hidden and last."""
    return [three[0], *[three[1]] * (depth - 1), three[2]]


class Changes(NamedTuple):
    """How far things move: the leading power of n and the distance to the next one.

    Attributes:
        powers: of h^l_t - h^l_0, l = 1..L, and of f_t - f_0 behind them.
        gaps: from each to the next different power, inf if there is none.
        start: power of f_0.
        kept: how far what comes back to a layer changes less than it was, the least over layers;
            inf of Adam's, whose steps do not ask for its size.
    """

    powers: list[float]
    gaps: list[float]
    start: float
    kept: float


def changes(powers: Powers, depth: int, optimizer: str, *, is_first: bool) -> Changes:
    """Powers after the first step, or after later ones.

    A fixed random matrix adds n terms of random sign, a power of 1/2; an update is of rank one and
    meets its own input, n terms of one sign, a power of 1. Later the output weights may have
    outgrown their start, and so may what comes back through them.
    """
    is_gd = optimizer == "gd"
    S = [a + b for a, b in zip(powers.a, powers.b, strict=True)]
    e = [c + (2 if is_gd else 1) * a for a, c in zip(powers.a, powers.c, strict=True)]
    x = [0.0, -S[0]]  # x^0, x^1, ..., x^L
    for _ in range(1, depth):
        x.append(x[-1] + 0.5 - S[1])
    start = x[depth] + 0.5 - S[2]
    residual = max(0.0, start)
    last = -e[2] + (residual + x[depth] if is_gd else 0.0)  # change of an output weight
    back = [0.0] * (depth + 1)
    back[depth] = -S[2] if is_first else max(-S[2], last)
    new, kept = last, -S[2] - last  # what is new in what comes back
    for l in range(depth - 1, 0, -1):
        back[l] = back[l + 1] + 0.5 - S[1]
        through = -e[1] + residual + 2 * back[l + 1] + x[l] + 1  # a hidden matrix that has moved
        new = max(new + 0.5 - S[1], through)
        kept = min(kept, back[l] - new)
    found: list[list[float]] = []
    for l in range(1, depth + 1):
        own = -e[0] if l == 1 else -e[1] + x[l - 1] + 1
        if is_gd:
            own += residual + back[l] + (x[l - 1] if l > 1 else 0.0)
        found.append([own, *(p + 0.5 - S[1] for p in (found[-1] if found else ()))])
    found.append([*(1 + back[depth] + p for p in found[-1]), last + x[depth] + 1])
    kept = kept if is_gd else math.inf
    return Changes([max(one) for one in found], [_gap(one) for one in found], start, kept)


def _gap(found: Sequence[float]) -> float:
    """From the largest power to the next one that differs."""
    top = max(found)
    return min((top - one for one in found if one < top - ROUNDING), default=math.inf)


def kind(powers: Powers, depth: int, optimizer: str) -> int:
    """What becomes of such nets as n grows, by its place in `KINDS`."""
    later = changes(powers, depth, optimizer, is_first=False)
    is_off = (
        abs(powers.a[1] + powers.b[1] - 0.5) > ROUNDING or abs(powers.a[0] + powers.b[0]) > ROUNDING
    )
    if is_off or max(later.start, *later.powers) > ROUNDING:
        return KINDS.index("unstable")
    *_, features, output = later.powers
    if output < -ROUNDING:
        return KINDS.index("trivial")
    return KINDS.index("feature learning" if features > -ROUNDING else "kernel")
