import numpy as np
import pytest

from sims.saddle_to_saddle.matrix_completion import EXPERIMENT, theory
from tests.sims.controls import untrained

CLAIM = "first_escape_time"
SMALL = {"size": 10, "horizon": 4.0}


def test_an_escape_is_missed_where_nothing_is_trained(judged):
    found = judged(untrained(EXPERIMENT), **SMALL)
    assert found.verdict(CLAIM) == "surprise"
    assert found.error(CLAIM) == np.inf


def test_no_escape_at_all_is_no_test(judged):
    assert judged(EXPERIMENT, size=10, horizon=0.2).verdict(CLAIM) == "not judged"


@pytest.mark.parametrize("factor", [0.97, 1.03])
def test_a_time_three_percent_off_no_longer_lands(judged, factor):
    found = judged(EXPERIMENT, **SMALL)
    assert found.verdict(CLAIM) == "lands"
    wrong = factor * found.prediction[CLAIM].values
    assert found.verdict_had_it_been(CLAIM, first_escape_time=wrong) == "surprise"


def test_the_drawn_start_counts_not_only_its_size(judged):
    found = judged(EXPERIMENT, size=10, horizon=4.0, seed=3)
    task, params = found.setup.tasks[0], found.setup.params
    shift = np.log(theory.starting_strength(task) / (params.alpha**2 / 2))
    wrong = found.prediction[CLAIM].values + shift / (2 * theory.observed_top(task))
    assert found.verdict_had_it_been(CLAIM, first_escape_time=wrong) == "surprise"


@pytest.mark.parametrize(("depth", "eta"), [(3, 0.05641), (3, 0.01), (4, 0.02)])
def test_what_steps_lose_on_the_way_of_a_deep_product_is_predicted(judged, depth, eta):
    found = judged(EXPERIMENT, depth=depth, eta=eta, size=12, seed=944)
    assert found.verdict(CLAIM) == "lands"
    assert found.error(CLAIM) < 4e-3
