"""What is known before the run, what is measured behind it, and what is refused."""

from typing import Any

import numpy as np
import pytest

from sims import api
from sims.core.study import Study
from sims.width_transfer.coordinate_check import EXPERIMENT, claims

SMALL: dict[str, Any] = {
    "width_min": 8, "width_max": 32, "neurons": 64, "samples": 16, "steps": 3, "depth": 2,
}  # fmt: skip


def held(**knobs):
    """Assumptions by name, as the prediction alone tells them."""
    study = Study(EXPERIMENT, SMALL | knobs)
    study.predict()
    return {one.name: one for one in study.freeze().before()[0]}


def test_the_default_run_has_the_stated_tolerances_and_slopes():
    tree = api.run(EXPERIMENT, device="cpu")
    told, seen = (tree[group].to_dataset().isel(seed=0) for group in ("prediction", "run"))
    assert float(told["allowed_first"]) == pytest.approx(0.147, abs=1e-3)
    assert float(told["allowed_last"]) == pytest.approx(0.189, abs=1e-3)
    assert seen["features_first"].values == pytest.approx([-1.50, -0.54, -0.53], abs=0.01)
    assert seen["features_last"].values == pytest.approx([-1.52, -0.57, -0.51], abs=0.01)
    assert abs(float(seen["output_last"])) < 0.2
    assert told["features_last"].values.tolist() == [-1.5, -0.5, -0.5]


def test_slopes_are_those_of_exact_powers():
    ns = [16, 32, 64, 128]
    change = np.array(ns)[:, None] ** [-1.5, 0.25]
    assert claims.slopes(change, ns) == pytest.approx([-1.5, 0.25])


def test_powers_half_a_power_apart_are_known_not_to_be_told_apart():
    found = held(parameterisation="ntk")["one_power"]
    assert not found.held
    assert found.sentence == "In layer 2 the next power is 0.5 lower (limit 0.75)."
    assert held(parameterisation="sp")["one_power"].held


def test_what_grows_with_the_width_is_called_unstable_by_its_power():
    found = held(optimizer="gd", c=(0.5, 0.5, 0.5))["stable"]
    assert not found.held
    assert "something grows like n to the power 0.5" in found.sentence
    assert "signals shrink" in held(b=(0, 1, 1))["stable"].sentence


def test_gradient_descent_in_mup_changes_what_comes_back_as_much_as_it_was():
    found = held(parameterisation="mup", optimizer="gd")["signals_stay"]
    assert not found.held
    assert "changes by n to the power 0 of itself (limit -0.5)" in found.sentence.replace("−", "-")
    assert held(parameterisation="ntk", optimizer="gd")["signals_stay"].held
    assert held(optimizer="adam")["signals_stay"].held


def test_the_edge_of_stability_is_known_before_the_run():
    over = held(optimizer="gd", activation="relu", c0=1.0)["below_the_edge"]
    assert not over.held
    assert over.value > 2
    assert held(optimizer="gd", c0=0.1)["below_the_edge"].held
    assert held(optimizer="adam", c0=4)["below_the_edge"].held


@pytest.mark.parametrize(
    ("knobs", "words"),
    [
        ({"width_max": 16}, "give width_max from 32 to 8192"),
        ({"b": (0, 0.5)}, "3 to 3 numbers"),
        ({"neurons": 16384, "width_max": 8192, "steps": 200}, "give neurons at most"),
    ],
)
def test_what_does_not_go_together_is_refused_in_one_sentence(knobs, words):
    with pytest.raises(ValueError, match=words):
        Study(EXPERIMENT, SMALL | knobs).prepare()


def test_powers_that_are_not_given_are_those_of_the_parameterisation():
    found = Study(EXPERIMENT, SMALL | {"parameterisation": "mup", "b": (0, 0.5, 0.5)}).setup.params
    assert (found.a, found.b, found.c) == ((0, 0, 0), (0, 0.5, 0.5), (0, 1, 1))


def test_a_step_that_was_not_reached_has_no_power():
    study = Study(EXPERIMENT, SMALL)
    start = study.freeze()
    run = start.run()
    run.advance_records(2)
    run.finish()
    seen = start.judge(run).seen.isel(seed=0)
    short = seen.isel(record=slice(0, 2))
    found = claims.measure(start.setup.params, {}, seen, short)
    assert np.isfinite(found["features_first"].values).all()
    assert np.isnan(found["features_last"].values).all()
