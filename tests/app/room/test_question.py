"""A question from its link to its recording."""

import gzip
import json
import struct
from typing import Any

import pytest

from app.room.question import Played, Shown, chosen, prepared, question_of
from app.room.results import results, taken
from app.room.state import Posed

PLAIN = "saddle_to_saddle-linear_network"
QUICK = "grokking-linear_estimator"


@pytest.mark.parametrize(
    "link",
    [
        PLAIN,
        f"{PLAIN}?guess=first",
        f"/{PLAIN}",
        f"http://localhost:8501/{PLAIN}?utm_source=x",
        f"https://lab.example/lmx/{PLAIN}/?guess=3.1&projector=1&lock=eta:0.1#claims",
        "saddle_to_saddle/linear_network",
        PLAIN.upper(),
    ],
)
def test_a_link_is_read_however_it_was_copied(link):
    asked = question_of(link)
    assert (asked.recipe.experiment, asked.panels) == ("saddle_to_saddle/linear_network", ())
    assert (asked.recipe.seeds, asked.recipe.compare, asked.recipe.over) == (1, None, None)


def test_knobs_seeds_and_panels_are_those_of_the_link():
    asked = question_of(f"{PLAIN}?alpha=0.01&seed=7&seeds=2&panels=gradient_norm,loss")
    assert (asked.recipe.values, asked.recipe.seed) == ({"alpha": 0.01}, 7)
    assert (asked.recipe.seeds, asked.panels) == (2, ("gradient_norm", "loss"))


def test_a_question_is_called_as_its_preset_or_its_experiment():
    from sims import api

    experiment = api.experiment("saddle_to_saddle/linear_network")
    assert question_of(PLAIN).title in {preset.title for preset in experiment.presets}
    assert question_of(f"{PLAIN}?alpha=0.0123").title == experiment.title


@pytest.mark.parametrize(
    "link", ["", "/", "home", "ledger", "https://elsewhere.example/x", "?eta=1"]
)
def test_what_leads_to_no_experiment_is_refused(link):
    with pytest.raises(ValueError, match="There is no page of an experiment at"):
        question_of(link)


@pytest.mark.parametrize("link", ["evil.py", "/tmp/evil.py", "x?y=.py", "evil.py::a/b"])
def test_no_link_leads_to_a_file_of_the_server(link, monkeypatch, tmp_path):
    (tmp_path / "evil.py").write_text("raise SystemExit")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match="There is no page of an experiment at"):
        question_of(link)


def test_a_sweep_is_asked_about_where_its_page_opens_with_one():
    assert question_of("lazy_rich-phase_diagram").recipe.over


@pytest.fixture(scope="module")
def told() -> tuple[Shown, Played]:
    """What comes of a question with one panel, before and after its run."""
    heard: list[Any] = []
    prepared(question_of(f"{QUICK}?panels=loss"), heard.append, lambda _share: None)
    shown, played = heard
    return shown, played


def unpacked(packed: bytes) -> dict[str, Any]:
    data = gzip.decompress(packed)
    (length,) = struct.unpack_from("<I", data)
    return json.loads(data[4 : 4 + length])


def test_it_is_shown_without_theory_and_then_played_with_it(told):
    shown, played = told
    view, head = json.loads(shown.view), unpacked(played.packed)
    assert shown.asked == view["asked"]
    assert view["asked"]["panel"] in [p["id"] for p in view["panels"]]
    assert (view["tiles"], view["claims"], view["hash"]) == ([], [], "")
    assert head["view"]["tiles"]
    assert head["judgement"]["claims"]
    assert head["view"]["hash"]
    assert {p["id"] for p in view["panels"]} == {p["id"] for p in head["view"]["panels"]}
    assert set(head["judgement"]["alts"]) <= {p["id"] for p in head["view"]["panels"]}
    assert head["judgement"]["answered"] == played.answered
    about = json.loads(shown.about)
    assert set(about) == {"question", "title", "settings"}
    assert played.answered is not None
    assert played.answered["run"] is not None


VIEW = {"panels": [{"id": "loss"}, {"id": "norm"}, {"id": "rank"}], "asked": {"panel": "loss"}}


@pytest.mark.parametrize(
    ("panels", "left"),
    [
        ((), ["loss", "norm", "rank"]),
        (("rank", "loss"), ["rank", "loss"]),
        (("norm", "norm"), ["norm", "loss"]),
    ],
)
def test_the_panels_are_those_of_the_link_in_its_order_and_the_one_that_is_asked_about(
    panels, left
):
    assert [panel["id"] for panel in chosen(VIEW, panels)["panels"]] == left


def test_an_unknown_panel_is_refused_with_those_there_are():
    words = r"^panels = nothing is not allowed: there are loss, norm, rank\.$"
    with pytest.raises(ValueError, match=words):
        chosen(VIEW, ("loss", "nothing"))


def test_a_preparation_is_ended_between_two_slices():
    calls = []

    def progress(_share: float) -> None:
        calls.append(1)
        raise InterruptedError

    with pytest.raises(InterruptedError):
        prepared(question_of(QUICK), lambda _outcome: None, progress)
    assert len(calls) == 1


def test_a_guess_in_a_real_picture_is_measured_against_the_real_run(told):
    shown, played = told
    assert shown.asked is not None
    assert played.answered is not None
    if shown.asked["kind"] == "curve":
        run = [
            (at, height)
            for at, height in zip(shown.asked["places"], played.answered["run"], strict=True)
            if height is not None
        ][::4]
        text = ",".join(f"{at:.4g}:{height:.6g}" for at, height in run)
    else:
        text = str(played.answered["run"])
    guess = taken(text, shown.asked, shown.axes)
    posed = Posed(question_of(QUICK), shown=shown, played=played, starts=1.0, guesses={1: guess})
    (found,) = results(posed)
    assert found.distance is not None
    assert found.distance < 0.02
