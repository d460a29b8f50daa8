"""Neurons in the plane: from their birth to where they are, the teacher's rays, the lazy end."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from app.figures.axes import axis
from app.figures.figure import drawn
from app.figures.panels import Panel
from app.figures.sheet import Sheet
from app.figures.traces import FORESEEN, dots, run_traces, text_trace, theory_trace
from app.tex import symbol
from sims.core.format import significant
from sims.view import Bespoke

THIN_RING = {"width": 0.8}
RAYS_REACH = 20.0
"""Length of a drawn ray, in units of the picture."""


def picture(sheet: Sheet, word: Bespoke) -> Panel:
    """Neurons at the time of the scrubber, with where the lazy theory lets them end."""
    born, end = sheet.known["neurons_initial"], sheet.known["neurons_final"]
    reach = 1.1 * float(np.abs(born[:, :2]).max())
    further = float(np.quantile(np.abs(end[:, :2]), 0.98))
    reach = max(reach, min(further, 3 * reach))
    broken = np.full(len(born), np.nan)
    lines = [np.stack([born[:, k], end[:, k], broken], axis=-1).ravel() for k in range(2)]
    (path,) = run_traces("path_2", x="path_1", bands=False, at="scrub", records=10**6)
    path |= {"line": {"width": 1, "color": "role:ink3"}, "hoverinfo": "skip", "hovertemplate": None}
    traces = [*_rays(sheet, reach), path]
    for k, (name, words) in enumerate((("down", "a < 0"), ("up", "a > 0"))):
        how: dict[str, Any] = {"k": k, "of": 2, "name": words, "x": f"{name}_1"}
        traces += dots(run_traces(f"{name}_2", bands=False, at="scrub", **how), 5)
    way = theory_trace(lines[0], lines[1], "lazy way") | {"legendgroup": "ground"}
    way |= {"line": {"width": 0.8, "color": "role:rule2"}, "hoverinfo": "skip", "meta": FORESEEN}
    lazy = theory_trace(end[:, 0], end[:, 1], "lazy end") | {"mode": "markers"}
    lazy["marker"] = {"size": 4, "symbol": "circle-open", "color": "role:ink", "line": THIN_RING}
    # where the net is rich these ways are long, many and wrong
    rich = sheet.known["regime"] == "rich"
    traces += [lazy] if rich else [way | {"hovertemplate": None}, lazy]
    figure = drawn(
        traces,
        x=axis(symbol(r"|a_i|w_\mathrm{i1}"), [-reach, reach]),
        y=axis(symbol(r"|a_i|w_\mathrm{i2}"), [-reach, reach]) | {"scaleanchor": "x"},
        hovermode="closest",
    )
    return sheet.bare(word, "neurons", figure, _told(len(born)))


def _told(count: int) -> Any:
    """Alt text: with the run's share of mass near the teacher, once it is there."""

    def words(run: xr.Dataset | None) -> str:
        said = f"{count} neurons in the plane, from their birth to the end of the lazy theory"
        if run is None or "mass_near_teacher" not in run:
            return f"{said}."
        mass = np.asarray(run["mass_near_teacher"].values, float)
        mass = mass.reshape(-1, mass.shape[-1])[0]
        ends = " to ".join(significant(float(m), 2) for m in (mass[0], mass[-1]))
        return f"{said}; the share of mass near a teacher ray goes from {ends}."

    return words


def _rays(sheet: Sheet, reach: float) -> list[dict[str, Any]]:
    """The teacher's neurons as rays from the origin, with their signs."""
    angle, sign = sheet.known["teacher_angle"], sheet.known["teacher_sign"]
    x, y = (
        np.ravel([[0.0, RAYS_REACH * reach * f(t), np.nan] for t in angle])
        for f in (np.cos, np.sin)
    )
    ray = {
        "type": "scatter",
        "mode": "lines",
        "x": x,
        "y": y,
        "name": "teacher",
        "line": {"width": 2.2, "color": "role:rule2", "dash": "dash"},
        "hoverinfo": "skip",
        "legendgroup": "ground",
    }
    words = [f"<b>{'+' if s > 0 else '−'}</b>" for s in sign]
    at = 0.88 * reach
    signs = text_trace(at * np.cos(angle), at * np.sin(angle), words, side="middle center", size=16)
    return [ray, signs]
