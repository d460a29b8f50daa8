"""What stands behind a line of the ledger: presets, random settings and controls, on demand."""

from __future__ import annotations

import html
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from app import share
from app.page import table
from app.page.experiment import url_path
from app.page.table import Column, Row
from app.wording import fixed, number, trimmed
from sims.core.experiment import Experiment
from sims.core.knobs import knobs_of, written
from sims.core.ledger import Line, PresetEnd, Record
from sims.core.outcome import Outcome, Score

BLIND = "10 % wrong lands"
FILTERS = ("lands", "departs", "surprise", "not judged", BLIND, "too long", "failed")
FIRST = 20
"""Settings that are drawn before all are asked for."""
PACKAGES = ("python", "jax", "numpy")
SIZES = (
    Column("Error", True), Column("Tolerance", True), Column("Guess off by", True),
    Column("Skill", True),
)  # fmt: skip


def show(records: Sequence[tuple[Experiment, Record]]) -> None:
    """An expander for each experiment, whose tables are sent once it is opened."""
    st.subheader("In detail", anchor=False)
    with st.container(gap="xsmall"):
        for experiment, record in records:
            _details(experiment, record)


@st.fragment
def _details(experiment: Experiment, record: Record) -> None:
    label = f"**{experiment.title}** ({experiment.name})"
    opened = st.expander(label, key=f"ledger-{url_path(experiment)}", on_change="rerun")
    if not opened.open:
        return
    parts: dict[str, Callable[[], None]] = {
        f"Random settings ({len(record.settings.outcomes)})": lambda: _settings(experiment, record),
        f"Presets ({len(record.presets)})": lambda: _presets(experiment, record),
        f"Controls ({len(record.controls)})": lambda: _controls(record),
    }
    if record.history:
        parts[f"Earlier records ({len(record.history)})"] = lambda: _history(record)
    with opened:
        _provenance(record)
        for tab, draw in zip(st.tabs(list(parts)), parts.values(), strict=True):
            with tab:
                draw()


def address(experiment: Experiment, preset: str, values: Mapping[str, Any]) -> str:
    """The address of the page at these knobs, or at a preset; '' if it has lost one of them."""
    if preset:
        known = {one.id: one.params for one in experiment.presets}
        return url_path(experiment) + share.query(known[preset]) if preset in known else ""
    if set(values) - set(knobs_of(experiment.Params)) - {"seed"}:
        return ""
    return url_path(experiment) + share.query(values)


def skill(value: float) -> str:
    """A skill with three decimals; one far below zero with few digits."""
    if math.isnan(value):
        return ""
    return fixed(value, 3) if value > -10 else number(value, 2)


def _size(value: float) -> str:
    """An error or a tolerance; nothing where there is none."""
    if math.isnan(value):
        return ""
    return "∞" if math.isinf(value) else number(value, 3)


def _sizes(score: Score) -> list[str]:
    return [*map(_size, (score.error, score.tolerance, score.guess)), skill(score.skill)]


def _title(record: Record, claim: str) -> str:
    return table.text(record.claims.get(claim, claim))


def _provenance(record: Record) -> None:
    packages = ", ".join(f"{n} {record.versions[n]}" for n in PACKAGES if n in record.versions)
    st.markdown(
        f"Made on {record.date} with version {record.version} ({packages}), on the "
        f"{record.device}. This command makes it again:"
    )
    count = len(record.settings.outcomes)
    st.code(
        f"lmx check {record.called} --ledger FOLDER --random {count} --seed {record.seed}",
        language=None, wrap_lines=True,
    )  # fmt: skip


def _presets(experiment: Experiment, record: Record) -> None:
    columns = (Column("Claim"), Column("Stated"), Column("Came out"), *SIZES)
    rows = []
    for preset in record.presets:
        where = address(experiment, preset.preset, {})
        rows.append(Row([table.link(where, preset.title) if where else table.text(preset.title)]))
        if preset.why:
            rows.append(Row(["Failed", table.text(preset.why)]))
        rows += [_preset_row(record, preset, name) for name in preset.scores]
    table.show(columns, rows)


def _preset_row(record: Record, preset: PresetEnd, claim: str) -> Row:
    stated, score = preset.stated.get(claim), preset.scores[claim]
    points = preset.points.get(claim, {})
    came = table.verdict(score.verdict)
    if len(points) > 1:
        came += table.small(", ".join(f"{n} points {v}" for v, n in points.items()))
    if claim in preset.otherwise:
        came += table.small("otherwise than stated")
    said = table.text(stated.capitalize()) if stated else ""
    return Row([_title(record, claim), said, came, *_sizes(score)])


def _settings(experiment: Experiment, record: Record) -> None:
    outcomes, key = record.settings.outcomes, url_path(experiment)
    counts = {word: sum(_has(one, word) for one in outcomes) for word in FILTERS}
    chosen = st.pills(
        "Settings with", [word for word, count in counts.items() if count],
        key=f"ledger-filter-{key}",
        format_func=lambda word: f"{word.capitalize()} ({counts[word]})",
    )  # fmt: skip
    found = [one for one in outcomes if chosen is None or _has(one, chosen)]
    whole = st.session_state.get(f"ledger-whole-{key}", False)
    shown = found if whole else found[:FIRST]
    rows = [Row([_where(experiment, one), _came(record, one, chosen)]) for one in shown]
    table.show((Column("Setting"), Column("What became of its claims", long=True)), rows)
    if len(found) > len(shown):
        st.button(
            f"Show all {len(found)}", key=f"ledger-more-{key}",
            on_click=lambda: st.session_state.update({f"ledger-whole-{key}": True}),
        )  # fmt: skip
    _refused(record)


def _has(one: Outcome, word: str) -> bool:
    return one.end == word or any(_is(score, word) for score in one.scores.values())


def _is(score: Score, word: str) -> bool:
    return score.caught is False if word == BLIND else score.verdict == word


def _where(experiment: Experiment, one: Outcome) -> str:
    """The knobs that were drawn, and the link to them."""
    knobs = ", ".join(f"{name}\xa0=\xa0{_said(value)}" for name, value in one.values.items())
    where = address(experiment, "", one.values)
    return (table.link(where, "Open") if where else "") + table.small(table.text(knobs))


def _said(value: Any) -> str:
    """A knob's value, for reading."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return written(value)
    return fixed(value, 0) if isinstance(value, int) else trimmed(number(value, 4))


def _came(record: Record, one: Outcome, chosen: str | None) -> str:
    """The scores of a setting's claims, those that are asked for alone; or why there are none."""
    if one.end != "judged":
        return table.text(f"{one.end.capitalize()}: {one.why}")
    asked = chosen if chosen in FILTERS[:5] else None
    items = [
        f"<li>{table.verdict(score.verdict, record.claims.get(name, name))}{_beside(score)}</li>"
        for name, score in one.scores.items()
        if asked is None or _is(score, asked)
    ]
    return f'<ul class="scores">{"".join(items)}</ul>'


def _beside(score: Score) -> str:
    if score.verdict == "not judged":
        return ""
    words = f"<span>{_size(score.error)} of {_size(score.tolerance)}</span>"
    if score.caught is False:
        words += "<span>, 10 % wrong lands, too</span>"
    return f' <span class="size">{words}</span>'


def _refused(record: Record) -> None:
    if not record.refused:
        return
    items = "".join(f"<li>{n} × {html.escape(why)}</li>" for why, n in record.refused.items())
    total = fixed(sum(record.refused.values()), 0)
    st.html(
        f'<div class="sheet"><p style="margin:0">{total} more were drawn, and refused before '
        f'anything was computed (numbers left out):</p><ul style="margin:.25rem 0 0;'
        f'font-size:.875rem">{items}</ul></div>'
    )


def _controls(record: Record) -> None:
    if not record.controls:
        st.markdown("A sweep has no controls.")
        return
    st.markdown("Each claim of the default setting, where there is nothing to see.")
    rows: list[Row] = []
    for twist in dict.fromkeys(trial.twist for trial in record.controls):
        rows.append(Row([table.text(twist[:1].upper() + twist[1:])]))
        for one in record.controls:
            if one.twist == twist:
                sizes = [_size(one.error), _size(one.tolerance)]
                end = f"<b>{one.end}</b>" if one.end == "survived" else one.end
                rows.append(Row([_title(record, one.claim), end, *sizes, table.text(one.why)]))
    columns = (Column("Claim"), Column("Control"), *SIZES[:2], Column("Why void", long=True))
    table.show(columns, rows)


def _history(record: Record) -> None:
    if not record.history:
        return
    columns = (
        Column("Made"), Column("Version"), Column("Seed", True), Column("Settings", True),
        Column("Land", True), Column("Depart", True), Column("Surprises", True),
        Column("Median skill", True), Column("Controls survived", True),
    )  # fmt: skip
    rows = [Row(_earlier(line)) for line in (*record.history, record.line)]
    table.show(columns, rows)


def _earlier(line: Line) -> list[str]:
    counts = (line.seed, line.settings, line.lands, line.departs, line.surprise)
    words = [line.date, line.version, *counts, skill(line.median_skill), line.controls_survived]
    return [table.text(word) for word in words]
