"""Numbers and counts as the reader sees them, on the page and in the terminal."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sims.core.format import MINUS, THIN, TIMES, WIDEST, scientific

if TYPE_CHECKING:
    from sims.core.experiment import Experiment, Phenomenon

NUMBER_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def number(value: float, digits: int = 3) -> str:
    """A number with so many significant digits: `6 743`, `0.0033`, `1.0 × 10⁻⁴`."""
    if math.isnan(value):
        return "none"
    if math.isinf(value):
        return "never" if value > 0 else f"{MINUS}∞"
    if value == 0:
        return "0"
    exponent = math.floor(math.log10(abs(float(f"{value:.{digits - 1}e}"))))
    if -4 < exponent < 7:
        return fixed(value, max(0, digits - 1 - exponent))
    return scientific(value, digits - 1)


def fixed(value: float, places: int) -> str:
    """A number with so many decimals, thin spaces and a true minus; fewer where it is too wide.

    Beyond all bounds it is a power of ten: what diverged has up to 308 digits.
    """
    if not math.isfinite(value) or len(f"{value:,.0f}") > WIDEST:
        return number(value, 4)
    places = min(places, max(0, WIDEST - len(f"{value:,.0f}.")))
    text = f"{value:,.{places}f}".replace(",", THIN)
    if float(f"{value:.{places}f}") == 0:
        text = text.replace("-", "")
    return text.replace("-", MINUS)


def deserved(value: float, tolerance: float) -> str:
    """A number with one digit more than an absolute tolerance can tell apart."""
    if not math.isfinite(value) or not math.isfinite(tolerance):
        return number(value, 4)
    if tolerance <= 0:
        return number(value, 4) if value != round(value) else fixed(value, 0)
    places = 1 - math.floor(math.log10(tolerance))
    if places > 5 and value != 0 and abs(value) < 10.0 ** (1 - places):
        return number(value, 2)
    return fixed(value, min(max(places, 0), 9))


def missed(off: float, measured: float, relative: bool) -> str:
    """What a guess was off by; where that is no number, what it said of a thing that may never be.

    Infinitely far off is who says never where it was, or names a time where it never was. Of a run
    that has no number it is not known which, and nothing is said.
    """
    if math.isnan(off) or (math.isinf(off) and math.isnan(measured)):
        return ""
    if math.isinf(off):
        return "at some time" if math.isinf(measured) else "never"
    return share(off, relative)


def share(value: float, relative: bool, digits: int = 2) -> str:
    """An error or tolerance: in percent where it is relative, else a plain number."""
    if math.isnan(value):
        return "none"
    if math.isinf(value):
        return "∞"
    if not relative:
        return trimmed(number(value, digits))
    if 0 < value < 1e-5:
        return f"under 0.001{THIN}%"
    if math.isinf(100 * value):
        return "∞"
    return f"{trimmed(number(100 * value, digits))}{THIN}%"


def trimmed(text: str) -> str:
    """A decimal number without the zeros at its end: 0.03, not 0.030."""
    if TIMES in text or "." not in text:
        return text
    return text.rstrip("0").rstrip(".")


def counted(n: int, noun: str) -> str:
    """`One claim`, `four claims`."""
    return f"{spelled(n)} {noun}" if n == 1 else f"{spelled(n)} {noun}s"


def in_menu(phenomenon: Phenomenon, experiment: Experiment) -> str:
    """What an experiment is called where those of several phenomena stand together."""
    if experiment.title.lower() == phenomenon.title.lower():
        return experiment.title
    return f"{phenomenon.title}: {experiment.title}"


def listed_words(words: Sequence[str]) -> str:
    """`rate`, `rate and width`, `rate, width and seed`."""
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


def spelled(n: int) -> str:
    """Small numbers as words."""
    return NUMBER_WORDS[n] if n < len(NUMBER_WORDS) else str(n)


def stopped_words(step: int) -> str:
    """What is said of a run that left the finite range."""
    at = fixed(step, 0)
    return f"stopped at step {at}: the loss left the finite range; the curves up to there are kept"
