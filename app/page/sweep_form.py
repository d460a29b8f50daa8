"""A sweep of the reader's own: one knob or two over ranges, what it costs, and its command."""

from __future__ import annotations

import math
from collections.abc import Mapping

import streamlit as st

from app import addresses, share
from app.knob_words import begun
from app.lock import Lock
from app.others import BESIDE, OVER, Others, check_runs, is_sweepable, points, swept
from app.page import cost
from app.page.choice import Choice
from app.page.presets import VIEW
from app.page.request import Request
from app.typed import count
from sims.core.experiment import Experiment
from sims.core.knobs import Knob, allowed, knobs_of, number

POINTS = {1: 7, 2: 5}
"""Points of a range that is proposed, by how many knobs are swept."""
NO_SECOND = "no second knob"
RANGE_SAYS = "`lo:hi:n` for n values, `lo:hi:n:log` for even ratios, or a list `a,b,c`."


@st.fragment
def show(asked: Request) -> None:
    """An expander, sent once it is opened; none where a lock leaves no knob or asks to guess."""
    experiment, choice = asked.experiment, asked.choice
    knobs = _free(experiment, choice.prepared.lock)
    if not knobs or choice.prepared.lock.guess:
        return
    opened = st.expander(
        "Sweep", key=f"notes-sweep-{addresses.of(experiment.name)}", on_change="rerun"
    )
    if opened.open:
        with opened:
            _form(asked, knobs)


def _free(experiment: Experiment, lock: Lock) -> dict[str, Knob]:
    known = knobs_of(experiment.Params).items()
    return {name: knob for name, knob in known if is_sweepable(knob) and name not in lock}


def _form(asked: Request, knobs: Mapping[str, Knob]) -> None:
    experiment, choice = asked.experiment, asked.choice
    now = dict(choice.prepared.others.over)
    texts, typed_seeds = _asked(asked, knobs, now)
    said = ";".join(f"{name}:{text.strip()}" for name, text in texts.items())
    try:
        over = swept(experiment, said, choice.prepared.lock)
        many = count("seeds", typed_seeds.strip())
        check_runs(experiment, over, many)
    except ValueError as error:
        st.markdown(f":orange[{error}]")
        over, many = {}, choice.seeds
    if over:
        st.markdown(price(asked, over, many))
        command = share.as_command(experiment, choice.values, choice.seed, many, over=over)
        st.code(command, language=None, wrap_lines=True)
    drawn = over == now and many == choice.seeds
    row = st.container(horizontal=True)
    draw = row.button(
        "Draw this sweep", key=_key(experiment, "draw"), disabled=not over or drawn,
        on_click=_draw, args=(choice, over, many),
    )  # fmt: skip
    leave = bool(now) and row.button(
        "Back to one run", key=_key(experiment, "leave"), on_click=_leave
    )
    if draw or leave:
        st.rerun()


def _key(experiment: Experiment, word: str) -> str:
    return f"sweep-{word}-{addresses.of(experiment.name)}"


def _asked(
    asked: Request, knobs: Mapping[str, Knob], now: Mapping[str, str]
) -> tuple[dict[str, str], str]:
    """What is typed: a range for each knob to sweep over, at first the one that is, and seeds."""
    experiment, choice = asked.experiment, asked.choice
    above, below = st.columns(2), st.columns([2, 2, 1])
    names, swept_now = list(knobs), [name for name in now if name in knobs]
    one = above[0].selectbox(
        "Over", names, names.index(swept_now[0]) if swept_now else 0,
        key=_key(experiment, "first"), format_func=lambda name: _named(knobs[name]),
    )  # fmt: skip
    others = [NO_SECOND, *(name for name in names if name != one)]
    at = others.index(swept_now[1]) if len(swept_now) > 1 and swept_now[1] in others else 0
    two = above[1].selectbox(
        "and over", others, at, key=_key(experiment, f"second-to-{one}"),
        format_func=lambda name: name if name == NO_SECOND else _named(knobs[name]),
    )  # fmt: skip
    picked = [one, *([] if two == NO_SECOND else [two])]
    texts = {}
    for name, column in zip(picked, below, strict=False):
        knob = knobs[name]
        texts[name] = column.text_input(
            f"Range of {begun(knob.label)}",
            now.get(name) or usual(knob, POINTS[len(picked)]),
            key=_key(experiment, f"range-{name}-{len(picked)}"),
            help=f"{RANGE_SAYS} Takes {allowed(knob)}.",
        )
    seeds = below[2].text_input(
        "Seeds", str(choice.seeds), key=_key(experiment, f"seeds-{choice.seeds}"),
        disabled="seeds" in choice.prepared.lock, help="How many runs at each point.",
    )  # fmt: skip
    return texts, seeds


def _named(knob: Knob) -> str:
    return f"{knob.label} ({knob.name})"


def usual(knob: Knob, many: int) -> str:
    """A range over the slider's limits of a knob, as a command takes it; '' where it has none."""
    if knob.choices:
        return ",".join(number(one) for one in knob.choices)
    if not math.isfinite(knob.hi - knob.lo):
        return ""
    logarithmic = knob.scale == "log" and knob.lo > 0
    return f"{number(knob.lo)}:{number(knob.hi)}:{many}" + (":log" if logarithmic else "")


def price(asked: Request, over: Mapping[str, str], seeds: int) -> str:
    """How many runs a sweep is, and what they take if each is as long as the page's own run."""
    settings = points(asked.experiment, over)
    runs = settings * seeds
    words = f"**{runs} {'run' if runs == 1 else 'runs'}**"
    if seeds > 1:
        words += f": {settings} points, {seeds} seeds each"
    known = {} if asked.over else cost.known(asked.token)
    if known.get("seconds") is None:
        return f"{words}."
    took = known["seconds"] / max(1, asked.choice.seeds) * runs
    return f"{words}, about {cost.seconds_words(took)} if each takes what this one does."


def _draw(choice: Choice, over: Mapping[str, str], seeds: int) -> None:
    """Show that sweep; for callbacks only."""
    for word in (VIEW, BESIDE):
        st.query_params.pop(word, None)
    st.query_params[OVER] = Others(over=over).words()[OVER]
    if seeds != choice.seeds and "seeds" not in choice.prepared.lock:
        st.session_state["seeds"] = seeds


def _leave() -> None:
    """Show one run again; for callbacks only."""
    st.query_params.pop(OVER, None)
