"""Knobs as widgets: bound to the address bar, grouped, with symbol, unit, help and limits."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import streamlit as st

from app import share
from sims.core.experiment import Experiment
from sims.core.format import power_of_ten
from sims.core.knobs import (
    Knob,
    allowed,
    knobs_of,
    lines_beneath,
    number,
    parsed,
    plain,
    unused_knobs,
    written,
)

PAGE_KEY = "_page"
EXPERT_KEY = "expert"
SLIDER = "_slider"
SWITCH = ("auto", "true", "false")
PER_DECADE = {3: 20, 8: 10, 40: 4}
"""Positions of a log slider in each decade, by the most decades it may span."""
GROUPS = ("Model", "Start", "Training")


@dataclass(frozen=True)
class Choice:
    """What the reader has set: knobs before resolving, first seed and number of seeds.

    `wrong` says why a field's entry is refused; `vain` names what a link set to no such value.
    """

    values: dict[str, Any]
    seed: int
    seeds: int
    wrong: dict[str, str] = field(default_factory=dict)
    vain: frozenset[str] = frozenset()

    def said(self, experiment: Experiment) -> dict[str, str]:
        """What the address bar says: whatever is not the default."""
        defaults = plain(experiment.Params()) | {"seed": experiment.default_seed, "seeds": 1}
        given = self.values | {"seed": self.seed, "seeds": self.seeds}
        return {name: written(value) for name, value in given.items() if value != defaults[name]}


# Reading


def chosen(experiment: Experiment) -> tuple[Choice, list[str]]:
    """What is set, before any widget is drawn, and what the link asked for in vain.

    On arrival the address bar counts; afterwards the widgets' own state does.
    """
    defaults = plain(experiment.Params())
    if st.session_state.get(PAGE_KEY) != experiment.name:
        query = st.query_params.to_dict()
        values, counts, refused = share.read(experiment, query)
        _tidy(experiment)
        seeds = counts.get("seeds", 1)
        seed = counts.get("seed", experiment.default_seed)
        vain = frozenset(query) & {*defaults, *share.COUNTS} - {*values, *counts}
        return Choice(defaults | values, seed, seeds, vain=vain), refused
    values, wrong = dict(defaults), {}
    for name, knob in knobs_of(experiment.Params).items():
        raw = st.session_state.get(name, as_widget(knob, knob.default))
        try:
            values[name] = from_widget(knob, raw)
        except ValueError as error:
            wrong[name] = str(error)
    counts = {"seed": experiment.default_seed, "seeds": 1}
    for name, default in counts.items():
        try:
            counts[name] = share.count(name, str(st.session_state.get(name, default)))
        except ValueError as error:
            wrong[name] = str(error)
    return Choice(values, counts["seed"], counts["seeds"], wrong), []


def defaults(experiment: Experiment) -> Choice:
    """What is set where nobody has set anything."""
    return Choice(plain(experiment.Params()), experiment.default_seed, 1)


def _tidy(experiment: Experiment) -> None:
    """Arrive with nothing of the page before, and with no name in the address bar no widget has.

    Streamlit takes another page's values out of the address bar but keeps them under their keys,
    from where widgets of the same name here would write them back.
    """
    for name in (*knobs_of(experiment.Params), *share.COUNTS):
        if name in st.session_state:
            del st.session_state[name]
    for name in set(st.query_params) - set(knobs_of(experiment.Params)) - set(share.OURS):
        del st.query_params[name]


def as_widget(knob: Knob, value: Any) -> Any:
    """A knob's value in the type its widget holds."""
    if knob.kind == "list":
        return "" if value is None else written(value)
    if _is_open_switch(knob):
        return SWITCH[0] if value is None else str(value).lower()
    if value is None or knob.choices:
        return value
    return {"float": float, "int": int, "bool": bool}[knob.kind](value)


def from_widget(knob: Knob, raw: Any) -> Any:
    """A knob's value from what its widget holds; ValueError with one sentence if it takes none."""
    if raw is None and not knob.auto:
        return knob.default
    return share.typed(knob, raw) if isinstance(raw, str) else parsed(knob, raw)


def write(experiment: Experiment, values: Mapping[str, Any]) -> None:
    """Set every knob, those not named to their defaults; for callbacks only."""
    for name, knob in knobs_of(experiment.Params).items():
        st.session_state[name] = as_widget(knob, values.get(name, knob.default))


def beyond_soft(knob: Knob, value: Any) -> bool:
    """Whether a value lies outside the slider's usual range, though validation takes it."""
    if value is None or knob.kind in ("bool", "choice"):
        return False
    entries = value if knob.kind == "list" else (value,)
    return any(not knob.lo <= entry <= knob.hi for entry in entries)


# Drawing


def sidebar(experiment: Experiment, choice: Choice, resolved: Any | None, sentence: str) -> None:
    """All controls; `resolved` fills the placeholders of automatic knobs, `sentence` is refused."""
    knobs = knobs_of(experiment.Params)
    far = [name for name, k in knobs.items() if beyond_soft(k, choice.values.get(name))]
    if far:
        st.session_state[EXPERT_KEY] = True
    expert = bool(st.session_state.get(EXPERT_KEY, False))
    unused = unused_knobs(experiment.Params, choice.values)
    lines = lines_beneath(resolved) if resolved is not None else {}
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
    lo, hi = share.COUNTS["seeds"]
    seeds.number_input(
        "Seeds", value=1, step=1, key="seeds", bind=_bind("seeds", choice),
        help=f"How many runs, each with its own data and initial weights; {lo} to {hi}.",
    )  # fmt: skip
    first.number_input(
        "First seed", value=experiment.default_seed, step=1, key="seed",
        bind=_bind("seed", choice),
        help="Data and initial weights follow from the seed; a link replays them anywhere.",
    )  # fmt: skip
    for name in share.COUNTS:
        _say(choice.wrong.get(name, ""))


def _bind(name: str, choice: Choice) -> Literal["query-params"] | None:
    """A widget takes its first value from the address, unless that was refused."""
    return None if name in choice.vain else "query-params"


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
        """One control with its line beneath, and the sentence if it was refused."""
        with st.container(gap="xsmall"):
            self._widget(knob, disabled)
            self._beneath(knob, disabled)

    def _widget(self, knob: Knob, disabled: bool) -> None:
        if _is_open_switch(knob):
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
        if knob.kind == "int":
            st.segmented_control(
                label(knob), options, default=knob.default, key=knob.name, bind=self.bind(knob),
                help=self.help(knob), required=True, disabled=disabled, width="stretch",
            )  # fmt: skip
            return
        st.selectbox(
            label(knob), options, options.index(knob.default), key=knob.name,
            bind=self.bind(knob), help=self.help(knob), disabled=disabled,
        )  # fmt: skip

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
        if _has_slider(knob) and knob.slider and not disabled:
            _slider(knob, lo, hi, shown)


def _is_short(knob: Knob) -> bool:
    numeric = knob.kind in ("int", "float") and not knob.choices
    return numeric and not _has_slider(knob) and not knob.auto


def _is_open_switch(knob: Knob) -> bool:
    """A yes or no that may also be left to the other knobs."""
    return knob.kind == "bool" and knob.auto


def _has_slider(knob: Knob) -> bool:
    wide = knob.scale == "log" or (knob.auto and knob.kind == "int")
    return wide and math.isfinite(knob.hi - knob.lo)


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


def spoken(value: Any) -> str:
    """A value for reading: 0.002, 10⁻⁴, 3 × 10⁻⁵."""
    if isinstance(value, (tuple, list)):
        return ", ".join(spoken(v) for v in value)
    if not isinstance(value, float) or value == 0:
        return str(value) if isinstance(value, str) else number(value if value else 0)
    if 1e-3 <= abs(value) < 1e5:
        return f"{value:.4g}" if abs(value) < 1e4 else f"{value:.0f}"
    mantissa, exponent = f"{value:.6e}".split("e")
    digits = f"{float(mantissa):.4g}"
    power = power_of_ten(int(exponent))
    return power if digits == "1" else f"{digits} × {power}"


def positions(knob: Knob, lo: float, hi: float) -> list[float]:
    """The stops of a knob's slider: round numbers on a log axis, or every whole number's power."""
    if knob.scale != "log" and not (knob.kind == "int" and lo > 0):
        return [float(v) for v in range(int(lo), int(hi) + 1)]
    if lo <= 0:  # a logarithm has no place for zero: it stands alone below the usual range
        return [0.0, *positions(knob, knob.lo, hi)]
    first, last = math.log10(lo), math.log10(hi)
    per = next((n for span, n in PER_DECADE.items() if last - first <= span), 1)
    marks = range(round(first * per), round(last * per) + 1)
    stops = [float(f"{10 ** (i / per):.2g}") for i in marks]
    stops = [min(max(s, lo), hi) for s in [lo, *stops, hi]]
    whole = knob.kind == "int"
    return sorted({float(round(s)) if whole else s for s in stops})


def with_stop(knob: Knob, stops: Sequence[float], value: float) -> tuple[list[float], float]:
    """The stops of a slider with one that reads as the value does, and that one."""
    words = spoken(as_widget(knob, value))
    same = [stop for stop in stops if spoken(as_widget(knob, stop)) == words]
    return (list(stops), same[0]) if same else (sorted([*stops, value]), value)


def _slider(knob: Knob, lo: float, hi: float, shown: Any) -> None:
    """A slider that writes the field above it, and always stands at what the field says."""
    stops = positions(knob, lo, hi)
    stops, place = with_stop(knob, stops, stops[len(stops) // 2] if shown is None else shown)
    key = knob.name + SLIDER
    st.session_state[key] = place

    def moved() -> None:
        st.session_state[knob.name] = as_widget(knob, st.session_state[key])

    st.select_slider(
        f"{knob.label}, slider",
        stops,
        format_func=lambda stop: spoken(as_widget(knob, stop)),
        key=key,
        on_change=moved,
        label_visibility="collapsed",
    )


__all__ = ["Choice", "as_widget", "chosen", "label", "sidebar", "write"]
