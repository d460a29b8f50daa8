"""Every open question stands beside settings that show it, and says what happens there."""

import re
from urllib.parse import parse_qsl

import pytest

from app import share
from app.open_questions import OpenQuestion, open_questions
from app.page.questions import text
from sims import api
from sims.core.setup import given, preset_of

QUESTIONS = open_questions()
OWN = [one for one in QUESTIONS if not one.preset]


def called(value):
    return str(value.number) if isinstance(value, OpenQuestion) else ""


def test_all_directions_of_the_paper_are_there_and_two_of_its_site():
    assert [one.number for one in QUESTIONS] == list(range(1, 13))
    assert len({one.title for one in QUESTIONS}) == 12


@pytest.mark.parametrize("one", QUESTIONS, ids=called)
def test_the_link_leads_to_the_settings(one):
    experiment = api.experiment(one.experiment)
    query = dict(parse_qsl(one.link.partition("?")[2]))
    values, _, refused = share.read(experiment, query)
    assert refused == []
    params = given(experiment, values)
    assert preset_of(experiment, params) == one.preset
    assert params == given(experiment, one.values(experiment))


@pytest.mark.parametrize("one", [q for q in QUESTIONS if q.preset], ids=called)
def test_what_is_said_of_a_preset_is_what_it_states(one):
    """Each preset is run, and held to what it states, where all experiments are checked."""
    stated = api.experiment(one.experiment).preset(one.preset).verdicts
    assert one.ends
    assert {claim: stated.get(claim) for claim in one.ends} == one.ends


@pytest.mark.parametrize("one", OWN, ids=called)
def test_settings_of_their_own_end_as_they_say(one):
    judged = api.run(one.experiment, device="cpu", **one.knobs)["claims"]["verdict"]
    assert {claim: str(judged.sel(claim=claim).values) for claim in one.ends} == one.ends


def test_some_theory_is_seen_to_end():
    """A page of open questions on which everything lands would show none."""
    ends = [set(one.ends.values()) for one in QUESTIONS]
    assert sum("departs" in verdicts for verdicts in ends) >= 3
    assert sum("not judged" in verdicts for verdicts in ends) >= 3


@pytest.mark.parametrize("one", QUESTIONS, ids=called)
def test_a_question_asks_shows_and_says_what_would_answer_it(one):
    words = text(one)
    assert one.link in words
    assert one.source in words
    assert min(len(part.split()) for part in (one.ask, one.see, one.predict)) >= 8
    assert not re.search(r"\$|_[a-z]{2,}", one.ask + one.see + one.predict)
