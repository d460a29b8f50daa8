"""TeX of short symbols as HTML, for Plotly text and for the page."""

from __future__ import annotations

import html
import re
from functools import cache

from sims.core.format import MINUS, THIN

GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "varepsilon": "ε",
    "eta": "η", "theta": "θ", "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν", "pi": "π",
    "rho": "ρ", "sigma": "σ", "tau": "τ", "phi": "φ", "chi": "χ", "psi": "ψ", "omega": "ω",
    "Delta": "Δ", "Sigma": "Σ", "Lambda": "Λ", "Phi": "Φ", "Omega": "Ω", "ell": "ℓ",
    "nabla": "∇", "partial": "∂", "infty": "∞", "cdot": "·", "times": "×", "ll": "≪", "gg": "≫",
    "le": "≤", "leq": "≤", "ge": "≥", "geq": "≥", "lt": "&lt;", "gt": "&gt;", "approx": "≈",
    "to": "→", "pm": "±", "ne": "≠", "sim": "∼", "propto": "∝", "max": "max", "min": "min",
    "ln": "ln", "log": "log", "exp": "exp", "cos": "cos", "sin": "sin", "tanh": "tanh",
    "lVert": "‖", "rVert": "‖", "Vert": "‖", "|": "‖", "langle": "⟨", "rangle": "⟩",
    "sum": "∑", "int": "∫", "sqrt": "√", ",": " ", ";": " ", " ": " ", "!": "", "quad": "  ",
    "varphi": "φ",
    "{": "{", "}": "}", "top": "⊤", "prime": "′", "dagger": "†", "left": "", "right": "",
}  # fmt: skip
ACCENTS = {"bar": "\u0304", "hat": "\u0302", "tilde": "\u0303", "dot": "\u0307"}
UPRIGHT = ("mathrm", "text", "operatorname", "mathit", "mathbf", "mathsf")
BETWEEN, OPENING = "=+-", ("(", "[", "{", "ln", "log", "exp", THIN)
TOKEN = re.compile(r"\\([A-Za-z]+|.)|([A-Za-z])|(\s+)|(.)", re.S)

FONT = "KaTeX_Math"


def italic(letter: str) -> str:
    """A mathematical letter."""
    return f'<span style="font-family:{FONT};font-style:italic">{letter}</span>'


def indexed(letter: str, below: str | int) -> str:
    """A letter with an index: an italic letter too, or a number or a word, upright."""
    index = italic(str(below)) if str(below).isalpha() and len(str(below)) == 1 else str(below)
    return f"{italic(letter)}<sub>{index}</sub>"


@cache
def symbol(tex: str) -> str:
    """TeX of a short symbol as HTML: italic letters, upright words, sub- and superscripts."""
    return _tex(tex, upright=False, spaced=True)


def _tex(tex: str, upright: bool, *, spaced: bool = False) -> str:
    """TeX as HTML; `spaced`: with spaces where two sides are compared, added or listed."""
    made, at, raised = [], 0, ""
    while at < len(tex):
        if tex[at] in "_^" and at + 1 < len(tex):
            raised = "sub" if tex[at] == "_" else "sup"
            at += 1
        sign = tex[at]
        piece, at = _next_piece(tex, at, upright)
        if spaced and not raised and sign in BETWEEN and made and made[-1] not in OPENING:
            gap = " " if sign == "=" else THIN
            piece = f"{gap}{piece}{gap}"
        elif spaced and not raised and sign == "," and at < len(tex):
            piece += THIN
        made.append(f"<{raised}>{piece}</{raised}>" if raised else piece)
        raised = ""
    return "".join(made)


def _next_piece(tex: str, at: int, upright: bool) -> tuple[str, int]:
    if tex[at] == "{":
        end = _closing(tex, at)
        return _tex(tex[at + 1 : end], upright), end + 1
    found = TOKEN.match(tex, at)
    if found is None:
        return "", len(tex)
    command, letter, space, other = found.groups()
    at = found.end()
    if command is None:
        if letter:
            return letter if upright else italic(letter), at
        return (" " if upright else "") if space else html.escape(
            MINUS if other == "-" else other
        ), at
    if command in UPRIGHT or command in ACCENTS or command == "frac":
        return _argument(command, tex, at, upright)
    sign = GREEK.get(command, command)
    slanted = not upright and len(sign) == 1 and "α" <= sign <= "ω"
    return italic(sign) if slanted else sign, at


def _argument(command: str, tex: str, at: int, upright: bool) -> tuple[str, int]:
    while at < len(tex) and tex[at].isspace():
        at += 1
    if at >= len(tex):
        return "", at
    if command == "frac":
        top, at = _next_piece(tex, at, upright)
        bottom, at = _next_piece(tex, at, upright) if at < len(tex) else ("", at)
        return f"{top}/{bottom}", at
    if command in ACCENTS:
        piece, at = _next_piece(tex, at, upright)
        return re.sub(r"(\w)(?=<|$)", rf"\1{ACCENTS[command]}", piece, count=1), at
    return _next_piece(tex, at, True)


def _closing(tex: str, at: int) -> int:
    depth = 0
    for i in range(at, len(tex)):
        depth += {"{": 1, "}": -1}.get(tex[i], 0)
        if depth == 0:
            return i
    return len(tex)


@cache
def prose(text: str) -> str:
    """A sentence as HTML in which `$...$` is TeX; all else stays as it is written."""
    parts = re.split(r"\$([^$]*)\$", text)
    return "".join(symbol(p) if i % 2 else html.escape(p, quote=False) for i, p in enumerate(parts))


@cache
def plain(text: str) -> str:
    """The same without any markup, for readers who cannot see it."""
    return html.unescape(re.sub(r"<[^>]*>", "", prose(text)))


def numbered(text: str, number: int) -> str:
    """The text with a number in place of `#`; as an index it is one group."""
    return text.replace("_#", f"_{{{number}}}").replace("#", str(number))
