"""Panels over time: curves on their theory, and run minus theory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from app.figures import labels, style
from app.figures.axes import magnified
from app.figures.panels import Panel
from app.figures.sheet import Sheet, drawn_first
from app.figures.traces import FORESEEN, dots, run_traces, steps, tag, theory_trace
from app.tex import numbered, plain, prose
from sims.core.format import significant
from sims.view import LATER, SAME, Curves, Difference, Values

DOT_SIZE = 7
PART = {"width": 1.3, "color": "role:ink2", "dash": "2px,3px"}
NO_LINE = {"width": 0, "color": "role:rule2"}
SHADE = "role:rule2/0.25"
JOINED = 10**6
"""So many snapshots as would be drawn without dots: on a logarithmic axis they are dense."""


@dataclass(frozen=True)
class Line:
    """One run curve of a panel: which number it is, its name, its unit, and what is predicted."""

    name: str
    index: tuple[int, ...]
    word: str
    unit: float
    at: str
    theory: np.ndarray | None = None
    second: np.ndarray | None = None


def curves(sheet: Sheet, word: Curves) -> Panel:
    """Run variables over time, each in its colour, on what is predicted of them."""
    lines = lines_of(sheet, word)
    first, many = lines[0], len(lines)
    traces: list[dict[str, Any]] = []
    for k, line in enumerate(lines):
        bands = word.bands if isinstance(word.bands, bool) else k in word.bands
        traces += _run(sheet, line, word.dots, k=k, of=many, bands=bands, scale=1 / line.unit)
    for line in lines:
        traces += _shade(sheet, word, line)
    known: list[np.ndarray] = []
    one_for_all = word.theory != SAME and not isinstance(word.theory, Mapping)
    for line in lines:
        for y, second in ((line.second, True), (line.theory, False)):
            if y is None:
                continue
            if one_for_all and any(np.array_equal(y, d, equal_nan=True) for d in known):
                continue
            known.append(y)
            each = y.T if y.ndim == 2 else [y]
            made = [_theory(sheet, c, plain(line.word), word.along, second=second) for c in each]
            if many > style.MOST_MODES and not second and y.ndim:
                made = [trace | {"line": style.THEORY_OF_MANY} for trace in made]
            traces += steps(made) if word.steps == "theory" else made
    traces += following(sheet, word.second, x=sheet.timeline.tag)
    if (part := None if word.part is None else sheet.find(word.part)) is not None:
        dotted = _theory(sheet, part, "a part of it", word.along, second=True) | {"line": PART}
        traces.append(dotted)
    if word.rounding:
        traces.append(rounding(word.rounding, sheet.timeline.line))
    shown = sheet.shown(word, *(y for line in lines for y in _everywhere(sheet, line)))
    spans = sheet.spans(word, first.name, shown)
    traces = steps(traces) if word.steps == "all" else traces
    kind = drawn_first(word, spans)
    words, notes = labels.placed(sheet, word.label, lines, spans[kind], log=kind == "log")
    edges = _edges(sheet, word, lines)
    empty = "" if known or word.levels else LATER
    ends = [float(y) for line in lines if (y := line.theory) is not None and y.ndim == 0]
    alt = sheet.described(sheet.title(word, first.name), first.name, *ends[:1])
    return sheet.over_time(
        word, first.name, [*traces, *words], shown,
        spans=spans, annotations=notes, tolerances=edges, empty="" if word.empty else empty,
        alt=alt,
    )  # fmt: skip


def following(sheet: Sheet, declared: Any, **how: Any) -> list[dict[str, Any]]:
    """A second theory that is drawn from where the run is, by the name of what is derived."""
    if not isinstance(declared, str) or declared not in sheet.derived:
        return []
    return [theory_trace([], [], "", second=True) | {"meta": tag(declared, **how)}]


def rounding(height: float, span: Sequence[float]) -> dict[str, Any]:
    """The part of a logarithmic axis where only rounding is left, shaded."""
    return {
        "type": "scatter", "mode": "lines", "x": np.asarray(span, float),
        "y": np.full(2, height), "fill": "tozeroy", "fillcolor": "role:grid",
        "line": {"width": 0, "color": "role:grid"}, "hoverinfo": "skip", "name": "rounding",
        "legendgroup": "ground",
    }  # fmt: skip


def _shade(sheet: Sheet, word: Curves, line: Line) -> list[dict[str, Any]]:
    """What lies between two predicted curves, shaded below all others."""
    entry = line.index[0] if line.index else None
    ends = [_values(sheet, one, line.name, entry, line.unit) for one in word.between or ()]
    made = [
        _theory(sheet, y, f"{side} end of the band", word.along, second=False)
        | {"legendgroup": "ground", "meta": FORESEEN, "line": NO_LINE, "hoverinfo": "skip"}
        for y, side in zip(ends, ("lower", "upper"), strict=False)
        if y is not None
    ]
    for one in made:
        one.pop("hovertemplate")
    return [made[0], made[1] | {"fill": "tonexty", "fillcolor": SHADE}] if len(made) == 2 else []


def _edges(sheet: Sheet, word: Curves, lines: Sequence[Line]) -> list[float]:
    """Heights of the tolerance, where the panel has one and something is predicted in it."""
    if not word.tolerance or (
        word.theory is not None and all(line.theory is None for line in lines)
    ):
        return []
    tolerance = sheet.tolerance(word.tolerance, word.usual) * _one(sheet.find(word.unit))
    if word.around is None:
        return [tolerance]
    middle = sheet.find(word.around)
    return [] if middle is None else [middle - tolerance, middle + tolerance]


def lines_of(sheet: Sheet, word: Curves | Difference) -> list[Line]:
    """The run curves of a panel."""
    names = (word.of,) if isinstance(word.of, str) else word.of
    first, *others = names
    if others or not (entries := _entries(sheet, word, first)):
        units = _units(sheet, word, len(names))
        return [
            _line(sheet, word, name, None, _word(word.names, k, k), units[k])
            for k, name in enumerate(names)
        ]
    units = _units(sheet, word, max(entries) + 1)
    return [
        _line(sheet, word, first, i, _word(word.names, k, i), units[i])
        for k, i in enumerate(entries)
    ]


def _entries(sheet: Sheet, word: Curves | Difference, name: str) -> list[int]:
    """Which entries of a vector are drawn; none of a single number."""
    if word.entries is not None:
        chosen = sheet.frame(word.entries) if callable(word.entries) else word.entries
        return [] if chosen is None else [int(i) for i in chosen]
    dims = sheet.observable(name).dims
    if not dims:
        return []
    for known in (name, dims[0]):
        if known in sheet.known:
            return list(range(min(sheet.known[known].shape[-1], style.MOST_MODES)))
    return [0]


def _word(names: tuple[str, ...] | str, k: int, i: int) -> str:
    if isinstance(names, str):
        return numbered(names, i + 1)
    return names[k] if k < len(names) else ""


def _units(sheet: Sheet, word: Curves | Difference, many: int) -> np.ndarray:
    found = None if word.over is None else sheet.frame(word.over)
    return np.broadcast_to(np.asarray(1.0 if found is None else found, float), (many,))


def _line(
    sheet: Sheet,
    word: Curves | Difference,
    name: str,
    entry: int | None,
    words: str,
    unit: float,
) -> Line:
    index = () if entry is None else (entry,)
    theories = [None, None]
    if isinstance(word, Curves):
        theories = [_values(sheet, w, name, entry, unit) for w in (word.theory, word.second)]
    at = getattr(word, "at", "") or sheet.observable(name).at
    at = "snapshots" if at == "snapshots" else "records"
    return Line(name, index, words, float(unit), at, *theories)


def _values(
    sheet: Sheet,
    declared: Values | Mapping[str, Values] | None,
    name: str,
    entry: int | None,
    unit: float,
) -> np.ndarray | None:
    """A predicted curve (row,), or one number, over the unit of its line."""
    if isinstance(declared, Mapping):
        declared = declared.get(name)
    if declared is None:
        return None
    found = sheet.find(name if declared == SAME else declared)
    if found is None:
        return None
    y = np.asarray(found, float)
    if entry is not None and y.ndim == 2:
        y = y[:, entry]
    return y if unit == 1.0 else y / unit


def _everywhere(sheet: Sheet, line: Line) -> list[np.ndarray]:
    """What is predicted of a line: for all seeds where it has the name of its variable."""
    found = [y for y in (line.theory, line.second) if y is not None]
    if line.theory is not None and line.theory.ndim and line.name in sheet.known and not line.index:
        found.append(sheet.known.everywhere(line.name) / line.unit)
    return found


def _theory(
    sheet: Sheet, y: np.ndarray, name: str, along: Values | None, *, second: bool
) -> dict[str, Any]:
    """A predicted curve, or the number a run should end at."""
    if y.ndim == 0:
        line = sheet.timeline.line
        return theory_trace(line, [float(y)] * 2, f"{name} at the end".strip(), second=second)
    x = sheet.timeline.at(len(y)) if along is None else sheet.find(along)
    return theory_trace(x, y, name, second=second)


def _run(sheet: Sheet, line: Line, dotted: float, **how: Any) -> list[dict[str, Any]]:
    """The run of a line; `dotted`: as dots of that size, or of the usual one where it is True."""
    timeline = sheet.timeline
    many = timeline.records.size
    if line.at == "snapshots":
        many = JOINED if timeline.is_log else timeline.snapshots.size
    how |= {"name": plain(line.word), "x": timeline.tag, "at": line.at, "records": many}
    made = run_traces(line.name, line.index, **how)
    return dots(made, DOT_SIZE if dotted is True else dotted) if dotted else made


def difference(sheet: Sheet, word: Difference) -> Panel:
    """Run minus theory, or its size, between the edges of the tolerance."""
    compared = word.of if isinstance(word.of, str) else word.of[0]
    lines = lines_of(sheet, replace(word, of=word.by) if word.by else word)
    tolerance = sheet.tolerance(word.claim or compared, word.usual) * _one(sheet.find(word.unit))
    factor, title = magnified(tolerance)
    if word.distance or word.scale:
        factor, title = word.scale or 1.0, ""
    top = factor * tolerance
    traces: list[dict[str, Any]] = []
    for k, line in enumerate(lines):
        how: dict[str, Any] = {"k": k + word.hue, "of": len(lines) + word.hue}
        how |= {"bands": word.bands, "scale": factor / line.unit, "minus": not word.by}
        traces += _run(sheet, line, word.dots, **how)
    decade = float(np.log10(tolerance))
    spans: dict[Any, Sequence[float]] = {}
    if word.distance:
        spans["log"], edges = sheet.span(word.log, lambda: [decade - 4, decade + 1]), [top]
    else:
        usual, edges = [-word.wide * top, word.wide * top], [-top, top]
        spans["linear"] = sheet.span(word.linear, lambda: usual)
        line = sheet.timeline.line if word.end is None else [0.0, sheet.number(word.end)]
        traces.append(theory_trace(line, [0.0, 0.0], "", second=word.second))
    words, notes = labels.placed(sheet, word.label, lines, next(iter(spans.values())))
    heading = sheet.text(word.title) or "Run minus theory"
    y = sheet.html(word.y) or title or f"distance {sheet.symbol(word, compared)}".strip()
    id = word.id or (lines[0].name if word.by else f"{compared}_difference")
    return sheet.over_time(
        word, compared, [*traces, *words], np.zeros(0),
        id=id, title=prose(heading), spans=spans, tolerances=edges, y=y,
        annotations=notes, empty="" if word.empty else LATER,
        alt=f"{plain(heading)}; the tolerance is {significant(tolerance, 2)}.",
    )  # fmt: skip


def _one(found: Any) -> float:
    return 1.0 if found is None else float(found)
