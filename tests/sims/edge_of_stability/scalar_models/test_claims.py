import numpy as np
import pytest

from sims.core.sweep import Sweep
from sims.edge_of_stability.scalar_models import EXPERIMENT
from sims.edge_of_stability.scalar_models.presets import PRESETS


@pytest.mark.parametrize("preset", PRESETS, ids=lambda p: p.id)
def test_presets_end_as_they_state(judged, preset):
    found = judged(EXPERIMENT, preset.id)
    assert {c: found.verdict(c) for c in preset.verdicts} == dict(preset.verdicts)


@pytest.mark.parametrize("m", [1, 2, 64])
@pytest.mark.parametrize("target", [0, 1, -2])
def test_the_map_lands_wherever_rounding_stays_small(judged, m, target):
    found = judged(EXPERIMENT, m=m, target=target, eta_lambda0=3.5, seeds=6)
    early, whole = (found.prediction[n].values <= 1e4 for n in ("growth_early", "growth"))
    errors = found.claims["error"]
    for name in ("loss", "curvature"):
        assert not np.any(errors.sel(claim=name).values[early] >= 1e-9)
    assert np.all(np.nan_to_num(errors.sel(claim="divergence_step").values[whole]) == 0)


def test_a_run_that_diverges_is_judged_up_to_there(judged):
    found = judged(EXPERIMENT, "diverges")
    assert found.run.attrs["stopped_0"] == found.first("divergence_step")
    assert float(found.run["divergence_step"][0]) == found.first("divergence_step")
    assert np.isfinite(found.run["loss"].values).all()
    assert np.isnan(found.first("curvature_final"))


def test_a_divergence_one_step_late_no_longer_lands(judged):
    found = judged(EXPERIMENT, "diverges")
    late = found.prediction.copy(deep=True)
    late["divergence_step"] = late["divergence_step"] + 1
    verdict = found.had_it_been(late)["verdict"].sel(claim="divergence_step")
    assert str(verdict.values) == "surprise"


@pytest.mark.parametrize("depth", [2, 3, 4])
def test_orbits_land_above_the_flip(judged, depth):
    for rate in (1.1, 1.15):
        found = judged(EXPERIMENT, model="balanced_product", depth=depth, eta=rate * 2 / depth)
        assert found.verdict("orbit") == "lands"
        assert found.error("orbit") < 1e-12


def test_points_ten_percent_off_no_longer_land(judged):
    found = judged(EXPERIMENT, "period_two")
    wrong = found.prediction.copy(deep=True)
    wrong["orbit"] = 1.1 * wrong["orbit"]
    verdict = found.had_it_been(wrong)["verdict"].sel(claim="orbit")
    assert str(verdict.values) == "surprise"


def test_an_orbit_near_the_flip_is_not_settled(judged):
    found = judged(EXPERIMENT, model="balanced_product", eta=1.0005)
    assert "not settled" in found.reason("orbit")


def test_a_start_at_the_saddle_is_not_judged(judged):
    found = judged(EXPERIMENT, model="balanced_product", depth=5, eta=0.3, a0=0.01)
    assert "near the saddle" in found.reason("orbit")


@pytest.mark.parametrize(
    ("knobs", "assumption"),
    [
        ({"depth": 3, "eta": 0.7, "a0": -0.7}, "same_basin"),
        ({"eta": 1.15, "a0": 3}, "same_basin"),
        ({"eta": 2.1}, "stable_orbit"),
    ],
)
def test_orbits_that_are_missed_were_announced(judged, knobs, assumption):
    found = judged(EXPERIMENT, model="balanced_product", **knobs)
    assert found.verdict("orbit") == "departs"
    assert not found.held(assumption)


def test_the_tied_product_ends_at_the_edge_or_where_gradient_flow_does(judged):
    found = judged(EXPERIMENT, "ends_at_the_edge")
    assert found.first("curvature_final_gradient_flow") / 40 == pytest.approx(1.80, abs=0.005)
    assert float(found.run["curvature_final"][0]) / 40 == pytest.approx(0.9994, abs=1e-4)
    below = judged(EXPERIMENT, model="tied_depth_four", a0=3, b0=0.2, eta=0.05)
    assert below.verdict("curvature_final") == "not judged"
    assert below.first("curvature_final") < 40


def test_tied_starts_out_of_reach_are_announced(judged):
    far = judged(EXPERIMENT, model="tied_depth_four", a0=2, b0=1, eta=0.05)
    assert far.verdict("curvature_final") == "not judged"
    assert not far.held("small_first_step")
    large = judged(EXPERIMENT, model="tied_depth_four", a0=10, b0=0.1, eta=0.05)
    assert not large.held("moderate_start")


def test_a_tied_product_that_still_moves_is_not_judged(judged):
    found = judged(EXPERIMENT, "ends_at_the_edge", steps=100)
    assert "not settled" in found.reason("curvature_final")


def test_a_chaotic_orbit_of_two_scalars_is_foreseen(judged):
    found = judged(EXPERIMENT, model="two_scalars", a0=1.2, b0=1.15, eta=1.45)
    assert not found.held("small_rounding_throughout")
    assert found.verdict("curvature_final") in ("departs", "lands")


def test_claims_apply_to_their_models_only():
    applies = {c.name: c.applies for c in EXPERIMENT.claims}
    params = EXPERIMENT.Params(model="balanced_product")
    assert [n for n, f in applies.items() if f(params)] == ["orbit"]


@pytest.mark.parametrize(
    ("over", "knobs"),
    [
        ({"eta_lambda0": "1.5,3,4.05"}, {"m": 4, "steps": 60}),
        ({"eta": "1.1,1.15"}, {"model": "balanced_product"}),
        ({"a0": "2.5:4:3"}, {"model": "two_scalars"}),
    ],
)
def test_sweeps_go_over_what_a_map_depends_on(over, knobs):
    sweep = Sweep(EXPERIMENT, knobs, over)
    sweep.predict()
    run = sweep.run()
    run.finish()
    tree = run.tree()
    claim = "orbit" if "model" in knobs and "eta" in over else "loss"
    assert np.all(tree["claims"]["verdict"].sel(claim=claim).values == 0)
