"""Numbers in sentences: few digits, and powers of ten written out instead of e-notation."""

from __future__ import annotations

import math
from decimal import Decimal

SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def said(value: float, digits: int = 2) -> str:
    """A number with that many significant digits: 0.05, 120, 1 × 10⁻⁶."""
    if not math.isfinite(value):
        return "infinite" if math.isinf(value) else "undefined"
    short = f"{float(value):.{digits}g}"
    if value == 0 or 1e-4 <= abs(value) < 1e6:
        return f"{Decimal(short):f}"
    mantissa, exponent = f"{float(short):.{digits - 1}e}".split("e")
    mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
    power = f"10{str(int(exponent)).translate(SUPERSCRIPTS)}"
    return power if mantissa == "1" else f"{mantissa} × {power}"


def share(value: float) -> str:
    """A fraction in words: 3.2 %, 0.04 %, below 0.001 %."""
    if 0 < value < 1e-5:
        return "below 0.001 %"
    return f"{said(100 * value)} %"


def rounded_up(value: float, digits: int = 2) -> float:
    """The smallest number of that many significant digits that is at least `value`."""
    if value <= 0 or not math.isfinite(value):
        return value
    unit = 10.0 ** (math.floor(math.log10(value)) - digits + 1)
    return float(f"{math.ceil(value / unit * (1 - 1e-12)) * unit:.{digits}g}")


def one_line(text: str, most: int) -> str:
    """Someone else's text as one line of at most `most` characters, all of which can be printed."""
    line = "".join(c if c.isprintable() else "�" for c in " ".join(text.split()))
    return line if len(line) <= most else line[:most] + "…"
