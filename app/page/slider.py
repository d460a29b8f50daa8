"""The slider beneath a field: its stops, and how a value reads on it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import streamlit as st

from app.page.choice import as_widget
from sims.core.format import power_of_ten
from sims.core.knobs import Knob, number

KEY = "_slider"
PER_DECADE = {3: 20, 8: 10, 40: 4}
"""Positions of a log slider in each decade, by the most decades it may span."""


def has_slider(knob: Knob) -> bool:
    """Whether a field of that knob spans so much that a slider helps."""
    wide = knob.scale == "log" or (knob.auto and knob.kind == "int")
    return wide and math.isfinite(knob.hi - knob.lo)


def spoken(value: Any) -> str:
    """A value for reading: 0.002, 10⁻⁴, 3 × 10⁻⁵."""
    if isinstance(value, (tuple, list)):
        return ", ".join(spoken(v) for v in value)
    if not isinstance(value, float) or value == 0:
        return str(value) if isinstance(value, str) else number(value if value else 0)
    if 1e-3 <= abs(value) < 1e5:
        return f"{value:.4g}" if abs(value) < 1e4 else f"{value:.0f}"
    mantissa, exponent = f"{value:.6e}".split("e")
    digits = f"{float(mantissa):.4g}"
    power = power_of_ten(int(exponent))
    return power if digits == "1" else f"{digits} × {power}"


def positions(knob: Knob, lo: float, hi: float) -> list[float]:
    """The stops of a knob's slider: round numbers on a log axis, or every whole number's power."""
    if knob.scale != "log" and not (knob.kind == "int" and lo > 0):
        return [float(v) for v in range(int(lo), int(hi) + 1)]
    if lo <= 0:  # a logarithm has no place for zero: it stands alone below the usual range
        return [0.0, *positions(knob, knob.lo, hi)]
    first, last = math.log10(lo), math.log10(hi)
    per = next((n for span, n in PER_DECADE.items() if last - first <= span), 1)
    marks = range(round(first * per), round(last * per) + 1)
    stops = [float(f"{10 ** (i / per):.2g}") for i in marks]
    stops = [min(max(s, lo), hi) for s in [lo, *stops, hi]]
    whole = knob.kind == "int"
    return sorted({float(round(s)) if whole else s for s in stops})


def with_stop(knob: Knob, stops: Sequence[float], value: float) -> tuple[list[float], float]:
    """The stops of a slider with one that reads as the value does, and that one."""
    words = spoken(as_widget(knob, value))
    same = [stop for stop in stops if spoken(as_widget(knob, stop)) == words]
    return (list(stops), same[0]) if same else (sorted([*stops, value]), value)


def slider(knob: Knob, lo: float, hi: float, shown: Any) -> None:
    """A slider that writes the field above it, and always stands at what the field says."""
    stops = positions(knob, lo, hi)
    stops, place = with_stop(knob, stops, stops[len(stops) // 2] if shown is None else shown)
    key = knob.name + KEY
    st.session_state[key] = place

    def moved() -> None:
        st.session_state[knob.name] = as_widget(knob, st.session_state[key])

    st.select_slider(
        f"{knob.label}, slider",
        stops,
        format_func=lambda stop: spoken(as_widget(knob, stop)),
        key=key,
        on_change=moved,
        label_visibility="collapsed",
    )
