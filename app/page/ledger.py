"""The ledger: what became of every claim where nobody chose the setting, from shipped records."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import streamlit as st

from app import share
from app.assets import asset
from app.page import ledger_details, table
from app.page.experiment import url_path
from app.page.table import Column, Row
from app.wording import fixed, number
from sims import api
from sims.core import ledger
from sims.core.experiment import Experiment
from sims.core.ledger import Line, Record, Surprise

WIDTH = 1128
FOLDER = "ledger"
INTRODUCTION = (
    "A page shows a setting that somebody chose. The ledger is what came of settings that nobody "
    "chose: all knobs of each experiment drawn at random, every preset run again, every claim "
    "tried where there is nothing to see. One command makes it, with a seed given beforehand, and "
    "whatever came out stands here."
)
WORDS = (
    (
        "Skill",
        "1 − error/error of a guess without theory, such as that nothing changes. 1 is exact, 0 is "
        "no better than guessing.",
    ),
    (
        "Surprise",
        "A claim that missed although every assumption it relies on held: the theory, its "
        "tolerance or the code is wrong there. Each is listed below with a link.",
    ),
    (
        "Control",
        "A run or a theory in which there is nothing to see: nothing is trained, the theory is "
        "another seed's, a guess stands in its place. A claim that lands there, too, survives the "
        "control, and has tested nothing.",
    ),
    (
        "10 % wrong",
        "What landed is judged again with a theory whose levels are 10 % too high and whose curves "
        "are 10 % too late. It is caught where it no longer lands.",
    ),
)
COLUMNS = (
    Column("Experiment"), Column("Settings", True), Column("Claims judged", True),
    Column("Land", True), Column("Depart", True), Column("Surprises", True),
    Column("Not judged", True), Column("10 % wrong caught", True), Column("Median skill", True),
    Column("Presets as stated", True), Column("Controls survived", True), Column("Made"),
)  # fmt: skip


@dataclass(frozen=True)
class Kept:
    """An experiment with its record, or with the sentence that says why there is none."""

    experiment: Experiment
    record: Record | None
    why: str = ""


def show() -> None:
    """Draw the ledger; it reads shipped files, and computes nothing."""
    table.sheet()
    kept = [_kept(experiment) for experiment in api.experiments()]
    records = [one.record for one in kept if one.record is not None]
    outer = st.container(horizontal_alignment="center")
    with outer.container(width=WIDTH, gap="medium"):
        _opening()
        _summary(kept, records)
        if records:
            _surprises(kept)
            ledger_details.show([(one.experiment, one.record) for one in kept if one.record])


def _kept(experiment: Experiment) -> Kept:
    name = ledger.file_name(experiment.name)
    try:
        path = asset(f"{FOLDER}/{name}")
        return Kept(experiment, _read(path, path.stat().st_mtime_ns))
    except FileNotFoundError:
        words = f"No record yet: lmx check {share.named(experiment)} --ledger FOLDER makes one."
        return Kept(experiment, None, words)
    except ValueError as error:
        return Kept(experiment, None, str(error))


@lru_cache(maxsize=256)
def _read(path: Path, saved: int) -> Record:
    """The record of a file as it was saved last."""
    del saved
    return ledger.read(path)


def _opening() -> None:
    serif = "font-family:'Source Serif',serif"
    terms = "".join(
        f'<div style="flex:1 1 15rem"><dt style="font-weight:600">{term}</dt>'
        f'<dd style="margin:0">{words}</dd></div>'
        for term, words in WORDS
    )
    st.html(
        f'<h1 style="{serif};font-weight:600;font-size:clamp(1.5rem,5.6vw,2.25rem);'
        f'line-height:1.18;margin:0;padding:0">Ledger</h1>'
        f'<p style="{serif};font-size:1.125rem;line-height:1.6;max-width:52rem;margin:.75rem 0 0">'
        f'{INTRODUCTION}</p><dl style="display:flex;flex-wrap:wrap;gap:1rem 1.75rem;'
        f'margin:1.25rem 0 0;padding:0;font-size:.9375rem;line-height:1.5">{terms}</dl>'
    )


def _summary(kept: Sequence[Kept], records: Sequence[Record]) -> None:
    with st.container(gap=None):
        st.subheader("Experiment by experiment", anchor=False)
        st.markdown("Verdicts, skill and 10 % wrong theories are those of the random settings.")
    rows = [Row(_cells(one)) for one in kept]
    table.show(COLUMNS, rows, _total(records) if records else None)


def _cells(one: Kept) -> list[str]:
    page = table.link(url_path(one.experiment), one.experiment.title)
    head = page + table.small(table.text(one.experiment.name))
    if one.record is None:
        return [head, table.text(one.why)]
    line = one.record.line
    made = f'<span style="white-space:nowrap">{table.text(line.date)}</span>'
    made += table.small(f"version {table.text(line.version)}")
    return [head, *_counts(line), made]


def _total(records: Sequence[Record]) -> Row:
    """All records together; the median skill is that of all their claims."""
    lines = [record.line for record in records]
    summed = {
        name: sum(getattr(line, name) for line in lines)
        for name, value in vars(lines[0]).items()
        if isinstance(value, int)
    }
    skills = [score.skill for record in records for score in record.settings.scores]
    known = [skill for skill in skills if not math.isnan(skill)]
    median = float(np.median(known)) if known else math.nan
    whole = Line(date="", version="", median_skill=median, **summed)
    return Row(["All", *_counts(whole), ""])


def _counts(line: Line) -> list[str]:
    """The cells between an experiment's name and the date."""
    beside = {"refused": line.refused, "too long": line.too_long, "failed": line.failed}
    less = "<br>".join(f"{fixed(n, 0)} {word}" for word, n in beside.items() if n)
    judged = line.lands + line.departs + line.surprise
    asked = judged + line.not_judged
    tried = line.controls_caught + line.controls_survived
    surprises = fixed(line.surprise, 0)
    return [
        fixed(line.settings, 0) + table.small(less),
        fixed(judged, 0),
        fixed(line.lands, 0),
        fixed(line.departs, 0),
        table.verdict("surprise", surprises) if line.surprise else surprises,
        f"{fixed(100 * line.not_judged / asked, 0)} %" if asked else "",
        _of(line.caught, line.tried),
        ledger_details.skill(line.median_skill),
        _of(line.as_stated, line.presets),
        _of(line.controls_survived, tried) if tried else "",
    ]


def _of(part: int, whole: int) -> str:
    return f"{fixed(part, 0)} of {fixed(whole, 0)}" if whole else ""


def _surprises(kept: Sequence[Kept]) -> None:
    found = [
        (one.experiment, one.record, s) for one in kept if one.record for s in one.record.surprises
    ]
    in_presets = sum(bool(surprise.preset) for _, _, surprise in found)
    with st.container(gap=None):
        st.subheader(_headline(len(found)), anchor=False)
        if found:
            counts = {"at random settings": len(found) - in_presets, "in presets": in_presets}
            st.markdown(", ".join(f"{n} {where}" for where, n in counts.items() if n) + ".")
    if found:
        columns = (
            Column("Claim"),
            Column("Off by", True),
            Column("Allowed", True),
            Column("Where", long=True),
        )
        table.show(columns, [_surprise_row(*one) for one in found])


def _headline(count: int) -> str:
    if not count:
        return "No surprise"
    return "One surprise" if count == 1 else f"{count} surprises"


def _surprise_row(experiment: Experiment, record: Record, one: Surprise) -> Row:
    title = record.claims.get(one.claim, one.claim)
    head = table.verdict("surprise", title) + table.small(table.text(experiment.name))
    words = f"preset {one.preset}" if one.preset else "Open these knobs"
    address = ledger_details.address(experiment, one.preset, one.values)
    where = table.link(address, words) if address else table.text(words)
    size = [number(value, 3) if math.isfinite(value) else "∞" for value in
            (one.score.error, one.score.tolerance)]  # fmt: skip
    return Row([head, *size, f"{where}<br>{table.command(one.command)}"])
