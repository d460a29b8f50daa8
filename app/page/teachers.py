"""For teachers: what an experiment teaches, beneath its notes."""

from __future__ import annotations

import streamlit as st

from app import addresses
from app.teaching import Teaching, teaching
from sims.core.experiment import Experiment


@st.fragment
def show(experiment: Experiment) -> None:
    """An expander, sent only once it is opened; nothing where nothing is written."""
    told = teaching(experiment)
    if told is None:
        return
    key = f"notes-teachers-{addresses.of(experiment.name)}"
    opened = st.expander("For teachers", key=key, on_change="rerun")
    if opened.open:
        with opened:
            st.markdown(text(experiment, told))


def text(experiment: Experiment, told: Teaching) -> str:
    """All of it as Markdown, each question with a link to the settings that show its answer."""
    asked = "\n\n".join(
        f"**{number}. {one.ask.strip()}** [See it]({one.link(experiment)})\n\n{one.answer.strip()}"
        for number, one in enumerate(told.questions, 1)
    )
    parts = {
        "What will surprise": told.surprises,
        "Where the model ends": told.limits,
        "Three questions that a line of the theory answers": asked,
        "A suggested order": told.order,
    }
    return "\n\n".join(f"### {title}\n\n{words.strip()}" for title, words in parts.items())
