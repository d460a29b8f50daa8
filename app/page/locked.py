"""The line of a page that is locked for a class: what is held, and the way to the free page."""

from __future__ import annotations

import html

import streamlit as st

from app import addresses, share
from app.figures import style
from app.page.choice import Choice
from app.page.theme import mode
from sims.core.experiment import Experiment
from sims.core.knobs import knobs_of

KEPT = ("view", "hero", "baseline", "guess")
"""Words of a link that the free page keeps: what a guess waits for is kept back there too."""


def show(experiment: Experiment, choice: Choice) -> None:
    """The line, where anything is held."""
    if not choice.prepared.lock.text:
        return
    ink = style.palette(mode())
    st.html(
        f'<p data-locked style="font-size:.9375rem;line-height:1.4;margin:0;color:{ink["ink2"]}">'
        f"{html.escape(said(experiment, choice), quote=False)} "
        f'<a href="{html.escape(free(experiment, choice))}" target="_self" '
        f'style="color:{ink["accent"]}">Open the free page</a></p>'
    )


def said(experiment: Experiment, choice: Choice) -> str:
    """What is held, in one or two sentences."""
    lock = choice.prepared.lock
    words = ", ".join(lock.labels(experiment))
    if set(knobs_of(experiment.Params)) <= set(lock.values):
        words = ", ".join(["every knob", *lock.labels(experiment)[len(lock.values) :]])
    sentences = [f"Locked for class: {words}."] if words else []
    if lock.guess:
        sentences.append("Your guess comes before the run.")
    return " ".join(sentences)


def free(experiment: Experiment, choice: Choice) -> str:
    """The address of the same settings with nothing held, as seen from a page beside it."""
    words = {name: st.query_params[name] for name in KEPT if name in st.query_params}
    query = share.query(choice.said(experiment), words)
    return addresses.of(experiment.name) + query
