"""Sweeps over one knob, from the same words: every point is a run, the line is the prediction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import xarray as xr

from app.figures import style
from app.figures.axes import axis, linear_range, log_range, magnified, positive
from app.figures.labels import key
from app.figures.laws import upright
from app.figures.panels import Panel
from app.figures.sheet import Sheet
from app.figures.traces import dots, rings, run_traces, theory_trace
from app.tex import numbered, plain, prose, symbol
from sims.core.format import significant
from sims.core.knobs import Knob, knobs_of
from sims.view import LATER, Arrays, Difference, Law

DOT_SIZE = 8
SYMBOLS = ("circle", "diamond", "square", "cross")
LOG_FROM = 8
"""Ratio of a knob's largest to its smallest value from which its axis is logarithmic."""
PAD, KEY_STEP = 0.05, 0.1


def knob_title(knob: Knob) -> str:
    """A knob as the title of an axis: its word and its symbol, HTML."""
    return f"{knob.label[:1].lower()}{knob.label[1:]} {symbol(knob.symbol)}".strip()


class Row:
    """The points of a sweep: the knob, its values, its axis."""

    def __init__(self, sheet: Sheet, over: str) -> None:
        """Read the knob's values off a prediction."""
        self.over, self.at = over, np.atleast_1d(np.asarray(sheet.known[over], float))
        knob = knobs_of(sheet.experiment.Params)[over]
        self.words, self.title = knob.label[:1].lower() + knob.label[1:], knob_title(knob)

    @property
    def axis(self) -> dict[str, Any]:
        """The knob as an axis, logarithmic where its values span much."""
        low, high = float(self.at.min()), float(self.at.max())
        if low > 0 and high > LOG_FROM * low:
            ends = linear_range(float(np.log10(low)), float(np.log10(high)), pad=PAD)
            return axis(self.title, ends, log=True)
        return axis(self.title, linear_range(low, high, pad=PAD))


def law(sheet: Sheet, word: Law, row: Row) -> Panel:
    """A number of the end against the knob: dots are runs, dashes or rings the prediction."""
    name = word.of if isinstance(word.of, str) else ""
    runs = (name,) if word.runs is None else word.runs
    across = word.at if isinstance(word.at, str) and word.at else row.over
    traces: list[dict[str, Any]] = []
    entries = _entries(sheet, name, row) if word.runs is None else 0
    names = _names(word, entries or len(runs))
    for k in range(len(names)):
        how: dict[str, Any] = {"k": k, "of": len(names), "name": plain(names[k])}
        if entries:
            traces += points(name, row.over, [k], **how)
            traces.append(_entry(sheet, name, row, k, how["name"]))
        else:
            traces += points(runs[k], across, **how)
    for declared, second in ((word.second, True), ("" if entries else word.of, False)):
        found = None if declared in (None, "") else sheet.find(declared)
        if found is not None:
            said = word.second_name if second else word.name
            y = np.broadcast_to(np.asarray(found, float), row.at.shape)
            made = theory_trace(row.at, y, said, second=second)
            traces.append(made if second or word.joined else rings(made))
    if word.over != "" and (whole := sheet.find(word.over)) is not None:
        traces.append(theory_trace(whole[0], whole[1], word.name))
    theories = [t for t in traces if t["legendgroup"] in ("theory", "second_theory")]
    known = [t["y"] for t in theories if len(t["y"])]
    shown = sheet.shown(word, *known)
    ends = [significant(float(known[-1][i]), 3) for i in (0, -1)] if known else []
    id = word.id or name or runs[0]
    heading = plain(sheet.title(word, name or runs[0]))
    made = sheet.plain(
        word, name or id, traces, shown,
        x=row.axis if across == row.over else _other_axis(sheet, word, theories),
        hovermode="closest",
        annotations=key("upper", names, step=KEY_STEP),
        empty="" if known else "appears with the runs",
        alt=f"{heading} against the {row.words}"
        + (f"; theory goes from {' to '.join(ends)}." if ends else "."),
        spans=_spans(sheet, word, shown),
    )  # fmt: skip
    return upright(sheet, word, made)


def _other_axis(sheet: Sheet, word: Law, theories: Sequence[Any]) -> dict[str, Any]:
    """An axis that is not the knob's, around the places where theory is known."""
    x = np.concatenate([np.zeros(1), *(np.ravel(t["x"]) for t in theories)])
    usual = linear_range(float(x.min()), float(x.max()), pad=PAD)
    return axis(sheet.html(word.x), sheet.span(word.x_span, lambda: usual))


def _names(word: Law | Difference, count: int) -> list[str]:
    """Words for so many runs; '' where there is none."""
    if isinstance(word.names, str):
        return [numbered(word.names, k + 1) if word.names else "" for k in range(count)]
    return [word.names[k] if k < len(word.names) else "" for k in range(count)]


def _entries(sheet: Sheet, name: str, row: Row) -> int:
    """How many entries of a predicted vector are drawn, 0 of a number; points are its rows."""
    found = sheet.find(name) if name else None
    if found is None or np.ndim(found) < 2 or len(found) != row.at.size:
        return 0
    return min(np.shape(found)[1], style.MOST_MODES)


def _entry(sheet: Sheet, name: str, row: Row, k: int, words: str) -> dict[str, Any]:
    """The prediction of one entry, where it is finite."""
    y = np.asarray(sheet.known[name], float)[:, k]
    kept = np.isfinite(y)
    return theory_trace(row.at[kept], y[kept], words)


def _spans(sheet: Sheet, word: Law, shown: np.ndarray) -> dict[str, Sequence[float]]:
    spans: dict[str, Sequence[float]] = {}
    if word.log is False or word.linear is not False:
        top = float(shown.max(initial=1e-12))
        low = min(float(shown.min(initial=0.0)), -0.03 * top)
        spans["linear"] = sheet.span(word.linear, lambda: [low, 1.15 * top])
        if word.log is False:
            return spans
    seen = positive(shown)
    ends = log_range(0.6 * float(seen.min()), 1.6 * float(seen.max()))
    return spans | {"log": sheet.span(word.log, lambda: ends)}


def points(
    variable: str, over: str, index: Sequence[int] = (), *, k: int = 0, of: int = 1, **how: Any
) -> list[dict[str, Any]]:
    """The runs of a sweep as dots without a line, with the band of seeds."""
    traces = run_traces(variable, index, x=over, x_index=[], markers=True, k=k, of=of, **how)
    return dots(traces, DOT_SIZE, symbol=SYMBOLS[k % len(SYMBOLS)])


def difference(sheet: Sheet, word: Difference, row: Row) -> Panel:
    """Run over theory, minus one, at every point; or what stands in its place."""
    name = word.of if isinstance(word.of, str) else word.of[0]
    shown = (word.by,) if isinstance(word.by, str) else word.by
    derived = shown[0] if shown else sheet.derive(f"{name}_ratio", over_theory(name))
    unit = sheet.number(word.unit)  # NaN where the first point has no such number
    tolerance = sheet.tolerance(word.claim or name, word.usual) * (unit if unit == unit else 1.0)
    factor, y = magnified(tolerance)
    top = tolerance * factor
    traces: list[dict[str, Any]] = []
    entries = 0 if shown else _entries(sheet, name, row)
    for k, words in enumerate(_names(word, entries)):
        how: dict[str, Any] = {"k": k, "of": entries, "name": plain(words)}
        traces += points(derived, row.over, [k], scale=factor, **how)
    traces = traces or points(derived, row.over, scale=factor)
    traces.append(theory_trace(row.at, np.zeros(row.at.size), ""))
    title = sheet.text(word.title) or "Run over theory, minus one"
    own = sheet.observable(name).symbol.partition("=")[0]
    letters = rf"{own}^\mathrm{{run}}\,/\,{own}\,-\,1" if word.symbol is None else word.symbol
    return sheet.plain(
        word, name, traces, np.zeros(0),
        id=word.id or derived, title=prose(title), letters=symbol(letters),
        x=row.axis,
        y=y,
        spans={"linear": [-word.wide * top, word.wide * top]},
        tolerances=[-top, top],
        empty=LATER,
        hovermode="closest",
        alt=f"{plain(title)}, at every point; dotted at {significant(tolerance, 2)}.",
    )  # fmt: skip


def over_theory(name: str) -> Callable[[Arrays, xr.Dataset], np.ndarray]:
    """Measured over predicted number of each point of a sweep, minus one; (seed, point, ...)."""

    def ratio(run: Arrays, prediction: xr.Dataset) -> np.ndarray:
        theory = prediction[name]
        front = ("seed",) if "seed" in theory.dims else ()
        values = theory.transpose(*front, ...).values
        values = values if front else values[None]
        return run[name] / values[:, : run[name].shape[1]] - 1

    return ratio
