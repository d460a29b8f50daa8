"""Figures of modular addition: the curve, what leads it, and what the weights become."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from app.figures import style
from app.figures.grokking.modular_pictures import answers, clock, columns, spectra
from app.figures.grokking.time import StepsReading
from app.figures.panels import Panel, Tile, View, legend, run_traces, text_trace, theory_trace
from app.figures.reading import SLASH, Tolerances
from app.figures.style import italic, symbol
from sims.core.format import decimals, short, significant

TRAIN, TEST = italic("A"), f"{italic('A')}′"
DELTA, GAMMA, NORM = italic("δ"), italic("γ"), f"|{italic('θ')}|"
OVER_MAXIMUM = f"{GAMMA}{SLASH}{symbol('γ', '', '*')}"
SHARE = symbol("ρ", "k")
THIN = "\u2009"
LOSSES = (
    ("test_loss", "test"),
    ("restricted_loss", "circuit alone"),
    ("train_loss", "train"),
    ("excluded_loss", "without the circuit"),
)


def modular_addition(prediction: xr.Dataset, tolerances: Tolerances | None = None) -> View:
    """Accuracies, progress, the table filling in, spectra, columns, clock, and the weights."""
    read = StepsReading(prediction, tolerances or {}, lambda _: [])
    cubic = read.one.attrs.get("family") == "cubic"
    p, width = int(read.number("p")), int(read.number("width"))
    first = [_margin(read), _frequencies(read)] if cubic else [_accuracies(read), _losses(read)]
    panels = [
        *first,
        answers(p),
        spectra(p, width),
        columns(p),
        clock(p),
        _phases(read),
        _order(read),
        _norm(read),
    ]
    panels += [_losses(read), _accuracies(read)] if cubic else [_margin(read)]
    words = {
        "theory": "theory, at the end",
        "second_theory": "rule of thumb",
        "predicted": "predicted level",
    }
    tiles = _margin_tiles(read) if cubic else _tiles(read)
    return View(panels, tiles, (), legend(panels, words, read.seeds))


def _ends(read: StepsReading, places: list[float], words: list[str]) -> dict[str, Any]:
    """Bold names of curves at the left end of a panel, one beneath the other."""
    many = len(words)
    return text_trace(
        [10.0 ** read.ends[0]] * many,
        places,
        [f"<b>{word}</b>" for word in words],
        colours=[style.series(k, many, "text") for k in range(many)],
        side="middle right",
    )


def _accuracies(read: StepsReading) -> Panel:
    traces: list[dict[str, Any]] = []
    for k, name in enumerate(("test", "train")):
        how: dict[str, Any] = {"k": k, "of": 2, "name": name, "bands": k == 0}
        traces += run_traces(f"{name}_accuracy", records=read.records, **how)
    if read.has("test_accuracy_final"):
        end = read.number("test_accuracy_final")
        traces.append(theory_trace(read.span, [end, end], "at the end"))
    traces.append(_ends(read, [0.62, 0.5], ["test", "train"]))
    return read.over_time(
        "accuracy",
        "Accuracy",
        f"{TEST}, {TRAIN}",
        traces,
        y="share of pairs that are right",
        linear=[-0.04, 1.06],
        note="when the test accuracy jumps is not predicted",
        alt=read.described("Accuracy on the test pairs", "test_accuracy"),
    )


def _losses(read: StepsReading) -> Panel:
    traces: list[dict[str, Any]] = []
    for k, (name, words) in enumerate(LOSSES):
        how: dict[str, Any] = {"k": k, "of": len(LOSSES), "name": words, "bands": k == 1}
        traces += run_traces(name, records=read.records, **how)
    heights = [10.0**h for h in (-2.6, -3.4, -4.2, -5.0)]
    traces.append(_ends(read, heights, [words for _, words in LOSSES]))
    half = read.number("restricted_level")
    return read.over_time(
        "losses",
        "What leads the jump",
        italic("L"),
        traces,
        y=f"loss {italic('L')}",
        log=[-7.2, 1.2],
        linear=[-0.2, 6.0],
        first="log",
        levels=[(half, "")],
        note=f"dotted: ½{THIN}ln{THIN}{italic('p')}; the circuit is there where its own loss falls "
        "through it",
        alt=read.described("Cross-entropy of the circuit alone", "restricted_loss"),
    )


def _phases(read: StepsReading) -> Panel:
    traces = run_traces("phase_defect", records=read.records)
    tolerance = read.tolerance("phase_defect", 0.1)
    edges: list[float] = []
    if read.has("phase_defect_final"):
        end = read.number("phase_defect_final")
        traces.append(theory_trace(read.span, [end, end], "at the end"))
        edges = [tolerance]
    return read.over_time(
        "phase_defect",
        "How far the phases are off",
        f"{DELTA} = |{italic('φ')} + {italic('ψ')} − {italic('χ')}|",
        traces,
        y=f"phase defect {DELTA}, rad",
        linear=[-0.05, 1.8],
        log=[-5.0, 0.4],
        levels=[(np.pi / 2, "by chance")],
        tolerances=edges,
        note="weighted by each neuron's size",
        alt=read.described("Phase defect", "phase_defect"),
    )


def _order(read: StepsReading) -> Panel:
    chance = read.number("chance_ipr")
    pairs = (("ipr", "one frequency a neuron"), ("restricted_share", "share of the circuit"))
    traces: list[dict[str, Any]] = []
    for k, (name, words) in enumerate(pairs):
        how: dict[str, Any] = {"k": k, "of": 2, "name": words, "bands": k == 0}
        traces += run_traces(name, records=read.records, **how)
    traces.append(_ends(read, [0.92, 0.8], [words for _, words in pairs]))
    return read.over_time(
        "ipr",
        "Order of the weights",
        "IPR",
        traces,
        y="participation, share",
        linear=[-0.03, 1.06],
        levels=[(chance, "by chance")],
        note="1: every neuron has a single frequency, and the logits are the circuit's alone",
        alt=read.described("Inverse participation ratio", "ipr"),
    )


def _norm(read: StepsReading) -> Panel:
    rule = read.number("goldilocks_norm")
    start = read.number("init_scale") * np.sqrt(1.5 * read.number("width"))
    traces = run_traces("weight_norm", records=read.records)
    traces.append(theory_trace(read.span, [rule, rule], "norm at the jump", second=True))
    top = 1.15 * max(3 * rule, start)
    return read.over_time(
        "weight_norm",
        "Norm of the weights",
        NORM,
        traces,
        y=f"norm {NORM}",
        linear=[-0.02 * top, top],
        note="dash-dot: norm at the jump by a rule for gradient descent on squared errors",
        alt=read.described("Norm of all weights", "weight_norm"),
    )


def _margin(read: StepsReading) -> Panel:
    traces = run_traces("margin_ratio", records=read.records)
    cubic = read.has("margin_ratio_final")
    edges: list[float] = []
    if cubic:
        end, tolerance = read.number("margin_ratio_final"), read.tolerance("margin_ratio", 0.03)
        traces.append(theory_trace(read.span, [end, end], "at the end"))
        edges = [end - tolerance, end + tolerance]
    return read.over_time(
        "margin_ratio",
        "Margin over the maximum",
        OVER_MAXIMUM,
        traces,
        y=f"margin {OVER_MAXIMUM}",
        linear=[-1.15, 1.12] if cubic else [-2.1, 1.12],
        levels=[] if cubic else [(1.0, symbol("γ", "", "*"))],
        tolerances=edges,
        note="of the worst of all pairs, over the cubes of the neurons' norms"
        if cubic
        else "the maximum is that of all pairs with the cubic decay: out of reach here",
        alt=read.described("Margin over its maximum", "margin_ratio"),
    )


def _frequencies(read: StepsReading) -> Panel:
    k = np.asarray(read.one["frequency"].values, int)
    traces: list[dict[str, Any]] = []
    for i in range(k.size):
        how: dict[str, Any] = {"k": i, "of": k.size, "name": f"frequency {k[i]}", "bands": False}
        traces += run_traces("frequency_shares", [i], records=read.records, **how)
    share = 1 / k.size
    edges: list[float] = []
    if read.has("frequency_shares_final"):
        share = float(read.values("frequency_shares_final")[0])
        tolerance = read.tolerance("frequency_shares", 0.05)
        edges = [share * (1 - tolerance), share * (1 + tolerance)]
        traces.append(theory_trace(read.span, [share, share], "at the end"))
    return read.over_time(
        "frequency_shares",
        "Share of every frequency",
        SHARE,
        traces,
        y=f"share {SHARE}",
        linear=[-0.03 * share, 2.4 * share],
        tolerances=edges,
        note=f"every frequency takes 1{SLASH}{k.size} of the neurons' cubed norms",
        alt=f"Share of each of {k.size} frequencies against steps; predicted "
        f"{significant(share, 3)} for every one.",
    )


def _tiles(read: StepsReading) -> list[Tile]:
    tiles: list[Tile] = []
    half = f"of the jump's step; {symbol('L', 'circuit')} below {decimals(_half(read), 2)}"
    if read.has("phase_defect_final"):
        chance = f"random phases: {decimals(np.pi / 2, 2)}"
        tiles.append(
            Tile(DELTA, "phase defect at the end", "0", "rad", chance, None,
                 "phase_defect_final", "phase_defect")
        )  # fmt: skip
        tiles.append(
            Tile(symbol("n", "circuit"), "step of the circuit", "before ½", "", half, None,
                 "restricted_step", "restricted_leads")
        )  # fmt: skip
    if read.has("test_accuracy_final"):
        words = "when is not predicted"
        if read.has("decay_time"):
            words = f"weights decay in 1{SLASH}({italic('ηw')}) = {_steps(read)} steps"
        tiles.append(
            Tile(TEST, "test accuracy at the end", "1", "", words, None,
                 "test_accuracy_final", "test_accuracy")
        )  # fmt: skip
    covered = f"to show every number with probability 0.95; here {short(read.number('fraction'))}"
    at = decimals(read.number("coverage_fraction"), 3)
    tiles.append(Tile(symbol("f", "cov"), "fraction of pairs", at, "", covered))
    rule = decimals(read.number("goldilocks_norm"), 1)
    tiles.append(
        Tile(NORM, "norm at the jump", rule, "", "a rule for gradient descent", None,
             "goldilocks_norm", "weight_norm")
    )  # fmt: skip
    return tiles


def _half(read: StepsReading) -> float:
    return read.number("restricted_level")


def _steps(read: StepsReading) -> str:
    return short(round(read.number("decay_time"), 1))


def _margin_tiles(read: StepsReading) -> list[Tile]:
    count = read.one.sizes["frequency"]
    share = decimals(float(read.values("frequency_shares_final")[0]), 3)
    return [
        Tile(symbol("γ", "", "*"), "largest margin", significant(read.number("max_margin"), 4), "",
             f"√(2{SLASH}27) {SLASH} (√{italic('p')} ({italic('p')} − 1))", None, "max_margin",
             "margin_ratio"),
        Tile(OVER_MAXIMUM, "margin at the end", "1", "", "", None, "margin_ratio_final",
             "margin_ratio"),
        Tile(SHARE, "share of every frequency", share, "", f"{count} frequencies", None,
             "frequency_shares_final[0]", "frequency_shares"),
        Tile(DELTA, "phase defect at the end", "0", "rad", "every phase of the sum agrees", None,
             "phase_defect_final", "phase_defect"),
    ]  # fmt: skip
