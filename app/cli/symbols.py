"""TeX in a terminal."""

from __future__ import annotations

import re

GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "eta": "η",
    "theta": "θ", "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν", "rho": "ρ", "sigma": "σ",
    "tau": "τ", "phi": "φ", "omega": "ω",
}  # fmt: skip


def plain_symbol(tex: str) -> str:
    r"""A TeX symbol for the terminal: `\alpha` is α, `d_\mathrm{in}` is d_in."""
    text = re.sub(r"\\(?:mathrm|mathbf|text|operatorname)\{([^}]*)\}", r"\1", tex)
    text = re.sub(r"\\([a-zA-Z]+)", lambda m: GREEK.get(m[1], m[1]), text)
    return re.sub(r"[{}\\]", "", text)


def plain_text(line: str) -> str:
    """A line with TeX between dollars for the terminal."""
    parts = line.split("$")
    return "".join(plain_symbol(part) if i % 2 else part for i, part in enumerate(parts))
