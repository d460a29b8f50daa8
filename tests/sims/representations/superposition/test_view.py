import numpy as np
import pytest
import xarray as xr

from sims.core.study import Study
from sims.representations.superposition import EXPERIMENT, states, view


def a_run(places, angle, features=5):
    """One start that grows into these places, turned by an angle."""
    arrows = np.zeros((features, 2))
    arrows[: len(places)] = places
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    sizes = np.linspace(0.1, 1, 4)[:, None, None]
    W = np.swapaxes(sizes * (arrows @ turn.T), -1, -2)
    return {"loss": np.ones((1, 4, 1)), "weights": W[None, :, None].astype(np.float32)}


@pytest.mark.parametrize("rings", [(5,), (2, 2), (2, 1), (3,), (1, 1)])
@pytest.mark.parametrize("angle", [0.3, 2.0, -2.5])
def test_arrows_are_turned_onto_the_predicted_shape(rings, angle):
    one = next(s for s in states.levels(5, 2, 0.1, 1.0) if s.rings == rings)
    corners = np.zeros((5, 2))
    corners[: len(one.places)] = one.places
    prediction = xr.Dataset(
        {"corners": (("arrow", "axis"), corners), "fold": ((), float(one.fold))}
    )
    found = view.turned(a_run(one.places, angle), prediction)[0, -1]
    apart = np.linalg.norm(found[:, None] - corners[None], axis=-1)
    np.testing.assert_allclose(apart.min(axis=1), 0, atol=1e-6)


def test_the_start_that_is_drawn_stays_until_another_is_clearly_lower():
    losses = np.array([[2.0, 1.0], [1.0, 0.995], [0.9, 0.905], [0.5, 0.6]])
    assert view.best_so_far(losses).tolist() == [1, 1, 1, 0]


def test_a_start_that_diverged_is_not_drawn():
    losses = np.array([[2.0, 1.0], [1.0, np.nan]])
    assert view.best_so_far(losses).tolist() == [1, 0]


@pytest.mark.parametrize("importance", [0.2, 5.0])
@pytest.mark.parametrize("side", [1.0, -1.0])
def test_on_a_line_the_strong_feature_points_ahead(importance, side):
    strong, weak = 1.02, -0.94
    both = np.array([[strong, 0], [weak, 0]])[:: 1 if importance < 1 else -1]
    line = {"neurons": 1, "features": 2, "density": 0.1, "importance": importance}
    study = Study(EXPERIMENT, line)
    run = a_run(side * both, 0.0, features=2)
    run["weights"] = run["weights"][..., :1, :]
    found = view.turned(run, study.predict())[0, -1]
    np.testing.assert_allclose(np.sort(found[:, 0]), [weak, strong], rtol=1e-6)
