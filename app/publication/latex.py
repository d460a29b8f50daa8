"""Words as LaTeX has them, with nothing but ASCII and what LaTeX itself knows."""

from __future__ import annotations

import re

from app.figures.paper.words import NAMES

SIGNS = {
    "\u2009": r"\,", "\u2002": r"\enspace{}", "\u2003": r"\quad{}", "\u00a0": "~", "–": "--",
    "…": r"\dots{}", "’": "'", "−": r"\ensuremath{-}", "×": r"\ensuremath{\times}",
    "·": r"\ensuremath{\cdot}", "≈": r"\ensuremath{\approx}", "≥": r"\ensuremath{\geq}",
    "≤": r"\ensuremath{\leq}", "→": r"\ensuremath{\to}", "∞": r"\ensuremath{\infty}",
    "±": r"\ensuremath{\pm}", "√": r"\ensuremath{\surd}", "°": r"\ensuremath{^\circ}",
    "′": r"\ensuremath{'}", "∈": r"\ensuremath{\in}", "∝": r"\ensuremath{\propto}",
}  # fmt: skip
"""What LaTeX calls the signs that figures have beyond ASCII."""
SIGNS |= {
    sign: f"\\ensuremath{{{name.strip()}}}" for sign, name in NAMES.items() if sign not in SIGNS
}
SIGNS |= {
    "½": r"\ensuremath{\frac{1}{2}}", "¼": r"\ensuremath{\frac{1}{4}}",
    "≠": r"\ensuremath{\neq}", "∼": r"\ensuremath{\sim}", "≪": r"\ensuremath{\ll}",
    "≫": r"\ensuremath{\gg}", "∂": r"\ensuremath{\partial}", "∇": r"\ensuremath{\nabla}",
    "∑": r"\ensuremath{\sum}", "∫": r"\ensuremath{\int}", "∓": r"\ensuremath{\mp}",
    "←": r"\ensuremath{\leftarrow}", "‖": r"\ensuremath{\Vert}", "†": r"\ensuremath{\dagger}",
    "⟨": r"\ensuremath{\langle}", "⟩": r"\ensuremath{\rangle}", "ℓ": r"\ensuremath{\ell}",
    "⌊": r"\ensuremath{\lfloor}", "⌋": r"\ensuremath{\rfloor}", "⊤": r"\ensuremath{\top}",
    "⊥": r"\ensuremath{\perp}", "ᵀ": r"\ensuremath{^{T}}", "ᵗ": r"\ensuremath{^{t}}",
    "ₖ": r"\ensuremath{_{k}}",
}  # fmt: skip
RAISED = {**dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789", strict=True)), "⁻": "-", "⁺": "+"}
LOWERED = {**dict(zip("₀₁₂₃₄₅₆₇₈₉", "0123456789", strict=True)), "₊": "+", "₋": "-"}
SIGNS |= {sign: f"\\ensuremath{{^{{{plain}}}}}" for sign, plain in RAISED.items()}
SIGNS |= {sign: f"\\ensuremath{{_{{{plain}}}}}" for sign, plain in LOWERED.items()}
REGULAR = r"\mathregular"
"""Matplotlib's own command for upright words in a formula."""
_POWER = re.compile(f"[{''.join(RAISED)}]+")
SPECIAL = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "#": r"\#", "_": r"\_", "{": r"\{",
    "}": r"\}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "$": r"\$",
    "|": r"\ensuremath{|}", "<": r"\ensuremath{<}", ">": r"\ensuremath{>}", '"': "''",
}  # fmt: skip
"""What LaTeX takes for more than itself."""


def ascii_of(text: str) -> str:
    """LaTeX with every sign beyond ASCII by the name LaTeX has for it."""
    made = _POWER.sub(lambda m: f"\\ensuremath{{^{{{_plainly(m[0])}}}}}", text)
    for sign, name in SIGNS.items():
        made = made.replace(sign, name)
    return made


def _plainly(power: str) -> str:
    return "".join(RAISED[sign] for sign in power)


def escaped(text: str) -> str:
    """A sentence as LaTeX; formulas between dollars stay as they are."""
    parts = re.split(r"(\$[^$]+\$)", text)
    return ascii_of("".join(p if i % 2 else _plain(p) for i, p in enumerate(parts)))


def _plain(text: str) -> str:
    return "".join(SPECIAL.get(sign, sign) for sign in text)
