"""What teachers are told: complete, its links read, and its numbers those that theory predicts."""

import dataclasses
import re
from urllib.parse import parse_qsl

import pytest

from app import addresses, share
from app.teaching import teaching
from sims import api
from sims.core.setup import given

EXPERIMENTS = api.experiments()
SLOW = {("edge_of_stability/neural_network", 1)}
"""Questions whose prediction takes more than a few seconds."""


def told(experiment):
    found = teaching(experiment)
    assert found is not None, experiment.name
    return found


def questions():
    """Every question, with its experiment."""
    return [
        pytest.param(
            experiment,
            question,
            id=f"{experiment.name}-{number}",
            marks=[pytest.mark.slow] if (experiment.name, number) in SLOW else [],
        )
        for experiment in EXPERIMENTS
        for number, question in enumerate(told(experiment).questions, 1)
    ]


def value_in(prediction, place):
    """A number of the first seed's prediction: `loss`, `jump_times[0]`, `a[-1]`."""
    name, _, index = place.rstrip("]").partition("[")
    found = prediction[name]
    if "seed" in found.dims:
        found = found.isel(seed=0)
    return float(found.values[int(index)] if index else found.values)


def as_written(value, said):
    """The number with as many decimals as the text gives it."""
    _, _, decimals = said.partition(".")
    return f"{value:.{len(decimals)}f}"


@pytest.mark.parametrize("experiment", EXPERIMENTS, ids=lambda e: e.name)
def test_every_experiment_says_what_surprises_where_it_ends_three_questions_and_an_order(
    experiment,
):
    said = told(experiment)
    assert all(len(part.split()) > 20 for part in (said.surprises, said.limits, said.order))
    assert len(said.questions) == 3
    assert all(q.ask.endswith("?") and q.answer and q.reads for q in said.questions)


@pytest.mark.parametrize("experiment", EXPERIMENTS, ids=lambda e: e.name)
def test_the_titles_that_an_order_names_are_those_of_presets_or_experiments(experiment):
    known = {p.title for e in EXPERIMENTS for p in e.presets} | {e.title for e in EXPERIMENTS}
    known |= {p.title for p in api.phenomena()}
    named = re.findall(r"(?<!\*)\*([A-Z][^*]+)\*(?!\*)", told(experiment).order)
    assert [title for title in named if title not in known] == []


@pytest.mark.parametrize(("experiment", "question"), questions())
def test_the_link_of_a_question_is_read_without_a_refusal(experiment, question):
    page, _, query = question.link(experiment).partition("?")
    assert page == addresses.of(experiment.name)
    values, counts, refused = share.read(experiment, dict(parse_qsl(query)))
    assert (counts, refused) == ({}, [])
    assert given(experiment, values) == given(experiment, question.values(experiment))


@pytest.mark.parametrize(("experiment", "question"), questions())
def test_the_numbers_of_an_answer_are_those_that_theory_predicts_there(experiment, question):
    tree = api.predict(experiment, **question.values(experiment))
    prediction = tree["prediction"].to_dataset()
    answer = question.answer.replace("−", "-")
    for place, written in question.reads.items():
        said = written.replace("−", "-")
        assert said in answer
        assert as_written(value_in(prediction, place), said) == said, place


def test_an_experiment_of_ones_own_has_nothing_for_teachers():
    assert teaching(dataclasses.replace(EXPERIMENTS[0])) is None
