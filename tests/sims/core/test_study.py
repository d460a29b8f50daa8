import dataclasses

import numpy as np
import pytest

from sims import api
from sims.core.study import Study, side_by_side

LINEAR = api.experiment("saddle_to_saddle/linear_network")
SHORT = {"horizon": 1.0}


def test_each_stage_is_made_once_and_kept():
    study = Study(LINEAR, SHORT)
    assert study.setup is study.setup
    assert study.freeze() is study.freeze()
    assert study.predict() is study.freeze().prediction


def test_a_prediction_grown_in_slices_is_the_one_made_at_once():
    slow = api.experiment("edge_of_stability/neural_network")
    knobs = {"width": 4, "depth": 1, "samples": 6, "steps": 60}
    grown, parts = Study(slow, knobs, seeds=2), 0
    while not grown.grow(0.0):
        parts += 1
    assert parts > 1
    assert grown.freeze().hash == Study(slow, knobs, seeds=2).freeze().hash


def test_what_a_run_begins_from_cannot_be_changed_any_more():
    start = Study(LINEAR, SHORT).freeze()
    with pytest.raises(ValueError, match="read-only"):
        start.setup.tasks[0]["W1"][0, 0] = 7.0
    assert start.prediction is not None
    with pytest.raises(ValueError, match="read-only"):
        start.prediction["jump_times"].values[...] = 7.0
    with pytest.raises(dataclasses.FrozenInstanceError):
        start.hash = ""  # pyright: ignore[reportAttributeAccessIssue]


def test_a_run_that_began_early_is_never_judged_and_its_file_says_so():
    study = Study(LINEAR, SHORT)
    early = study.early()
    assert (early.hash, early.predicted_at, early.is_whole) == ("", "", False)
    run = early.run()
    run.finish()
    later = study.predict()
    judged = early.judge(run)
    assert judged.claims is None
    assert "mode_strengths" in judged.seen
    tree = early.tree(judged, prediction=later)
    assert set(tree.children) == {"task", "prediction", "run"}
    with pytest.raises(ValueError, match="Nothing is predicted yet"):
        early.tree(judged)


def test_the_intervention_is_in_what_the_run_and_the_file_hold():
    disturbed = dataclasses.replace(
        LINEAR, intervene=lambda _, task, __: {**task, "W1": 2 * task["W1"]}
    )
    study = Study(disturbed, SHORT)
    plain, start = study.setup.tasks[0]["W1"], study.freeze()
    np.testing.assert_array_equal(start.setup.tasks[0]["W1"], 2 * plain)
    np.testing.assert_array_equal(start.tree()["task"]["W1"].values, 2 * plain)
    np.testing.assert_array_equal(study.early().setup.tasks[0]["W1"], plain)


def test_settings_side_by_side_run_as_they_do_alone():
    starts = [Study(LINEAR, {**SHORT, "alpha": a}).freeze() for a in (1e-3, 1e-2)]
    together = side_by_side(starts)
    together.finish()
    for i, start in enumerate(starts):
        alone = start.run()
        alone.finish()
        found, told = together.records["loss"][i], alone.records["loss"][0]
        np.testing.assert_allclose(found, told, rtol=1e-9)


def test_bad_knobs_are_refused_when_it_is_prepared_and_not_before():
    study = Study(LINEAR, {"eta": -1})
    with pytest.raises(ValueError, match="eta = -1 is not allowed"):
        study.prepare()
