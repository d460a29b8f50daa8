"""A vector against its own coordinate, at the moment of the scrubber."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from app.figures.axes import axis, linear_range, named_ticks
from app.figures.curves import following
from app.figures.panels import Panel
from app.figures.paths import marked
from app.figures.sheet import Sheet
from app.figures.traces import dots, run_traces, tag, theory_trace
from app.tex import plain
from sims.view import LATER, SAME, Arrays, Profile, Values
from sims.view.known import Known

DOT_SIZE = 7
PAD = 0.04


def profile(sheet: Sheet, word: Profile) -> Panel:
    """The run's entries on the predicted ones, which move with it or stand still."""
    chosen = None if word.order is None else sheet.frame(word.order)
    theories = [
        (found, second)
        for declared, second in ((word.second, True), (word.theory, False))
        if (found := _found(sheet, word, declared, chosen)) is not None
    ]
    x = _places(sheet, word, [f for f, _ in theories])
    traces: list[dict[str, Any]] = [_run(sheet, word, x, chosen)] if word.of else []
    seen: list[Any] = []
    stages = sheet.find(word.steps) if callable(word.steps) else None
    for k, stage in enumerate(() if stages is None else stages):
        trace = theory_trace(x, np.asarray(stage, float), f"after {k + 1}")
        traces.append(trace | {"line": {**trace["line"], "width": 1.0, "color": "role:ink3"}})
        seen.append(trace["y"])
    for found, second in theories:
        known = found if found.ndim == 1 else found[_whole(found)]
        seen.append(known)
        y = known if found.ndim == 1 else (known[-1] if len(known) else np.full(x.size, np.nan))
        trace = theory_trace(x, y, word.second_name if second else word.name, second=second)
        if found.ndim > 1:
            declared = word.second if second else word.theory
            moving = _moving(sheet, word, declared, second)
            trace |= {"meta": tag(moving, x="", at="scrub")}
        traces.append(trace)
    for trace in following(sheet, word.second, x="", at="scrub"):
        traces.append(trace | {"x": x})
    for given in word.given:
        trace, places = marked(sheet, given)
        traces.append(trace)
        seen.append(places[:, 1])
    named = named_ticks(None if word.ticks is None else sheet.find(word.ticks))
    name = word.of or word.id
    title = plain(sheet.title(word, name))
    return sheet.plain(
        word, name, traces, sheet.shown(word, *seen),
        x=axis(sheet.html(word.x), linear_range(float(x[0]), float(x[-1]), pad=PAD)) | named,
        hovermode="closest",
        empty="" if seen else LATER,
        alt=f"{title} at the time of the scrubber, with what is predicted.",
    )  # fmt: skip


def _whole(rows: np.ndarray) -> np.ndarray:
    """Which rows are predicted, (row,); an entry that is NaN in all of them is a gap."""
    there = np.isfinite(rows)
    return np.asarray(there[:, there.any(axis=0)].all(axis=1) & there.any(axis=1))


def _found(
    sheet: Sheet, word: Profile, declared: Values | None, chosen: np.ndarray | None
) -> np.ndarray | None:
    """A predicted vector (entry), or one for every snapshot (snapshot, entry)."""
    if declared is None or (declared == SAME and not word.of):
        return None
    found = sheet.find(word.of if declared == SAME else declared)
    if found is None:
        return None
    found = np.asarray(found, float)
    return found if chosen is None else found[..., chosen]


def _places(sheet: Sheet, word: Profile, theories: list[np.ndarray]) -> np.ndarray:
    """The coordinate of the entries: as declared, or their numbers from 1."""
    found = sheet.frame(word.over) if word.over != "" else None
    if found is not None:
        return np.asarray(found, float)
    if theories:
        return np.arange(1.0, theories[0].shape[-1] + 1)
    dims = sheet.observable(word.of).dims
    count = sheet.known.whole.sizes.get(dims[0], 1) if dims else 1
    return np.arange(1.0, count + 1)


def _run(sheet: Sheet, word: Profile, x: np.ndarray, chosen: np.ndarray | None) -> dict[str, Any]:
    name = word.of
    if chosen is not None:
        order, of = word.order, word.of
        assert order is not None

        def shown(run: Arrays, prediction: xr.Dataset) -> np.ndarray:
            return run[of][..., order(Known(prediction))]

        name = sheet.derive(f"{of}_shown", shown)
    how: dict[str, Any] = {"x": "", "markers": word.dots, "records": 10**6}
    runs = run_traces(name, bands=False, at="scrub", **how)
    (run,) = runs if word.lines else dots(runs, DOT_SIZE)
    return run | {"x": x}


def _moving(sheet: Sheet, word: Profile, declared: Values | None, second: bool) -> str:
    """Name of the predicted rows, (1, snapshot, entry), read off the prediction of the moment."""
    order, name = word.order, word.of if declared == SAME else declared

    def rows(_run: Arrays, prediction: xr.Dataset) -> np.ndarray:
        known = Known(prediction)
        found = np.asarray(name(known) if callable(name) else known[str(name)], float)
        return (found if order is None else found[..., order(known)])[None]

    return sheet.derive(f"{word.of}_{'second' if second else 'predicted'}", rows)
