import numpy as np
import pytest
import xarray as xr

import sims
from sims.core.prediction import alike, digest

LINEAR = "saddle_to_saddle/linear_network"


@pytest.fixture(scope="module")
def tree():
    return sims.predict(LINEAR, horizon=2.0, seeds=2)


def changed(tree, name, change):
    """The same tree with a variable of its prediction changed."""
    prediction = tree["prediction"].to_dataset().copy(deep=True)
    prediction[name] = prediction[name].copy(data=change(prediction[name].values))
    return xr.DataTree.from_dict({"prediction": prediction})


@pytest.mark.parametrize("name", ["jump_times", "mode_strengths", "loss_gradient_flow"])
def test_what_only_rounding_tells_apart_is_the_same_although_the_hash_differs(tree, name):
    rng = np.random.default_rng(0)
    rounded = changed(tree, name, lambda v: v * (1 + 1e-14 * rng.standard_normal(v.shape)))
    assert digest(rounded["prediction"].to_dataset()) != tree.attrs["prediction_sha256"]
    assert sims.same(tree, rounded)
    assert sims.same(rounded, tree)


@pytest.mark.parametrize("name", ["jump_times", "mode_strengths", "loss_gradient_flow"])
def test_a_number_that_is_off_by_a_millionth_is_not_the_same(tree, name):
    assert not sims.same(tree, changed(tree, name, lambda v: v * (1 + 1e-6)))


def test_another_seed_another_knob_and_another_set_of_numbers_are_not_the_same(tree):
    assert not sims.same(tree, sims.predict(LINEAR, horizon=2.0, seeds=2, seed=1))
    assert not sims.same(tree, sims.predict(LINEAR, horizon=2.0, seeds=2, alpha=1.001e-4))
    assert not sims.same(tree, sims.predict(LINEAR, horizon=2.0, seeds=3))
    fewer = tree["prediction"].to_dataset().drop_vars("jump_times")
    assert not sims.same(tree, xr.DataTree.from_dict({"prediction": fewer}))


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ([1.0, np.nan], [1.0, np.nan], True),
        ([1.0, np.nan], [1.0, 0.0], False),
        ([1.0, np.inf], [1.0, np.inf], True),
        ([1.0, np.inf], [1.0, -np.inf], False),
        ([1.0, 2.0], [1.0, np.inf], False),
        ([1e308, 1.0], [-1e308, 1.0], False),
        ([0.0, 0.0], [0.0, 1e-300], False),
        ([1.0, 1e-12], [1.0, 2e-12], True),
        ([1, 2], [1, 3], False),
        (["gd"], ["gd"], True),
        ([True], [False], False),
        ([], [], True),
    ],
)
def test_numbers_are_compared_on_the_scale_of_their_variable(one, other, expected):
    made = [xr.Dataset({"x": ("entry", np.asarray(v))}) for v in (one, other)]
    assert alike(*made) is expected


def test_a_tree_without_a_prediction_is_refused(tree):
    with pytest.raises(ValueError, match="no prediction"):
        sims.same(tree, xr.DataTree())
