"""TeX of short symbols and plain sentences as HTML."""

from __future__ import annotations

import html
import re

from app.figures import style
from app.figures.panels import MINUS, SUPERSCRIPT, TIMES

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
    "{": "{", "}": "}", "top": "⊤", "prime": "′", "dagger": "†", "left": "", "right": "",
}  # fmt: skip
ACCENTS = {"bar": "\u0304", "hat": "\u0302", "tilde": "\u0303", "dot": "\u0307"}
UPRIGHT = ("mathrm", "text", "operatorname", "mathit", "mathbf", "mathsf")
E_NOTATION = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)e([+-]?\d+)\b")
TOKEN = re.compile(r"\\([A-Za-z]+|.)|([A-Za-z])|(\s+)|(.)", re.S)


def symbol(tex: str) -> str:
    """TeX of a short symbol as HTML: italic letters, upright words, sub- and superscripts."""
    return _tex(tex, upright=False)


def _tex(tex: str, upright: bool) -> str:
    made, at, raised = [], 0, ""
    while at < len(tex):
        if tex[at] in "_^" and at + 1 < len(tex):
            raised = "sub" if tex[at] == "_" else "sup"
            at += 1
        piece, at = _next_piece(tex, at, upright)
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
            return letter if upright else style.italic(letter), at
        return (" " if upright else "") if space else html.escape(
            MINUS if other == "-" else other
        ), at
    if command in UPRIGHT or command in ACCENTS or command == "frac":
        return _argument(command, tex, at, upright)
    sign = GREEK.get(command, command)
    slanted = not upright and len(sign) == 1 and "α" <= sign <= "ω"
    return style.italic(sign) if slanted else sign, at


def _argument(command: str, tex: str, at: int, upright: bool) -> tuple[str, int]:
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
    escaped = re.sub(r"\b([A-Za-z])_(\w)\b", lambda m: style.symbol(m[1], m[2]), escaped)
    escaped = re.sub(
        r"\^\(?([\w+\-]+)\)?", lambda m: f"<sup>{m[1].replace('-', MINUS)}</sup>", escaped
    )
    for name in ("alpha", "eta", "lambda", "mu", "tau", "beta"):
        escaped = re.sub(rf"\b{name}\b(?! =? ?\d)", style.italic(GREEK[name]), escaped)
    return escaped
