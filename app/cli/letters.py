"""Letters for a terminal or a file that cannot hold them all: `alpha` where α has no code."""

from __future__ import annotations

import codecs
import io
import re
import unicodedata
from collections.abc import Iterable
from typing import Any

SIGNS = {
    "✓": "+", "✗": "x", "◆": "*", "○": "o", "→": "->", "←": "<-", "…": "...", "−": "-", "–": "-",
    "—": "-", "×": "x", "·": "*", "∞": "inf", "≤": "<=", "≥": ">=", "≠": "!=", "≈": "~",
    "√": "sqrt", "∂": "d", "∝": "~", "‖": "||", "⟨": "<", "⟩": ">", "“": '"', "”": '"',
    "‘": "'", "’": "'",
    "│": "|", "─": "-", "━": "-", "λ": "lambda", "Λ": "Lambda",
}  # fmt: skip
"""What stands in for a sign, and for the letter that Unicode calls LAMDA."""
HANDLER = "lmx.letters"


def plain(text: str) -> str:
    """The text in ASCII, each sign as near as that comes; what has nothing near it is `?`."""
    return "".join(_plain(letter) for letter in text)


def _plain(letter: str) -> str:
    if letter.isascii():
        return letter
    if letter in SIGNS:
        return SIGNS[letter]
    name = unicodedata.name(letter, "")
    if name.startswith("GREEK"):
        word = name.split(" WITH ")[0].split()[-1].lower()
        return word.capitalize() if "CAPITAL" in name else word
    apart = unicodedata.normalize("NFKD", letter)
    kept = "".join(c for c in apart.replace("−", "-") if c.isascii())
    if not kept:
        return "?"
    return f"^{kept}" if "SUPERSCRIPT" in name else kept


def _replaced(error: UnicodeError) -> tuple[str, int]:
    """What `codecs` puts in place of letters that an encoding lacks."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = plain(error.object[error.start : error.end])
    return re.sub(r"(?<=[-+\d])\^", "", text), error.end  # of several digits it is one power


def allow(streams: Iterable[Any]) -> None:
    """Have these streams replace what they cannot write, and lose nothing else."""
    codecs.register_error(HANDLER, _replaced)
    for stream in streams:
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=HANDLER)
