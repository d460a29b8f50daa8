"""Every stop of every tour: what it says of its run is what the run does."""

import dataclasses

import pytest

from app import share, tour
from sims import api
from sims.core.experiment import Phenomenon
from sims.core.setup import given, preset_of

SAY, ASK, TELL = 105, 105, 215
"""Characters of the first line of the strip, of its second, and of the two that follow the run."""
SLOW = {("edge_of_stability", 1)}
"""Stops that no preset states and whose run takes ten seconds or more."""


STOPS = [(p.name, n, stop) for p in api.phenomena() for n, stop in enumerate(tour.tour(p), 1)]
"""Every stop, with its place in its tour."""
OWN = [
    pytest.param(*one, marks=[pytest.mark.slow] if one[:2] in SLOW else [])
    for one in STOPS
    if not one[2].preset
]
NAMES = ("phenomenon", "number", "stop")


def called(value):
    return "" if isinstance(value, tour.Stop) else str(value)


def verdicts(stop):
    tree = api.run(stop.experiment, device="cpu", seeds=stop.seeds, **stop.knobs)
    judged = tree["claims"]["verdict"]
    return {claim: str(judged.sel(claim=claim).values) for claim in stop.ends}


@pytest.mark.parametrize("phenomenon", api.phenomena(), ids=lambda p: p.name)
def test_every_tour_has_six_stops_and_visits_two_experiments_where_there_are_two(
    phenomenon,
):
    found = tour.tour(phenomenon)
    assert len(found) == 6
    assert len({stop.experiment for stop in found}) >= min(2, len(phenomenon.experiments))


@pytest.mark.parametrize(NAMES, STOPS, ids=called)
def test_the_link_of_a_stop_is_read_without_a_refusal(phenomenon, number, stop):
    values, counts, refused = share.read(api.experiment(stop.experiment), stop.query(number))
    assert (values, counts, refused) == ({}, {}, [])


@pytest.mark.parametrize(NAMES, STOPS, ids=called)
def test_the_settings_of_a_stop_are_allowed(phenomenon, number, stop):
    experiment = api.experiment(stop.experiment)
    settled = given(experiment, stop.values(experiment))
    assert stop.preset in ("", preset_of(experiment, settled))


@pytest.mark.parametrize(NAMES, STOPS, ids=called)
def test_what_a_stop_says_fits_into_the_two_lines_of_the_strip(phenomenon, number, stop):
    assert 0 < len(stop.say) <= SAY
    assert 0 < len(stop.guess) + len(stop.look) <= ASK
    assert 0 < len(stop.happened) <= TELL


@pytest.mark.parametrize(NAMES, [one for one in STOPS if one[2].preset], ids=called)
def test_a_stop_at_a_preset_relies_on_what_the_preset_states(phenomenon, number, stop):
    """Each preset is run, and held to what it states, where all experiments are checked."""
    stated = api.experiment(stop.experiment).preset(stop.preset).verdicts
    assert stop.ends
    assert {claim: stated.get(claim) for claim in stop.ends} == stop.ends


@pytest.mark.parametrize(NAMES, OWN, ids=called)
def test_a_stop_with_settings_of_its_own_ends_as_it_says(phenomenon, number, stop):
    assert stop.ends
    assert verdicts(stop) == stop.ends


def test_every_tour_has_a_stop_where_theory_departs_or_is_not_all():
    """A tour of landings alone would teach that theory is always right."""
    ends = {p.name: {v for s in tour.tour(p) for v in s.ends.values()} for p in api.phenomena()}
    assert {name for name, found in ends.items() if found == {"lands"}} <= {"neural_collapse"}


def test_a_phenomenon_of_somebody_else_has_no_tour():
    assert tour.tour(Phenomenon("else", "Else", "", "", tuple(api.experiments()[:1]))) == ()


def test_the_tour_is_closed_where_another_experiment_stands_in_for_one_that_it_visits():
    phenomenon = api.phenomena()[0]
    own = dataclasses.replace(phenomenon.experiments[0])
    instead = dataclasses.replace(phenomenon, experiments=(own, *phenomenon.experiments[1:]))
    assert tour.tour(phenomenon)
    assert tour.tour(instead) == ()
