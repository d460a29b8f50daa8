"""Knobs as widgets: bound to the address bar, grouped, with symbol, unit, help and limits."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import streamlit as st

from app.page import upload
from app.page.choice import SWITCH, Choice, as_widget, is_open_switch
from app.page.slider import has_slider, slider, spoken
from app.typed import COUNTS
from sims.core.experiment import Experiment
from sims.core.knobs import Knob, allowed, knobs_of, lines_beneath, plain, unused_knobs
from sims.core.own_data import is_own

EXPERT_KEY = "expert"
GROUPS = ("Model", "Start", "Training")


def beyond_soft(knob: Knob, value: Any) -> bool:
    """Whether a value lies outside the slider's usual range, though validation takes it."""
    if value is None or knob.kind in ("bool", "choice"):
        return False
    entries = value if knob.kind == "list" else (value,)
    return any(not knob.lo <= entry <= knob.hi for entry in entries)


def sidebar(experiment: Experiment, choice: Choice, resolved: Any | None, sentence: str) -> None:
    """All controls; `resolved` fills the placeholders of automatic knobs, `sentence` is refused."""
    knobs = knobs_of(experiment.Params)
    far = [name for name, k in knobs.items() if beyond_soft(k, choice.values.get(name))]
    if far:
        st.session_state[EXPERT_KEY] = True
    expert = bool(st.session_state.get(EXPERT_KEY, False))
    unused = unused_knobs(experiment.Params, choice.values)
    lines = lines_beneath(resolved) if resolved is not None else {}
    # A sweep is resolved at its first point, of which a knob's own value says nothing.
    own = {name: choice.values.get(name) for name in lines}
    lines = {n: said for n, said in lines.items() if own[n] in (None, getattr(resolved, n))}
    drawer = _Drawer(choice, resolved, lines, sentence, expert)
    groups = dict.fromkeys([*GROUPS, *(k.group for k in knobs.values())])
    for group in groups:
        members = [k for k in knobs.values() if k.group == group and k.name not in unused]
        if members:
            st.markdown(f":gray[{group}]")
            drawer.group(members)
    st.markdown(":gray[Repeats]")
    _repeats(experiment, choice)
    if unused:
        with st.expander(f"Not used here ({len(unused)})"):
            for name, reason in unused.items():
                drawer.draw(knobs[name], disabled=True)
                st.caption(reason)
    words = "Wider limits for every control, for those who know what to expect."
    st.toggle("Expert ranges", key=EXPERT_KEY, help=words, persist_state="session")
    if far:
        lie = "lies" if len(far) == 1 else "lie"
        st.caption(f"On, because {' and '.join(far)} {lie} beyond the usual range.")


def _repeats(experiment: Experiment, choice: Choice) -> None:
    seeds, first = st.columns(2)
    lo, hi = COUNTS["seeds"]
    held = choice.prepared.lock
    st.session_state.update(held.counts)
    seeds.number_input(
        "Seeds", value=1, step=1, key="seeds", bind=_bind("seeds", choice),
        disabled="seeds" in held,
        help=f"How many runs, each with its own data and initial weights; {lo} to {hi}.",
    )  # fmt: skip
    first.number_input(
        "First seed", value=experiment.default_seed, step=1, key="seed",
        bind=_bind("seed", choice), disabled="seed" in held,
        help="Data and initial weights follow from the seed; a link replays them anywhere.",
    )  # fmt: skip
    for name in COUNTS:
        _say(choice.wrong.get(name, ""))


def _bind(name: str, choice: Choice) -> Literal["query-params"] | None:
    """A widget takes its first value from the address, unless that was refused or is locked."""
    return None if name in choice.vain or name in choice.prepared.lock else "query-params"


def _say(refused: str) -> None:
    if refused:
        st.markdown(f":small[:orange[{refused}]]")


class _Drawer:
    """Draws the widgets of one page."""

    def __init__(
        self,
        choice: Choice,
        resolved: Any | None,
        lines: Mapping[str, str],
        sentence: str,
        expert: bool,
    ) -> None:
        self.choice, self.lines, self.expert = choice, lines, expert
        self.resolved = plain(resolved) if resolved is not None else {}
        self.sentence = sentence

    def group(self, members: Sequence[Knob]) -> None:
        """The controls of a group; two short ones in a row stand side by side."""
        waiting = list(members)
        while waiting:
            knob = waiting.pop(0)
            if waiting and _is_short(knob) and _is_short(waiting[0]):
                left, right = st.columns(2)
                with left:
                    self.draw(knob)
                with right:
                    self.draw(waiting.pop(0))
            else:
                self.draw(knob)

    def draw(self, knob: Knob, *, disabled: bool = False) -> None:
        """One control with its line beneath, and the sentence if it was refused.

        A locked one stands at what is held, whatever a preset has written.
        """
        held = self.choice.prepared.lock
        if knob.name in held:
            st.session_state[knob.name] = as_widget(knob, held.values[knob.name])
            disabled = True
        with st.container(gap="xsmall"):
            self._widget(knob, disabled)
            self._beneath(knob, disabled)

    def _widget(self, knob: Knob, disabled: bool) -> None:
        if is_open_switch(knob):
            self._switch(knob, disabled)
        elif knob.kind == "bool":
            st.toggle(
                label(knob), bool(knob.default), key=knob.name, bind=self.bind(knob),
                help=self.help(knob), disabled=disabled,
            )  # fmt: skip
        elif knob.choices:
            self._choice(knob, disabled)
        elif knob.kind == "list":
            st.text_input(
                label(knob), as_widget(knob, knob.default), key=knob.name, bind=self.bind(knob),
                help=self.help(knob), placeholder=self._placeholder(knob), disabled=disabled,
            )  # fmt: skip
        else:
            self._number(knob, disabled)

    def _beneath(self, knob: Knob, disabled: bool) -> None:
        if knob.name in self.lines and not disabled:
            st.caption(hint(self.lines[knob.name]))
        refused = self.choice.wrong.get(knob.name, "")
        if not refused and self.sentence.startswith((f"{knob.name} ", f"The {knob.name} ")):
            refused = self.sentence
        _say(refused)

    def bind(self, knob: Knob) -> Literal["query-params"] | None:
        """How the widget is bound to the address."""
        return _bind(knob.name, self.choice)

    def help(self, knob: Knob) -> str:
        """The tooltip: what it is, what it takes, its name in links and commands."""
        takes = allowed(knob, hard=self.expert)
        name = f"In links and commands: `{knob.name}`."
        return f"{knob.help} Takes {takes}. {name}".strip()

    def _placeholder(self, knob: Knob) -> str:
        value = self.resolved.get(knob.name)
        if not knob.auto or value is None:
            return "automatic" if knob.auto else ""
        return f"{spoken(value)}, automatic"

    def _switch(self, knob: Knob, disabled: bool) -> None:
        """True, false, or what follows from the other knobs, which is said beneath."""
        st.segmented_control(
            label(knob), SWITCH, default=as_widget(knob, knob.default), key=knob.name,
            bind=self.bind(knob), help=self.help(knob), required=True, disabled=disabled,
            width="stretch",
        )  # fmt: skip
        follows = self.resolved.get(knob.name)
        if self.choice.values.get(knob.name) is None and follows is not None and not disabled:
            st.caption(f"auto is {str(follows).lower()} here")

    def _choice(self, knob: Knob, disabled: bool) -> None:
        options = [c for c in knob.choices if self.expert or not _hidden(knob, c)]
        if knob.own:
            now = self.choice.values.get(knob.name)
            options += dict.fromkeys([*upload.given(), *([now] if is_own(now) else [])])
        if knob.kind == "int":
            st.segmented_control(
                label(knob), options, default=knob.default, key=knob.name, bind=self.bind(knob),
                help=self.help(knob), required=True, disabled=disabled, width="stretch",
            )  # fmt: skip
            return
        st.selectbox(
            label(knob), options, None if knob.auto else options.index(knob.default),
            key=knob.name, bind=self.bind(knob), help=self.help(knob), disabled=disabled,
            placeholder=self._placeholder(knob) or None,
        )  # fmt: skip
        if knob.own and not disabled and upload.is_allowed():
            upload.field(knob)

    def _number(self, knob: Knob, disabled: bool) -> None:
        """A field without limits: Streamlit would keep what is beyond them to itself."""
        kind: Any = float if knob.kind == "float" else int
        lo, hi = (knob.hard_lo, knob.hard_hi) if self.expert else (knob.lo, knob.hi)
        value = self.choice.values.get(knob.name)
        shown = value if value is not None else self.resolved.get(knob.name)
        st.number_input(
            label(knob),
            value=None if knob.default is None else kind(knob.default),
            step=kind(_step(knob, shown)),
            format="%g" if kind is float else "%d",
            key=knob.name,
            help=self.help(knob),
            placeholder=self._placeholder(knob),
            disabled=disabled,
            bind=self.bind(knob),
        )
        if has_slider(knob) and knob.slider and not disabled:
            slider(knob, lo, hi, shown)


def _is_short(knob: Knob) -> bool:
    numeric = knob.kind in ("int", "float") and not knob.choices
    return numeric and not has_slider(knob) and not knob.auto


def _hidden(knob: Knob, option: Any) -> bool:
    return isinstance(option, (int, float)) and not knob.lo <= option <= knob.hi


def _step(knob: Knob, shown: Any) -> float:
    if knob.kind == "int":
        return 1
    if knob.scale == "log":
        return 10.0 ** math.floor(math.log10(shown)) if shown else knob.lo
    return 10.0 ** math.floor(math.log10(max(knob.hi - knob.lo, 1e-12)) - 1)


def label(knob: Knob) -> str:
    r"""Word, symbol and unit: `Learning rate $\eta$ :gray[time/step]`."""
    symbol = f" ${knob.symbol}$" if knob.symbol else ""
    unit = f" :gray[{knob.unit}]" if knob.unit else ""
    return f"{knob.label}{symbol}{unit}"


def hint(line: str) -> str:
    """What a knob has to say, as Markdown; a warning is orange."""
    return f":orange[{line[2:]}]" if line.startswith("! ") else line
