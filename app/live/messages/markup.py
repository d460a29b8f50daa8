"""Plain sentences as HTML."""

from __future__ import annotations

import html
import re

from app.tex import GREEK, indexed, italic, symbol
from sims.core.format import MINUS, SUPERSCRIPT, TIMES

E_NOTATION = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)e([+-]?\d+)\b")


def prose(text: str) -> str:
    """A plain sentence as HTML: `$...$` is TeX, `s_k` and `alpha^2` become symbols."""
    parts = re.split(r"\$([^$]*)\$", text)
    made = []
    for i, part in enumerate(parts):
        made.append(symbol(part) if i % 2 else _words(part))
    return "".join(made)


def _power(found: re.Match[str]) -> str:
    """`1e-05` as `10⁻⁵`, `2.5e-3` as `2.5 × 10⁻³`."""
    power = "10" + str(int(found[2])).translate(SUPERSCRIPT)
    return power if found[1] == "1" else f"{found[1]} {TIMES} {power}"


def _words(text: str) -> str:
    escaped = E_NOTATION.sub(_power, html.escape(text, quote=False))
    escaped = re.sub(r"(?<=\d) %", "\u00a0%", escaped)
    escaped = re.sub(r"\b([A-Za-z])_(\w)\b", lambda m: indexed(m[1], m[2]), escaped)
    escaped = re.sub(
        r"\^\(?([\w+\-]+)\)?", lambda m: f"<sup>{m[1].replace('-', MINUS)}</sup>", escaped
    )
    for name in ("alpha", "eta", "lambda", "mu", "tau", "beta"):
        escaped = re.sub(rf"\b{name}\b(?! =? ?\d)", italic(GREEK[name]), escaped)
    return escaped
