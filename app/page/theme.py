"""What the reader's browser says of itself, and the marks that follow the theme."""

from __future__ import annotations

import html
from collections.abc import Sequence

import streamlit as st

from app.figures import style


def mode() -> style.Mode:
    """The theme the reader sees."""
    return "dark" if st.context.theme.type == "dark" else "light"


def on_phone() -> bool:
    """Whether the reader's browser says that it runs on a phone."""
    return "Mobi" in (st.context.headers.get("User-Agent") or "")


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
