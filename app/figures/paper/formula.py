"""Formulas in TeX as Matplotlib's own reader of TeX takes them; no TeX is needed."""

from __future__ import annotations

import re
from functools import cache

from matplotlib.mathtext import MathTextParser

from app import tex
from app.figures.paper.words import mathtext

CALLED = {
    "tfrac": "frac", "le": "leq", "ge": "geq", "lt": "<", "gt": ">", "ne": "neq", "lVert": "|",
    "rVert": "|", "Vert": "|", "lvert": "vert", "rvert": "vert", "text": "mathrm",
    "land": "wedge", "bmod": r"; \mathrm{mod} \;",
}  # fmt: skip
"""Names that Matplotlib lacks, and those of what is drawn instead."""
SIDES = {"(": "left", "[": "left", "{": "left", ")": "right", "]": "right", "}": "right"}
RAISED = ("^", "_")
LARGE, DISPLAYED = r"\frac", r"\dfrac"
TWO, ONE = (
    ("frac", "dfrac", "binom"),
    ("mathsf", "mathrm", "mathbf", "mathbb", "mathcal", "sqrt", "bar", "hat", "tilde"),
)
"""Commands whose arguments it wants in braces: two of them, and one.

An operator above or below a letter has no spaces around it in braces.
"""
TOKEN = re.compile(r"\\(?:[A-Za-z]+|.)|\s+|.", re.S)


@cache
def formula(law: str, *, displayed: bool = False) -> str:
    """A formula between dollars; in plain letters where it uses what Matplotlib does not know.

    `displayed`: one that stands alone, with large fractions.
    """
    made = translated(law.replace(LARGE, DISPLAYED) if displayed else law)
    return made if reads(made) else mathtext(tex.symbol(law))


def translated(law: str) -> str:
    """TeX in the words of it that Matplotlib knows, between dollars."""
    return f"${_braced(_renamed(law))}$"


def reads(words: str) -> bool:
    """Whether Matplotlib can read words with formulas between dollars."""
    try:
        MathTextParser("path").parse(words)
    except ValueError:
        return False
    return True


def prose(text: str) -> str:
    """A sentence with TeX between dollars, as paper has it."""
    parts = re.split(r"\$([^$]*)\$", text)
    return "".join(formula(p) if i % 2 else mathtext(tex.prose(p)) for i, p in enumerate(parts))


def _renamed(law: str) -> str:
    law = re.sub(r"\\[bB]igg?[lr]?\s*\\?([()\[\]{}])", lambda m: f"\\{SIDES[m[1]]}{m[1]}", law)
    law = law.replace(r"\operatorname*", r"\mathrm ")

    def called(found: re.Match[str]) -> str:
        name = CALLED.get(found[1], found[1])
        return name if name in "<>" else f"\\{name}"

    return re.sub(r"\\([A-Za-z]+)", called, law)


def _braced(law: str) -> str:
    """The same with braces around every argument that is a single sign."""
    made, tokens = "", TOKEN.findall(law)
    while tokens:
        token = tokens.pop(0)
        made += token
        for _ in range(_arguments(token)):
            while tokens and tokens[0].isspace():
                tokens.pop(0)
            if token in RAISED and tokens and _arguments(tokens[0]):
                break
            if tokens and tokens[0] not in "{[":
                made += f"{{{tokens.pop(0)}}}"
            elif tokens and tokens[0] == "{":
                group, tokens = _group(tokens)
                made += f"{{{_braced(group)}}}"
    return made


def _arguments(token: str) -> int:
    """How many arguments in braces a command or a sign is followed by."""
    if token in RAISED or (token.startswith("\\") and token[1:] in ONE):
        return 1
    return 2 if token.startswith("\\") and token[1:] in TWO else 0


def _group(tokens: list[str]) -> tuple[str, list[str]]:
    """What stands in the braces that come first, and what follows them."""
    depth = 0
    for i, token in enumerate(tokens):
        depth += {"{": 1, "}": -1}.get(token, 0)
        if depth == 0:
            return "".join(tokens[1:i]), tokens[i + 1 :]
    return "".join(tokens[1:]), []
