"""Points in the plane, at the moment of the scrubber: where they are, and where they should be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import xarray as xr

from app.figures import style
from app.figures.axes import axis
from app.figures.figure import drawn
from app.figures.labels import key
from app.figures.panels import Panel
from app.figures.paths import marked
from app.figures.sheet import Sheet
from app.figures.traces import rings, run_traces, tag, text_trace, theory_trace
from app.tex import plain, prose
from sims.view import LATER, SAME, Arrays, Places
from sims.view.known import Known

UPRIGHT = 3.0
"""How much higher than wide a point lies whose name stands above or below it."""
SIZE, SMALL, MANY = 7, 5, 90
"""Of a dot in pixels; of one of many points, and how many that are."""
ROOM = 1.25
"""Times the largest coordinate that the axes reach, for names beside the outermost points."""
BESIDE, BEHIND, NEXT = 0.05, 0.2, 0.985
"""Between a point and its name, and between points one behind the other, in halves of the picture;
the cosine from which two lie in one direction."""
LETTER, LINE, SHORTEST = 0.02, 0.06, 3
"""A letter's width and a line's height in parts of the picture, and letters a name has at least; a
phone's names are closer."""


def places(sheet: Sheet, word: Places) -> Panel:
    """The run's points as dots, theory's as rings around where they should be; both move."""
    theory = _predicted(sheet, word)
    kinds = _kinds(sheet, word, theory)
    names = [] if word.names == "" else [str(name) for name in sheet.frame(word.names)]
    called = sheet.frame(word.kind_names) if callable(word.kind_names) else word.kind_names
    count, size = int(kinds.max(initial=0)) + 1, SIZE if kinds.size < MANY else SMALL
    traces: list[dict[str, Any]] = []
    for kind in range(count):
        chosen = np.flatnonzero(kinds == kind) if kinds.size else None
        own = {"text": [names[i] for i in chosen]} if names and chosen is not None else {}
        said = plain(called[kind]) if kind < len(called) else ""
        many = {name: [w for w in words for _ in range(3)] for name, words in own.items()}
        run = _run(sheet, word, kind, count, said, chosen, size)
        traces.append(run | (many if word.arrows else own))
        if theory is not None:
            traces.append(_rings(sheet, word, kind, chosen, theory, size) | own)
    seen = [] if theory is None else [theory.reshape(-1, 2)]
    for given in word.given:
        trace, at = marked(sheet, given)
        traces.append(trace)
        seen.append(at)
    reach = _reach(seen)
    if theory is not None and word.named is not None and names:
        end = theory[-1] if theory.ndim > 2 else theory
        traces.append(_written(end, names, sheet.frame(word.named), reach))
    span = [-reach, reach]
    figure = drawn(
        traces,
        x=axis(sheet.html(word.x), span) | {"constrain": "range"},
        y=axis(sheet.y_title(word, word.of), span) | {"scaleanchor": "x", "constrain": "range"},
        annotations=key("left", list(called)[:count]) if called else (),
        hovermode="closest",
    )
    title = plain(sheet.title(word, word.of))
    more = ", with where it is predicted." if seen else f"; {LATER}."
    alt = f"{title}: every point at the time of the scrubber{more}"
    return sheet.bare(word, word.of, figure, alt)


def _predicted(sheet: Sheet, word: Places) -> np.ndarray | None:
    """Where the points are predicted, (snapshot, point, 2) or (point, 2)."""
    if word.theory is None:
        return None
    found = sheet.find(word.of if word.theory == SAME else word.theory)
    return None if found is None else np.asarray(found, float)[..., list(word.axes)]


def _kinds(sheet: Sheet, word: Places, theory: np.ndarray | None) -> np.ndarray:
    """The kind of every point; all of one where none is declared."""
    found = sheet.frame(word.kinds) if word.kinds != "" else None
    if found is not None:
        return np.asarray(found, int)
    return np.zeros(0 if theory is None else theory.shape[-2], int)


def _run(
    sheet: Sheet,
    word: Places,
    kind: int,
    count: int,
    said: str,
    chosen: np.ndarray | None,
    size: float,
) -> dict[str, Any]:
    """An empty trace that the run fills with the points of a kind."""
    of, axes, made = word.of, list(word.axes), sheet.derived.get(word.of)

    def points(run: Arrays, prediction: xr.Dataset) -> np.ndarray:
        found = (run[of] if made is None else made(run, prediction))[..., axes]
        found = found if chosen is None else found[:, :, chosen]
        return np.swapaxes(spokes(found) if word.arrows else found, -1, -2)

    name = sheet.derive(f"{word.id or of}_{kind}", points)
    how: dict[str, Any] = {"k": kind, "of": count, "name": said, "bands": False}
    (trace,) = run_traces(name, [1], x=name, x_index=[0], at="scrub", **how)
    marker = {"size": size, "color": style.series(kind, count)}
    words = f"run {said}".strip()
    dots = {"mode": "markers", "marker": marker, "hovertemplate": _hover(words)}
    if word.arrows:
        tips = [0.0, size, 0.0] * (1 if chosen is None else len(chosen))
        dots |= {"mode": "lines+markers", "marker": marker | {"size": tips}}
    return trace | dots


def spokes(tips: np.ndarray) -> np.ndarray:
    """Points (..., point, 2) as lines from the middle with gaps between, (..., 3 point, 2)."""
    lines = np.stack([np.zeros_like(tips), tips, np.full_like(tips, np.nan)], axis=-2)
    return lines.reshape(*tips.shape[:-2], -1, 2)


def _rings(
    sheet: Sheet,
    word: Places,
    kind: int,
    chosen: np.ndarray | None,
    theory: np.ndarray,
    size: float,
) -> dict[str, Any]:
    """Where the points of a kind should be: at the end, and once there is a run at its moment."""
    own = theory if chosen is None else theory[..., chosen, :]
    end = own[-1] if own.ndim > 2 else own
    trace = rings(theory_trace(end[:, 0], end[:, 1], ""), size=size + 4)
    trace["hovertemplate"] = _hover("theory")
    if own.ndim == 2:
        return trace
    declared, axes = (word.of if word.theory == SAME else word.theory), list(word.axes)

    def rows(_run: Arrays, prediction: xr.Dataset) -> np.ndarray:
        known = Known(prediction)
        found = np.asarray(declared(known) if callable(declared) else known[str(declared)], float)
        found = found[..., axes]
        return np.swapaxes(found if chosen is None else found[:, chosen], -1, -2)[None]

    name = sheet.derive(f"{word.id or word.of}_{kind}_predicted", rows)
    return trace | {"meta": tag(name, [1], x=name, x_index=[0], at="scrub")}


def _hover(words: str) -> str:
    return f"%{{text}} {words}<extra></extra>"


def _reach(seen: Sequence[np.ndarray]) -> float:
    """Half a side of the picture, which holds all that is predicted."""
    largest = max((float(np.nanmax(np.abs(at), initial=0.0)) for at in seen), default=0.0)
    return ROOM * (largest or 1.0)


def _written(
    end: np.ndarray, names: Sequence[str], first: Sequence[int], reach: float
) -> dict[str, Any]:
    """Names behind the points, seen from the middle, as far as none covers another."""
    out = np.maximum(np.linalg.norm(end, axis=1), 1e-12)
    along = end / out[:, None]
    apart = out[None] - out[:, None]  # (of, other): those next to a point push its name outward
    near = (along @ along.T > NEXT) & (apart > 0) & (apart < BEHIND * reach)
    behind = np.max(np.where(near, out[None], out[:, None]), axis=1) + BESIDE * reach
    at = along * behind[:, None]
    kept = list(_with_room(at / (2 * reach), names, first))
    sides = [_side(*at[i]) for i in kept]
    return text_trace(at[kept, 0], at[kept, 1], [prose(names[i]) for i in kept], side=sides)


def _side(x: float, y: float) -> str:
    """Where a name stands that points away from the middle."""
    if abs(y) > UPRIGHT * abs(x):
        return "top center" if y > 0 else "bottom center"
    return "middle right" if x > 0 else "middle left"


def _with_room(at: np.ndarray, names: Sequence[str], first: Sequence[int]) -> Iterator[int]:
    """Of the points in that order those whose names find room; places in parts of the picture."""
    taken: list[tuple[float, float, float, float]] = []
    for i in map(int, first):
        x, y = at[i]
        side, wide = _side(x, y), LETTER * max(len(names[i]), SHORTEST)
        left = {"right": x, "left": x - wide}.get(side.split()[1], x - wide / 2)
        low = {"top": y, "bottom": y - LINE}.get(side.split()[0], y - LINE / 2)
        box = (left, left + wide, low, low + LINE)
        if all(box[1] <= b[0] or b[1] <= box[0] or box[3] <= b[2] or b[3] <= box[2] for b in taken):
            taken.append(box)
            yield i
