"""Prepare for class: a dialog that makes a link to the page, and its code, for the students."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

import segno
import streamlit as st

from app import addresses, network, share
from app.lock import Lock
from app.page.choice import Choice
from app.page.request import Request
from app.prepared import Prepared
from sims.core.experiment import Experiment
from sims.core.knobs import knobs_of, plain
from sims.core.setup import Setup

LABEL, TITLE = "For class", "Prepare for class"
EVERY, SOME, NONE = "Every knob", "Some knobs", "No knob"
GUESS_SAYS = "Theory stays hidden, and the reader puts a guess into the picture."
REQUIRED_SAYS = "It cannot be turned off before the run, which waits for it."
LOCAL = (
    "Phones cannot reach this address: start the explorer with `lmx --public`, and link and code "
    "lead to this machine from the whole network."
)
QUIET = 4
"""White cells around a code, as its standard asks."""


@dataclass(frozen=True)
class Page:
    """What is prepared: a page with its settings, and the panels it has, titles by their ids."""

    experiment: Experiment
    choice: Choice
    setup: Setup
    token: str
    panels: Mapping[str, str]


def button(asked: Request) -> bool:
    """The way into the dialog; whether it was pressed. Students of a locked page have none."""
    if asked.choice.prepared.lock.text:
        return False
    return st.button(LABEL, type="tertiary", key="prepare", disabled=asked.setup is None)


def show(asked: Request) -> None:
    """Open the dialog for what the page shows."""
    if asked.setup is not None:
        made = Page(
            asked.experiment, asked.choice, asked.setup, asked.token, panels_of(asked.token)
        )
        _dialog(made)


def panels_of(token: str) -> dict[str, str]:
    """Titles of the panels of a job by their ids; none before its prediction is drawn."""
    from app.live.server.hub import Unknown, hub

    try:
        drawing = hub().job(token).drawing
    except Unknown:
        return {}
    shown = json.loads(drawing.text)["panels"] if drawing is not None else []
    return {panel["id"]: _plain(panel["title"]) for panel in shown}


def _plain(title: str) -> str:
    return html.unescape(re.sub("<[^>]*>", "", title))


@st.dialog(TITLE, width="medium")
def _dialog(page: Page) -> None:
    prepared, words = _asked(page)
    values = page.choice.said(page.experiment)
    own = addresses.of(page.experiment.name) + share.for_class(prepared, values, words)
    _given(page, own)


def _asked(page: Page) -> tuple[Prepared, dict[str, str]]:
    """What the reader sets, and further words of the link."""
    knobs = knobs_of(page.experiment.Params)
    lock = st.segmented_control(
        "Locked", (EVERY, SOME, NONE), default=EVERY, required=True, key="prepare-lock"
    )
    names: Sequence[str] = list(knobs) if lock == EVERY else []
    if lock == SOME:
        names = st.pills(
            "Knobs", list(knobs), selection_mode="multi", key="prepare-knobs",
            format_func=lambda name: knobs[name].label, label_visibility="collapsed",
        )  # fmt: skip
    left, right = st.columns(2)
    seeds = left.toggle("Lock the seed", True, key="prepare-seed")
    large = left.toggle("Large type, for a projector", key="prepare-projector")
    guess = right.toggle("Guess first", True, key="prepare-guess", help=GUESS_SAYS)
    required = right.toggle(
        "A guess is required", True, key="prepare-required", help=REQUIRED_SAYS, disabled=not guess
    )
    panels = st.multiselect(
        "Panels that are shown", list(page.panels), key="prepare-panels",
        format_func=lambda name: page.panels.get(name, name), placeholder="all of them",
        help="The first one picked stands large, at the top.",
    )  # fmt: skip
    # Of some knobs what follows from the others is held as it is now; of all it follows anyway.
    kept = page.choice.values if lock == EVERY else plain(page.setup.params)
    held = Lock(
        {name: kept[name] for name in names},
        {"seed": page.choice.seed, "seeds": page.choice.seeds} if seeds else {},
        guess=guess and required,
    )
    words = {"guess": share.FIRST} if guess else {}
    others = page.choice.prepared.others.under(held, guess=guess)
    return Prepared(held, tuple(panels), projector=large, others=others), words


def _given(page: Page, own: str) -> None:
    """The link, its code, and where they lead."""
    seen = st.context.url or ""
    folder = seen.partition("?")[0].rpartition("/")[0] + "/"
    found = network.reached(folder + own.partition("?")[0], network.served_at())
    link = (found[0] if found else folder + own.partition("?")[0]) + "?" + own.partition("?")[2]
    st.code(link, language=None, wrap_lines=True)
    code, ways = st.columns([2, 3], vertical_alignment="center")
    with code:
        if found:
            st.html(qr(link))
        else:
            st.markdown(f":small[{LOCAL}]")
    with ways:
        room = "room#open=" + quote(own, safe="")
        blank = f"files/{quote(page.token)}/handout_blank.pdf?server={quote(folder, safe='')}"
        for label, address in (
            ("Open it", own),
            ("Open a room with this", room),
            ("Blank hand-out (PDF)", blank),
        ):
            st.link_button(label, folder + address, width="stretch")


def qr(link: str) -> str:
    """The code of a link as HTML that fills its place, dark on white whatever the theme."""
    made = segno.make_qr(link, error="l")
    drawn = made.svg_data_uri(border=QUIET, omitsize=True, dark="#000", light="#fff")
    look = "display:block;width:100%;max-width:260px"
    return f'<img src="{html.escape(drawn)}" alt="QR code of the link" style="{look}">'
