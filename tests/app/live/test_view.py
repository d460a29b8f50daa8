from __future__ import annotations

import math
import re

import pytest

from app.figures import panels, style
from app.figures.panels import run_traces, theory_trace
from app.live import view, wire
from app.live.sides import Recipe, Side
from sims import api

THIN = "\u2009"


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (0.0, 3, "0"),
        (6743.0, 4, f"6{THIN}743"),
        (0.0033, 2, "0.0033"),
        (1e-4, 2, "1.0 × 10⁻⁴"),
        (1e-5, 2, "1.0 × 10⁻⁵"),
        (-2.5, 2, "−2.5"),
        (9.99e-5, 2, "1.0 × 10⁻⁴"),
        (math.inf, 2, "never"),
        (math.nan, 2, "none"),
    ],
)
def test_numbers_are_written_as_the_page_wants_them(value, digits, text):
    assert view.number(value, digits) == text


@pytest.mark.parametrize(
    ("value", "tolerance", "text"),
    [
        (2.0547, 2e-3 * 2.0547, "2.0547"),
        (0.5158, 0.03, "0.516"),
        (0.00122, 5e-4, "0.00122"),
        (45.0, 0.0, "45"),
    ],
)
def test_a_number_has_one_digit_more_than_its_tolerance(value, tolerance, text):
    assert view.deserved(value, tolerance) == text


@pytest.mark.parametrize(
    ("value", "relative", "text"),
    [
        (5e-4, True, f"0.05{THIN}%"),
        (0.002, True, f"0.2{THIN}%"),
        (5.5e-6, True, f"under 0.001{THIN}%"),
        (0.03, False, "0.03"),
        (math.inf, True, "∞"),
        (math.nan, True, "none"),
    ],
)
def test_relative_errors_are_percentages(value, relative, text):
    assert view.share(value, relative) == text


@pytest.mark.parametrize(
    ("verdicts", "sentence"),
    [
        (["lands"] * 4, "All four claims land"),
        (["lands", "departs", "departs", "departs"], "One claim lands, three depart as foreseen"),
        (["lands"] * 2, "Both claims land"),
        (["lands", "lands", "not judged"], "Two claims land; one is not judged"),
        (["lands", *["not judged"] * 6], "One claim lands; six are not judged"),
        (
            ["lands", "departs", "not judged"],
            "One claim lands, one departs as foreseen; one is not judged",
        ),
        (["departs"], "One claim departs as foreseen"),
        (["departs", "departs"], "Both claims depart as foreseen"),
        (["lands"], "One claim lands"),
        (["not judged"], "No claim is judged here"),
    ],
)
def test_the_headline_counts_the_verdicts(verdicts, sentence):
    assert view.headline(verdicts) == sentence


def test_a_single_surprise_is_named_with_its_error():
    claims = [{"title": "Jump times", "error_text": "3 %"}]
    assert view.headline(["surprise"], claims) == "A surprise: jump times off by 3 %"


def plain(html):
    return re.sub(r"<span[^>]*>|</span>", "", html)


@pytest.mark.parametrize(
    ("tex", "html"),
    [
        ("a_k(t)", "a<sub>k</sub>(t)"),
        (r"\eta s_1 < 1", "ηs<sub>1</sub>&lt;1"),
        (r"\|\nabla L\|", "‖∇L‖"),
        (r"t_{\mathrm{esc}}", "t<sub>esc</sub>"),
        (r"\alpha^{-2}", "α<sup>−2</sup>"),
        (r"\Delta D", "ΔD"),
        (r"\hat{a}", "a\u0302"),
    ],
)
def test_tex_of_a_symbol_becomes_html(tex, html):
    assert plain(view.symbol(tex)) == html


def test_prose_is_escaped_before_it_is_set():
    assert plain(view.prose("<b>eta</b> of s_k")) == "&lt;b&gt;η&lt;/b&gt; of s<sub>k</sub>"


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("a start of 1e-05", "a start of 10⁻⁵"),
        ("off by 2.5e-3 here", "off by 2.5 × 10⁻³ here"),
        ("up to 1e+12", "up to 10¹²"),
        ("sha 7e5f and x1e5 stay", "sha 7e5f and x1e5 stay"),
    ],
)
def test_prose_has_no_e_notation(text, html):
    assert view.prose(text) == html


def test_numbers_have_no_e_notation_at_any_size():
    for exponent in range(-300, 300, 7):
        value = 3.21 * 10.0**exponent
        assert "e" not in view.number(value) + view.deserved(value, value / 100)
        assert "e" not in view.share(value, relative=False)


def test_a_claim_whose_question_does_not_arise_is_left_out():
    experiment = api.experiment("saddle_to_saddle/linear_network")

    def names(**knobs):
        side = Side(experiment, Recipe(experiment.name, knobs), knobs)
        side.prepare()
        return [c.name for c in side.asked()]

    usual = names()
    assert len(usual) == 7
    assert names(data="semantic_tree") == [*usual, "illusory_correlation"]


def test_json_has_no_nan():
    assert view.json_text({"a": math.nan, "b": [math.inf, 1.5]}) == '{"a":null,"b":[null,1.5]}'


def _compared(modes: int) -> list[dict]:
    traces = [t for k in range(modes) for t in run_traces("a", [k], k=k, of=modes)]
    mine = {"data": [*traces, theory_trace([0, 1], [0, 1], "")], "layout": {}}
    other = {"data": [theory_trace([0, 1], [0, 2], "")], "layout": {}}
    for figure, factor in ((mine, 2.0), (other, 3.0)):
        clock = {"type": "linear", "range": [0.0, factor], "factor": factor}
        figure["layout"] = {"meta": {"times": {"τ": clock}}}
    bound = wire.bindings(mine)
    names = wire.names(b.y for b in bound)
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
