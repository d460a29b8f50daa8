"""What home says to a reader whose address led to no page."""

from __future__ import annotations

import streamlit as st

from app import addresses
from app.page.home import WIDTH
from app.page.theme import banner
from sims.core.registry import registry
from sims.core.sentences import one_line


def sentence(asked: str) -> str:
    """That there is no such page, and which may have been meant."""
    words = f"there is no page {one_line(asked, addresses.MOST_KEPT)!r}"
    near = addresses.nearest(asked)
    titles = {addresses.of(e.name): e.title for e in registry.experiments()}
    if near in titles:
        words += f"; did you mean {titles[near]}, at {near}?"
    return f"{words}{'' if near in titles else '.'} All there are stand below."


def say() -> None:
    """Say it where the address was led here for that."""
    asked = st.query_params.get(addresses.LOST)
    if asked:
        with st.container(horizontal_alignment="center"), st.container(width=WIDTH):
            banner("Not here:", [sentence(asked)])
