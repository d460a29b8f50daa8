"""What the reader's browser says of itself, and the marks that follow the theme."""

from __future__ import annotations

import html
from collections.abc import Sequence

import streamlit as st

from app.figures import style
from app.page.around import PROJECTOR

LAYOUT = """
.st-key-law { overflow: auto hidden; }
.st-key-law .katex { white-space: nowrap; }
.st-key-theory { row-gap: 0; }
.st-key-theory > * { max-width: 100%; }
.st-key-theory > :last-child { flex-basis: 15rem; }
.st-key-regime p { font-size: 0.9375rem; line-height: 1.45; }
:is([class*="st-key-tour-Take"], .st-key-prepare) { margin-block: -0.25rem; }
.st-key-tour { padding-bottom: 0.25rem; }
.st-key-tour > :first-child { flex: 1 1 0; min-width: 0; }
.st-key-tour-words p { font-size: 0.9375rem; line-height: 1.4; margin: 0; padding-left: 0.75rem; }
@media (max-width: 640px) {
  .st-key-tour { flex-wrap: wrap; }
  .st-key-tour > :first-child { flex-basis: 100%; }
  .st-key-tour-words p { max-height: 4rem; overflow-y: auto; }
  :has([data-locked]) .st-key-regime { display: none; }
  :has(.st-key-tour) .st-key-tabs, :has(.st-key-tour) .st-key-theory { display: none; }
}
@media (max-width: 1100px) {
  .st-key-tabs { flex-wrap: nowrap; overflow-x: auto; gap: 6px; }
  .st-key-tabs > * { flex-shrink: 0; }
}
@media (max-width: 640px) {
  .st-key-law p { white-space: nowrap; }
}
@media print {
  [data-testid="stSidebar"], [data-testid="stHeader"] { display: none; }
  .st-key-tabs, .st-key-tour, [class*="st-key-notes"] { display: none; }
  [data-testid="stApp"], [data-testid="stAppViewContainer"], [data-testid="stMain"] {
    position: static; display: block; overflow: visible; height: auto;
  }
  [data-testid="stMainBlockContainer"] { padding: 0; max-width: none; }
  * { background: transparent !important; }
  html { background: PAPER !important; color-scheme: light; }
  [data-testid="stApp"] * { color: INK !important; }
  @page { margin: 10mm; }
}
"""
"""The law breaks between its formulas, never inside one, and what it holds for stands beside it
where there is room, else below; on a phone it is one line that scrolls. There a tour takes the
place of both, and of the tabs: its words scroll, and question and picture stay on the first screen;
the line of a lock takes the place of what the law holds for.
On paper Streamlit's frame is left out, and what scrolls on a screen is whole."""


def page_style() -> str:
    """The rules of an experiment's page around the live part, on screens and on paper."""
    light = style.palette("light")
    return LAYOUT.replace("PAPER", light["panel"]).replace("INK", light["ink"]) + PROJECTOR


def mode() -> style.Mode:
    """The theme the reader sees."""
    return "dark" if st.context.theme.type == "dark" else "light"


def hairline() -> None:
    """A thin rule between groups."""
    st.html(f'<div style="border-top:1px solid {style.palette(mode())["rule"]}"></div>')


def banner(title: str, sentences: Sequence[str]) -> None:
    """Plain sentences that ask for attention, with the bold word in front."""
    roles = style.palette(mode())
    look = (
        f"background:{roles['departs_tint']};border-left:3px solid {roles['departs']};"
        "border-radius:0 6px 6px 0;padding:.75rem 1rem;margin:0"
    )
    words = "<br>".join(html.escape(s, quote=False) for s in sentences)
    st.html(f'<p role="alert" style="{look}"><b>{title}</b> {words}</p>')
