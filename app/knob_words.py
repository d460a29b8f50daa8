"""A knob and its value in words, as the reader sees them."""

from __future__ import annotations

from typing import Any

from app.wording import fixed, number, trimmed
from sims.core.format import power_of_ten
from sims.core.knobs import Knob

MANY = 1e6
"""From where on a whole number is written with a power of ten."""


def said(knob: Knob, value: Any) -> str:
    """A knob and its value in words, TeX between dollars."""
    label = begun(knob.label)
    symbol = f" ${knob.symbol}$" if knob.symbol else ""
    words = value_words(value)
    is_number = not isinstance(value, (bool, str))
    return f"{label}{symbol} = {words}" if symbol and is_number else f"{label}: {words}"


def value_words(value: Any) -> str:
    """The value alone: `yes`, `semantic tree`, `5, 3`, `10⁻⁴`; `automatic` for what follows."""
    if value is None:
        return "automatic"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return value.replace("_", " ")
    several = value if isinstance(value, (tuple, list)) else [value]
    return ", ".join(number_words(v) for v in several)


def begun(label: str) -> str:
    """A knob's name within a sentence; initials stay large."""
    return label[:1].lower() + label[1:] if label[1:2].islower() else label


def number_words(value: Any) -> str:
    """A knob's number: every digit that was given, at most six."""
    if float(value) == int(value) and abs(value) < MANY:
        return fixed(float(value), 0)
    text = trimmed(number(float(value), 6))
    if "×" not in text:
        return text
    mantissa, exponent = f"{float(value):.5e}".split("e")
    mantissa = mantissa.rstrip("0").rstrip(".")
    power = power_of_ten(int(exponent))
    return power if mantissa == "1" else f"{mantissa} × {power}"
