"""The guide for authors of experiments, with the source of its example beneath."""

from __future__ import annotations

import streamlit as st

from app.assets import asset

WIDTH = 920
EXAMPLE = "heavy_ball.py"


def show() -> None:
    """Draw the guide; it needs nothing but two files of this package."""
    with st.container(horizontal_alignment="center"), st.container(width=WIDTH, gap="medium"):
        st.markdown(asset("guide/write_your_own.md").read_text("utf-8"))
        source = asset(f"guide/{EXAMPLE}").read_text("utf-8")
        st.code(source, language="python", line_numbers=True)
        st.download_button(
            f"Save {EXAMPLE}", source, EXAMPLE, "text/x-python", icon=":material/download:",
            on_click="ignore",
        )  # fmt: skip
