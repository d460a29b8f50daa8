from __future__ import annotations

from app.figures import panels, style
from app.figures.traces import run_traces, theory_trace
from app.live.messages import view
from app.live.server import tags
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
    view._overlay(entry, other, bound)
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
        assert other["line"]["dash"] == view.SECOND_RUN_DASH


def test_a_compared_run_takes_the_second_colour_where_there_is_one_curve():
    mine, other = _compared(1)
    assert (mine["line"]["color"], other["line"]["color"]) == ("role:series0", "role:series1")
    assert other["line"]["dash"] == view.SECOND_RUN_DASH
