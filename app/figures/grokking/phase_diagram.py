"""Figures of the phase diagram: the map of four phases, a cut through it, one of its points."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr

from app.figures.grids import Grid, map_panel
from app.figures.grokking.modular_pictures import discrete
from app.figures.grokking.time import StepsReading
from app.figures.lazy_rich.training import knob_axis, points
from app.figures.panels import (
    Derived,
    Panel,
    RunArrays,
    Tile,
    View,
    first_seed,
    legend,
    log_range,
    panel,
    run_traces,
    tag,
    text_trace,
    theory_trace,
)
from app.figures.reading import Tolerances
from app.figures.style import italic, symbol
from sims.core.format import decimals, short, significant

ALPHA, DECAY = italic("α"), italic("w")
TRAIN, TEST = italic("A"), f"{italic('A')}′"
N_TRAIN, N_TEST = italic("n"), f"{italic('n')}′"
KNOBS = {"weight_decay": f"weight decay {DECAY}", "init_scale": f"initial scale {ALPHA}"}
NAMES = ("confusion", "memorisation", "grokking", "comprehension")
LETTERS = ("conf", "mem", "grok", "comp")
COLOURS = ("role:rule2/0.35", "role:series1/0.55", "role:series0/0.5", "role:series2/0.5")
LEARNT = 0.9
MOST_NAMED = 9
"""Cells along an axis that have room for their phase's name."""


def phase_diagram(prediction: xr.Dataset, tolerances: Tolerances | None = None) -> View:
    """One point: accuracies whose passages name its phase, losses, the norm, its place."""
    read = StepsReading(prediction, tolerances or {}, lambda _: [])
    panels = [_accuracies(read), _losses(read), _norm(read)]
    words = {"predicted": "what counts as learnt"}
    return View(panels, _tiles(read), (), legend(panels, words, read.seeds))


def _two(read: StepsReading, kind: str, heights: Sequence[float]) -> list[dict[str, Any]]:
    traces: list[dict[str, Any]] = []
    for k, name in enumerate(("test", "train")):
        how: dict[str, Any] = {"k": k, "of": 2, "name": name, "bands": k == 0}
        traces += run_traces(f"{name}_{kind}", records=read.records, **how)
    colours = ["role:text0", "role:text1"]
    at = [10.0 ** read.ends[0]] * 2
    words = ["<b>test</b>", "<b>train</b>"]
    return [*traces, text_trace(at, heights, words, colours=colours, side="middle right")]


def _accuracies(read: StepsReading) -> Panel:
    gap = read.number("gap")
    return read.over_time(
        "accuracy",
        "Accuracy",
        f"{TEST}, {TRAIN}",
        _two(read, "accuracy", [0.62, 0.5]),
        y="share of pairs that are right",
        linear=[-0.04, 1.06],
        levels=[(LEARNT, "learnt")],
        note=f"grokking if test passes the level more than {short(gap)} steps behind train",
        alt=read.described("Accuracy on the test pairs", "test_accuracy"),
    )


def _losses(read: StepsReading) -> Panel:
    return read.over_time(
        "losses",
        "Squared error",
        italic("L"),
        _two(read, "loss", [10**-3.2, 10**-3.9]),
        y=f"squared error {italic('L')}",
        log=[-4.6, 1.2],
        linear=[-0.05, 2.0],
        first="log",
        levels=[(1.0, "")],
        note="dotted: what a constant zero has",
        alt=read.described("Squared error on the test pairs", "test_loss"),
    )


def _norm(read: StepsReading) -> Panel:
    return read.over_time(
        "weight_norm",
        "Norm of the weights",
        f"|{italic('θ')}|",
        run_traces("weight_norm", records=read.records),
        y=f"norm |{italic('θ')}|",
        log=[-2.0, 2.3],
        empty="appears with the run",
        note="decay that is too strong takes all of it",
        alt=read.described("Norm of all weights", "weight_norm"),
    )


def _tiles(read: StepsReading) -> list[Tile]:
    covered = read.number("coverage")
    return [
        Tile(italic("P"), "every number is shown with probability", decimals(covered, 2), "",
             f"{short(round(read.number('fraction'), 3))} of the pairs train"),
        Tile(symbol("f", "cov"), "fraction for 0.95", decimals(read.number("coverage_fraction"), 3),
             "", "below it no run can know all sums"),
        Tile(N_TRAIN, "train pairs learnt", "not predicted", "", "", None, "train_step"),
        Tile(N_TEST, "test pairs learnt", "not predicted", "", "", None, "test_step"),
    ]  # fmt: skip


def cut(prediction: xr.Dataset, over: str, tolerances: Tolerances) -> View:
    """A cut through the diagram: when each set is learnt, against one knob."""
    del tolerances
    at = np.asarray(prediction[over].values, float)
    steps = float(first_seed(prediction).attrs.get("steps", 2000))
    traces: list[dict[str, Any]] = []
    for k, name in enumerate(("test_step", "train_step")):
        traces += points(name, over, k=k, of=2)
    colours = ["role:text0", "role:text1"]
    traces = [_coloured(t, k) for k in (0, 1) for t in traces[3 * k : 3 * k + 3]]
    both = [float(at[0])] * 2
    traces.append(
        text_trace(both, [7.0, 4.5], ["<b>test</b>", "<b>train</b>"], colours=colours,
                   side="middle right")
    )  # fmt: skip
    times = panel(
        "learnt",
        "When each set is learnt",
        f"{N_TRAIN}, {N_TEST}",
        traces,
        x=knob_axis(over, at) | {"title": {"text": KNOBS.get(over, over)}},
        y="step with accuracy 0.9",
        log=log_range(3.0, 1.5 * steps),
        levels=[(steps, "end of the run")],
        hovermode="closest",
        empty="appears with the runs",
        note="no dot: never within the run",
        alt=f"Steps at which train and test pairs are learnt against {over}.",
    )
    covered = np.ravel(np.asarray(prediction["coverage"].values, float))
    share = panel(
        "coverage",
        "What the data allow",
        italic("P"),
        [theory_trace(at, np.broadcast_to(covered, at.shape), "coverage"),
         *points("generalised", over)],
        x=knob_axis(over, at) | {"title": {"text": KNOBS.get(over, over)}},
        y="probability, learnt (1) or not (0)",
        linear=[-0.06, 1.1],
        hovermode="closest",
        note="dashed: probability that every number is shown; dots: whether the test pairs were "
        "learnt",
        alt="Probability that the training pairs show every number, and which runs learnt the "
        "test pairs.",
    )  # fmt: skip
    panels = [times, share]
    words = {"theory": "every number is shown", "predicted": "end of the run"}
    return View(panels, (), (), legend(panels, words, prediction.sizes.get("seed", 1)), CUT_DERIVED)


def _coloured(trace: dict[str, Any], k: int) -> dict[str, Any]:
    marker = {"size": 8, "color": f"role:series{k}", "symbol": ("circle", "diamond")[k]}
    return trace | {"marker": marker} if trace["legendgroup"] == "run" else trace


def _generalised(run: RunArrays, prediction: xr.Dataset) -> np.ndarray:
    del prediction
    return np.isfinite(run["test_step"]).astype(float)


CUT_DERIVED: Derived = {"generalised": _generalised}


def _delay(run: RunArrays, prediction: xr.Dataset) -> np.ndarray:
    """Log10 of the steps between the passages; NaN where the test pairs were never learnt."""
    del prediction
    gap = run["test_step_map"] - run["train_step_map"]
    return np.log10(np.maximum(gap, 1.0))


def _place(phase: int, along: int) -> Any:
    """Rows (0) or columns (1) of the cells of one phase, NaN elsewhere."""

    def found(run: RunArrays, prediction: xr.Dataset) -> np.ndarray:
        del prediction
        phases = run["phase_map"]
        at = np.arange(phases.shape[2 + along], dtype=float)
        where = at[:, None] if along == 0 else at[None, :]
        kept = np.where(phases == phase, where, np.nan)
        return kept.reshape(*phases.shape[:2], -1)

    return found


GRID_DERIVED: Derived = {
    "log_train_step_map": lambda run, _: np.log10(np.maximum(run["train_step_map"], 1.0)),
    "log_delay_map": _delay,
    **{
        f"phase_{'row' if along == 0 else 'column'}_{i}": _place(i, along)
        for i in range(len(NAMES))
        for along in (0, 1)
    },
}


def diagram(prediction: xr.Dataset, over: Sequence[str], tolerances: Tolerances) -> View:
    """The four phases over weight decay and initial scale, and the times behind them."""
    del tolerances
    grid = Grid(prediction, over, [KNOBS.get(knob, knob) for knob in over])
    one = first_seed(prediction)
    steps, gap = (float(one.attrs.get(n, v)) for n, v in (("steps", 2000.0), ("gap", 200.0)))
    bar = {"tickvals": list(range(4)), "ticktext": list(NAMES)}
    phases = grid.map("phase_map", "phase", (-0.5, 3.5), colours=discrete(COLOURS), bar=bar)
    cells = max(values.size for values in grid.values)
    named = [_letters(i) for i in range(len(NAMES))] if cells <= MOST_NAMED else []
    phases["showscale"] = not named
    span = (1.0, float(np.log10(steps)))
    when = grid.map("log_train_step_map", "log10 step", span, bar=_decades(span))
    delay = grid.map("log_delay_map", "log10 steps", span, bar=_decades(span))
    panels = [
        map_panel(
            "phase", "The four phases", "", grid, [phases, *named],
            alt=f"Phase of every run over {' and '.join(over)}; grokking is a gap of more than "
            f"{gap:.0f} steps.",
            said=f"{', '.join(NAMES)}; one seed makes labels at small decay noisy; click a cell to "
            "open its run",
            height_units=2,
        ),
        map_panel(
            "train_step", "When the train pairs are learnt", N_TRAIN, grid, [when],
            alt="Step at which the train pairs are learnt; empty cells never do.",
            said="empty: never within the run",
        ),
        map_panel(
            "delay", "How much later the test pairs are", f"{N_TEST} − {N_TRAIN}", grid, [delay],
            alt="Steps between the two passages; empty cells never generalise.",
            said=f"grokking above {short(gap)} steps; empty: never within the run",
        ),
    ]  # fmt: skip
    covered = np.asarray(one["coverage"].values, float)
    least, most = float(covered.min()), float(covered.max())
    value = decimals(least, 2) if least == most else f"{decimals(least, 2)} to {decimals(most, 2)}"
    line = "no cell should grok or comprehend" if most < 0.5 else "what the data allow"
    bound = float(np.ravel(one["coverage_fraction"].values)[0])
    tiles = [
        Tile(italic("P"), "every number is shown with probability", value, "", line),
        Tile(symbol("f", "cov"), "fraction of pairs for 0.95", decimals(bound, 3), "",
             f"here {significant(float(one.attrs.get('fraction', np.nan)), 2)}"),
    ]  # fmt: skip
    return View(
        panels, tiles, (), legend(panels, {}, prediction.sizes.get("seed", 1)), GRID_DERIVED
    )


def _letters(i: int) -> dict[str, Any]:
    """The short name of a phase in each of its cells."""
    trace = text_trace([], [], [], colours="role:ink", side="middle center")
    meta = tag(f"phase_row_{i}", x=f"phase_column_{i}", at="scrub")
    return trace | {"text": LETTERS[i], "meta": meta, "cliponaxis": True}


def _decades(span: Sequence[float]) -> dict[str, Any]:
    at = np.arange(np.ceil(span[0]), np.floor(span[1]) + 1)
    return {"tickvals": at, "ticktext": [f"10<sup>{int(v)}</sup>" for v in at]}
