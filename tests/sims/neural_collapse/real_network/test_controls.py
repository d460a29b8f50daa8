import numpy as np
import pytest

from sims.core.controls import survivors
from sims.core.study import Study
from sims.neural_collapse.real_network import EXPERIMENT
from sims.neural_collapse.real_network.claims import falling_line

SHORT = {"eta": 1e-4, "steps": 100}
MIXTURE = {"data": "mixture", "per_class": 20, "hidden": 64}


def test_a_line_that_rises_or_hardly_falls_explains_nothing():
    assert falling_line(10.0 ** np.array([3, 2, 1, 0])) == pytest.approx(1)
    assert falling_line(10.0 ** np.array([0, 1, 2, 3])) == 0
    assert falling_line(10.0 ** np.array([0.2, 0.1, 0])) == 0


def test_layers_of_a_network_that_has_hardly_trained_depart(judged):
    found = judged(EXPERIMENT, "no_decay", **SHORT, per_class=30, hidden=64)
    assert found.verdict("layer_separation") == "departs"
    assert not found.held("many_epochs")


def test_a_mixture_is_no_data_for_the_law_of_layers():
    setup = Study(EXPERIMENT, {"data": "mixture", "decay": "weights", "weight_decay": 0}).setup
    (found,) = [
        a
        for a in EXPERIMENT.evaluate_assumptions(
            setup.params, setup.tasks[0], Study.of(setup).predict()
        )
        if a.name == "real_data"
    ]
    assert not found.held


def test_small_classes_apart_are_no_test_of_the_threshold(judged):
    found = judged(EXPERIMENT, **MIXTURE, **SHORT, imbalance=4)
    assert found.verdict("minority_threshold") == "not judged"
    assert "untrained, too" in found.reason("minority_threshold")


def test_no_claim_lands_untrained_or_with_its_guess():
    knobs = MIXTURE | {"steps": 1500, "per_class": 10}
    study = Study(EXPERIMENT, knobs)
    assert list(survivors(study)) == []
    claims = Study(EXPERIMENT, knobs).finished().claims
    assert claims is not None
    landed = claims.claim.values[claims.verdict.values == "lands"]
    assert "objective_final" in landed
    assert len(landed) >= 5
