"""Figures of the linear network: the loss staircase, the modes, and the geometry of the saddles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr

from app.figures import structured_data, style
from app.figures.panels import (
    Derived,
    Event,
    Panel,
    RunArrays,
    Tile,
    View,
    counted,
    curve_labels,
    first_seed,
    legend,
    log_range,
    magnified,
    note,
    panel,
    positive,
    run_traces,
    steps,
    text_trace,
    theory_trace,
)
from app.figures.reading import (
    SLASH,
    Reading,
    Tolerances,
    levels_of,
    numbers,
    tied,
    visited_saddles,
)
from app.figures.style import italic, symbol
from sims.core.format import decimals, short, significant

SHOWN_TILES = 4
RANK_THRESHOLD = 0.05
A_OVER_S = f"{symbol('a', 'k')}{SLASH}{symbol('s', 'k')}"

FLOW, SINGULAR = "mode_strengths_gradient_flow", "singular_values"


# Quantities computed for the screen


def _effective_rank(run: RunArrays, prediction: xr.Dataset) -> np.ndarray:
    """How many singular values exceed 5 % of their own target."""
    s = first_seed(prediction)["spectrum"].values
    values = run["singular_values"][..., : s.size]
    return (values > RANK_THRESHOLD * s[: values.shape[-1]]).sum(axis=-1).astype(float)


def _level_strengths(run: RunArrays, prediction: xr.Dataset) -> np.ndarray:
    """Mean strength over the modes of each level of equal singular values, over that value."""
    s = first_seed(prediction)["spectrum"].values
    a = run["mode_strengths"] / s
    return np.stack([a[..., level].mean(axis=-1) for level in levels_of(s)], axis=-1)


DERIVED: Derived = {
    **structured_data.DERIVED,
    "effective_rank": _effective_rank,
    "level_strengths": _level_strengths,
}


# Panels and tiles


def linear_network(prediction: xr.Dataset, tolerances: Tolerances | None = None) -> View:
    """Loss staircase, mode curves, gradient, difference, and the geometry of the saddles."""
    read = Reading(prediction, tolerances or {}, _linear_events)
    panels: list[Panel | None] = [_loss_panel(read), _strength_panel(read) or _singular_panel(read)]
    if structured_data.is_tree(prediction):
        panels += structured_data.tree_panels(read)
    panels += structured_data.digit_panels(read)
    panels += [_gradient_panel(read), _difference_panel(read, ("mode_strengths", FLOW, SINGULAR))]
    if all(p is None or p.id != "singular_values" for p in panels):
        panels.append(_singular_panel(read))
    panels += [_rank_panel(read), _distance_panel(read), _curvature_panel(read)]
    if read.has("mode_strengths"):
        panels.append(_difference_panel(read, (FLOW,)))
    panels.append(_drift_panel(read))
    kept = [p for p in panels if p is not None]
    words = _theory_words(read)
    return View(kept, _linear_tiles(read), read.events, legend(kept, words, read.seeds), DERIVED)


def _theory_words(read: Reading) -> dict[str, str]:
    if read.has("loss_escape"):
        return {"theory": "theory, first escape", "second_theory": "theory, plain linear case"}
    inside = read.has("loss") or not read.has("loss_gradient_flow")
    first = "theory, step included" if inside else "theory, gradient flow"
    return {"theory": first, "second_theory": "theory, gradient flow"}


def _linear_events(read: Reading) -> list[Event]:
    if read.has("jump_times") and not tied(read.values("spectrum")):
        times = read.values("jump_times")
        return [Event(symbol("t", k + 1), float(t)) for k, t in enumerate(times)]
    return [Event(symbol("t", "esc"), read.number("first_escape_time"))]


def _plateaus(read: Reading) -> dict[int, float]:
    """L_k of the plateaus a run can rest on, by k; the start is k = 0."""
    if not read.has("plateau_losses"):
        return {}
    kept = {0, *visited_saddles(read.values("spectrum"))}
    values = enumerate(read.values("plateau_losses"))
    return {k: float(v) for k, v in values if np.isfinite(v) and k in kept}


def _loss_theories(read: Reading) -> list[tuple[str, np.ndarray]]:
    """Predicted losses, the one drawn as theory last; an escape is known up to its plateau."""
    curves = [(n, read.values(n)) for n in ("loss_gradient_flow", "loss") if read.has(n)]
    if read.has("loss_escape"):
        y, plateaus = read.values("loss_escape"), _plateaus(read)
        late = np.flatnonzero(y < plateaus.get(1, 0.0) + 0.02 * y[0])
        y = np.where(np.arange(y.size) > (late[0] if late.size else y.size), np.nan, y)
        curves = [*curves[-1:], ("loss_escape", y)]
    return curves


def _loss_panel(read: Reading) -> Panel:
    traces = run_traces("loss", records=read.records)
    curves = _loss_theories(read)
    for name, y in curves:
        second = name != curves[-1][0]
        words = "gradient flow" if second and name == "loss_gradient_flow" else ""
        traces.append(theory_trace(read.time, y, words, second=second))
    plateaus = _plateaus(read)
    seen = [read.everywhere(name) for name, _ in curves]
    start = plateaus.get(0, float(positive(*seen).max()))
    top = max(start, float(positive(*seen).max())) if curves else start
    heights = [v for v in plateaus.values() if v > 1e-9 * top]
    low = float(positive(*seen, heights or [1e-3 * top]).min())
    return panel(
        "loss",
        "Loss",
        italic("L"),
        traces,
        x=read.x,
        y=f"loss {italic('L')}",
        linear=[-0.05 * top, 1.1 * top],
        log=log_range(max(low, 1e-8 * top), top),
        times=read.events,
        levels=[(v, symbol("L", k) if v > 1e-9 * top else "") for k, v in plateaus.items()],
        alt=read.described("Loss", "loss"),
    )


def _strength_panel(read: Reading) -> Panel | None:
    """Mode strengths; for equal modes the mean over each level; for close ones nothing."""
    s = read.values("spectrum")
    first, second = (
        read.values(name) / s if read.has(name) else None
        for name in ("mode_strengths", "mode_strengths_gradient_flow")
    )
    if not tied(s):
        curves = _Curves("mode_strengths", "mode", s, first, second)
        return _curves_panel(read, "mode_strengths", "Mode strengths", A_OVER_S, curves)
    groups = levels_of(s)
    if len(groups) == s.size or tied(np.array([s[g[0]] for g in groups])):
        return None
    flow = None
    if second is not None:
        flow = np.stack([second[:, g].mean(axis=1) for g in groups], axis=-1)
    curves = _Curves("level_strengths", "level", np.ones(len(groups)), flow, None)
    return _curves_panel(
        read, "level_strengths", "Strength of each level", f"mean {A_OVER_S}", curves
    )


class _Curves:
    """Strengths of several modes: run variable, their noun, scales, first and second theory."""

    def __init__(
        self,
        name: str,
        noun: str,
        scales: np.ndarray,
        theory: np.ndarray | None,
        second: np.ndarray | None,
    ) -> None:
        self.name, self.noun, self.scales = name, noun, scales
        self.words = [f"{noun} {k + 1}" for k in range(scales.size)]
        self.theory, self.second = (second, None) if theory is None else (theory, second)
        self.shown = min(scales.size, style.MOST_MODES)

    def half_times(self, time: np.ndarray) -> list[float]:
        """When theory passes one half, NaN where it never does."""
        if self.theory is None:
            return [float("nan")] * self.shown
        above = [np.flatnonzero(self.theory[:, k] >= 0.5) for k in range(self.shown)]
        return [float(time[a[0]]) if a.size else float("nan") for a in above]


def _curves_panel(read: Reading, id: str, title: str, html: str, curves: _Curves) -> Panel:
    traces: list[dict[str, Any]] = []
    for k in range(curves.shown):
        how = {"k": k, "of": curves.shown, "name": curves.words[k], "records": read.records}
        traces += run_traces(curves.name, [k], scale=1 / curves.scales[k], **how)
        for y, second in ((curves.second, True), (curves.theory, False)):
            if y is not None:
                traces.append(theory_trace(read.time, y[:, k], curves.words[k], second=second))
    halves = curves.half_times(read.time)
    kept = [k for k in range(curves.shown) if np.isfinite(halves[k])]
    colours = [style.series(k, curves.shown, "text") for k in kept]
    words = [str(k + 1) for k in kept]
    places = [halves[k] for k in kept]
    traces.append(curve_labels(places, words, colours, read.span, curves.noun))
    seen = np.zeros(1) if curves.theory is None else curves.theory[np.isfinite(curves.theory)]
    top, low = max(1.0, float(seen.max())), min(0.0, float(seen.min()))

    def alt(_run: xr.Dataset | None) -> str:
        reached = [f"{curves.words[k]} at {significant(halves[k])}" for k in kept]
        return f"{title} against time; theory passes one half: {', '.join(reached) or 'never'}."

    return panel(
        id,
        title,
        html,
        traces,
        x=read.x,
        y=html,
        linear=[low - 0.06, top + 0.12],
        times=read.events,
        levels=_cycle_levels(read),
        alt=alt,
    )


def _cycle_levels(read: Reading) -> list[tuple[float, str]]:
    """The two heights between which mode 1 hops past the stability edge, where predicted."""
    if not read.has("two_cycle"):
        return []
    heights = read.values("two_cycle").ravel() / float(read.values("spectrum")[0])
    return [(float(h), decimals(float(h))) for h in heights if np.isfinite(h)]


def _gradient_panel(read: Reading) -> Panel:
    traces = run_traces("gradient_norm", records=read.records)
    s, start = read.values("spectrum"), _plateaus(read).get(0, 1.0)
    seen = float(s[0]) * np.sqrt(2 * start) * np.array([1e-5, 1.0])
    if read.has("gradient_norm"):
        y = read.values("gradient_norm")
        traces.append(theory_trace(read.time, y, ""))
        seen = positive(read.everywhere("gradient_norm"))
    log = log_range(max(float(seen.min()), 1e-10 * float(seen.max())), float(seen.max()))
    return panel(
        "gradient_norm",
        "Size of the gradient",
        f"‖∇{italic('L')}‖",
        traces,
        x=read.x,
        y="gradient norm",
        linear=[-0.04 * float(seen.max()), 1.1 * float(seen.max())],
        log=log,
        first="log",
        times=read.events,
        alt=read.described("Gradient norm", "gradient_norm"),
    )


def _difference_panel(read: Reading, theories: Sequence[str]) -> Panel | None:
    """Run minus the first of these theories that is there, magnified to its tolerance."""
    s = read.values("spectrum")
    usable = [name for name in theories if name == SINGULAR or not tied(s)]
    theory = next((name for name in usable if read.has(name)), None)
    if theory is None:
        return None
    of_modes = theory != "singular_values"
    tolerance = read.tolerance(theory, 5e-4 if theory == "mode_strengths" else 0.02)
    factor, title = magnified(tolerance)
    traces = [theory_trace(read.span, [0.0, 0.0], "")]
    shown = min(s.size, style.MOST_MODES)
    for k in range(shown):
        how: dict[str, Any] = {"k": k, "of": shown, "minus": theory}
        if of_modes:
            how |= {"name": f"mode {k + 1}", "records": read.records}
            traces += run_traces("mode_strengths", [k], scale=factor / s[k], **how)
        else:
            how |= {"name": f"σ{k + 1}", "at": "snapshots", "records": read.snapshots}
            traces += run_traces("singular_values", [k], scale=factor / s[0], **how)
    letter, below = ("a", "k") if of_modes else ("σ", "j")
    word = {"mode_strengths": "map"}.get(theory, "flow")
    under = symbol("s", "k" if of_modes else 1)
    html = f"({symbol(letter, below)} − {symbol(letter, below, word)}){SLASH}{under}"
    id, heading = "difference", "Run minus theory"
    if tuple(theories) == (FLOW,):
        id, heading = "difference_gradient_flow", "Run minus gradient flow"
    return difference(read, id, heading, html, traces, tolerance * factor, title, tolerance)


def difference(
    read: Reading,
    id: str,
    heading: str,
    html: str,
    traces: Sequence[dict[str, Any]],
    top: float,
    title: str,
    tolerance: float,
    *,
    x: dict[str, Any] | None = None,
) -> Panel:
    """A panel of run minus theory around zero, between the edges of the tolerance."""
    words = f"{heading}; the tolerance is plus or minus {significant(tolerance, 2)}."
    return panel(
        id,
        heading,
        html,
        traces,
        x=x or read.x,
        y=title,
        linear=[-1.4 * top, 1.4 * top],
        times=read.events,
        tolerances=[-top, top],
        empty="appears with the run",
        alt=words,
    )


def _singular_panel(read: Reading) -> Panel:
    s = read.values("spectrum")
    shown = min(s.size, style.MOST_MODES)
    traces: list[dict[str, Any]] = []
    for k in range(shown):
        how = {"k": k, "of": shown, "name": f"σ{k + 1}", "records": read.snapshots}
        traces += run_traces("singular_values", [k], at="snapshots", **how)
        if read.has("singular_values"):
            y = read.values("singular_values")[:, k]
            traces.append(theory_trace(read.snapshot_time, y, f"σ{k + 1}"))
    groups = levels_of(s)
    goals = ", ".join(short(float(s[g[0]])) for g in groups)
    return panel(
        "singular_values",
        "Singular values",
        f"{symbol('σ', 'j')}({italic('W')})",
        traces,
        x=read.x,
        y=f"singular value {symbol('σ', 'j')}",
        linear=[-0.05 * s[0], 1.15 * s[0]],
        times=read.events,
        levels=[(float(s[g[0]]), symbol("s", numbers(g))) for g in groups],
        alt=f"Singular values of the product against time; the target has {goals}.",
    )


def _rank_panel(read: Reading) -> Panel:
    s = read.values("spectrum")
    traces = run_traces("effective_rank", at="snapshots", records=read.snapshots)
    if read.has("singular_values"):
        sigma = read.values("singular_values")[:, : s.size]
        rank = (sigma > RANK_THRESHOLD * s[: sigma.shape[1]]).sum(axis=1)
        traces.append(theory_trace(read.snapshot_time, rank, ""))
    return panel(
        "effective_rank",
        "Effective rank",
        f"{symbol('σ', 'j')} > 0.05 {symbol('s', 'j')}",
        steps(traces),
        x=read.x,
        y="effective rank",
        linear=[-0.3, s.size + 0.5],
        y_axis={"dtick": max(1, s.size // 4)},
        times=read.events,
        alt=f"Number of learned singular values against time, at most {s.size}.",
    )


def _saddle_distances(read: Reading) -> np.ndarray | None:
    """Distance to every saddle (record, saddle) if each mode stays on its own curve."""
    s = read.values("spectrum")
    if tied(s) or not read.has("mode_strengths"):
        return None
    a = read.values("mode_strengths")
    each = [((s[:k] - a[:, :k]) ** 2).sum(1) + (a[:, k:] ** 2).sum(1) for k in range(s.size + 1)]
    return np.sqrt(np.stack(each, axis=-1))


def _distance_panel(read: Reading) -> Panel:
    s = read.values("spectrum")
    saddles = visited_saddles(s)[: style.MOST_MODES]
    theory = _saddle_distances(read)
    size = float(np.sqrt((s**2).sum()))
    traces: list[dict[str, Any]] = []
    marks: list[tuple[float, float, str, str]] = []
    for i, k in enumerate(saddles):
        how = {"k": i, "of": len(saddles), "name": f"to W{k}", "records": read.snapshots}
        traces += run_traces("distance_to_saddle", [k], at="snapshots", bands=False, **how)
        if theory is not None:
            traces.append(theory_trace(read.time, theory[:, k], f"to W{k}"))
            dip = int(np.nanargmin(theory[:, k]))
            place = float(np.clip(read.time[dip], 0.03 * read.span[1], 0.96 * read.span[1]))
            colour = style.series(i, len(saddles), "text")
            height = max(float(theory[dip, k]), 1.5e-4 * size)
            marks.append((place, height, f"<b>{symbol('W', k)}</b>", colour))
    if marks:
        x, y, words, colours = (list(column) for column in zip(*marks, strict=True))
        traces.append(text_trace(x, y, words, colours=colours, side="bottom center"))
    return panel(
        "distance_to_saddle",
        "Distance to the saddles",
        f"‖{italic('W')} − {symbol('W', 'k')}‖",
        traces,
        x=read.x,
        y="distance",
        linear=[-0.05 * size, 1.1 * size],
        log=log_range(3e-5 * size, size),
        first="log",
        times=read.events,
        alt=f"Distance of the product to {len(saddles)} saddles against time.",
    )


def _curvature_panel(read: Reading) -> Panel | None:
    if not read.has("negative_curvatures"):
        return None
    kept = [0, *visited_saddles(read.values("spectrum"))]
    expected = read.values("negative_curvatures")[kept]
    known = [float(v) for v in expected if np.isfinite(v)]
    how: dict[str, Any] = {"at": "snapshots", "records": read.snapshots, "bands": False}
    traces = run_traces("negative_eigenvalues", **how)
    edges = [0.0, *(min(e.time, read.span[1]) for e in read.events), read.span[1]]
    if len(known) == len(expected) <= len(edges) - 1:
        x = np.repeat(edges[: expected.size + 1], 2)[1:-1]
        traces.append(theory_trace(x, np.repeat(expected, 2), ""))
    traces = steps(traces)
    top = max(known, default=1.0)
    words = ", ".join(f"{int(v)}" for v in known)
    return panel(
        "negative_curvatures",
        "Ways down from here",
        f"({italic('h')} − {italic('k')})({italic('r')} − {italic('k')})",
        traces,
        x=read.x,
        y="negative curvatures",
        linear=[-0.06 * top - 0.5, 1.15 * top + 0.5],
        times=read.events,
        levels=[(v, f"{int(v)}") for v in known],
        empty="counted once the run is over",
        alt=f"Negative Hessian eigenvalues against time; on the plateaus {words}.",
    )


def _drift_panel(read: Reading) -> Panel:
    t = "<sup>⊤</sup>"
    higher, lower = symbol("W", "l+1"), symbol("W", "l")
    return panel(
        "conserved_drift",
        "What finite steps do not conserve",
        f"{higher}{t}{higher} − {lower}{lower}{t}",
        run_traces("conserved_drift", at="snapshots", records=read.snapshots),
        x=read.x,
        y="relative drift",
        linear=[-0.05, 1.0],
        log=[-6.3, 0.6],
        first="log",
        times=read.events,
        annotations=[note("gradient flow: 0 for ever", 0.5, 0.94, yref="paper")],
        alt=read.described("Drift of what gradient flow conserves", "conserved_drift"),
    )


def _linear_tiles(read: Reading) -> list[Tile]:
    s = read.values("spectrum")
    jumps = _jump_tiles(read) if read.has("jump_times") and not tied(s) else []
    first = jumps or _escape_tiles(read)
    if len(jumps) > 1 or len(jumps) == s.size:
        return first
    return first + _plateau_tiles(read, SHOWN_TILES - len(first))


def _jump_tiles(read: Reading) -> list[Tile]:
    times, plateaus = read.values("jump_times"), _plateaus(read)
    tiles = []
    for k, t in enumerate(times[:SHOWN_TILES]):
        if np.isnan(t):
            continue
        falls = ""
        if np.isinf(t):
            falls = "no hidden direction is left for it"
        elif k + 1 in plateaus:
            falls = f"loss falls to {symbol('L', k + 1)} = {short(plateaus[k + 1])}"
        tiles.append(
            Tile(
                symbol("t", k + 1),
                f"{counted(k)} drop",
                "never" if np.isinf(t) else decimals(float(t)),
                "" if np.isinf(t) else "time",
                falls,
                k if times.size <= style.MOST_HUES else None,
                f"jump_times[{k}]",
                "jump_times",
                style.series(k, times.size),
            )
        )
    return tiles


def _escape_tiles(read: Reading) -> list[Tile]:
    at = read.number("first_escape_time")
    if not np.isfinite(at):
        return []
    words = "a tenth of the first drop is done"
    name = "first_escape_time"
    tile = Tile(symbol("t", "esc"), "first escape", decimals(at), "time", words, 0, name, name)
    return [tile]


def _plateau_tiles(read: Reading, room: int) -> list[Tile]:
    tiles: list[Tile] = []
    counts = read.values("negative_curvatures") if read.has("negative_curvatures") else []
    for k, level in list(_plateaus(read).items())[1 : room + 1]:
        ways = "1 mode learned" if k == 1 else f"{k} modes learned"
        if k < len(counts) and np.isfinite(counts[k]):
            ways = f"{int(counts[k])} ways down from there"
        last = level <= 1e-9
        place = "the end" if last else f"plateau {len(tiles) + 1}"
        name = "" if last else f"plateau_losses[{k}]"
        number = short(0.0 if last else level)
        tiles.append(
            Tile(symbol("L", k), place, number, "loss", ways, None, name, "plateau_losses")
        )
    return tiles
