"""Numbers as the pictures and their words write them."""

from __future__ import annotations

import numpy as np

THIN, EN = "\u2009", "\u2002"
MINUS = "\u2212"
TIMES = "\u00d7"
SUPERSCRIPT = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
WIDEST = 16
"""Characters that any number takes at most, so that none pushes another out of a table."""


def significant(value: float, digits: int = 4) -> str:
    """A number for reading: true minus, thin space for thousands, powers of ten written out."""
    if not np.isfinite(value):
        return "not reached" if np.isnan(value) else ("never" if value > 0 else f"{MINUS}∞")
    if value == 0:
        return "0"
    exponent = int(np.floor(np.log10(abs(value))))
    if not -4 < exponent < 6:
        return scientific(value, max(digits - 3, 1), THIN)
    decimals = max(digits - 1 - exponent, 0)
    text = f"{value:,.{decimals}f}".replace(",", THIN)
    return text.replace("-", MINUS)


def decimals(value: float, places: int = 3) -> str:
    """A number with so many decimals, in the page's typography."""
    if not np.isfinite(value) or (value != 0 and abs(value) < 10.0**-places) or abs(value) >= 1e6:
        return significant(value)
    return f"{value:,.{places}f}".replace(",", THIN).replace("-", MINUS)


def short(value: float) -> str:
    """A number without trailing zeros: 6.62, 0.5, 0."""
    if not np.isfinite(value):
        return significant(value)
    if value != 0 and not 1e-3 <= abs(value) < 1e6:
        return significant(value, 4)
    return f"{value:.4g}".replace("-", MINUS) if abs(value) < 9999.5 else significant(value, 6)


def scientific(value: float, places: int, space: str = " ") -> str:
    """A finite number as so many decimals and a power of ten, at any size: `1.46 × 10⁷¹`."""
    # Python's own notation: a division by the power of ten is zero or infinite near the ends
    mantissa, exponent = f"{value:.{places}e}".split("e")
    return f"{mantissa.replace('-', MINUS)}{space}{TIMES}{space}{power_of_ten(int(exponent))}"


def power_of_ten(exponent: int) -> str:
    """10 with an exponent in superscript."""
    return "10" + str(exponent).translate(SUPERSCRIPT)
