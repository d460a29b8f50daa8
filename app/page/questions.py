"""The open questions: each with the settings where it shows, and what would answer it."""

from __future__ import annotations

import streamlit as st

from app import addresses
from app.open_questions import OF_THE_PAPER, PAPER, SITE, OpenQuestion, open_questions
from sims.core.registry import registry

WIDTH = 920
OPENING = f"""# Open questions

A prediction that lands is a piece of theory that works; a departure says where it ends. Beyond that
lies what nobody can predict yet. The paper that this explorer takes its map from closes with ten
directions ([section 5]({PAPER})), and its [site]({SITE}) goes on counting. Here they stand in our
words: what is open, the nearest settings in which one sees it, and what a theory would have to say
**before** the run to have answered it.
"""
HOW = f"""## How to answer one

An answer is an experiment with a prediction. Write yours in one file, with its claims and
tolerances, and it has a page, a command and a file like every other:
[Write your own]({addresses.GUIDE}). A claim that fails counts as much as one that lands, as long as
it could have done either.
"""


def show() -> None:
    """Draw the page; it runs nothing."""
    with st.container(horizontal_alignment="center"), st.container(width=WIDTH, gap="medium"):
        st.markdown(OPENING)
        for one in open_questions():
            with st.container(border=True, gap="xsmall", key=f"panel-question-{one.number}"):
                st.markdown(text(one))
        st.markdown(HOW)


def text(one: OpenQuestion) -> str:
    """A question as Markdown."""
    experiment = registry.experiment(one.experiment)
    chosen = experiment.preset(one.preset).title if one.preset else "settings of its own"
    asked = "arXiv 2604.21691, section 5" if one.number <= OF_THE_PAPER else "the site"
    return (
        f"### {one.number}. {one.title}\n\n{one.ask} [{asked}]({one.source})\n\n"
        f"**Where it shows.** [{experiment.title}: {chosen}]({one.link}). {one.see}\n\n"
        f"**What a theory would have to predict.** {one.predict}"
    )
