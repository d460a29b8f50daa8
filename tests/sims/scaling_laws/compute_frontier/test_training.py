"""Models of all sizes on the same samples."""

import jax.numpy as jnp
import numpy as np
import pytest

from sims.core.knobs import lines_beneath
from sims.core.study import Study
from sims.scaling_laws.compute_frontier import EXPERIMENT, training, view

SMALL = {"width": 8, "sizes": 3, "steps": 100, "replicas": 3, "batch_size": 2}


@pytest.fixture(scope="module")
def small():
    setup = Study(EXPERIMENT, SMALL).setup
    task = {name: jnp.asarray(v) if v.dtype == np.uint32 else jnp.asarray(v, jnp.float32)
            for name, v in setup.tasks[0].items()}  # fmt: skip
    return setup.params, task


def test_at_the_start_every_size_has_the_whole_loss(small):
    params, task = small
    found = training.observe(params, task, training.init(params, task))
    assert np.asarray(found["loss"]) == pytest.approx(np.ones(3), abs=1e-6)
    assert np.asarray(found["spread"]) == pytest.approx(np.zeros(3), abs=1e-6)


def test_a_size_moves_the_coefficients_it_holds_and_no_other(small):
    params, task = small
    state = training.step(params, task, training.init(params, task))
    moved = np.asarray(state.w) != 0
    assert (moved == (np.arange(8) < np.array([8, 4, 2])[:, None])).all()
    assert int(state.t) == 1


def test_sizes_see_the_same_samples(small):
    """Where two hold the same and cannot hold the same, they are one."""
    params, task = small
    alike = {name: jnp.broadcast_to(task[name][:1], task[name].shape)
             for name in ("held", "targets", "noises")}  # fmt: skip
    state = training.step(params, {**task, **alike}, training.init(params, task))
    assert (np.asarray(state.w[:, 0]) == np.asarray(state.w[:, 2])).all()


@pytest.mark.parametrize(
    ("knobs", "sentence"),
    [
        ({"width": 16, "sizes": 6}, "give width from 32 to 2048, or sizes from 3 to 5"),
        ({"sizes": 8, "width": 128, "steps": 500}, "give steps from 640 to 200000"),
        ({"c": 1.0}, "give a number from 0.001 to 0.999"),
        ({"width": 2048, "batch_size": 64, "replicas": 64}, "give replicas from 2 to 15"),
    ],
)
def test_what_makes_no_frontier_is_refused_in_a_sentence(knobs, sentence):
    with pytest.raises(ValueError, match=sentence):
        _ = Study(EXPERIMENT, knobs).setup


def test_beneath_their_number_stand_the_sizes():
    params = Study(EXPERIMENT, {}).setup.params
    assert lines_beneath(params)["sizes"] == "4, 8, 16, 32, 64"


def test_the_best_size_so_far_is_among_those_that_have_spent_the_compute():
    prediction = Study(EXPERIMENT, SMALL).predict()
    loss = prediction["loss"].values
    loss = loss if loss.ndim == 3 else loss[None]
    early = view.width_so_far({"loss": loss[:, :20]}, prediction)
    assert np.nanmin(early) == 8  # the largest spends most a step, and is there first
    whole = view.width_so_far({"loss": loss}, prediction)
    told = prediction["best_width"].values.reshape(-1, whole.shape[2])[0]
    assert whole[0, -1].tolist() == told.tolist()
