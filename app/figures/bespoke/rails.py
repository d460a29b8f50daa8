"""Neurons in the plane of their two squared lengths, each on the rail its charge leaves it."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from app.figures.axes import axis
from app.figures.figure import drawn
from app.figures.panels import Panel
from app.figures.sheet import Sheet
from app.figures.traces import dots, run_traces, tag, theory_trace
from app.tex import prose
from sims.core.format import significant
from sims.view import Arrays, Bespoke, Derived
from sims.view.known import Known

MOST = 48
"""Neurons that leave a trail; the others are beads alone."""
BEAD = 7
ROOM = 1.08
FAINT = {"width": 0.8, "color": "role:ink2", "dash": "12px,4px"}


def picture(sheet: Sheet, word: Bespoke) -> Panel:
    """Rails at the time of the scrubber, the trail and the bead of every neuron."""
    known = sheet.known
    name = "charge" if "charge" in known else "decayed"  # until all of the path is there
    q, born = known[name], (known["start_in"], known["start_out"])
    reach = known["reach"] if "reach" in known else [2 * side.max() for side in born]
    wide, high = (ROOM * float(side) for side in reach)
    top = max(wide, high)

    def ends(of: np.ndarray, side: int) -> np.ndarray:
        """One coordinate of both ends of each rail y = x + q, with gaps between rails."""
        left, right = np.maximum(-of, 0.0), np.minimum(3 * top, 3 * top - of)
        x = np.stack([left, right, np.full_like(of, np.nan)], axis=-1)
        return (x + of[..., None] if side else x).reshape(*of.shape[:-1], -1)

    def moving(side: int) -> Derived:
        def rows(_run: Arrays, prediction: xr.Dataset) -> np.ndarray:
            return ends(Known(prediction)[name], side)[None]

        return rows

    traces: list[dict[str, Any]] = []
    entries = np.unique(np.linspace(0, q.shape[1] - 1, min(MOST, q.shape[1])).astype(int))
    for i in entries.tolist():
        how: dict[str, Any] = {"x": "rail_in", "x_index": [i], "bands": False, "records": 10**6}
        (trail,) = run_traces("rail_out", [i], name=f"neuron {i + 1}", **how)
        traces.append(trail | {"line": {"width": 1.6, "color": "role:series0/0.55"}})
    names = [sheet.derive(f"rail_{side}", moving(k)) for k, side in enumerate("xy")]
    rail = theory_trace(ends(q[0], 0), ends(q[0], 1), "rail") | {"line": FAINT, "hoverinfo": "skip"}
    traces.append(rail | {"meta": tag(names[1], x=names[0], at="scrub"), "hovertemplate": None})
    ring = theory_trace(*born, "start") | {"mode": "markers"}
    ring["marker"] = {"size": 5, "symbol": "circle-open", "color": "role:ink"}
    traces.append(ring)
    traces += dots(run_traces("rail_out", x="rail_in", bands=False, at="scrub"), BEAD)
    figure = drawn(
        traces,
        x=axis(prose("incoming weights $|W_i|^2$"), [0.0, wide]),
        y=axis(sheet.html(word.y), [0.0, high]),
        hovermode="closest",
    )
    return sheet.bare(word, "rails", figure, _told(q.shape[1]))


def _told(count: int) -> Any:
    """Alt text: with how far the neurons have gone, once there is a run."""

    def words(run: xr.Dataset | None) -> str:
        said = f"{count} neurons in the plane of their squared lengths, each with its dashed rail"
        if run is None or "leak_largest" not in run:
            return f"{said}."
        along, off = (
            significant(float(np.ravel(run[name].values)[0]), 2)
            for name in ("travel_largest", "leak_largest")
        )
        return f"{said}; they went up to {along} along it and {off} off it."

    return words
