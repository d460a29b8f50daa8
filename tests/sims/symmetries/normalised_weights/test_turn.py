"""The steady turn: its numbers, its identity, its conditions, and runs that meet it."""

import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from sims.core.study import Study
from sims.symmetries import gradients
from sims.symmetries.normalised_weights import EXPERIMENT, theory, training

SMALL: dict[str, Any] = {"n": 60, "width": 6, "batch_size": 10, "steps": 60}


def judged(**knobs: Any):
    """Claims and all that was seen of one run."""
    start = Study(EXPERIMENT, knobs).freeze()
    run = start.run()
    run.finish()
    found = start.judge(run)
    assert found.claims is not None
    return found.claims, found.seen.isel(seed=0)


@pytest.mark.parametrize(
    ("name", "turn"),
    [("funnel", 0.100042), ("momentum", 0.022942), ("too_short", 0.031624),
     ("four_rows", 0.253662)],
)  # fmt: skip
def test_rate_and_decay_fix_the_turn(name, turn):
    study = Study(EXPERIMENT, EXPERIMENT.preset(name).params)
    found = study.predict()
    assert float(np.ravel(found["turn_mean"])[0]) == pytest.approx(turn, abs=1e-6)


def test_the_product_alone_counts_without_momentum():
    one, other = (
        float(np.ravel(Study(EXPERIMENT, knobs).predict()["turn_degrees"])[0])
        for knobs in ({}, {"eta": 0.1, "weight_decay": 0.05})
    )
    assert one == pytest.approx(other)
    assert one == pytest.approx(5.73, abs=3e-3)


def test_mean_log_cosines_are_decay_and_drift_exactly():
    eta, lam, steps = 0.5, 0.01, 40
    study = Study(EXPERIMENT, SMALL | {"steps": steps})
    settled, task = study.setup.params, jax.tree.map(jnp.asarray, study.setup.tasks[0])
    state = training.init(settled, task)
    advance = jax.jit(lambda state: training.step(settled, task, state))
    first = np.asarray(state.weights.W)
    logs = np.zeros(len(first))
    for _ in range(steps):
        before = np.asarray(state.turned)
        state = advance(state)
        logs -= np.log(np.cos(np.sqrt(np.asarray(state.turned) - before)))
    lengths = [np.linalg.norm(w, axis=1) for w in (np.asarray(state.weights.W), first)]
    drift = np.log(lengths[0] / lengths[1]) / steps
    assert logs / steps == pytest.approx(-math.log(1 - eta * lam) + drift, abs=1e-9)


def test_a_gradient_behind_a_normalisation_is_orthogonal_to_the_weights():
    for kind, whole in (("batch", False), ("layer", True)):
        study = Study(EXPERIMENT, SMALL | {"normalisation": kind})
        task = study.setup.tasks[0]
        net = gradients.Net(task["X"], task["y"], "relu", kind)
        g = gradients.loss_and_gradient(net, task["W"], task["V"], np.zeros(6))[1][0]
        along = np.sum(g * task["W"], axis=1)
        assert (along.sum() if whole else along) == pytest.approx(0.0, abs=1e-13)
        assert whole == bool(np.abs(along).max() > 1e-6)


def test_the_first_turn_is_that_of_the_training_with_all_digits():
    knobs = SMALL | {"batch_size": 0, "eps": 0.01, "activation": "tanh"}
    study = Study(EXPERIMENT, knobs)
    settled, task = study.setup.params, study.setup.tasks[0]
    given = jax.tree.map(jnp.asarray, task)
    state = jax.jit(training.step)(settled, given, training.init(settled, given))
    told = theory.first_turn(settled, task)
    assert told == pytest.approx(np.sqrt(np.asarray(state.turned)), rel=1e-9)


def test_first_lengths_are_spread_as_asked_and_labels_drawn_anew():
    study = Study(EXPERIMENT, SMALL | {"spread": 1.5, "label_noise": 1.0})
    task, clean = study.setup.tasks[0], Study(EXPERIMENT, SMALL).setup.tasks[0]
    lengths = np.linalg.norm(task["W"], axis=1)
    assert np.log10(lengths) == pytest.approx(np.linspace(-1.5, 1.5, 6))
    assert 0.75 < np.mean(np.argmax(task["y"], axis=1) != np.argmax(clean["y"], axis=1)) <= 1
    assert np.array_equal(task["X"], clean["X"])


def test_no_neuron_shrinks_faster_than_its_wall():
    _, seen = judged(**SMALL | {"weight_decay": 0.1, "momentum": 0.5})
    assert float(seen["wall_margin"]) > -1e-9
    _, free = judged(**SMALL | {"normalisation": "off", "weight_decay": 0.1, "spread": 0.0})
    assert float(free["wall_margin"]) < -1e-4


def test_the_default_run_turns_as_it_should():
    found, seen = judged()
    assert set(found["verdict"].values.tolist()) == {"lands"}
    ratio = seen["turn_each"].values / 0.100042
    assert 0.97 < ratio.min() <= ratio.max() < 1.03
    lengths = seen["length2"].values
    assert lengths[0, [0, -1]] == pytest.approx([0.01, 100])
    assert 0.1 < lengths[-1].min() <= lengths[-1].max() < 0.5


def test_conditions_are_known_before_the_run():
    def broken(**knobs):
        study = Study(EXPERIMENT, SMALL | {"steps": 4000} | knobs)
        study.predict()
        return [one.name for one in study.freeze().before()[0] if not one.held]

    assert broken() == []
    assert broken(normalisation="off") == ["normalised"]
    assert broken(batch_size=4) == ["enough_rows"]
    assert broken(batch_size=0) == ["noisy_gradient"]
    assert broken(eps=0.01) == ["no_floor"]
    assert broken(weight_decay=0.0) == ["decay_on", "long_enough"]
    assert broken(weight_decay=0.0005) == ["long_enough"]
    assert broken(momentum=0.9, weight_decay=0.02) == ["gentle_decay"]


@pytest.mark.parametrize(
    ("knobs", "words"),
    [
        ({"batch_size": 90, "n": 60}, "give a whole number from 0 to 60"),
        ({"batch_size": 1}, "one row has no variance"),
        ({"normalisation": "layer", "width": 1}, "give a whole number from 2 to 256"),
        ({"steps": 200_000, "width": 256, "n": 1000}, "give at most 78125"),
    ],
)
def test_what_does_not_go_together_is_refused_in_one_sentence(knobs, words):
    with pytest.raises(ValueError, match=words):
        Study(EXPERIMENT, SMALL | knobs).prepare()
