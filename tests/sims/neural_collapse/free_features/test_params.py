import pytest

from sims.core.knobs import filled
from sims.core.study import Study
from sims.neural_collapse.free_features import EXPERIMENT, rates
from sims.neural_collapse.free_features.assumptions import foldings


def resolved(**knobs):
    return Study(EXPERIMENT, knobs).setup.params


@pytest.mark.parametrize(
    ("knobs", "words"),
    [
        ({"classes": 1}, "from 2 to 10"),
        ({"per_class": 1}, "from 2 to 500"),
        ({"width": 0}, "from 1 to 256"),
        ({"imbalance": 0.5}, "from 1 to 50"),
        ({"nonnegative": True, "loss_kind": "mse"}, "no closed form with loss_kind=mse"),
        ({"nonnegative": True, "bias": False}, "no closed form with bias=false"),
        ({"nonnegative": True, "imbalance": 2}, "no closed form with imbalance=2"),
        ({"per_class": 500, "classes": 10}, "5000 samples, more than 2000"),
        ({"per_class": 100, "imbalance": 50}, "samples, more than 2000"),
        ({"eta": 1e-4, "horizon": 2000}, "2e7 steps|20000000 steps"),
    ],
)
def test_what_is_refused_is_said_in_one_sentence(knobs, words):
    with pytest.raises(ValueError, match=words) as refused:
        Study(EXPERIMENT, knobs).prepare()
    assert str(refused.value).count("\n") == 0


def test_the_horizon_lets_the_slowest_motion_finish():
    assert filled(resolved().horizon) == 400
    assert filled(resolved(loss_kind="mse").horizon) == 150
    assert filled(resolved(classes=10).horizon) == pytest.approx(673, abs=1)
    unequal = resolved(lambda_h=0.005)
    assert filled(unequal.horizon) == pytest.approx(1.75 * 0.025 / 1e-4)
    assert filled(resolved(lambda_w=0.3, lambda_h=0.3).horizon) == 400
    assert filled(resolved(lambda_w=0.001, lambda_h=0.001).horizon) <= 4000


@pytest.mark.parametrize("imbalance", [1.0, 4.0])
@pytest.mark.parametrize("loss_kind", ["ce", "mse"])
def test_an_automatic_horizon_is_long_enough(loss_kind, imbalance):
    params = resolved(loss_kind=loss_kind, imbalance=imbalance, per_class=10, lambda_w=0.05,
                      lambda_h=0.05)  # fmt: skip
    assert foldings(params) >= 1


def test_the_slowest_rates_are_those_of_the_optimum():
    found = rates.of(resolved())
    assert found.tau == pytest.approx(3.850148, abs=1e-6)
    assert found.rho == pytest.approx(0.25 - 0.02)


def test_sizes_and_decays_are_dynamic_the_rest_shapes_programs():
    from sims.core.knobs import knobs_of

    static = {name for name, knob in knobs_of(EXPERIMENT.Params).items() if knob.static}
    assert static == {"loss_kind", "bias", "nonnegative", "classes", "width"}


def test_a_bound_out_of_reach_is_announced():
    setup = Study(EXPERIMENT, {"classes": 6, "width": 2}).setup

    lines = EXPERIMENT.warnings(setup.params, setup.tasks[0], Study.of(setup).predict())
    assert any("lower bound" in line for line in lines)
    total = Study(EXPERIMENT, {"lambda_w": 0.3, "lambda_h": 0.3}).setup
    lines = EXPERIMENT.warnings(total.params, total.tasks[0], Study.of(total).predict())
    assert any("Total collapse predicted" in line for line in lines)
