import math

import numpy as np
import pytest

from sims.core import compilation
from sims.neural_collapse.free_features import EXPERIMENT

SMALL = {"per_class": 5, "width": 8}
QUICK = SMALL | {"eta": 0.2}
NAME = EXPERIMENT.name


@pytest.fixture(scope="module")
def trained(judged):
    made = {}

    def train(**knobs):
        key = tuple(sorted(knobs.items()))
        if key not in made:
            made[key] = judged(EXPERIMENT, **knobs)
        return made[key]

    return train


def last(found, name):
    return float(found.run[name].values[0, -1])


def test_unequal_decays_reach_their_own_norms(trained):
    found = trained(**SMALL, lambda_h=0.005, horizon=3000.0, eta=0.5)
    assert last(found, "margin") == pytest.approx(4.574711, rel=1e-4)
    assert last(found, "classifier_norm") == pytest.approx(1.309777, rel=1e-4)
    assert last(found, "feature_norm") == pytest.approx(2.619555, rel=1e-4)
    assert found.verdict("final_simplex") == "not judged"


def test_too_much_decay_is_no_signal_and_no_crash(trained):
    found = trained(**QUICK, lambda_w=0.3, lambda_h=0.3)
    assert last(found, "loss") == pytest.approx(math.log(4), abs=1e-9)
    assert last(found, "classifier_norm") < 1e-3
    assert last(found, "feature_norm") < 1e-3
    assert np.isnan(found.run["nc1"].values[0, -1])
    assert found.verdict("classifier_norm_final") == "lands"
    assert "nothing is learned" in found.reason("loss_final")
    assert "no signal" in found.reason("classifier_cosines_final")
    assert not found.held("signal_survives")


@pytest.mark.parametrize(
    ("preset", "level"), [("predictable_collapse", 0.0576), ("no_bias_mse", 0.0768)]
)
def test_squared_loss_ends_where_documented(preset, level, preset_runs):
    tree = preset_runs[NAME, preset]
    loss = tree["run"]["loss"].values[0]
    assert loss[-1] == pytest.approx(level, abs=1e-5)
    assert loss.min() >= float(tree["prediction"]["loss_final"]) - 1e-5


@pytest.mark.parametrize(("bias", "level"), [(True, 0.828927), (False, 0.901104)])
def test_a_run_ends_on_the_convex_optimum_and_not_below(trained, bias, level):
    decay = {"lambda_w": 0.1, "lambda_h": 0.1}
    found = trained(**QUICK, **decay, imbalance=4.0, bias=bias, horizon=600.0)
    assert last(found, "loss") == pytest.approx(level, abs=1e-6)
    assert float(found.run["loss"].min()) >= float(found.prediction["loss_final"]) - 1e-5


@pytest.mark.slow
def test_small_classes_merge_between_two_imbalances(trained):
    weak = {"bias": False, "lambda_w": 0.1, "lambda_h": 0.1}
    near, beyond = (
        last(trained(**QUICK, **weak, imbalance=R, horizon=4000.0), "minority_cosine")
        for R in (11.0, 12.0)
    )
    assert near == pytest.approx(0.9412, abs=1e-3)
    assert beyond == pytest.approx(1.0, abs=1e-3)


def test_within_class_spread_falls_at_six_times_the_decay(preset_runs, judged):
    run = preset_runs[NAME, "predictable_collapse"]["run"]
    t, nc1 = run["time"].values, run["nc1"].values[0]
    late = t > 80
    assert np.polyfit(t[late], np.log(nc1[late]), 1)[0] == pytest.approx(-0.120, abs=0.003)
    bare = judged(
        EXPERIMENT, loss_kind="mse", per_class=20, horizon=120.0, lambda_w=0.0, lambda_h=0.0
    )
    assert bare.run["nc1"].values[0, -1] > 1e-9
    assert bare.verdict("nc1") == "lands"
    assert bare.verdict("loss_final") == "lands"
    assert "without decay" in bare.reason("classifier_norm_final")


def test_no_knob_of_the_same_shapes_compiles_again(trained, judged):
    trained(**SMALL, lambda_h=0.005, horizon=3000.0, eta=0.5)
    before = compilation.traces()
    judged(EXPERIMENT, seed=3, per_class=5, width=8, eta=0.3, lambda_w=0.03, init_scale=0.05,
           horizon=20.0, imbalance=1.04)  # fmt: skip
    assert compilation.traces() == before


def test_without_decay_the_margin_grows_and_nothing_is_judged(trained):
    found = trained(**QUICK, lambda_w=0.0, lambda_h=0.0, horizon=100.0)
    assert "loss_final" not in found.prediction
    assert "no finite optimum" in found.reason("loss_final")
    assert found.setup.notices
    margins = found.run["margin"].values[0]
    assert margins[-1] > margins[len(margins) // 2] > 0


def test_a_run_that_diverges_says_where_and_is_not_judged(judged):
    wild = {"loss_kind": "mse", "eta": 1.0, "init_scale": 3.0, "horizon": 100.0}
    found = judged(EXPERIMENT, **SMALL, **wild)
    assert found.reason("logits") == f"Because the run diverged at step {found.run.stopped_0}."
    assert {str(v) for v in found.claims["verdict"].values} == {"not judged"}
    assert np.isfinite(found.run["loss"].values).all()


def test_the_picture_is_where_the_simplex_is_predicted(preset_runs):
    tree = preset_runs[NAME, "tetrahedron"]
    ghost = tree["prediction"]["final_simplex"].values[0]
    ends = tree["run"]["class_means"].values[0, -1]
    assert ends == pytest.approx(ghost, abs=0.02)
    arrows = tree["run"]["classifier"].values[0, -1]
    assert arrows == pytest.approx(ghost, abs=0.02)
    features = tree["run"]["features"].values[0, -1]
    assert features == pytest.approx(np.repeat(ghost, 50, axis=0), abs=0.05)


def test_without_a_predicted_place_the_picture_is_turned_onto_the_ideal(preset_runs):
    tree = preset_runs[NAME, "nonnegative"]
    assert not tree["task"]["oriented"]
    ends, ghost = tree["run"]["class_means"].values[0, -1], tree["prediction"]["final_simplex"]
    assert ends == pytest.approx(ghost.values, abs=0.05)


def test_a_corner_ten_percent_off_would_be_noticed(judged):
    found = judged(EXPERIMENT, "triangle")
    target = found.prediction["final_simplex"].values
    assert found.verdict_had_it_been("final_simplex", final_simplex=1.1 * target) == "surprise"
    turn = np.array([[math.cos(0.2), -math.sin(0.2)], [math.sin(0.2), math.cos(0.2)]])
    assert found.verdict_had_it_been("final_simplex", final_simplex=target @ turn) == "surprise"
    slope = 1.1 * found.prediction["nc1_slope"].values
    assert found.verdict_had_it_been("nc1_slope", nc1_slope=slope) == "surprise"
