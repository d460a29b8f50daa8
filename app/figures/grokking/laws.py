"""What the lazy pages share: steps on a logarithmic axis, losses, and laws against a knob."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import numpy as np
import xarray as xr

from app.figures import style
from app.figures.panels import (
    Event,
    Panel,
    RunArrays,
    Tile,
    axis,
    first_seed,
    linear_range,
    log_range,
    magnified,
    note,
    panel,
    positive,
    relaid,
    run_traces,
    theory_trace,
    time_line,
)
from app.figures.reading import SLASH, STEP, StepReading, Tolerances, window_note
from app.figures.style import italic, symbol
from sims.core.format import decimals, significant

DEEPEST = 9.0
"""Decades of a loss that are drawn."""
RING = {"size": 10, "symbol": "circle-open", "color": "role:ink", "line": {"width": 1.3}}
CLIMBS = 4
"""Times the climb of the lazy loss to its cap that is drawn beyond the edge."""
CAP = 1e6
"""Multiples of the first loss above which a diverging prediction is not drawn."""
TAU = f"time {italic('τ')} = {italic('ηk')}{SLASH}{italic('n')}"
PREDICTED_CHANGE = symbol("R", "pred")
KNOBS = {
    "alpha": ("output scale", "α"),
    "alpha_0": ("initial scale", "α<sub>0</sub>"),
    "gamma_0": ("richness", "γ<sub>0</sub>"),
    "width": ("width", "N"),
    "c": ("rate over the edge", "c"),
    "n": ("train points", "n"),
    "steps": ("steps", "T"),
    "noise": ("label noise", "σ"),
}


def regime_words(read: StepReading) -> str:
    """The predicted regime, and how many kinks of the network the weights cross."""
    crossed = read.number("kinks_crossed")
    kinks = f"{decimals(round(crossed), 0)} kinks crossed" if np.isfinite(crossed) else ""
    return ", ".join(word for word in (str(read.one.attrs.get("regime", "")), kinks) if word)


class LogStepReading(StepReading):
    """A prediction whose panels count steps on a logarithmic axis, which begins at step 1.

    Beyond the edge of the linear model the axis is linear: a blow-up is then a straight line.
    """

    def __init__(
        self,
        prediction: xr.Dataset,
        tolerances: Tolerances,
        events: Callable[[StepReading], list[Event]] = lambda _: [],
    ) -> None:
        """Read a prediction; `events` are in steps."""
        super().__init__(prediction, tolerances, events, _window(prediction))
        self.linear = float(self.one.attrs.get("c", 0.0)) > 1

    @property
    def x(self) -> dict[str, Any]:
        """The step axis, the same in every panel."""
        if self.linear:
            return axis(STEP, self.span)
        return axis(STEP, [-0.04, float(np.log10(max(self.span[1], 10.0))) + 0.03], log=True)

    @property
    def clocks(self) -> dict[str, Any]:
        """The time axes of the page's switch: steps, and τ = ηk/n with the first seed's rate."""
        drawn, rate = self.x, self.number("learning_rate") / self.number("n")
        kind, span = drawn.get("type", "linear"), drawn["range"]
        moved = [float(at + np.log10(rate)) if kind == "log" else float(at * rate) for at in span]
        return {
            "times": {
                "steps": {"type": kind, "range": span},
                "τ": {"type": kind, "range": moved, "title": TAU, "factor": rate},
            }
        }


def _window(prediction: xr.Dataset) -> float | None:
    """Beyond the edge: a few times as long as the lazy loss climbs; else the whole run."""
    if not float(prediction.attrs.get("c", 0.0)) > 1:
        return None
    one = first_seed(prediction)
    steps, left = one["step"].values, ~np.isfinite(capped(one["train_loss"].values))
    return float(min(steps[-1], CLIMBS * steps[int(np.argmax(left))])) if left.any() else None


def capped(values: np.ndarray) -> np.ndarray:
    """A curve as far as it stays below 1e6 times its first value."""
    return np.where(values <= CAP * values[..., :1], values, np.nan)


def loss_panel(
    read: LogStepReading, name: str, title: str, letter: str, *, floor: float = np.inf, **how: Any
) -> Panel:
    """A loss of the run on its lazy prediction, on a log axis down to `floor` times the first."""
    y = capped(read.values(name))
    traces = run_traces(name, x="step", records=read.records)
    traces.append(theory_trace(read.step, y, "lazy"))
    seen = positive(y)
    high = float(seen.max())
    low = max(min(float(seen.min()), floor * float(y[0])), 10.0**-DEEPEST * high)
    return panel(
        name,
        title,
        letter,
        traces,
        x=read.x,
        y=f"{title.lower()} {letter}",
        log=log_range(0.3 * low, 1.5 * high),
        times=read.marks,
        alt=read.described(title, name),
        note=window_note(read),
        **how,
    )


def marked(shown: Panel, places: Sequence[tuple[float, str]]) -> Panel:
    """The panel with dotted uprights and their names, on a logarithmic x axis."""
    layout = shown.plain["layout"]
    lo, hi = layout["xaxis"]["range"]
    kept = [(x, word) for x, word in places if x > 0 and lo <= np.log10(x) <= hi]
    font = {"size": 14, "color": "role:ink2"}
    words = [
        note(word, np.log10(x), 1, xref="x", yref="paper", yanchor="bottom", font=font)
        for x, word in kept
        if word
    ]
    shapes = [*layout.get("shapes", ()), *(time_line(x) for x, _ in kept)]
    return relaid(shown, shapes=shapes, annotations=[*layout.get("annotations", ()), *words])


def now(name: str, like: str) -> Callable[[RunArrays, xr.Dataset], np.ndarray]:
    """A recorded number at the snapshots, (seed, snapshot, 1); `like` is any snapshot variable."""

    def at_snapshots(run: RunArrays, prediction: xr.Dataset) -> np.ndarray:
        shots = run[like].shape[1]
        rows = np.searchsorted(prediction["step"].values, prediction["snapshot_step"].values)
        return run[name][:, np.minimum(rows[:shots], run[name].shape[1] - 1), None]

    return at_snapshots


# Sweeps over one knob


def knob_axis(over: str, at: np.ndarray) -> dict[str, Any]:
    """The axis of a swept knob, logarithmic where its values span more than a factor of eight."""
    words, letter = KNOBS.get(over, (over, ""))
    title = f"{words} {italic(letter)}" if letter else words
    if at.min() > 0 and at.max() > 8 * at.min():
        ends = np.log10([at.min(), at.max()])
        return axis(title, linear_range(float(ends[0]), float(ends[1]), pad=0.05), log=True)
    return axis(title, linear_range(float(at.min()), float(at.max()), pad=0.05))


def swept(prediction: xr.Dataset, name: str, over: str) -> np.ndarray:
    """A predicted number of the first seed at every point of a sweep."""
    one = prediction.isel(seed=0) if "seed" in prediction.dims else prediction
    return np.asarray(one[name].transpose(over, ...).values, float)


def points(name: str, over: str, **how: Any) -> list[dict[str, Any]]:
    """The runs of a sweep as dots without a line, with the band of seeds."""
    traces = run_traces(name, x=over, markers=True, **how)
    marker = {"size": 8, "color": style.series(0)}
    dots = {"mode": "markers", "marker": marker}
    return [t | dots if t["legendgroup"] == "run" else t for t in traces]


def law_panel(
    prediction: xr.Dataset,
    over: str,
    name: str,
    title: str,
    letter: str,
    *,
    scale: Literal["log", "linear"] = "log",
    more: Sequence[dict[str, Any]] = (),
    measured: bool = True,
    joined: bool = True,
    **how: Any,
) -> Panel:
    """A number of the end against a knob: dots are runs, dashes (or rings) the prediction."""
    at = np.asarray(prediction[over].values, float)
    y = swept(prediction, name, over)
    theory = theory_trace(at, y, "")
    if not joined:
        theory |= {"mode": "markers", "marker": RING}
    traces = [*(points(name, over) if measured else []), *more, theory]
    every = np.concatenate([np.ravel(t["y"]) for t in [*more, traces[-1]]])
    if scale == "log":
        seen = positive(every)
        span = {"log": log_range(0.6 * float(seen.min()), 1.6 * float(seen.max()))}
    else:
        seen = every[np.isfinite(every)]
        top = float(np.max(seen, initial=1e-12))
        span = {"linear": [-0.03 * top, 1.15 * top]}
    ends = f"{significant(float(y[0]), 3)} to {significant(float(y[-1]), 3)}"
    return panel(
        name,
        title,
        letter,
        traces,
        x=knob_axis(over, at),
        y=f"{title.lower()} {letter}",
        hovermode="closest",
        alt=f"{title} against {over}; theory goes from {ends}.",
        **span,
        **how,
    )


def ratio(name: str) -> Callable[[RunArrays, xr.Dataset], np.ndarray]:
    """Measured over predicted number of each point of a sweep, minus one; (seed, point)."""

    def over_theory(run: RunArrays, prediction: xr.Dataset) -> np.ndarray:
        theory = prediction[name]
        theory = theory.transpose("seed", ...).values if "seed" in theory.dims else theory.values
        theory = theory if theory.ndim == 2 else theory[None]
        return run[name] / theory[:, : run[name].shape[1]] - 1

    return over_theory


def quotient(letter: str) -> str:
    """Symbol of a run over its prediction, minus one."""
    return f"{symbol(letter, 'run')}{SLASH}{symbol(letter, 'pred')} − 1"


def ratio_panel(
    prediction: xr.Dataset,
    over: str,
    derived: str,
    letter: str,
    tolerance: float,
    *,
    title: str = "Run over theory, minus one",
) -> Panel:
    """Run against theory at every point of a sweep, with the tolerance."""
    at = np.asarray(prediction[over].values, float)
    factor, words = magnified(tolerance)
    traces = points(derived, over, scale=factor)
    traces.append(theory_trace(at, np.zeros(at.size), ""))
    top = tolerance * factor
    return panel(
        derived,
        title,
        letter,
        traces,
        x=knob_axis(over, at),
        y=words,
        linear=[-1.6 * top, 1.6 * top],
        tolerances=[-top, top],
        empty="appears with the run",
        hovermode="closest",
        alt=f"{title}, at every point; dotted at {significant(tolerance, 2)}.",
    )


def known(tolerances: Mapping[str, float], claim: str, usual: float) -> float:
    """The tolerance of a claim, or the usual one where it is not known."""
    found = float(tolerances.get(claim, np.nan))
    return found if np.isfinite(found) and found > 0 else usual


def power(at: np.ndarray, y: np.ndarray) -> float:
    """Least-squares slope of ln y on ln x, NaN with fewer than two points."""
    kept = np.isfinite(y) & (y > 0) & (at > 0)
    if kept.sum() < 2:
        return float("nan")
    return float(np.polyfit(np.log(at[kept]), np.log(y[kept]), 1)[0])


def power_tile(letter: str, over: str, at: np.ndarray, y: np.ndarray) -> list[Tile]:
    """The predicted power of a law against a knob."""
    p = power(at, y)
    if not np.isfinite(p):
        return []
    words = KNOBS.get(over, (over, ""))[0]
    ends = f"{significant(float(y[0]), 3)} to {significant(float(y[-1]), 3)}"
    head = f"d{THIN_LN}{letter}{SLASH}d{THIN_LN}{italic(KNOBS.get(over, ('', over))[1])}"
    return [Tile(head, f"power of the {words}", decimals(p), "", ends, None, "", "width_slope")]


THIN_LN = "\u2009ln\u2009"
