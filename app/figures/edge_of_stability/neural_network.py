"""Figures of the net at the edge: sharpness, loss, function, path and size of the oscillation."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from app.figures import style
from app.figures.panels import (
    Derived,
    Event,
    Panel,
    RunArrays,
    Tile,
    View,
    axis,
    legend,
    linear_range,
    log_range,
    magnified,
    panel,
    positive,
    run_traces,
    tag,
    text_trace,
    theory_trace,
)
from app.figures.reading import SLASH, StepReading, Tolerances
from app.figures.style import italic, symbol
from sims.core.format import THIN, decimals, significant

CEILING = 4.0
"""Multiples of the edge above which no sharpness is drawn."""
WARM_STEPS = 20
"""Steps of an adaptive rule in which its preconditioner is still next to nothing."""
ALONE = {"width": 1.3, "color": "role:ink2", "dash": "2px,3px"}
BATCH = "batch sharpness"
MEAN = "mean of 200 steps"
MEAN_LOSS = italic("L\u0304")
COLOUR_WORDS = ("blue", "orange", "green", "pink")
NO_THEORY = "no theory of this rule; appears with the run"


# Quantities computed for the screen


def _predicted(prediction: xr.Dataset, name: str, like: np.ndarray) -> np.ndarray:
    """A prediction on the rows of a run, (seed, row, ...); NaN for seeds not predicted yet."""
    values = prediction[name].values
    values = values if "seed" in prediction[name].dims else values[None]
    found = np.full((like.shape[0], like.shape[1], *values.shape[2:]), np.nan)
    seeds = min(len(found), len(values))
    found[:seeds] = values[:seeds, : like.shape[1]]
    return found


def _edge(prediction: xr.Dataset) -> float:
    """The edge, which is the same for every seed."""
    return float(np.ravel(prediction["edge"].values)[0])


def _adaptive(prediction: xr.Dataset) -> bool:
    """Whether the rule has a preconditioner: such rules have no gradient flow."""
    return "sharpness_gradient_flow" not in prediction


def _sharpness_over_edge(run: RunArrays, prediction: xr.Dataset) -> np.ndarray:
    """Eigenvalues at the midpoint over the edge; NaN above the ceiling or before they mean much."""
    ratio = run["sharpness_midpoint"] / _edge(prediction)
    drawn = ratio <= CEILING
    if _adaptive(prediction):
        steps = prediction["step"].values[: ratio.shape[1]]
        drawn &= (steps >= WARM_STEPS)[:, None]
    return np.where(drawn, ratio, np.nan)


def _batch_over_edge(run: RunArrays, prediction: xr.Dataset) -> np.ndarray:
    return run["batch_sharpness"] / _edge(prediction)


def _distance(flow: str) -> Any:
    def distance(run: RunArrays, prediction: xr.Dataset) -> np.ndarray:
        gap = run["weights"] - _predicted(prediction, flow, run["weights"])
        found = np.linalg.norm(gap, axis=-1)
        found[:, 0] = np.nan  # all begin at the same weights
        return found

    return distance


def _function(name: str) -> Any:
    def predicted(run: RunArrays, prediction: xr.Dataset) -> np.ndarray:
        return _predicted(prediction, name, run["network_function"])

    return predicted


def _reach_time(run: RunArrays, _prediction: xr.Dataset) -> np.ndarray:
    """Flow time at which each run of a sweep over η comes to 0.95 of its edge."""
    return run["reach_step"] * run["eta"]


def _reached(run: RunArrays, _prediction: xr.Dataset) -> np.ndarray:
    """0.95 of the edge of each run of a sweep over η."""
    return 0.95 * 2 / run["eta"]


def _reach_difference(run: RunArrays, prediction: xr.Dataset) -> np.ndarray:
    """Measured over predicted step of the approach, minus one; (seed, sweep point)."""
    theory = prediction["reach_step"]
    values = theory.transpose("seed", ...).values if "seed" in theory.dims else theory.values[None]
    return run["reach_step"] / values[:, : run["reach_step"].shape[1]] - 1


DERIVED: Derived = {
    "sharpness_over_edge": _sharpness_over_edge,
    "batch_sharpness_over_edge": _batch_over_edge,
    "to_central_flow": _distance("weights"),
    "to_gradient_flow": _distance("weights_gradient_flow"),
    "function_predicted": _function("network_function"),
    "function_gradient_flow": _function("network_function_gradient_flow"),
}
SWEEP_DERIVED: Derived = {
    "reach_time": _reach_time,
    "reached": _reached,
    "reach_difference": _reach_difference,
}


# Panels and tiles


def neural_network(prediction: xr.Dataset, tolerances: Tolerances | None = None) -> View:
    """Sharpness over its edge, loss, network function, distances, oscillation."""
    read = StepReading(prediction, tolerances or {}, _events)
    panels: list[Panel | None] = [_sharpness_panel(read), _mean_loss_panel(read)]
    if read.one.attrs.get("optimizer") == "sgd":
        panels.append(_batch_panel(read))
    panels += [_function_panel(read), _distance_panel(read), _oscillation_panel(read)]
    panels.append(_loss_panel(read))
    kept = [p for p in panels if p is not None]
    return View(
        kept, _tiles(read), read.events, legend(kept, _theory_words(read), read.seeds), DERIVED
    )


def _theory_words(read: StepReading) -> dict[str, str]:
    guide = ", a guide up to the edge" if _is_guide(read) else ""
    first = "theory, central flow" if _has_central_flow(read) else "theory, the edge"
    second = f"gradient flow{guide}"
    if _adaptive(read.one):
        second = "central flow without its oscillation"
    return {"theory": first, "second_theory": second}


def _has_central_flow(read: StepReading) -> bool:
    return read.has("break_step")


def _is_guide(read: StepReading) -> bool:
    """Whether the gradient flow is of another rule, and followed no farther than the edge."""
    return read.one.attrs.get("optimizer") in ("polyak", "nesterov", "sgd")


def _events(read: StepReading) -> list[Event]:
    start, reach = read.number("break_step"), read.number("reach_step")
    second = read.number("second_step")
    first = [Event(symbol("t", "break"), start)]
    if not np.isfinite(start):
        first = [Event(symbol("t", "0.95"), reach)]
    return [*first, Event(symbol("t", 2), second)]


def _ratios(read: StepReading, name: str) -> np.ndarray:
    """Predicted eigenvalues over the edge, (record, eigenvalue), NaN above the ceiling."""
    ratio = read.values(name) / read.number("edge")
    return np.where(ratio <= CEILING, ratio, np.nan)


def _tracked(read: StepReading) -> int:
    known = ("sharpness_midpoint", "sharpness_gradient_flow")
    return next((read.one[n].shape[-1] for n in known if read.has(n)), 2)


def _sharpness_panel(read: StepReading) -> Panel:
    shown = min(_tracked(read), style.MOST_HUES)
    traces: list[dict[str, Any]] = []
    for k in reversed(range(shown)):
        how = {"k": k, "of": shown, "name": f"λ{k + 1}", "x": "step", "records": read.records}
        traces += run_traces("sharpness_over_edge", [k], **how)
    theories, labels = _sharpness_theories(read, shown)
    traces += theories
    if labels:
        x, y, words, colours = (list(column) for column in zip(*labels, strict=True))
        named = text_trace(x, y, words, colours=colours)
        named["textposition"] = ["top left", *["bottom right"] * (len(x) - 1)]
        traces.append(named)
    seen = [1.25]
    for trace in theories:
        finite = trace["y"][np.isfinite(trace["y"])]
        seen += [float(finite.max())] if finite.size else []
    tolerance = read.tolerance("sharpness_at_edge", 0.03)
    top = max(seen)

    def alt(run: xr.Dataset | None) -> str:
        said = f"Sharpness over its edge, {significant(read.number('edge'))}, against steps"
        if run is None or "sharpness_midpoint" not in run:
            return f"{said}; the run is expected to settle at one."
        last = np.asarray(run["sharpness_midpoint"].values, float)
        last = last.reshape(-1, last.shape[-1])[-1, 0] / read.number("edge")
        return f"{said}; the run ends at {significant(float(last), 3)} of it."

    over = read.one.attrs.get("optimizer") in ("rmsprop", "adam")
    lam = symbol("λ", "i")
    return panel(
        "sharpness",
        "Sharpness over its edge",
        f"{lam}({italic('P')}⁻¹{italic('H')}){SLASH}edge" if over else f"{lam}{SLASH}edge",
        traces,
        x=read.x,
        y=f"sharpness{SLASH}edge",
        linear=[0.0, 1.08 * top],
        times=read.marks,
        levels=[(1.0, "")],
        tolerances=[1 - tolerance, 1 + tolerance],
        note=_sharpness_note(read, shown),
        alt=alt,
    )


def _sharpness_theories(
    read: StepReading, shown: int
) -> tuple[list[dict[str, Any]], list[tuple[float, float, str, str]]]:
    """Predicted curves, and a name (x, y, words, colour) for each eigenvalue."""
    traces: list[dict[str, Any]] = []
    labels: list[tuple[float, float, str, str]] = []
    if read.has("sharpness_gradient_flow"):
        flow = _ratios(read, "sharpness_gradient_flow")
        traces.append(theory_trace(read.step, flow[:, 0], "λ1, gradient flow", second=True))
    name = "sharpness_midpoint"
    if read.has(name):
        ratio = _ratios(read, name)
        for k in range(shown):
            traces.append(theory_trace(read.step, ratio[:, k], f"λ{k + 1}"))
    else:
        traces.append(_plateau(read))
    if read.has(name):
        labels = _eigenvalue_labels(read, _ratios(read, name), shown)
    return traces, labels


def _eigenvalue_labels(
    read: StepReading, ratio: np.ndarray, shown: int
) -> list[tuple[float, float, str, str]]:
    labels = []
    for k in range(shown):
        y = ratio[:, k]
        kept = np.flatnonzero(np.isfinite(y))
        if not kept.size:
            continue
        goal = 0.6 * float(np.nanmax(y)) if k else min(0.8, 0.8 * float(np.nanmax(y)))
        later = kept[(y[kept] >= goal) & (read.step[kept] > 0.06 * read.span[1])]
        i = int(later[0]) if later.size else int(kept[-1])
        colour = style.series(k, shown, "text")
        word = f"<b>{symbol('λ', k + 1)}</b>"
        labels.append((float(read.step[i]), float(y[i]), word, colour))
    return labels


def _plateau(read: StepReading) -> dict[str, Any]:
    """The edge from where the flow first comes near it; nothing where the flow never does."""
    start = read.number("reach_step") if read.has("reach_step") else 0.0
    ends = [start, read.span[1]] if start < read.span[1] else []
    return theory_trace(ends, [1.0] * len(ends), "the edge")


def _sharpness_note(read: StepReading, shown: int) -> str:
    """What is not drawn, and which colour is which where no predicted curve bears the name."""
    said = []
    if not read.has("sharpness_midpoint"):
        colours = zip(COLOUR_WORDS, range(1, shown + 1), strict=False)
        said.append(", ".join(f"{word} {symbol('λ', k)}" for word, k in colours))
    if _adaptive(read.one):
        said.append(f"drawn from step {WARM_STEPS} on, and below {CEILING:.0f} edges")
    else:
        top = float(np.nanmax(read.values("sharpness_gradient_flow")[:, 0], initial=0.0))
        above = top > CEILING * read.number("edge")
        said += [f"not drawn above {CEILING:.0f} edges"] if above else []
    return "; ".join(said)


def _loss_span(read: StepReading, names: list[str]) -> list[float]:
    known = [read.everywhere(n) for n in names if read.has(n)]
    seen = positive(*known) if known else np.array([1e-5, 0.5])
    low, high = float(seen.min()), float(seen.max())
    if known and _has_central_flow(read):
        return log_range(low, high)
    return log_range(min(low, 1e-4 * high), high)


def _mean_loss_panel(read: StepReading) -> Panel:
    names = ["mean_loss", "mean_loss_gradient_flow"]
    traces = run_traces("mean_loss", x="step", records=read.records)
    for name, words in zip(names, ("", "gradient flow"), strict=True):
        if read.has(name):
            second = name != "mean_loss"
            traces.append(theory_trace(read.step, read.values(name), words, second=second))
    return panel(
        "mean_loss",
        f"Loss, {MEAN}",
        MEAN_LOSS,
        traces,
        x=read.x,
        y=f"mean loss {MEAN_LOSS}",
        log=_loss_span(read, names),
        times=read.marks,
        empty="" if read.has(*names[:1]) or read.has(*names[1:]) else NO_THEORY,
        alt=read.described("Loss averaged over 200 steps", "mean_loss"),
    )


def _loss_panel(read: StepReading) -> Panel:
    names = ["loss", "loss_gradient_flow", "loss_central_flow"]
    traces = run_traces("loss", x="step", records=read.records)
    if read.has("loss_gradient_flow"):
        y = read.values("loss_gradient_flow")
        traces.append(theory_trace(read.step, y, "gradient flow", second=True))
    if read.has("loss_central_flow"):
        alone = theory_trace(read.step, read.values("loss_central_flow"), "L(w) alone", second=True)
        traces.append(alone | {"line": ALONE})
    if read.has("loss"):
        traces.append(theory_trace(read.step, read.values("loss"), "with the oscillation"))
    sigma = f"tr{THIN}Σ{SLASH}{italic('η')}"
    dotted = f"dots: the central flow without {sigma}, the oscillation's share"
    return panel(
        "loss",
        "Loss of every recorded step",
        italic("L"),
        traces,
        x=read.x,
        y=f"loss {italic('L')}",
        log=_loss_span(read, names),
        times=read.marks,
        empty="" if any(read.has(n) for n in names) else NO_THEORY,
        note=dotted if read.has("loss_central_flow") else "",
        alt=read.described("Loss", "loss"),
    )


def _batch_panel(read: StepReading) -> Panel:
    traces = run_traces("sharpness_over_edge", [0], name="λ1", x="step", records=read.records)
    how = {"k": 1, "of": 2, "name": BATCH, "x": "step", "records": read.records}
    traces = run_traces("batch_sharpness_over_edge", **how) + traces
    traces.append(_plateau(read))
    words = [f"<b>{BATCH}</b>", f"<b>{symbol('λ', 1)}</b>"]
    colours = [style.series(1, 2, "text"), style.series(0, 2, "text")]
    at = 0.98 * read.span[1]
    traces.append(text_trace([at, at], [1.42, 0.1], words, colours=colours, side="middle left"))
    return panel(
        "batch_sharpness",
        "Which of the two is at the edge?",
        f"BS{SLASH}edge",
        traces,
        x=read.x,
        y=f"sharpness{SLASH}edge",
        linear=[0.0, 1.6],
        times=read.marks,
        levels=[(1.0, "")],
        alt="Batch sharpness and the top eigenvalue over two over eta, against steps.",
    )


def _function_panel(read: StepReading) -> Panel | None:
    """The network function at the scrubbed step: target, run, and both flows."""
    if "input" not in read.one.coords or "target" not in read.one.coords:
        return None
    x = np.asarray(read.one["input"].values, float)
    target = np.asarray(read.one["target"].values, float)
    run = run_traces("network_function", bands=False, at="scrub")[0] | {"x": x}
    run["meta"]["run"]["x"] = ""
    traces = [run]
    seen = [target]
    for name, words, second in (
        ("network_function_gradient_flow", "gradient flow", True),
        ("network_function", "", False),
    ):
        if not read.has(name):
            continue
        values = read.values(name)
        known = np.flatnonzero(np.isfinite(values).all(axis=1))
        last = values[known[-1]] if known.size else np.full(x.size, np.nan)
        y = "function_gradient_flow" if second else "function_predicted"
        moving = {"meta": tag(y, x="", at="scrub")}
        traces.append(theory_trace(x, last, words, second=second) | moving)
        seen.append(values[known].ravel())
    flat = np.concatenate(seen)
    traces.append(_targets(x, target))
    return panel(
        "network_function",
        "What the network computes",
        f"{italic('f')}({italic('x')})",
        traces,
        x=axis(f"input {italic('x')}", linear_range(float(x.min()), float(x.max()), pad=0.04)),
        y=f"output {italic('f')}",
        linear=linear_range(float(flat.min()), float(flat.max()), pad=0.12),
        note="circles: the targets; move through time below",
        hovermode="closest",
        alt="The network's output against its input at the time of the scrubber, with the targets.",
    )


def _targets(x: np.ndarray, y: np.ndarray) -> dict[str, Any]:
    marker = {"size": 6, "symbol": "circle-open", "color": "role:ink3", "line": {"width": 1.2}}
    return {
        "type": "scatter",
        "mode": "markers",
        "x": x,
        "y": y,
        "name": "target",
        "marker": marker,
        "hovertemplate": "target %{y:.4~g}<extra></extra>",
        "legendgroup": "words",
    }


def _distance_panel(read: StepReading) -> Panel | None:
    """Distances of the run's weights to both flows, and of the flows to each other."""
    flows = [n for n in ("weights", "weights_gradient_flow") if read.has(n)]
    if not flows or _is_guide(read):
        return None
    traces: list[dict[str, Any]] = []
    how: dict[str, Any] = {"of": 2, "x": "step", "at": "snapshots", "records": 10**6}
    if "weights_gradient_flow" in flows:
        k = len(flows) - 1
        traces += run_traces("to_gradient_flow", k=k, name="to gradient flow", **how)
    if "weights" in flows:
        traces += run_traces("to_central_flow", k=0, name="to the central flow", **how)
    tolerances, high, labels = [], 1.0, []
    if len(flows) == 2:
        apart = np.linalg.norm(read.values("weights") - read.values(flows[1]), axis=-1)
        apart = np.where(apart > 1e-4 * np.nanmax(apart, initial=1e-6), apart, np.nan)
        traces.append(theory_trace(read.snapshot_step, apart, "between the flows"))
        end = apart[np.isfinite(apart)]
        if end.size and end[-1] > 0:
            share = read.tolerance("distance", 0.1)
            high = max(float(end.max()), 1e-3)
            tolerances = [share * float(end[-1])]
            labels = _distance_labels(read, high, share * float(end[-1]))
    letter = f"‖{italic('w')} − {symbol('w', 'flow')}‖"
    return panel(
        "distance",
        "Distance to the flows",
        letter,
        [*traces, *labels],
        x=read.x,
        y=f"distance {letter}",
        log=log_range(1e-4 * high, 10 * high),
        times=read.marks,
        tolerances=tolerances,
        empty="appears with the run" if len(flows) < 2 else "",
        alt="Distance of the run's weights to the central flow and to gradient flow.",
    )


def _distance_labels(read: StepReading, high: float, edge: float) -> list[dict[str, Any]]:
    words = ["<b>to gradient flow</b>", "<b>to the central flow</b>"]
    colours = [style.series(1, 2, "text"), style.series(0, 2, "text")]
    at = [0.98 * read.span[1]] * 2
    return [text_trace(at, [3.5 * high, 0.05 * edge], words, colours=colours, side="middle left")]


def _oscillation_panel(read: StepReading) -> Panel:
    sigma = f"tr{THIN}Σ"
    title, factor = f"oscillation {sigma}", 1.0
    ranges: dict[str, Any] = {"log": [-14.5, -0.6]}
    known = read.has("oscillation") and bool((np.nan_to_num(read.values("oscillation")) > 0).any())
    if known:
        top = float(np.nanmax(read.everywhere("oscillation")))
        factor, times = magnified(top)
        title += times.removeprefix("difference")
        top *= factor
        ranges = {"linear": [-0.05 * top, 1.35 * top], "log": log_range(1e-4 * top, 2 * top)}
    traces = run_traces("oscillation", x="step", records=read.records, scale=factor)
    if read.has("oscillation"):
        traces.append(theory_trace(read.step, factor * read.values("oscillation"), ""))
    return panel(
        "oscillation",
        f"Size of the oscillation, {MEAN}",
        sigma,
        traces,
        x=read.x,
        y=title,
        times=read.marks,
        empty="" if read.has("oscillation") else NO_THEORY,
        alt=read.described("Mean square distance from the midpoint", "oscillation"),
        **ranges,
    )


def _tiles(read: StepReading) -> list[Tile]:
    tiles = [_edge_tile(read)]
    reach, start = read.number("reach_step"), read.number("break_step")
    if read.has("reach_step") and not np.isnan(reach):
        begins = f"oscillation begins at {symbol('t', 'break')} = {decimals(start, 0)}"
        value, unit = (decimals(reach, 0), "steps") if np.isfinite(reach) else ("never", "")
        words = "at 0.95 of the edge"
        tiles.append(
            Tile(
                symbol("t", "0.95"),
                words,
                value,
                unit,
                begins if np.isfinite(start) else "",
                None,
                "reach_step",
                "reach_step",
            )
        )
    tiles += _end_tiles(read)
    omega = read.number("cycle_frequency")
    if not _has_central_flow(read) and np.isfinite(omega):
        turn = f"{italic('ω')} = {significant(omega, 3)} per step"
        period = decimals(2 * np.pi / omega, 0)
        tiles.append(Tile(f"2π{SLASH}{italic('ω')}", "one cycle", period, "steps", turn))
    return tiles


def _edge_tile(read: StepReading) -> Tile:
    edge, start = read.number("edge"), read.number("start_over_edge")
    begins = f"the run starts at {significant(start, 2)} of it" if np.isfinite(start) else ""
    words = "edge of stability"
    value = decimals(edge, 0) if edge == round(edge) else significant(edge, 4)
    return Tile(symbol("λ", 1), words, value, "", begins, None, "", "sharpness_at_edge")


def _end_tiles(read: StepReading) -> list[Tile]:
    """What the run ends with, once the central flow has come so far."""
    tiles: list[Tile] = []
    last = read.records - 1
    if read.has("mean_loss", "loss", "loss_central_flow"):
        end = float(read.values("mean_loss")[-1])
        whole, alone = float(read.values("loss")[-1]), float(read.values("loss_central_flow")[-1])
        if np.isfinite(end) and whole > 0:
            share = 100 * (1 - alone / whole)
            left = f"{share:.0f}{THIN}% of it is oscillation" if share > 0.5 else ""
            letter, value = MEAN_LOSS, significant(end, 3)
            name = f"mean_loss[{last}]"
            tiles.append(Tile(letter, "mean loss, end", value, "", left, None, name, "mean_loss"))
    if read.has("oscillation"):
        end = float(read.values("oscillation")[-1])
        if np.isfinite(end) and end > 0:
            kick = read.number("quiet_kick")
            begun = f"begins with size {significant(kick, 3)}" if np.isfinite(kick) else ""
            letter, name = f"tr{THIN}Σ", f"oscillation[{last}]"
            value = significant(end, 3)
            tiles.append(
                Tile(letter, "oscillation, end", value, "", begun, None, name, "oscillation")
            )
    return tiles


# A sweep over the learning rate


def learning_rates(prediction: xr.Dataset, over: str, tolerances: Tolerances) -> View:
    """Runs of several learning rates in lockstep: each reads one point off one gradient flow.

    In the time t = ηn gradient flow is the same for all of them, so the time at which a run comes
    to 0.95 of its own edge 2/η marks one point of the flow's sharpness.

    Raises:
        KeyError: another knob than the learning rate.
    """
    if over != "eta":
        raise KeyError(over)
    one = prediction.isel(seed=0) if "seed" in prediction.dims else prediction
    eta = np.asarray(one["eta"].values, float)
    steps = np.asarray(one["reach_step"].values, float)
    kept = np.isfinite(steps)
    panels = [_lockstep(eta[kept], steps[kept]), _reach_panel(eta, steps, kept)]
    panels.append(_reach_difference_panel(eta, steps, kept, tolerances))
    words = {"theory": "theory, gradient flow"}
    shown = legend(panels, words, prediction.sizes.get("seed", 1))
    return View(panels, (), (), shown, {**DERIVED, **SWEEP_DERIVED})


def _markers(name: str, **how: Any) -> list[dict[str, Any]]:
    traces = run_traces(name, markers=True, bands=False, **how)
    return [trace | {"mode": "markers"} for trace in traces]


def _lockstep(eta: np.ndarray, steps: np.ndarray) -> Panel:
    order = np.argsort(steps * eta)
    time, level = (steps * eta)[order], 0.95 * 2 / eta[order]
    traces = _markers("reached", x="reach_time")
    traces.append(theory_trace(time, level, ""))
    span = linear_range(0.0, float(positive(time).max()), pad=0.05)
    return panel(
        "lockstep",
        "One flow for every learning rate",
        f"0.95 × 2{SLASH}{italic('η')}",
        traces,
        x=axis(f"time {italic('t')} = {italic('ηn')} of the approach", span),
        y="sharpness reached",
        linear=[0.0, 1.15 * float(positive(level).max())],
        hovermode="closest",
        alt="Sharpness each run reaches against the flow time at which it does.",
    )


def _eta_axis(eta: np.ndarray) -> dict[str, Any]:
    ends = np.log10([eta.min(), eta.max()])
    title = f"learning rate {italic('η')}"
    return axis(title, linear_range(float(ends[0]), float(ends[1]), pad=0.04), log=True)


def _reach_panel(eta: np.ndarray, steps: np.ndarray, kept: np.ndarray) -> Panel:
    traces = _markers("reach_step", x="eta")
    traces.append(theory_trace(eta[kept], steps[kept], ""))
    seen = positive(steps)
    return panel(
        "reach_step",
        "When the edge is near",
        symbol("t", "0.95"),
        traces,
        x=_eta_axis(eta),
        y="step at 0.95 of the edge",
        log=log_range(float(seen.min()), float(seen.max())),
        alt="Step at 0.95 of the edge against the learning rate.",
    )


def _reach_difference_panel(
    eta: np.ndarray, steps: np.ndarray, kept: np.ndarray, tolerances: Tolerances
) -> Panel:
    found = float(tolerances.get("reach_step", np.nan))
    longest = float(positive(steps).max())
    tolerance = found / longest if np.isfinite(found) and found > 0 else 0.03
    factor, title = magnified(tolerance)
    traces = _markers("reach_difference", x="eta", scale=factor)
    traces.append(theory_trace(eta[kept], np.zeros(int(kept.sum())), ""))
    top = tolerance * factor
    return panel(
        "difference",
        "Run over theory, minus one",
        symbol("t", "0.95"),
        traces,
        x=_eta_axis(eta),
        y=title,
        linear=[-3 * top, 3 * top],
        tolerances=[-top, top],
        empty="appears with the run",
        alt="Relative difference of the step at 0.95 of the edge.",
    )
