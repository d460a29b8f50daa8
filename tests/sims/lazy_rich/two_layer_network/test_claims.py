import numpy as np
import pytest
import xarray as xr

from sims.core.claims import tolerance_of
from sims.core.study import Study
from sims.lazy_rich.two_layer_network import EXPERIMENT, claims, theory

SPHERE = {"activation": "erf", "d": 5, "width": 256}
FAST = {"activation": "erf", "alpha": 30, "steps": 600}
SINGLE = [p.id for p in EXPERIMENT.presets if p.over is None]


@pytest.mark.parametrize("preset", SINGLE)
def test_preset_gives_its_stated_verdicts(trained, preset):
    found, stated = trained(preset), EXPERIMENT.preset(preset).verdicts
    assert {claim: found.verdict(claim) for claim in stated} == stated


def test_default_page_follows_the_dashed_curve(trained):
    found = trained()
    assert found.run["feature_change_final"].values[0] == pytest.approx(0.0200, abs=1e-4)
    assert found.run["weight_change_final"].values[0] == pytest.approx(0.0158, abs=1e-4)
    assert found.error("train_loss") == pytest.approx(0.036, abs=2e-3)
    assert not found.held("features_frozen")
    assert found.held("features_stay_put")


def test_the_sphere_ends_where_documented(trained):
    found = trained(alpha=10, **SPHERE)
    assert found.run["weight_change_final"].values[0] == pytest.approx(0.02168, rel=0.02)
    assert found.run["feature_change_final"].values[0] == pytest.approx(0.03155, rel=0.02)
    assert found.run["test_loss"].values[0][-1] == pytest.approx(0.0437, rel=0.02)
    assert found.error("test_function") == pytest.approx(0.0103, rel=0.02)


def test_gap_to_the_lazy_function_falls_like_one_over_the_scale(trained):
    near, far = (trained(alpha=alpha, **SPHERE).error("test_function") for alpha in (10, 100))
    assert 9 < near / far < 12


def test_neurons_gather_on_the_teacher_s_rays(trained):
    found = trained("spokes")
    mass = found.run["mass_near_teacher"].values[0]
    assert mass[0] == pytest.approx(0.200, abs=0.002)
    assert mass[-1] == pytest.approx(0.99, abs=0.03)
    assert float(found.prediction["smooth_alpha"].values[0]) == pytest.approx(0.1105, abs=1e-4)


def test_a_slow_catapult_climbs_and_comes_back(trained):
    found = trained(c=1.05, **FAST)
    steps, loss = found.run["step"].values, found.run["train_loss"].values[0]
    rise = np.log(loss[steps == 20] / loss[steps == 10])[0] / 10
    assert rise == pytest.approx(0.188, abs=0.01)
    assert np.isfinite(loss[-1])
    assert found.run["rate_over_edge"].values[0][-1] == pytest.approx(0.951, abs=0.03)
    assert found.verdict("catapult_slope") == "lands"
    assert "no end" in found.reason("mode_residuals")


def test_divergence_is_said_with_its_step(trained):
    found = trained("too_fast")
    step = found.run.attrs["stopped_1"]
    assert found.reason("rate_over_edge") == f"Because diverged at step {step}."
    assert not found.held("below_twice_the_edge")


def test_a_handful_of_kinks_is_not_judged(trained):
    found = trained(activation="relu", alpha=500, width=16, n=8, steps=500)
    assert found.verdict("feature_change_final") == "not judged"
    assert "kinks" in found.reason("feature_change_final")
    assert not found.held("kinks_enough")


def test_kinks_are_a_question_for_relu_alone(trained):
    assert "kinks_enough" not in trained().claims["assumption"]


def test_a_law_ten_percent_off_would_be_noticed(trained):
    found = trained("lazy")
    run = found.run.isel(seed=0)
    params, prediction = found.setup.params, found.prediction.isel(seed=0)
    for name in ("weight_change_final", "feature_change_final"):
        claim = next(c for c in EXPERIMENT.claims if c.name == name)
        off = run.assign({name: run[name] * 1.1})
        allowed = tolerance_of(claim, params, prediction)
        assert claim.compare(params, prediction, off).error > allowed


def test_double_precision_resolves_the_output_at_every_scale():
    setup = Study(EXPERIMENT, {"alpha": 1e3}).setup
    *_, found = theory.predict(setup.params, setup.tasks[0], setup.schedule)
    listed = EXPERIMENT.evaluate_assumptions(setup.params, setup.tasks[0], found)
    assert next(a for a in listed if a.name == "arithmetic_resolves_the_output").held


def test_width_slope_needs_three_widths():
    assert claims.over_width({"width": [1, 2]})
    assert not claims.over_width({"width": [1, 2], "alpha": [1]})
    widths = np.array([16, 64, 256])
    swept = [
        xr.Dataset({"feature_change_final": ("width", 8 * widths**p)}, coords={"width": widths})
        for p in (-0.5, -0.4)
    ]
    claim = EXPERIMENT.sweep_claims[0]
    assert claim.compare(None, *swept).error == pytest.approx(0.1)
    two = [data.isel(width=[0, 1]) for data in swept]
    assert claim.compare(None, *two).why == "fewer than 3 widths."
