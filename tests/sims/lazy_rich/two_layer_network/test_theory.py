import numpy as np
import pytest

from sims.core import tangent_kernel as ntk
from sims.core.arithmetic import theory_arithmetic
from sims.core.study import Study
from sims.lazy_rich import teacher
from sims.lazy_rich.two_layer_network import EXPERIMENT, theory
from sims.lazy_rich.two_layer_network.theory import climb, regime, slope

SPHERE = {"activation": "erf", "d": 5, "width": 256}


def foreseen(**knobs):
    return Study(EXPERIMENT, knobs).predict().isel(seed=0)


def test_default_page_is_predicted_as_documented():
    found = foreseen()
    assert float(found["smooth_alpha"]) == pytest.approx(0.1008, abs=1e-4)
    assert float(found["feature_change_final"]) == pytest.approx(0.0201, abs=1e-4)
    assert float(found["weight_change_final"]) == pytest.approx(0.0158, abs=1e-4)
    assert found.attrs["regime"] == "lazy"


def test_reduced_rate_and_end_of_the_sphere_are_predicted_as_documented():
    found = foreseen(alpha=10, **SPHERE)
    assert float(found["learning_rate"]) == pytest.approx(3.197, abs=1e-3)
    assert float(found["weight_change_final"]) == pytest.approx(0.02181, rel=2e-3)
    assert float(found["feature_change_final"]) == pytest.approx(0.03178, rel=2e-3)
    assert float(found["test_loss"][-1]) == pytest.approx(0.04414, rel=2e-3)


def test_curves_depend_on_the_scale_through_the_rate_alone():
    near, far = foreseen(alpha=100), foreseen(alpha=1000)
    np.testing.assert_allclose(near["train_loss"][:10], far["train_loss"][:10], rtol=0.05)
    # the residual of the rate's reduction is α*/α, a thousandth
    assert float(near["learning_rate"] / far["learning_rate"]) == pytest.approx(1, abs=2e-3)
    ratio = near["weight_change_final"] / far["weight_change_final"]
    assert float(ratio) == pytest.approx(10, rel=1e-2)


def test_mode_residuals_add_up_to_the_loss():
    setup = Study(EXPERIMENT, {"n": 5, "d": 5}).setup
    found = Study.of(setup).predict().isel(seed=0)
    loss = np.sum(found["mode_residuals"].values ** 2, axis=1) / 10
    steps = setup.schedule.snapshot_records
    np.testing.assert_allclose(loss, found["train_loss"].values[steps], rtol=1e-12)


def test_boundary_is_where_the_curve_meets_the_threshold():
    low, high = foreseen(threshold=0.1), foreseen(threshold=0.3)
    assert float(low["boundary_alpha"]) > float(high["boundary_alpha"])
    at = np.log(float(high["boundary_alpha"]))
    curve = np.log(high["feature_change_curve"].values)
    assert np.exp(np.interp(at, np.log(ntk.ALPHAS), curve)) == pytest.approx(0.3, rel=1e-9)


def test_curve_passes_through_the_prediction_at_the_run_s_own_scale():
    at = float(ntk.ALPHAS[37])
    found = foreseen(alpha=at)
    for name in ("feature_change", "weight_change"):
        on_curve = float(found[f"{name}_curve"][37])
        assert float(found[f"{name}_final"]) == pytest.approx(on_curve, rel=1e-9)


def test_weight_change_curve_ends_at_its_final_value():
    found = foreseen(alpha=2)
    assert float(found["weight_change"][-1]) == float(found["weight_change_final"])


def test_wide_networks_approach_the_kernel_of_infinite_width():
    def miss(width):
        task = Study(EXPERIMENT, {"activation": "relu", "d": 5, "width": width}).setup.tasks[0]
        model = teacher.linear_model(task, "relu")
        limit = ntk.infinite_width_kernel(task["X"], task["X"], "relu")
        return np.linalg.norm(model.kernel - limit) / np.linalg.norm(limit)

    # the relative spread is 2.2/√N for these points
    for width in (64, 1024):
        assert miss(width) < 2 * 2.2 / np.sqrt(width)


def test_beyond_the_edge_the_linear_model_climbs_at_the_known_rate():
    for c in (1.3, 1.8):
        found = foreseen(activation="erf", alpha=30, c=c, steps=600)
        loss = found["train_loss"].values
        steps = found["step"].values
        late = (steps >= 30) & (steps <= 60)
        rise = np.diff(np.log(loss[late])) / np.diff(steps[late])
        # the slower modes have died out by then, to a few parts in a million
        np.testing.assert_allclose(rise, 2 * np.log(2 * c - 1), rtol=1e-5)
        assert not np.isnan(loss).any()
        assert not np.isnan(found["test_loss"].values).any()


def test_slope_is_read_between_the_lowest_and_the_tenfold_loss():
    steps = np.arange(8)
    loss = np.array([1.0, 0.5, 0.25, 1.0, 4.0, 16.0, 64.0, 256.0])
    assert climb(loss) == (2, 5)
    assert slope(steps, loss, (2, 5)) == pytest.approx(np.log(4))
    assert climb(loss[:5]) is None
    assert np.isnan(slope(steps[:4], loss[:4], (2, 5)))


def test_regimes_have_three_words():
    assert [regime(r) for r in (0.05, 0.1, 1.0, 1.1)] == ["lazy", "crossover", "crossover", "rich"]


def test_moving_the_scale_keeps_what_is_known_of_the_start():
    first, moved = (Study(EXPERIMENT, {"n": 9, "alpha": alpha}).setup for alpha in (3, 4))
    Study.of(first).predict()
    model = teacher.linear_model(moved.tasks[0], "tanh")
    assert model is teacher.linear_model(first.tasks[0], "tanh")
    assert len(list(model.feature_change_curve(0.5, 4000))) == 1


def test_curve_grows_from_the_rich_side_where_it_is_dear():
    setup = Study(EXPERIMENT, {"n": 64, "width": 1024}).setup
    with theory_arithmetic():
        parts = list(theory.predict(setup.params, setup.tasks[0], setup.schedule))
    known = [int(np.isfinite(p["feature_change_curve"]).sum()) for p in parts]
    assert len(parts) > 3
    assert known == sorted(known)
    assert known[-1] == len(ntk.ALPHAS)
    np.testing.assert_array_equal(parts[0]["train_loss"], parts[-1]["train_loss"])
