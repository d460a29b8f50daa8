from __future__ import annotations

import json

import pytest

from app.figures import panels, style
from app.figures.traces import run_traces, theory_trace
from app.live.messages import beside, view
from app.live.server import tags
from app.live.server.forecast import Forecast
from app.live.server.recipe import Recipe
from app.live.server.setting import Setting
from sims import api


def test_a_claim_whose_question_does_not_arise_is_left_out():
    experiment = api.experiment("saddle_to_saddle/linear_network")

    def names(**knobs):
        side = Setting(experiment, Recipe(experiment.name, knobs), knobs)
        side.prepare()
        return [c.name for c in side.asked()]

    usual = names()
    assert len(usual) == 7
    assert names(data="semantic_tree") == [*usual, "illusory_correlation"]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("saddle_to_saddle/linear_network", ("time", "step")),
        ("kernel_regression/double_descent", ("", "neuron")),
        ("width_transfer/one_step", ("u", "rate")),
    ],
)
def test_the_transport_counts_in_the_words_of_the_experiment(name, words):
    side = Setting(api.experiment(name), Recipe(name, {}), {})
    side.prepare()
    assert (side.clock()["time_word"], side.clock()["step_word"]) == words


def _compared(modes: int) -> list[dict]:
    traces = [t for k in range(modes) for t in run_traces("a", [k], k=k, of=modes)]
    mine = {"data": [*traces, theory_trace([0, 1], [0, 1], "")], "layout": {}}
    other = {"data": [theory_trace([0, 1], [0, 2], "")], "layout": {}}
    for figure, factor in ((mine, 2.0), (other, 3.0)):
        clock = {"type": "linear", "range": [0.0, factor], "factor": factor}
        figure["layout"] = {"meta": {"times": {"τ": clock}}}
    bound = tags.bindings(mine)
    names = tags.names(b.y for b in bound)
    entry = view._panel(panels.Panel("a", "A", "", mine), mine, bound, names)
    beside.overlay(entry, other, bound)
    assert [t["source"] for t in entry["traces"]] == [0] * 3 * modes + [1] * 3 * modes
    data = entry["figure"]["data"]
    assert data[-1]["meta"]["kind"] == "theory2"
    assert data[-1]["meta"]["source"] == 1
    assert entry["times"]["τ"]["factors"] == [2.0, 3.0]
    assert entry["times"]["τ"]["axis"]["range"] == [0.0, 3.0]
    assert data[-1]["line"]["dash"] == style.COMPARED_THEORY["dash"]
    return [t for t in data if t["legendgroup"] == "run"]


def test_a_compared_run_keeps_the_colour_of_each_mode_and_is_dashed():
    runs = _compared(3)
    for mine, other in zip(runs[:3], runs[3:], strict=True):
        assert other["line"]["color"] == mine["line"]["color"]
        assert "dash" not in mine["line"]
        assert other["line"]["dash"] == beside.SECOND_RUN_DASH


def test_a_compared_run_takes_the_second_colour_where_there_is_one_curve():
    mine, other = _compared(1)
    assert (mine["line"]["color"], other["line"]["color"]) == ("role:series0", "role:series1")
    assert other["line"]["dash"] == beside.SECOND_RUN_DASH


def _said(name: str, values: dict | None = None, **asked) -> dict:
    """The view message of a whole prediction."""
    experiment = api.experiment(name)
    forecast = Forecast(Recipe(name, values or {}, **asked), experiment, lambda _: None)
    while forecast.has_work:
        forecast.work(1.0)
    assert forecast.drawing is not None, forecast.failure
    return json.loads(forecast.drawing.text)


def _kinds(panel: dict) -> list[str]:
    return [trace["meta"]["kind"] for trace in panel["figure"]["data"]]


def test_what_is_guessed_is_told_beneath_all_else_and_the_run_fills_its_own_traces():
    said = _said("lazy_rich/one_neuron", {"dt": 0.01})
    shown = {panel["id"]: panel for panel in said["panels"]}
    assert _kinds(shown["beta"])[:2] == ["baseline", "baseline"]
    assert "baseline" not in _kinds(shown["conserved"])
    for panel in said["panels"]:
        assert {_kinds(panel)[bound["trace"]] for bound in panel["traces"]} <= {"run"}
    assert said["legend"][-1] == {
        "kind": "baseline", "words": "nothing changes", "colour": None, "when": "asked",
    }  # fmt: skip
    assert [tile["baseline"] for tile in said["tiles"]] == ["", "", "\u22120.0042", "0.1000"]


def test_a_guess_that_no_panel_can_show_is_offered_for_the_tile_that_says_it():
    said = _said("saddle_to_saddle/matrix_completion")
    assert [entry["words"] for entry in said["legend"] if entry["when"] == "asked"] == [
        "it never happens"
    ]
    assert {tile["baseline"] for tile in said["tiles"]} == {"never"}
    assert not any("baseline" in _kinds(panel) for panel in said["panels"])


def test_a_page_on_which_nothing_is_guessed_offers_no_guess():
    said = _said("lazy_rich/phase_diagram", over={"width": "8,16", "alpha": "0.1,1"})
    assert all(entry["when"] != "asked" for entry in said["legend"])


def test_what_is_guessed_of_a_compared_setting_is_drawn_where_it_differs():
    same = _said("lazy_rich/one_neuron", {"dt": 0.01}, compare={"dt": 0.01, "horizon": 12.0})
    other = _said("lazy_rich/one_neuron", {"dt": 0.01}, compare={"dt": 0.01, "a0": 0.3})
    counts = [
        next(_kinds(p).count("baseline") for p in said["panels"] if p["id"] == "a")
        for said in (same, other)
    ]
    assert counts == [1, 2]
    (panel,) = (p for p in other["panels"] if p["id"] == "a")
    last = [t for t in panel["figure"]["data"] if t["meta"]["kind"] == "baseline"][-1]
    assert last["meta"]["source"] == 1
