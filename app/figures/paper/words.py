"""Words of figures, which are HTML, as Matplotlib reads them: with TeX between dollars."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from html.parser import HTMLParser
from itertools import groupby

from app.tex import ACCENTS, GREEK

NAMES = {
    sign: f"\\{name} "
    for name, sign in GREEK.items()
    if len(sign) == 1 and not sign.isascii() and name.isalpha()
}
NAMES |= {"ϵ": r"\epsilon ", "φ": r"\varphi ", "≤": r"\leq ", "≥": r"\geq ", "⊤": r"\top "}
"""Letters and signs by which TeX calls them."""
ONLY_TEX = dict.fromkeys("∇∼⟨⟩⊤∝∑∫≪≫") | {"ᵀ": r"^{\mathregular{T}}", "\u2002": r"\enspace"}
"""Signs that the fonts of text lack."""
ABOVE = {mark: name for name, mark in ACCENTS.items()}
SPECIAL = {"$": r"\$", "\\": r"\backslash", "{": r"\{", "}": r"\}", "%": r"\%", "#": r"\#"}
SPECIAL |= {"&": r"\&", "_": r"\_", "^": r"\^{}", " ": r"\ ", "\u2009": r"\,", "−": "-"}


@dataclass
class Piece:
    """A stretch of words: italic or not, and on the line, below it or above it."""

    text: str
    italic: bool = False
    at: str = ""


class _Reader(HTMLParser):
    """Takes a figure's words apart."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[Piece] = []
        self.bold = False
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "br":
            self.pieces.append(Piece("\n"))
            return
        slanted = tag in ("i", "em") or "italic" in (dict(attrs).get("style") or "")
        self._open.append("i" if slanted else tag)
        self.bold |= tag == "b"

    def handle_endtag(self, tag: str) -> None:
        if tag != "br" and self._open:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        at = next((t for t in reversed(self._open) if t in ("sub", "sup")), "")
        self.pieces.append(Piece(data, "i" in self._open, at))


@cache
def taken_apart(html: str) -> tuple[tuple[Piece, ...], bool]:
    """The pieces of a figure's words, and whether they are bold."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return tuple(reader.pieces), reader.bold


@cache
def mathtext(html: str) -> str:
    """A figure's words with its symbols as TeX between dollars, all else as it stands."""
    pieces, _ = taken_apart(html)
    made = ""
    for in_tex, run in groupby(pieces, lambda piece: piece.italic or bool(piece.at)):
        some = list(run)
        made += f"${_formula(some)}$" if in_tex else "".join(_upright(p.text) for p in some)
    return made


def _formula(pieces: Iterable[Piece]) -> str:
    """Symbols with their indices; TeX takes one group below a letter, and one above it."""
    made = ""
    for at, run in groupby(pieces, lambda piece: piece.at):
        inner = "".join(_tex(p.text) if p.italic else _in_words(p.text) for p in run)
        made += f"{'_' if at == 'sub' else '^'}{{{inner}}}" if at else inner
    return made


def _tex(text: str) -> str:
    """Mathematical letters as TeX."""
    made = ""
    for i, sign in enumerate(text):
        if sign in ABOVE:
            continue
        letter = NAMES.get(sign, SPECIAL.get(sign, sign))
        mark = ABOVE.get(text[i + 1 : i + 2])
        made += f"\\{mark}{{{letter.strip()}}}" if mark else letter
    return made


def _in_words(text: str) -> str:
    """Upright words inside a formula, in the font of the text around it."""
    if text.isascii() and text.isalnum():
        return f"\\mathregular{{{text}}}"
    return "".join(NAMES.get(s, SPECIAL.get(s, s)) for s in text)


def _upright(text: str) -> str:
    made = ""
    for sign in text:
        if sign in ONLY_TEX:
            made += f"${ONLY_TEX[sign] or NAMES.get(sign, sign).strip()}$"
        else:
            made += r"\$" if sign == "$" else sign
    return made


def is_bold(html: str) -> bool:
    """Whether a figure's words are bold."""
    return taken_apart(html)[1]
