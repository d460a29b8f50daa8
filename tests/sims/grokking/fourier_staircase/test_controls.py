"""No claim of the staircase lands where nothing is learnt, or where no frequency is stronger."""

import pytest

from sims.grokking.fourier_staircase import EXPERIMENT
from sims.grokking.fourier_staircase.claims import as_strong
from tests.sims.controls import surviving, verdicts

SMALL = {"p": 7, "magnitudes": (3.0, 5.0, 2.0), "width": 24}
CLAIMS = ("plateau_losses", "order", "loss_final", "first_drop")
MISSED = {"departs", "surprise"}


def test_nothing_survives():
    assert surviving(EXPERIMENT, **SMALL) == []


def test_the_claims_land_in_the_honest_run():
    assert verdicts(EXPERIMENT, SMALL) == dict.fromkeys(CLAIMS, "lands")


def test_nothing_lands_untrained():
    found = verdicts(EXPERIMENT, SMALL, trained=False)
    assert {found["loss_final"], found["first_drop"]} <= MISSED
    assert {found["plateau_losses"], found["order"]} == {"not judged"}


def test_levels_and_order_depart_where_no_frequency_is_stronger():
    found = verdicts(EXPERIMENT, SMALL, task=as_strong)
    assert found["plateau_losses"] != "lands"
    assert {found["order"], found["first_drop"]} <= MISSED


def test_the_first_drop_departs_at_another_rate():
    assert verdicts(EXPERIMENT, SMALL, values={"eta": 0.4})["first_drop"] in MISSED


def test_the_first_drop_departs_where_neurons_do_not_escape():
    found = verdicts(EXPERIMENT, SMALL, task=lambda t: t | {"u": 0 * t["u"], "v": 0 * t["v"]})
    assert found["first_drop"] in MISSED


@pytest.mark.parametrize("magnitudes", [(5.0, 3.0, 2.0), (5.0,)])
def test_an_order_that_would_be_guessed_is_not_judged(magnitudes):
    """The lowest frequency first, or one alone; also at a large start, where ties made it so."""
    for knobs in ({"magnitudes": magnitudes}, {"magnitudes": magnitudes, "init_scale": 1.0}):
        assert verdicts(EXPERIMENT, SMALL | knobs | {"steps": 200})["order"] == "not judged"


def test_equal_steps_are_not_judged_where_they_are_the_levels():
    knobs = SMALL | {"magnitudes": (5.0, 4.9, 4.8), "steps": 200}
    assert verdicts(EXPERIMENT, knobs)["plateau_losses"] == "not judged"
