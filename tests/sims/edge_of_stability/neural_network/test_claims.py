from typing import Any

import numpy as np
import pytest
import xarray as xr

from sims.core import claims as judging
from sims.core.study import Study
from sims.edge_of_stability.neural_network import EXPERIMENT, approach, assumptions, measure

STEPS = np.arange(0, 2205, 5)
CLAIMS = {c.name: c for c in EXPERIMENT.claims}


def params(**knobs):
    return Study(EXPERIMENT, knobs).setup.params


def run_of(sharpness=None, **series):
    """A run of the default schedule that reaches 20 at step 800 and stays."""
    if sharpness is None:
        sharpness = np.minimum(8 + 12 * STEPS / 800, 20)
    data: dict[str, Any] = {
        n: ("record", np.broadcast_to(v, STEPS.shape)) for n, v in series.items()
    }
    data["sharpness_midpoint"] = (("record", "eigenvalue"), np.asarray(sharpness)[:, None])
    return xr.Dataset(data, coords={"step": ("record", STEPS)})


def foreseen(**scalars):
    flow = np.minimum(8 + 12 * STEPS / 800, 35)
    data = {"edge": 20.0, "overrun_step": 867.0, "break_step": 800.0, "reach_step": 734.0}
    made = xr.Dataset(data | scalars)
    return made.assign(sharpness_gradient_flow=(("record", "eigenvalue"), flow[:, None]))


def compared(name, p, prediction, run):
    run = run.assign(measure.measure(p, {}, prediction, run))
    return judging.compared(CLAIMS[name], p, prediction, run)


def test_the_plateau_is_the_median_a_tenth_of_the_run_after_the_hit():
    level = np.where(STEPS < 800, 8.0, np.where(STEPS < 1020, 30.0, 21.0))
    found = compared("sharpness_at_edge", params(), foreseen(), run_of(level))
    assert found.measured == 21
    assert found.error == pytest.approx(0.05)
    assert "step 1020" in found.where


def test_without_a_hit_the_plateau_is_due_when_the_flow_runs_over():
    low = np.minimum(8 + 12 * STEPS / 800, 19.0)
    found = compared("sharpness_at_edge", params(), foreseen(), run_of(low))
    assert found.measured == 19
    assert "step 1090" in found.where  # the first record from step 1087 on
    never = compared("sharpness_at_edge", params(), foreseen(overrun_step=np.inf), run_of(low))
    assert np.isnan(never.error)
    assert "edge is not reached" in never.why
    late = compared("sharpness_at_edge", params(), foreseen(overrun_step=1101.0), run_of(low))
    assert np.isnan(late.error)


def test_sgd_is_judged_on_its_second_half():
    level = np.where(STEPS < 1100, 8.0, 10.0)
    p = params(optimizer="sgd", steps=2200, batch_size=2)
    found = compared("sharpness_at_edge", p, foreseen(), run_of(level))
    assert found.measured == 10
    both = compared("batch_sharpness", p, foreseen(), run_of(level, batch_sharpness=18.0))
    assert both.error == pytest.approx(0.1)
    never = foreseen(overrun_step=np.inf)
    undue = compared("batch_sharpness", p, never, run_of(level, batch_sharpness=18.0))
    assert "does not overrun the edge" in undue.why
    large = params(optimizer="sgd", steps=2200, batch_size=6)
    assert np.isnan(compared("batch_sharpness", large, foreseen(), run_of(level)).error)


def test_adaptive_rules_must_come_from_below():
    falling = np.where(STEPS < 100, 1e5, np.where(STEPS < 500, 5e3, 1.01e4))
    p = params(optimizer="adam")
    assert measure.first_reach(p, STEPS, falling, 1e4) == 500
    assert measure.first_reach(params(), STEPS, falling, 1e4) == 0
    assert np.isnan(measure.first_reach(p, STEPS, np.full(len(STEPS), 1e5), 1e4))


def test_reaching_the_edge_is_timed_at_95_percent():
    found = compared("reach_step", params(), foreseen(), run_of())
    assert found.measured == pytest.approx(11 / 12 * 800)  # between two records
    assert approach.reach_tolerance(params(), foreseen()) == pytest.approx(0.03 * 734)
    assert approach.reach_tolerance(params(), foreseen(reach_step=250.0)) == 10
    assert approach.reach_tolerance(params(), foreseen(reach_step=100.0)) == 5


def test_an_approach_is_not_timed_between_records_too_far_apart():
    found = compared("reach_step", params(every=100), foreseen(), run_of())
    assert "100 steps apart cannot time" in found.why


def test_a_convolutional_net_comes_after_the_flow_and_only_a_late_approach_is_timed():
    p = params(architecture="cnn", steps=2200)
    tolerance, delay = approach.reach_tolerance(p, foreseen()), approach.reach_delay(p, foreseen())
    assert delay - tolerance == pytest.approx(-10)  # two records before the flow
    assert delay + tolerance == pytest.approx(0.08 * 734)
    at = compared("reach_step", p, foreseen(), run_of())
    assert at.error == pytest.approx(abs(11 / 12 * 800 - 734 - delay))
    assert "after the flow" in compared("reach_step", p, foreseen(reach_step=150.0), run_of()).why
    normed = params(architecture="cnn", steps=2200, norm=True)
    assert "layer norm" in compared("reach_step", normed, foreseen(), run_of()).why


@pytest.mark.parametrize("optimizer", ["adam", "rmsprop", "polyak"])
def test_the_approach_of_a_rule_without_a_flow_of_its_own_is_not_timed(optimizer):
    p = params(architecture="cnn", optimizer=optimizer, steps=2200)
    bare = xr.Dataset({"edge": 20.0})
    assert "a guide" in compared("reach_step", p, bare, run_of()).why


def test_the_plateau_of_rmsprop_is_not_judged_where_nobody_knows_why_it_is_high():
    p = params(architecture="cnn", optimizer="rmsprop", steps=2200)
    assert "6 % high" in compared("sharpness_at_edge", p, foreseen(), run_of()).why


def test_only_one_of_run_and_flow_at_the_edge_is_infinitely_wrong_unless_it_grazes():
    never = np.full(len(STEPS), 12.0)
    neither = compared("reach_step", params(), foreseen(reach_step=np.inf), run_of(never))
    assert neither.error == 0
    assert np.isinf(compared("reach_step", params(), foreseen(), run_of(never)).error)
    grazing = run_of(np.minimum(8 + 12 * STEPS / 800, 20.3))
    found = compared("reach_step", params(), foreseen(reach_step=np.inf), grazing)
    assert np.isnan(found.error)
    assert found.why == "the run only grazes the edge."


def test_the_approach_of_a_flow_that_creeps_up_to_the_edge_is_not_timed():
    """One percent less sharpness comes 480 steps later."""
    creeping = np.minimum(8 + 12 * STEPS / 800, 18.9 + STEPS / 2400)
    flow = (("record", "eigenvalue"), creeping[:, None])
    prediction = foreseen(reach_step=740.0).assign(sharpness_gradient_flow=flow)
    found = compared("reach_step", params(), prediction, run_of(creeping - 0.2))
    assert found.why == "the flow only grazes the edge."
    steep = compared("reach_step", params(), foreseen(reach_step=740.0), run_of(creeping - 0.2))
    assert np.isfinite(steep.error)


def beyond(factor):
    later = STEPS >= 1200
    series = np.where(later, 2.0, 5.0)
    prediction = foreseen().assign(
        mean_loss=("record", series), oscillation=("record", series / 100)
    )
    wrong = np.where(later, factor, 3.0)
    return prediction, run_of(mean_loss=series * wrong, oscillation=series * wrong / 100)


@pytest.mark.parametrize("name", ["mean_loss", "oscillation"])
def test_averages_are_compared_from_400_steps_after_the_break(name):
    assert compared(name, params(), *beyond(1.07)).error == pytest.approx(0.07)
    prediction, run = beyond(1.07)
    for scalars, why in (
        ({"break_step": np.inf}, "does not start to oscillate"),
        ({"break_step": np.nan}, "first seed only"),
        ({"break_step": np.inf, "start_step": np.inf}, "catapult does not end"),
        ({"break_step": 1750.0}, "fewer than 20"),
    ):
        changed = prediction.assign({n: ((), v) for n, v in scalars.items()})
        found = compared(name, params(), changed, run)
        assert np.isnan(found.error)
        assert why in found.why
    off = compared(name, params(central_flow=False), foreseen().drop_vars("break_step"), run)
    assert "no central flow" in off.why


def test_paths_are_compared_with_those_of_the_gradient_flow():
    shots = np.array([0, 1100, 1600, 2200])
    there = np.array([0.0, 9.0, 1.0, 1.0])
    prediction = foreseen().assign(
        weights=(("snapshot", "parameter"), np.zeros((4, 3))),
        weights_gradient_flow=(("snapshot", "parameter"), np.full((4, 3), 10.0)),
        network_function=(("snapshot", "input"), np.zeros((4, 2))),
        network_function_gradient_flow=(("snapshot", "input"), np.full((4, 2), 5.0)),
    )
    run = (
        run_of()
        .assign_coords(snapshot_step=("snapshot", shots))
        .assign(
            weights=(("snapshot", "parameter"), np.repeat(there[:, None], 3, axis=1)),
            network_function=(("snapshot", "input"), np.repeat(there[:, None], 2, axis=1)),
        )
    )
    assert compared("distance", params(), prediction, run).error == pytest.approx(1 / 9)
    assert compared("network_function", params(), prediction, run).error == pytest.approx(1 / 4)
    assert assumed("flows_part", prediction).held
    near = prediction.assign(weights_gradient_flow=0.01 * prediction["weights_gradient_flow"])
    assert not assumed("flows_part", near).held
    unparted = compared("distance", params(architecture="cnn", steps=2200), near, run)
    assert "hardly part" in unparted.why
    nearer = prediction.assign(weights_gradient_flow=0.04 * prediction["weights_gradient_flow"])
    cnn = params(architecture="cnn", steps=2200)
    assert compared("distance", cnn, nearer, run).why == (
        "steps of η keep a run up to 0.082 from its flow, which is more than 0.1 of the 0.69 by "
        "which the two flows part."
    )
    assert np.isfinite(compared("network_function", cnn, nearer, run).error)
    assert np.isfinite(compared("distance", params(), nearer, run).error)
    there = run.assign(weights=prediction["weights_gradient_flow"])
    assert "where the gradient flow is" in compared("distance", params(), prediction, there).why
    swept = run_of()
    assert "no snapshots" in compared("distance", params(), prediction, swept).why
    rms = params(optimizer="rmsprop", steps=2200)
    assert "no gradient flow" in compared("distance", rms, prediction, run).why


def test_the_gradient_flow_is_judged_only_off_the_edge():
    series = np.where(STEPS >= 199, 1.0, np.nan)
    loss = np.linspace(5.0, 1.0, len(STEPS))
    flow = foreseen().assign(
        mean_loss_gradient_flow=("record", series), loss_gradient_flow=("record", loss)
    )
    run = run_of(mean_loss=1.02 * series)
    assert "reaches the edge" in compared("gradient_flow", params(), flow, run).why
    low = flow.assign(sharpness_gradient_flow=0.3 * flow["sharpness_gradient_flow"])
    assert compared("gradient_flow", params(), low, run).error == pytest.approx(0.02 / 4)
    still = low.assign(loss_gradient_flow=("record", 5 - 1e-5 * (5 - loss)))
    assert "does not fall" in compared("gradient_flow", params(), still, run).why


def assumed(name, prediction=None, task=None, **knobs):
    whole = foreseen() if prediction is None else prediction
    listed = assumptions.assumptions(params(**knobs), task or {}, whole)
    return next(a for a in listed if a.name == name)


@pytest.mark.parametrize(
    ("name", "scalars", "knobs", "held", "words"),
    [
        ("full_batch", {}, {"optimizer": "sgd", "batch_size": 2}, False, "Batches of 2 out of 20"),
        ("full_batch", {}, {"optimizer": "sgd", "batch_size": 20}, True, ""),
        ("lasting_curvature", {}, {"data": "digits_ce"}, False, "Cross-entropy flattens"),
        ("slow_cycle", {"cycle_frequency": 0.1}, {}, True, "within"),
        ("slow_cycle", {"cycle_frequency": 0.3}, {"optimizer": "polyak"}, False, "turns 0.6 of"),
        ("slow_cycle", {}, {"optimizer": "adam", "beta": 0.95}, False, "0.95"),
        ("started_oscillation", {"quiet_kick": 0.04}, {}, True, "0.04"),
        ("started_oscillation", {"quiet_kick": 0.04}, {"quiet_start": False}, False, "is off"),
        ("enough_directions", {"next_over_edge": 0.99}, {}, False, "Eigenvalue 3 comes to 0.99"),
        ("single_oscillation", {"second_over_edge": 0.98}, {}, True, "0.98"),
        (
            "single_oscillation",
            {"second_over_edge": 1.0, "second_step": 2219.0},
            {},
            False,
            "at step 2219",
        ),
        ("small_step", {"start_over_edge": 0.6}, {}, False, "0.6 of the edge"),
        ("small_step", {"start_over_edge": 0.6}, {"optimizer": "polyak"}, True, ""),
        ("window_covers_cycle", {"cycle_frequency": 0.02}, {}, False, "314 steps"),
        ("starts_below_edge", {"start_over_edge": 1.3}, {}, False, "a catapult comes first"),
        ("smooth_activation", {}, {"activation": "relu"}, False, "no third derivative"),
        ("edge_is_due", {"overrun_step": 440.0}, {"architecture": "cnn"}, True, "at step 440"),
        ("edge_is_due", {"overrun_step": 460.0}, {"architecture": "cnn"}, False, "in time"),
        ("edge_is_due", {"overrun_step": np.inf}, {"architecture": "cnn"}, False, "peaks at 1.75"),
        ("flows_part", {}, {}, True, "no two flows"),
    ],
)
def test_assumptions_hold_and_break_where_the_number_says(name, scalars, knobs, held, words):
    found = assumed(name, foreseen(**scalars), **knobs)
    assert found.held == held
    assert words in found.sentence


def test_a_partial_prediction_leaves_out_what_needs_the_rest():
    partial = xr.Dataset({"edge": 20.0}, attrs={"complete": 0, "progress": 0.0})
    names = [a.name for a in assumptions.assumptions(params(), {}, partial)]
    assert names == ["full_batch", "lasting_curvature", "smooth_activation"]
    whole = [a.name for a in assumptions.assumptions(params(), {}, foreseen())]
    assert len(whole) == 11
    relied_on = {n for c in EXPERIMENT.claims for n in c.relies_on}
    assert set(whole) == relied_on - {"edge_is_due"}
    other = assumptions.assumptions(params(architecture="cnn"), {}, foreseen())
    assert {a.name for a in other} == relied_on


@pytest.mark.parametrize(
    ("scalars", "words"),
    [
        ({"start_over_edge": 1.4}, "catapult"),
        ({"start_over_edge": 2.3}, "Likely to diverge"),
        ({"start_over_edge": 0.4, "start_step": 37.0}, "starts at step 37"),
        ({"start_step": np.inf}, "No central flow"),
        ({"quiet_kick": 0.04, "break_step": 800.0}, "With intervention: at step 800"),
    ],
)
def test_the_page_warns_before_the_run(scalars, words):
    (found,) = EXPERIMENT.warnings(params(), {}, foreseen(**{"break_step": np.inf} | scalars))
    assert words in found
