"""Figures of one cycle: the sharpness overshoots, the oscillation grows, and both turn round."""

from __future__ import annotations

import numpy as np
import xarray as xr

from app.figures.panels import (
    Derived,
    Event,
    Panel,
    RunArrays,
    Tile,
    View,
    axis,
    legend,
    log_range,
    panel,
    positive,
    run_traces,
    theory_trace,
)
from app.figures.reading import StepReading, Tolerances
from app.figures.style import italic, symbol
from sims.core.format import decimals, significant

ROUNDING = 1e-17
"""About the smallest start rounding leaves: it bounds the overshoot where no kick is given."""
SMALLEST_DRAWN = 1e-9
SIZE = f"|{italic('x')}|"
NO_KICK = "nothing is predicted without a kick: rounding decides the start"


def _size(run: RunArrays, _prediction: xr.Dataset) -> np.ndarray:
    """Size of the displacement, whose sign alternates from step to step."""
    return np.abs(run["displacement"])


DERIVED: Derived = {"size": _size}


def self_stabilisation(prediction: xr.Dataset, tolerances: Tolerances | None = None) -> View:
    """Sharpness above the edge, size of the oscillation, their portrait, and the loss."""
    read = StepReading(prediction, tolerances or {}, _events)
    panels = [_gap_panel(read), _size_panel(read), _portrait(read), _loss_panel(read)]
    words = {"theory": "theory, the map with frozen constants"}
    words["second_theory"] = "continuous limit: a curve of constant energy"
    return View(panels, _tiles(read), read.events, legend(panels, words, read.seeds), DERIVED)


def _events(read: StepReading) -> list[Event]:
    named = (("overshoot_step", "max"), ("return_step", "0"))
    return [Event(symbol("j", below), read.number(name)) for name, below in named]


def _mapped(read: StepReading, name: str) -> bool:
    return read.has(name) and bool(np.isfinite(read.values(name)).any())


def _reach(read: StepReading) -> tuple[float, float]:
    """Lowest and highest sharpness above the edge that is to be expected."""
    if _mapped(read, "sharpness_gap"):
        y = read.everywhere("sharpness_gap")
        return float(np.nanmin(y)), float(np.nanmax(y))
    alpha, delta = read.number("alpha"), read.number("delta")
    if not (alpha > 0 and delta > 0):
        return -3.0, 3.0
    top = float(np.sqrt(2 * alpha * (np.log(delta / ROUNDING) - 0.5)))
    return -top, top


def _gap_panel(read: StepReading) -> Panel:
    low, high = _reach(read)
    traces = run_traces("sharpness_gap", records=read.records)
    if _mapped(read, "sharpness_gap"):
        traces.append(theory_trace(read.step, read.values("sharpness_gap"), ""))
    levels = [(0.0, "")]
    formula = read.number("overshoot_formula")
    if np.isfinite(formula):
        levels.append((formula, "closed formula"))
    room = 0.12 * (high - low)
    return panel(
        "sharpness_gap",
        "Sharpness above the edge",
        f"{italic('y')} = {symbol('λ', 1)} − 2/{italic('η')}",
        traces,
        x=read.x,
        y=f"above the edge {italic('y')}",
        linear=[low - room, high + 2 * room],
        times=read.marks,
        levels=levels,
        empty="" if _mapped(read, "sharpness_gap") else NO_KICK,
        alt=read.described("Sharpness above the edge", "sharpness_gap"),
    )


def _size_range(read: StepReading) -> list[float]:
    if not _mapped(read, "displacement"):
        return log_range(SMALLEST_DRAWN, 1.0)
    seen = positive(np.abs(read.everywhere("displacement")), read.everywhere("delta"))
    return log_range(0.5 * float(seen.min()), 2 * float(seen.max()))


def _size_panel(read: StepReading) -> Panel:
    traces = run_traces("size", records=read.records)
    if _mapped(read, "displacement"):
        traces.append(theory_trace(read.step, np.abs(read.values("displacement")), ""))
    delta = read.number("delta")
    kick = read.values("displacement")[0] if _mapped(read, "displacement") else np.nan
    said = f"from {significant(float(kick))} on" if np.isfinite(kick) else "from rounding on"
    return panel(
        "size",
        "Size of the oscillation",
        SIZE,
        traces,
        x=read.x,
        y=f"displacement {SIZE}",
        log=_size_range(read),
        times=read.marks,
        levels=[(delta, symbol("δ"))] if np.isfinite(delta) else [],
        note="drawn, not judged: the map's peak is too high, it leaves out the next order",
        alt=f"Displacement along the sharpest direction, {said}, on a logarithmic axis.",
    )


def _portrait(read: StepReading) -> Panel:
    low, high = _reach(read)
    traces = run_traces("size", x="sharpness_gap", bands=False, records=read.records)
    if read.has("level_gap"):
        gap, size = read.values("level_gap"), read.values("level_displacement")
        if np.isfinite(gap).any():
            traces.append(theory_trace(gap, size, "of constant energy", second=True))
            low, high = min(low, float(np.nanmin(gap))), max(high, float(np.nanmax(gap)))
    if _mapped(read, "displacement"):
        size = np.abs(read.values("displacement"))
        traces.append(theory_trace(read.values("sharpness_gap"), size, ""))
    delta = read.number("delta")
    room = 0.08 * (high - low)
    return panel(
        "portrait",
        "The cycle",
        f"{SIZE} against {italic('y')}",
        traces,
        x=axis(f"sharpness above the edge {italic('y')}", [low - room, high + room]),
        y=f"displacement {SIZE}",
        log=_size_range(read),
        levels=[(delta, symbol("δ"))] if np.isfinite(delta) else [],
        hovermode="closest",
        alt=(
            "Displacement against sharpness above the edge: one turn around the fixed point, "
            f"which is at zero and {significant(delta)}."
        ),
    )


def _loss_panel(read: StepReading) -> Panel:
    return panel(
        "loss",
        "Loss, without theory",
        italic("L"),
        run_traces("loss", records=read.records),
        x=read.x,
        y=f"loss {italic('L')}",
        log=[-2.6, 0.1],
        times=read.marks,
        empty="spikes while the oscillation is large; appears with the run",
        alt=read.described("Loss", "loss"),
    )


def _tiles(read: StepReading) -> list[Tile]:
    tiles = []
    overshoot = read.number("overshoot")
    if np.isfinite(overshoot):
        formula = f"closed formula: {decimals(read.number('overshoot_formula'))}"
        letter = symbol("y", "max")
        words = "overshoot of the sharpness"
        value = decimals(overshoot)
        tiles.append(Tile(letter, words, value, "", formula, None, "overshoot", "overshoot"))
    for name, below, words in (
        ("overshoot_step", "max", "step of the overshoot"),
        ("return_step", "0", "back below the edge"),
    ):
        at = read.number(name)
        if np.isfinite(at):
            tiles.append(
                Tile(symbol("j", below), words, decimals(at, 0), "steps", "", None, name, name)
            )
    delta, period = read.number("delta"), read.number("period")
    if np.isfinite(delta):
        turns = f"a small cycle takes {decimals(period, 1)} steps" if np.isfinite(period) else ""
        tiles.append(Tile(symbol("δ"), "size at rest", significant(delta, 3), "", turns))
    return tiles
