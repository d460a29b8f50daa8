"""What a reader is asked to guess: of every experiment, with theory and run in one unit."""

import dataclasses

import numpy as np
import pytest

from app.figures import views
from sims import api
from sims.core.study import Study
from sims.view import Curves, Guess, View

SOON = {
    "saddle_to_saddle/matrix_completion": {},
    "lazy_rich/one_neuron": {"dt": 0.01},
    "neural_collapse/free_features": {},
    "edge_of_stability/scalar_models": {},
}
SLOW_TO_PREDICT = {
    "edge_of_stability/neural_network": {"width": 8, "depth": 1, "steps": 500},
    "edge_of_stability/self_stabilisation": {},
    "saddle_to_saddle/linear_network": {"width": 4, "horizon": 3.0, "alpha": 0.5},
}


@pytest.mark.parametrize("name", [experiment.name for experiment in api.experiments()])
def test_every_experiment_asks_for_what_one_of_its_panels_can_show(name: str) -> None:
    experiment = api.experiment(name)
    declared = experiment.view
    assert declared is not None
    guess = declared.guess
    assert guess is not None
    study = Study(experiment, SLOW_TO_PREDICT.get(name, {}))
    drawn = views.view(experiment, study.predict())
    asked = drawn.asked
    assert asked is not None
    assert asked.panel in [panel.id for panel in drawn.panels]
    assert asked.words.endswith("?")
    name = guess.run or guess.of
    assert name.partition("[")[0] in experiment.observables


@pytest.mark.parametrize("name", SOON)
def test_a_run_answers_in_the_same_unit_as_theory(name: str) -> None:
    study = Study(api.experiment(name), SOON[name])
    judged = study.finished()
    asked = views.view(name, study.predict()).asked
    assert asked is not None
    measured = asked.measured(judged.seen)
    assert asked.theory is not None
    assert measured is not None
    assert measured == pytest.approx(asked.theory, rel=0.1, nan_ok=True)


def test_an_experiment_that_declares_none_asks_for_the_curve_of_its_hero() -> None:
    experiment = api.experiment("lazy_rich/one_neuron")
    prediction = Study(experiment, {"dt": 0.01}).predict()
    plain = dataclasses.replace(experiment, view=View(Curves("loss")))
    asked = views.view(plain, prediction).asked
    assert asked is not None
    assert (asked.kind, asked.panel, asked.words) == ("curve", "loss", "How will the loss go?")
    vector = dataclasses.replace(experiment, view=View(Curves("beta")))
    assert views.view(vector, prediction).asked is None


def test_a_question_about_a_panel_that_is_not_there_is_not_asked() -> None:
    experiment = api.experiment("lazy_rich/one_neuron")
    guess = Guess.curve("a", "How?", panel="nowhere")
    plain = dataclasses.replace(experiment, view=View(Curves("loss"), guess=guess))
    assert views.view(plain, Study(experiment, {"dt": 0.01}).predict()).asked is None


def test_a_curve_is_compared_at_places_spread_evenly_along_the_axis_as_it_is_drawn() -> None:
    experiment = api.experiment("lazy_rich/two_layer_network")
    study = Study(experiment, {"width": 20, "steps": 200})
    asked = views.view(experiment, study.predict()).asked
    assert asked is not None
    assert asked.log_x
    np.testing.assert_allclose(np.diff(np.log10(asked.places), 2), 0, atol=1e-12)
