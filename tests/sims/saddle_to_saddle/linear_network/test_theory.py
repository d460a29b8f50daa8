import dataclasses

import numpy as np
import pytest

from sims.api import experiment
from sims.core.study import Study
from sims.saddle_to_saddle.linear_network import theory
from sims.saddle_to_saddle.linear_network.hessian import count_below, hessian
from tests.sims.saddle_to_saddle.test_mode_laws import acceptance_start, house, pat

LINEAR = experiment("saddle_to_saddle/linear_network")


def run_of(setup):
    run = Study.of(setup).early().run()
    run.finish()
    return run


def acceptance_setup(eta: float, horizon: float):
    """The public acceptance start: s = (4, 2, 1), d_in = 6, h = 10, d_out = 5, alpha = 1e-3."""
    knobs = {
        "d_in": 6,
        "d_out": 5,
        "width": 10,
        "spectrum": (4, 2, 1),
        "alpha": 1e-3,
        "eta": eta,
        "horizon": horizon,
    }
    setup = Study(LINEAR, knobs).setup
    W1, W2, U, V = acceptance_start(1e-3)
    s = np.array([4.0, 2.0, 1.0])
    task = {"target": (U * s) @ V.T, "U": U, "V": V, "spectrum": s, "W1": W1, "W2": W2}
    schedule = LINEAR.schedule(setup.params, (task,))
    return dataclasses.replace(setup, tasks=(task,), schedule=schedule)


@pytest.mark.parametrize(
    ("eta", "jumps", "tolerance", "map_error"),
    [
        (2e-3, (2.04961, 4.24263, 7.48255), 5e-4, 1e-3),
        (0.1, (2.38262, 4.59802, 7.79414), 1e-3, 3e-4),
    ],
)
def test_the_run_jumps_at_the_stated_times(eta, jumps, tolerance, map_error):
    setup = acceptance_setup(eta, 9.0)
    foreseen = Study.of(setup).predict()
    seen = Study.of(setup).finished().seen
    np.testing.assert_allclose(seen["jump_times"].values[0], jumps, atol=tolerance)
    np.testing.assert_allclose(foreseen["jump_times"].values[0], jumps, atol=tolerance)
    s = np.array([4.0, 2.0, 1.0])
    gap = np.abs(seen["mode_strengths"].values - foreseen["mode_strengths"].values)[0] / s
    assert gap.max() < map_error
    if eta == 0.1:
        flow = foreseen["mode_strengths_gradient_flow"].values
        lag = np.abs(seen["mode_strengths"].values - flow)[0] / s
        assert lag.max() > 0.3


def test_loss_at_the_stated_steps():
    setup = acceptance_setup(2e-3, 6.0)
    schedule = dataclasses.replace(
        setup.schedule,
        record_steps=np.array([0, 750, 1500, 3000]),
        snapshot_records=np.zeros(0, int),
    )
    run = run_of(dataclasses.replace(setup, schedule=schedule))
    np.testing.assert_allclose(
        run.records["loss"][0, 1:], [10.304659, 2.4722341, 0.45213193], rtol=1e-5
    )


def test_deep_random_first_jump_lands_on_the_blow_up_law():
    U = house(5)[:, :3]
    s = np.array([4.0, 2.5, 1.5])
    for alpha, foreseen, seen in [(0.1, 4.0442, 4.0586), (0.03, 13.7933, 13.8133)]:
        knobs = {
            "depth": 3,
            "d_in": 5,
            "d_out": 5,
            "width": 8,
            "spectrum": tuple(s),
            "alpha": alpha,
            "eta": 5e-3,
        }
        setup = Study(LINEAR, {**knobs, "horizon": foreseen + 1}).setup
        unit = [pat(8, 5, 0), pat(8, 8, 1), pat(5, 8, 2)]
        task = {"target": (U * s) @ U.T, "U": U, "V": U, "spectrum": s}
        task |= {f"W{i + 1}": alpha / np.sqrt(8) * w for i, w in enumerate(unit)}
        setup = dataclasses.replace(
            setup, tasks=(task,), schedule=LINEAR.schedule(setup.params, (task,))
        )
        predicted = Study.of(setup).predict()
        measured = Study.of(setup).finished().seen
        assert float(predicted["jump_times"][0, 0]) == pytest.approx(foreseen, abs=5e-3)
        assert float(measured["jump_times"][0, 0]) == pytest.approx(seen, rel=1e-3)


def test_hessian_index_at_the_dips_of_a_tiny_start():
    setup = Study(LINEAR, preset="tiny_init").setup
    foreseen = Study.of(setup).predict()
    seen = Study.of(setup).finished().seen
    np.testing.assert_array_equal(foreseen["negative_curvatures"].values, [64, 45, 28, 13, 0])
    np.testing.assert_array_equal(seen["negative_curvatures"].values[0, 1:4], [45, 28, 13])
    first, last = seen["negative_eigenvalues"].values[0, [0, -1]]
    assert (first, last) == (64, 0)


def test_hessian_and_its_index_match_a_dense_finite_difference_route():
    rng = np.random.default_rng(3)
    W1, W2, M = (rng.standard_normal(n) for n in ((3, 4), (2, 3), (2, 4)))

    def loss(x):
        return 0.5 * np.sum((x[12:].reshape(2, 3) @ x[:12].reshape(3, 4) - M) ** 2)

    x, eps, n = np.concatenate([W1.ravel(), W2.ravel()]), 1e-4, 18
    steps = eps * np.eye(n)
    dense = np.array(
        [
            [
                (loss(x + a + b) - loss(x + a - b) - loss(x - a + b) + loss(x - a - b))
                / (4 * eps**2)
                for b in steps
            ]
            for a in steps
        ]
    )
    H = hessian(W1, W2, M)
    np.testing.assert_allclose(H, dense, atol=1e-5)
    for level in (-1.0, 0.1, 2.0):
        assert count_below(H, level) == int(np.sum(np.linalg.eigvalsh(H) < level))


def test_semantic_tree_spectrum_plateaus_and_illusion():
    setup = Study(LINEAR, {"data": "semantic_tree"}).setup
    foreseen = Study.of(setup).predict()
    np.testing.assert_allclose(
        foreseen["spectrum"].values ** 2, [15, 7, 3, 3, 1, 1, 1, 1], atol=1e-10
    )
    np.testing.assert_allclose(foreseen["plateau_losses"].values[[0, 1, 2, 4]], [16, 8.5, 5, 2])
    illusion = foreseen["illusory_correlation"].values[[1, 2, 4, 8]]
    np.testing.assert_allclose(illusion, [1 / 8, 1 / 4, 1 / 2, 0], atol=1e-12)


def test_the_gap_to_gradient_flow_is_first_order_in_eta():
    gaps = []
    for eta in (2e-3, 1e-3):
        setup = Study(LINEAR, {"eta": eta, "horizon": 4.0, "alpha": 0.01}).setup
        foreseen = Study.of(setup).predict()
        run = run_of(setup)
        left = run.snapshots["product"][0] - foreseen["product"].values[0]
        gaps.append(np.max(np.abs(left)))
    assert 1.9 < gaps[0] / gaps[1] < 2.1


def test_waiting_times_grow_by_the_same_amount_for_each_decade():
    times = []
    for alpha in (1e-6, 1e-4):
        setup = Study(LINEAR, {"alpha": alpha, "eta": 2e-3}).setup
        times.append(Study.of(setup).predict()["jump_times"].values[0])
    slopes = (times[0] - times[1]) / np.log(100)
    clock = theory.laws.clock_factor(2e-3, np.array([5.0, 3.0, 1.8, 1.0]))
    np.testing.assert_allclose(slopes, clock / np.array([5.0, 3.0, 1.8, 1.0]), rtol=1e-3)


@pytest.mark.parametrize("depth", [2, 3, 4, 5])
def test_an_aligned_start_follows_the_map_to_rounding(depth):
    knobs = {
        "depth": depth,
        "init": "aligned",
        "alpha": 0.3,
        "eta": 5e-3,
        "spectrum": (2, 1),
        "horizon": 4,
    }
    setup = Study(LINEAR, knobs).setup
    gap = (
        run_of(setup).records["mode_strengths"] - Study.of(setup).predict()["mode_strengths"].values
    )
    assert np.max(np.abs(gap)) < 1e-12


def test_balanced_layers_conserve_what_gradient_flow_conserves_to_first_order():
    drifts = []
    for eta in (4e-3, 2e-3):
        setup = Study(LINEAR, {"alpha": 0.3, "eta": eta, "horizon": 3}).setup
        drifts.append(float(run_of(setup).snapshots["conserved_drift"][0, -1]))
    assert 1.8 < drifts[0] / drifts[1] < 2.2


def test_what_theory_does_not_predict_is_absent():
    deep = Study(LINEAR, preset="three_layers").predict()
    assert not {"mode_strengths", "singular_values", "first_escape_time", "loss"} & set(
        deep.data_vars
    )
    assert np.isnan(deep["jump_times"].values[0, 1:]).all()
    knobs = {"init": "lambda_balanced", "layer_imbalance": 1, "width": 8, "alpha": 0.5}
    imbalanced = Study(LINEAR, knobs).predict()
    assert "mode_strengths" not in imbalanced
    assert "mode_strengths_gradient_flow" in imbalanced


def test_coloured_inputs_under_momentum_escape_on_the_clock_of_the_run():
    knobs = {"d_in": 22, "d_out": 19, "width": 82, "alpha": 2.145e-12, "optimizer": "polyak"}
    knobs |= {"input_condition": 70.7, "horizon": 0.8}  # the flow alone would not come there
    claims = Study(experiment("saddle_to_saddle/linear_network"), knobs, seed=295).finished().claims
    assert claims is not None
    one = claims.sel(claim="first_escape_time")
    assert np.isfinite(one["predicted"])
    assert one["verdict"].item() == "lands"


@pytest.mark.parametrize(("horizon", "verdict"), [(0.4582, "not judged"), (0.47, "lands")])
def test_an_escape_that_may_come_after_the_end_is_not_judged(horizon, verdict):
    knobs = {"d_in": 47, "d_out": 45, "alpha": 5.505e-9, "optimizer": "polyak", "eta": 0.002586}
    knobs |= {"input_condition": 43.26, "horizon": horizon}  # it is predicted at 0.4526, to 2.3 %
    claims = Study(experiment("saddle_to_saddle/linear_network"), knobs, seed=830).finished().claims
    assert claims is not None
    assert claims.sel(claim="first_escape_time")["verdict"].item() == verdict


def test_a_loss_known_up_to_its_escape_is_read_as_coarsely_as_its_records():
    linear = experiment("saddle_to_saddle/linear_network")
    (claim,) = (c for c in linear.claims if c.name == "first_escape_time")
    assert callable(claim.tolerance)
    allowed = {}
    for horizon in (5.0, 100.0):
        study = Study(linear, {"input_condition": 25, "horizon": horizon, "alpha": 1e-2})
        allowed[horizon] = claim.tolerance(study.setup.params, study.predict().isel(seed=0))
    assert 0.01 < allowed[5.0] < allowed[100.0]
