"""A figure as a file: PDF, SVG or PNG, and PGF for a document's own fonts."""

from __future__ import annotations

import io
import shutil
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

from app.figures.paper.fonts import settings
from app.publication.latex import REGULAR, SIGNS, ascii_of

KINDS = (".pdf", ".svg", ".pgf", ".png")
PRODUCT = "Learning Mechanics Explorer"
DOTS = 300
"""Dots an inch of a picture that is none of vectors."""
SYSTEMS = ("pdflatex", "lualatex", "xelatex")
"""What measures words in a document's own fonts, any of them."""
NO_TEX = (
    "A .pgf figure is measured by LaTeX, and there is none here (pdflatex, lualatex or xelatex): "
    "install one, or write .pdf or .svg."
)


def checked(suffix: str) -> None:
    """ValueError, one sentence, if no figure can be written with that ending here."""
    if suffix not in KINDS:
        raise ValueError(f"{suffix or 'No ending'} is no kind of figure: give {', '.join(KINDS)}.")
    if suffix == ".pgf" and _system() is None:
        raise ValueError(NO_TEX)


def written(figure: Figure, suffix: str) -> bytes:
    """The bytes of a file with that ending, the same for the same figure.

    Vectors, but for .png; fonts are embedded in .pdf and drawn as outlines in .svg, and are those
    of the document that a .pgf is put into.

    Raises:
        ValueError: there is no such kind, or no LaTeX for it; one sentence.
    """
    checked(suffix)
    if suffix == ".pgf":
        return _pgf(figure).encode()
    made = io.BytesIO()
    how: dict[str, Any] = {"format": suffix[1:]}
    if suffix == ".pdf":
        how["metadata"] = {"Creator": PRODUCT, "Producer": "", "CreationDate": None}
    elif suffix == ".svg":
        how["metadata"] = {"Creator": PRODUCT, "Date": None}
    else:
        how["dpi"] = DOTS
        how["metadata"] = {"Software": PRODUCT}
    with settings(), mpl.rc_context({"svg.fonttype": "path", "svg.hashsalt": PRODUCT}):
        figure.savefig(made, **how)
    return made.getvalue()


def _system() -> str | None:
    return next((name for name in SYSTEMS if shutil.which(name)), None)


def _pgf(figure: Figure) -> str:
    """PGF with nothing in it but ASCII and what LaTeX itself knows."""
    with settings(), mpl.rc_context(_latex()):
        made = io.BytesIO()
        figure.savefig(made, format="pgf")
    text = made.getvalue().decode()
    lines = (line for line in ascii_of(text).splitlines() if not line.startswith("%%   "))
    return "\n".join(lines).replace(REGULAR, r"\mathrm") + "\n"


def _latex() -> dict[Any, Any]:
    """Settings by which LaTeX measures the words as they will be written."""
    declared = "".join(
        f"\\DeclareUnicodeCharacter{{{ord(sign):04X}}}{{{name}}}" for sign, name in SIGNS.items()
    )
    preamble = (
        f"\\providecommand{{{REGULAR}}}[1]{{\\mathrm{{#1}}}}"
        f"\\ifdefined\\DeclareUnicodeCharacter{declared}\\fi"
    )
    return {"pgf.texsystem": _system(), "pgf.rcfonts": False, "pgf.preamble": preamble}
