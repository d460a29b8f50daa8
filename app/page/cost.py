"""What a run will take, in the sidebar."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from app.others import points
from app.page.theme import hairline
from sims.core.format import THIN
from sims.core.setup import Setup


def known(token: str) -> dict[str, Any]:
    """Seconds and memory of a job, as far as the hub knows them."""
    from app.live.server.hub import Unknown, hub

    try:
        return hub().cost(token)
    except Unknown:
        return {}


def show(setup: Setup, token: str, over: Mapping[str, str] | None) -> None:
    """What the run will take; the live part asks for the page again once that is known."""
    hairline()
    steps = _grouped(setup.schedule.steps)
    if over is not None:
        runs = points(setup.experiment, over) * len(setup.seeds)
        st.markdown(f"**Cost of this sweep**  \n{runs} runs of about {steps} steps")
        return
    cost = known(token)
    lines = [f"{steps} steps × {len(setup.seeds)} {_seeds(setup)}"]
    said = []
    if cost.get("seconds") is not None:
        said.append(f"about {seconds_words(cost['seconds'])}")
    if cost.get("memory"):
        said.append(_megabytes(cost["memory"]))
    lines.append(", ".join(said) or "time and memory: being measured")
    st.markdown("**Cost of this run**  \n" + "  \n".join(lines))


def _seeds(setup: Setup) -> str:
    return "seed" if len(setup.seeds) == 1 else "seeds"


def _grouped(count: int) -> str:
    return f"{count:,}".replace(",", THIN)


def _megabytes(count: float) -> str:
    return f"{count / 1e6:.1f} MB" if count >= 1e5 else "under 0.1 MB"


def seconds_words(value: float) -> str:
    """A time in words: two digits, never under a tenth of a second."""
    if value < 0.1:
        return "0.1 s or less"
    return f"{value:.1f} s" if value < 10 else f"{value:.0f} s"
