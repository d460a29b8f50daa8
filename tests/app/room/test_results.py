"""How near guesses came: distances, ranks, the table; and which guesses are taken."""

import csv
import io
import json
import math
from dataclasses import replace
from pathlib import Path

import pytest

from app.room.results import (
    COLUMNS,
    Axes,
    axes_of,
    closer,
    distance,
    of_theory,
    results,
    table,
    taken,
)
from app.room.state import Posed
from sims.view.guess import guess_of
from tests.app.room.conftest import ANSWERED, ASKED, PLAYED, SHOWN, question

CASES = json.loads((Path(__file__).parent / "distances.json").read_text())
CURVE = {**ASKED, "kind": "curve", "places": [0.0, 1.0, 2.0]}
AXES = Axes(across=(0.0, 10.0), up=(1e-3, 1.0))
RAN = Posed(question(), "ready", shown=SHOWN, played=PLAYED, starts=1.0, name="run")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["case"])
def test_a_distance_is_the_one_that_the_page_tells(case):
    asked = {
        **ASKED,
        **{k: case[k] for k in ("kind", "places", "height", "log_x", "log_y") if k in case},
    }
    answered = {"theory": case["theory"], "run": case["run"]}
    found = distance(guess_of(case["guess"]), case["run"], asked)
    assert found == (
        None if case["distance"] is None else pytest.approx(case["distance"], abs=1e-12)
    )
    assert closer(found, of_theory(answered, asked)) == case["closer"]


@pytest.mark.parametrize(
    ("kind", "text", "written"),
    [
        ("time", "3.1", "3.1"),
        ("time", " 1_0 ", "10"),
        ("time", "10.04", "10.04"),
        ("level", "1e-3", "0.001"),
        ("curve", "0:1,2.5:0.01", "0:1,2.5:0.01"),
    ],
)
def test_a_guess_in_the_picture_is_written_in_one_way(kind, text, written):
    assert taken(text, {**ASKED, "kind": kind}, AXES) == written


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("time", "-1"), ("time", "10.2"), ("time", "nan"), ("time", "inf"), ("time", "1e999"),
        ("time", "Jane"), ("time", ""), ("time", "0:1,1:1"), ("level", "0"), ("level", "1.1"),
        ("curve", "3.1"), ("curve", "0:1"), ("curve", "1:1,0:1"), ("curve", "0:1,11:1"),
        ("curve", "0:1,1:2"), ("curve", "0:1,1:nan"), ("curve", "0:1," * 65 + "99:1"),
        ("time", "1" * 3000), ("time", "=1+1"),
    ],
)  # fmt: skip
def test_any_other_guess_is_refused_in_one_sentence_with_what_is_allowed(kind, text):
    with pytest.raises(ValueError, match=r"^This guess is not allowed: give ") as refusal:
        taken(text, {**ASKED, "kind": kind}, AXES)
    words = str(refusal.value)
    assert words.count(". ") == 0
    assert words.endswith(".")
    assert all(end in words for end in {"time": ["0", "10.00"]}.get(kind, ["0.001000", "1.000"]))


def test_the_axes_are_all_that_the_picture_may_be_switched_to():
    panel = {
        "id": "loss",
        "figure": {"layout": {"xaxis": {"range": [0.0, 5.0]}, "yaxis": {"range": [0.0, 2.0]}}},
        "times": {
            "time": {"axis": {"type": "linear", "range": [0.0, 5.0]}, "factors": [1.0]},
            "steps": {"axis": {"type": "log", "range": [0.0, 3.0]}, "factors": [100.0]},
        },
        "axes": {
            "linear": {"type": "linear", "range": [0.0, 2.0]},
            "log": {"type": "log", "range": [-4.0, 1.0]},
        },
    }
    found = axes_of({"asked": ASKED, "panels": [panel]})
    assert found == Axes(across=(0.0, 10.0), up=(0.0, 10.0))


def test_an_end_that_is_open_allows_all_beyond_it():
    panel = {"id": "loss", "figure": {"layout": {"yaxis": {"type": "log", "range": [None, 0.0]}}}}
    assert axes_of({"asked": ASKED, "panels": [panel]}).up == (-math.inf, 1.0)
    assert axes_of({"asked": None, "panels": []}) == Axes()


def test_the_nearest_is_first_and_equals_share_a_rank():
    posed = replace(RAN, guesses={1: "9", 2: "2", 3: "2.4", 4: "3"})
    found = [(one.student, one.rank) for one in results(posed)]
    assert found == [(3, 1), (2, 2), (4, 2), (1, 4)]


def test_nobody_is_near_a_run_that_has_no_such_number():
    played = replace(PLAYED, answered={**ANSWERED, "run": None})
    found = results(replace(RAN, played=played, guesses={2: "2", 1: "3"}))
    assert [(one.student, one.distance, one.rank) for one in found] == [
        (1, None, None),
        (2, None, None),
    ]


def test_a_run_without_a_question_is_told_of_without_distances():
    assert (
        results(replace(RAN, played=replace(PLAYED, answered=None), guesses={1: "2"}))[0].rank
        is None
    )


def test_the_table_has_a_row_for_every_guess_and_holds_numbers():
    asking = replace(RAN, question=question("=cmd()"), starts=None, guesses={1: "4"})
    rows = list(csv.reader(io.StringIO(table([replace(RAN, guesses={2: "3", 1: "9"}), asking]))))
    assert tuple(rows[0]) == COLUMNS
    assert rows[1:] == [
        ["1", "When?", "1", "9", "2.0", "2.5", "6.5", "theory"],
        ["1", "When?", "2", "3", "2.0", "2.5", "0.5", "alike"],
        ["2", "'=cmd()", "1", "4", "", "", "", ""],
    ]


def test_a_curve_in_the_table_is_one_cell_that_no_program_computes():
    shown = replace(SHOWN, asked={**CURVE, "height": 1.0})
    played = replace(PLAYED, answered={"theory": [1.0, None, 2.0], "run": [1.0, 1.5, 2.0]})
    posed = replace(RAN, shown=shown, played=played, guesses={1: "0:-1,2:2"})
    (row,) = list(csv.reader(io.StringIO(table([posed]))))[1:]
    assert row[3:6] == ["0:-1,2:2", "0:1,2:2", "0:1,1:1.5,2:2"]
    assert all(cell[:1] not in "=+-@\t" for cell in row if cell)
