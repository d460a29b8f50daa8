"""Figures of the two-layer network: lazy curves, the boundary, neurons in the plane, modes."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from app.figures import style
from app.figures.lazy_rich.kernels import kernel_maps, kernel_shown
from app.figures.lazy_rich.training import (
    PREDICTED_CHANGE,
    LogStepReading,
    known,
    law_panel,
    loss_panel,
    marked,
    now,
    power_tile,
    quotient,
    ratio,
    ratio_panel,
    regime_words,
    swept,
)
from app.figures.panels import (
    Derived,
    Event,
    Panel,
    RunArrays,
    Tile,
    View,
    axis,
    drawn,
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
from sims.core.format import decimals, short, significant

ALPHA = italic("α")
LETTERS = {"feature_change": italic("R"), "weight_change": symbol("D", "θ")}
THIN_RING = {"width": 0.8}
RAYS_REACH = 20.0
"""Length of a drawn ray, in units of the picture."""
JUDGED_FROM, JUDGED_TO = 1e-5, 1e6
"""Lazy losses over the first one between which the run is compared."""


# Quantities computed for the screen


def _distance(run: RunArrays, prediction: xr.Dataset) -> np.ndarray:
    """Ln(L/L_lin) where it is judged, (seed, record)."""
    theory = prediction["train_loss"].values
    theory = theory if theory.ndim == 2 else theory[None]
    theory = theory[: len(run["train_loss"]), : run["train_loss"].shape[1]]
    first = prediction["train_loss"].values[..., :1].reshape(-1, 1)[: len(theory)]
    judged = (theory > JUDGED_FROM * first) & (theory < JUDGED_TO * first)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(judged, np.log(run["train_loss"] / theory), np.nan)


def _neuron(coordinate: int, sign: int) -> Any:
    """One coordinate of the neurons with outer weights of one sign, NaN for the others."""

    def place(run: RunArrays, _prediction: xr.Dataset) -> np.ndarray:
        at = run["neurons"]
        return np.where(sign * at[..., 2] > 0, at[..., coordinate], np.nan)

    return place


def _path(coordinate: int) -> Any:
    """Lines from where each neuron was born to where it is, broken between neurons."""

    def path(run: RunArrays, _prediction: xr.Dataset) -> np.ndarray:
        at = run["neurons"][..., coordinate]
        born = np.broadcast_to(at[:, :1], at.shape)
        return np.stack([born, at, np.full(at.shape, np.nan)], axis=-1).reshape(*at.shape[:2], -1)

    return path


def _eigenvalues(run: RunArrays, _prediction: xr.Dataset) -> np.ndarray:
    """Kernel eigenvalues that a logarithmic axis can show."""
    lam = run["kernel_eigenvalues"]
    return np.where(lam > 0, lam, np.nan)


def _predicted_function(run: RunArrays, prediction: xr.Dataset) -> np.ndarray:
    values = prediction["test_function"].values
    values = values if values.ndim == 3 else values[None]
    return values[:, : run["test_function"].shape[1]]


DERIVED: Derived = {
    "loss_distance": _distance,
    "feature_change_now": now("feature_change", "mode_residuals"),
    "weight_change_now": now("weight_change", "mode_residuals"),
    "up_1": _neuron(0, 1),
    "up_2": _neuron(1, 1),
    "down_1": _neuron(0, -1),
    "down_2": _neuron(1, -1),
    "path_1": _path(0),
    "path_2": _path(1),
    "eigenvalues_shown": _eigenvalues,
    "function_predicted": _predicted_function,
    "kernel_shown": kernel_shown,
}
SWEEP_DERIVED: Derived = {"feature_change_ratio": ratio("feature_change_final")}


# The view of a run


def two_layer_network(prediction: xr.Dataset, tolerances: Tolerances | None = None) -> View:
    """Losses, how far features and weights move, neurons, function, modes and kernel."""
    read = LogStepReading(prediction, tolerances or {}, _events)
    panels = [_train_loss(read), _test_loss(read), _change_panel(read, "feature_change")]
    if read.has("neurons_initial"):
        panels += [_neurons_panel(read), _function_panel(read)]
    if read.linear:
        panels.append(_rate_panel(read))
    else:
        panels += [_modes_panel(read), _distance_panel(read)]
    panels += [_change_panel(read, "weight_change"), _kernel_panel(read), _spectrum_panel(read)]
    panels.append(kernel_maps(read))
    if read.has("neurons_initial"):
        panels.append(_mass_panel(read))
    words = {"theory": "lazy theory, at the run's own step", "second_theory": "smooth law, α*/α"}
    return View(panels, _tiles(read), read.events, legend(panels, words, read.seeds), DERIVED)


def _events(read: StepReading) -> list[Event]:
    """Beyond the edge: when the lazy loss has grown tenfold."""
    loss = read.values("train_loss")
    grown = np.flatnonzero(loss >= 10 * loss[0])
    if not grown.size:
        return []
    return [Event(symbol("n", "×10"), float(read.step[grown[0]]))]


def _train_loss(read: LogStepReading) -> Panel:
    how: dict[str, Any] = {"floor": _floor(read), "meta": read.clocks}
    return loss_panel(read, "train_loss", "Train loss", italic("L"), **how)


def _test_loss(read: LogStepReading) -> Panel:
    letter = f"{italic('L')}′"
    return loss_panel(read, "test_loss", "Test loss", letter, floor=_floor(read), meta=read.clocks)


def _floor(read: LogStepReading) -> float:
    """Share of the first loss down to which there is room: a rich or thrown run comes below."""
    return np.inf if read.one.attrs.get("regime") == "lazy" and not read.linear else 1e-6


def _change_panel(read: LogStepReading, name: str) -> Panel:
    """How far features or weights move at every output scale, and where this run stands."""
    letter, features = LETTERS[name], name == "feature_change"
    at = np.asarray(read.one["curve_alpha"].values, float)
    curve = read.values(f"{name}_curve")
    alpha, end = read.number("alpha"), read.number(f"{name}_final")
    run = run_traces(f"{name}_now", bands=False, at="scrub", markers=True)[0]
    run["meta"]["run"]["x"] = ""
    marker = {"size": 11, "color": style.series(0), "line": {"width": 2, "color": "role:panel"}}
    traces: list[dict[str, Any]] = [run | {"mode": "markers", "x": [alpha], "marker": marker}]
    if features:
        smooth = read.number("smooth_alpha") / at
        traces.append(theory_trace(at, smooth, "α*/α", second=True))
    traces.append(theory_trace(at, curve, "lazy"))
    ring = {"size": 9, "symbol": "circle-open", "color": "role:ink", "line": {"width": 1.5}}
    here = theory_trace([alpha], [end], "at this α") | {"mode": "markers", "marker": ring}
    traces.append(here)
    seen = positive(curve, end)
    high = min(float(seen.max()), 1e3)
    what = "features" if features else "weights"
    threshold = read.number("threshold")
    boundary = read.number("boundary_alpha")
    shown = panel(
        name,
        f"How far the {what} move",
        letter,
        traces,
        x=axis(f"output scale {ALPHA}", [-3.05, 3.05], log=True),
        y=f"relative change {letter}",
        log=log_range(float(seen.min()), high),
        levels=[(threshold, "")] if features else [],
        hovermode="closest",
        note="circle: predicted for half the edge, as the linear model has no end here"
        if read.linear
        else "circle: predicted at this α; dot: the run at the time below",
        alt=f"Relative change of the {what} against the output scale; the lazy theory says "
        f"{significant(end, 3)} at {short(alpha)}, and its boundary is {significant(boundary, 3)}.",
    )
    word = "boundary" if features else ""
    return marked(shown, [(boundary, word)])


def _neurons_panel(read: LogStepReading) -> Panel:
    born, end = read.values("neurons_initial"), read.values("neurons_final")
    reach = 1.1 * float(np.abs(born[:, :2]).max())
    further = float(np.quantile(np.abs(end[:, :2]), 0.98))
    reach = max(reach, min(further, 3 * reach))
    broken = np.full(len(born), np.nan)
    lines = [np.stack([born[:, k], end[:, k], broken], axis=-1).ravel() for k in range(2)]
    path = run_traces("path_2", bands=False, at="scrub", records=10**6)[0]
    path["meta"]["run"]["x"] = "path_1"
    path |= {"line": {"width": 1, "color": "role:ink3"}, "hoverinfo": "skip", "hovertemplate": None}
    traces = [*_rays(read, reach), path]
    for k, (name, words) in enumerate((("down", "a < 0"), ("up", "a > 0"))):
        dots = run_traces(f"{name}_2", k=k, of=2, name=words, bands=False, at="scrub")[0]
        dots["meta"]["run"]["x"] = f"{name}_1"
        marker = {"size": 5, "color": style.series(k, 2)}
        traces.append(dots | {"mode": "markers", "marker": marker})
    way = theory_trace(lines[0], lines[1], "lazy way") | {"legendgroup": "ground"}
    way |= {"line": {"width": 0.8, "color": "role:rule2"}, "hoverinfo": "skip"}
    lazy = theory_trace(end[:, 0], end[:, 1], "lazy end") | {"mode": "markers"}
    lazy["marker"] = {"size": 4, "symbol": "circle-open", "color": "role:ink", "line": THIN_RING}
    # where the net is rich these ways are long, many and wrong
    rich = read.one.attrs.get("regime") == "rich"
    traces += [lazy] if rich else [way | {"hovertemplate": None}, lazy]
    figure = drawn(
        traces,
        x=axis(f"|{symbol('a', 'i')}|{symbol('w', 'i1')}", [-reach, reach]),
        y=axis(f"|{symbol('a', 'i')}|{symbol('w', 'i2')}", [-reach, reach]) | {"scaleanchor": "x"},
        hovermode="closest",
    )

    def alt(run: xr.Dataset | None) -> str:
        said = f"{len(born)} neurons in the plane, from their birth to the end of the lazy theory"
        if run is None or "mass_near_teacher" not in run:
            return f"{said}."
        mass = np.asarray(run["mass_near_teacher"].values, float)
        mass = mass.reshape(-1, mass.shape[-1])[0]
        ends = " to ".join(significant(float(m), 2) for m in (mass[0], mass[-1]))
        return f"{said}; the share of mass near a teacher ray goes from {ends}."

    rays = "rays: the teacher's neurons, a guess"
    return Panel(
        "neurons",
        "Neurons in the plane",
        f"|{symbol('a', 'i')}|{symbol('w', 'i')}",
        figure,
        alt=alt,
        note=f"circles: lazy end; orange {italic('a')} &gt; 0, blue {italic('a')} &lt; 0; {rays}",
    )


def _mass_panel(read: LogStepReading) -> Panel:
    how: dict[str, Any] = {"x": "step", "at": "snapshots", "records": 10**6}
    return panel(
        "mass_near_teacher",
        "Mass near a ray of the teacher",
        italic("m"),
        run_traces("mass_near_teacher", **how),
        x=read.x,
        meta=read.clocks,
        y=f"share of the mass {italic('m')}",
        linear=[-0.03, 1.03],
        times=read.marks,
        empty="no theory; appears with the run",
        note="share of Σ|a||w| within 15 degrees; of a line where the activation is odd",
        alt="Share of the neurons' mass near a teacher ray against steps; nothing is predicted.",
    )


def _rays(read: LogStepReading, reach: float) -> list[dict[str, Any]]:
    """The teacher's neurons as rays from the origin, with their signs."""
    angle = np.asarray(read.one["teacher_angle"].values, float)
    sign = np.asarray(read.one["teacher_sign"].values, float)
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


def _function_panel(read: LogStepReading) -> Panel:
    angle = np.asarray(read.one["input_angle"].values, float)
    target = np.asarray(read.one["target"].values, float)
    predicted = read.values("test_function")
    run = run_traces("test_function", bands=False, at="scrub", records=10**6)[0]
    run["meta"]["run"]["x"] = ""
    teacher = {
        "type": "scatter",
        "mode": "lines",
        "x": angle,
        "y": target,
        "name": "teacher",
        "line": {"width": 5, "color": "role:rule"},
        "hovertemplate": "teacher %{y:.4~g}<extra></extra>",
        "legendgroup": "ground",
    }
    samples = {
        "type": "scatter",
        "mode": "markers",
        "x": np.asarray(read.one["sample_angle"].values, float),
        "y": np.asarray(read.one["sample_target"].values, float),
        "name": "train point",
        "marker": {
            "size": 6,
            "symbol": "circle-open",
            "color": "role:ink3",
            "line": {"width": 1.2},
        },
        "hovertemplate": "train point %{y:.4~g}<extra></extra>",
        "legendgroup": "words",
    }
    last = predicted[np.flatnonzero((np.abs(predicted) < 10).all(axis=1))[-1]]
    moving = {"meta": tag("function_predicted", x="", at="scrub")}
    traces = [teacher, run | {"x": angle}, theory_trace(angle, last, "lazy") | moving, samples]
    low, high = (
        float(np.min([target.min(), *samples["y"]])),
        float(np.max([target.max(), *samples["y"]])),
    )
    quarter = np.pi / 2
    ticks = {
        "tickvals": [0, quarter, 2 * quarter, 3 * quarter, 4 * quarter],
        "ticktext": ["0", "π/2", "π", "3π/2", "2π"],
    }
    return panel(
        "test_function",
        "What the network computes",
        f"{italic('f')}({italic('x')})",
        traces,
        x=axis("angle of the input", [0.0, 2 * np.pi]) | ticks,
        y=f"output {italic('f')}",
        linear=linear_range(low, high, pad=0.25),
        hovermode="closest",
        note="grey: the teacher; circles: train points; move through time below",
        alt="The network's function on the circle at the time of the scrubber, the lazy "
        "prediction, the teacher and the train points.",
    )


def _modes_panel(read: LogStepReading) -> Panel:
    residuals = read.values("mode_residuals")
    count = residuals.shape[1]
    steps = read.snapshot_step
    later = steps >= 1
    traces: list[dict[str, Any]] = []
    places: list[float] = []
    for k in range(count):
        named = {"k": k, "of": count, "name": f"mode {k + 1}"}
        traces += run_traces(
            "mode_residuals", [k], x="step", at="snapshots", records=10**6, **named
        )
        traces.append(theory_trace(steps, residuals[:, k], f"mode {k + 1}"))
        size = np.where(later, np.abs(residuals[:, k]), np.nan)
        half = np.flatnonzero(size <= 0.5 * np.nanmax(size))
        places.append(float(steps[half[0]]) if half.size else float(steps[-1]))
    seen = residuals[later][np.isfinite(residuals[later])]
    heights = [0.62 * float(np.max(np.abs(residuals[later, k]))) for k in range(count)]
    words = [f"<b>{k + 1}</b>" for k in range(count)]
    colours = [style.series(k, count, "text") for k in range(count)]
    traces.append(text_trace(places, heights, words, colours=colours))
    tolerance = read.tolerance("mode_residuals", np.nan)
    size = float(np.sqrt(np.nansum(np.square(read.one["sample_target"].values))))
    near = f"; tolerance {significant(tolerance * size, 2)}" if np.isfinite(tolerance) else ""
    letter = f"{symbol('u', 'j')}·({italic('y')} − {italic('f')})"
    return panel(
        "mode_residuals",
        "Residuals of the largest modes",
        letter,
        traces,
        x=read.x,
        meta=read.clocks,
        y=f"residual {letter}",
        linear=linear_range(min(0.0, float(seen.min())), float(seen.max()), pad=0.08),
        note=f"numbered from the largest eigenvalue; from step 1 on{near}",
        alt=f"Residuals of the {count} largest kernel modes against steps; each decays alone.",
    )


def _distance_panel(read: LogStepReading) -> Panel:
    tolerance = read.tolerance("train_loss", 0.13)
    factor, title = magnified(tolerance)
    traces = run_traces("loss_distance", x="step", records=read.records, scale=factor)
    traces.append(theory_trace([1.0, read.span[1]], [0.0, 0.0], ""))
    top = factor * tolerance
    letter = f"ln({italic('L')}{SLASH}{symbol('L', 'lin')})"
    return panel(
        "loss_distance",
        "Train loss over its prediction",
        letter,
        traces,
        x=read.x,
        meta=read.clocks,
        y=title.replace("difference", letter),
        linear=[-1.6 * top, 1.6 * top],
        tolerances=[-top, top],
        empty="appears with the run",
        note="as far down as it is judged, to 10⁻⁵ of the first loss",
        alt=f"Logarithm of run over lazy train loss; tolerance {significant(tolerance, 2)}.",
    )


def _rate_panel(read: LogStepReading) -> Panel:
    c = read.number("c")
    letter = f"{italic('η')}{symbol('λ', 'max')}{SLASH}2{italic('n')}"
    return panel(
        "rate_over_edge",
        "Rate over the edge of the moving kernel",
        letter,
        run_traces("rate_over_edge", x="step", records=read.records),
        x=read.x,
        meta=read.clocks,
        y=letter,
        linear=[0.0, 1.25 * c],
        times=read.marks,
        levels=[(1.0, "edge, 1"), (c, f"start, {short(c)}")],
        empty="predicted: below 1 at the end; appears with the run",
        alt=f"Learning rate over the edge; it starts at {short(c)} and should end below one.",
    )


def _kernel_panel(read: LogStepReading) -> Panel:
    names = {"alignment": "with the target", "alignment_centred": "with the target, centred"}
    traces: list[dict[str, Any]] = []
    for k, (name, words) in enumerate(names.items()):
        how: dict[str, Any] = {"k": k, "of": 2, "name": words, "x": "step"}
        traces += run_traces(name, records=read.records, **how)
    return panel(
        "alignment",
        "Alignment of the kernel with the target",
        f"{italic('A')}({italic('K')}, {italic('yy')}ᵀ)",
        traces,
        x=read.x,
        meta=read.clocks,
        y="alignment",
        linear=[-0.03, 1.03],
        times=read.marks,
        empty="no theory; appears with the run",
        note="blue: as it is; orange: both centred. It may fall where the net is rich",
        alt=read.described("Alignment of the tangent kernel with the target", "alignment"),
    )


def _spectrum_panel(read: LogStepReading) -> Panel:
    first = read.values("kernel_eigenvalues")[0]
    first = np.where(first > 0, first, np.nan)
    number = np.arange(1.0, first.size + 1)
    run = run_traces("eigenvalues_shown", bands=False, at="scrub", markers=True)[0]
    run["meta"]["run"]["x"] = ""
    born = theory_trace(number, first, "at birth")
    seen = positive(first[first > 1e-12 * np.nanmax(first)])
    # to reach the target the kernel itself must grow about so much
    room = 3 * (1 + read.number("smooth_alpha") / read.number("alpha"))
    return panel(
        "kernel_eigenvalues",
        "Spectrum of the kernel",
        symbol("λ", "j"),
        [run | {"x": number}, born],
        x=axis(f"number {italic('j')}", linear_range(1.0, float(first.size), pad=0.03)),
        y=f"eigenvalue {symbol('λ', 'j')}",
        log=log_range(max(float(seen.min()), 1e-9 * float(seen.max())), room * float(seen.max())),
        hovermode="closest",
        note="dashes: the kernel it was born with; dots: at the time below",
        alt="Eigenvalues of the tangent kernel at birth and at the time of the scrubber.",
    )


def _tiles(read: LogStepReading) -> list[Tile]:
    alpha, boundary = read.number("alpha"), read.number("boundary_alpha")
    tiles = []
    if read.has("catapult_slope"):
        c = read.number("c")
        law = f"2 ln|1 − 2{italic('c')}| = {decimals(2 * np.log(abs(1 - 2 * c)))}"
        value, name = decimals(read.number("catapult_slope")), "catapult_slope"
        tiles.append(Tile(italic("s"), "growth of ln L", value, "per step", law, None, name, name))
    change, moved = read.number("feature_change_final"), read.number("weight_change_final")
    name = "feature_change_final"
    said = regime_words(read)
    tiles.append(
        Tile(
            PREDICTED_CHANGE, "change of the features", significant(change, 3), "", said,
            None, name, name,
        )
    )  # fmt: skip
    name = "weight_change_final"
    tiles.append(
        Tile(
            LETTERS["weight_change"], "change of the weights", significant(moved, 3), "", "",
            None, name, name,
        )
    )  # fmt: skip
    value = significant(boundary, 3) if np.isfinite(boundary) else "none"
    gamma = f"{symbol('γ', 0)} = {significant(read.number('gamma_0'), 3)}"
    here = f"here {ALPHA} = {short(alpha)}, {gamma}"
    tiles.append(Tile(ALPHA, "boundary of lazy", value, "", here))
    smooth = significant(read.number("smooth_alpha"), 3)
    tiles.append(Tile(symbol("α", "", "*"), "smooth law α*/α", smooth))
    return tiles


# A sweep over a knob


def widths(prediction: xr.Dataset, over: str, tolerances: Tolerances) -> View:
    """How far features and weights move, and where the boundary is, against a knob."""
    at = np.asarray(prediction[over].values, float)
    change = swept(prediction, "feature_change_final", over)
    smooth = swept(prediction, "smooth_alpha", over)
    more = []
    if over == "alpha":
        more.append(theory_trace(at, smooth / at, "α*/α", second=True))
    panels = [
        law_panel(
            prediction, over, "feature_change_final", "Change of the features", italic("R"),
            more=more,
        ),
        ratio_panel(
            prediction, over, "feature_change_ratio", quotient("R"),
            known(tolerances, "feature_change_final", 0.05),
        ),
    ]  # fmt: skip
    if "weight_change_final" in prediction:
        letter = LETTERS["weight_change"]
        panels.append(
            law_panel(prediction, over, "weight_change_final", "Change of the weights", letter)
        )
    if "boundary_alpha" in prediction and over != "alpha":
        panels.append(_boundary_panel(prediction, over))
    words = {"theory": "lazy theory", "second_theory": "smooth law, α*/α"}
    shown = legend(panels, words, prediction.sizes.get("seed", 1))
    tiles = power_tile(italic("R"), over, at, change)
    return View(panels, tiles, (), shown, SWEEP_DERIVED)


def _boundary_panel(prediction: xr.Dataset, over: str) -> Panel:
    """Where lazy ends, against the knob; there is nothing to run for it."""
    at = np.asarray(prediction[over].values, float)
    smooth = swept(prediction, "smooth_alpha", over)
    more = [theory_trace(at, smooth, "α*", second=True)]
    return law_panel(
        prediction,
        over,
        "boundary_alpha",
        "Boundary of lazy",
        ALPHA,
        more=more,
        measured=False,
        note="dashes: where the predicted change meets the threshold; dash-dots: α*",
    )
