import jax
import numpy as np
import pytest
import xarray as xr

from sims.core import compilation
from sims.core.study import Study
from sims.grokking.fourier_staircase import EXPERIMENT, measure

CLAIMS = ("plateau_losses", "order", "loss_final", "first_drop")
SMALL = {"p": 7, "magnitudes": (3.0, 5.0, 2.0), "width": 24}


def test_three_frequencies_land_on_every_seed(judged):
    found = judged(EXPERIMENT, seeds=3, **SMALL)
    assert {c: found.verdict(c) for c in CLAIMS} == dict.fromkeys(CLAIMS, "lands")
    assert found.error("plateau_losses") < 0.01
    np.testing.assert_array_equal(found.run["order"].values, [[0, 2, 1, 3]] * 3)
    bound = found.prediction["first_drop_bound"].values
    drop = found.run["first_drop"].values
    assert np.all((drop > 1.5 * bound) & (drop < 4 * bound))
    assert found.error("first_drop") < 0.1


@pytest.mark.parametrize(
    ("p", "magnitudes"), [(10, (4.0, 10.0, 7.0, 3.0)), (12, (5.5, 10.0, 3.0, 7.5, 4.0))]
)
def test_an_even_modulus_takes_the_same_steps(judged, p, magnitudes):
    found = judged(EXPERIMENT, p=p, magnitudes=magnitudes)
    assert {c: found.verdict(c) for c in CLAIMS} == dict.fromkeys(CLAIMS, "lands")
    lone = found.run["frequency_strengths"][0, :, p // 2 - 1]
    assert float(lone.max()) <= 1.01 * float(lone[0])


def test_levels_ten_percent_off_no_longer_land(judged):
    found = judged(EXPERIMENT, seeds=3, **SMALL)
    levels = 1.1 * found.prediction["plateau_losses"].values
    assert found.verdict_had_it_been("plateau_losses", plateau_losses=levels) == "surprise"


def test_another_order_is_counted(judged):
    found = judged(EXPERIMENT, seeds=3, **SMALL)
    other = found.prediction["order"].values[:, [0, 1, 3, 2]]
    assert found.verdict_had_it_been("order", order=other) == "surprise"


def test_a_first_drop_at_the_bound_is_no_landing(judged):
    found = judged(EXPERIMENT, **SMALL)
    for factor in (0.5, 2.0):
        at = factor * found.prediction["first_drop"].values
        assert found.verdict_had_it_been("first_drop", first_drop=at) == "surprise"


def test_a_drop_between_two_records_is_timed_between_them():
    """It was given the time of the record behind it, always a little late."""
    levels = np.array([1.0, 0.25, 0.0])
    time = np.array([0.0, 10, 20, 30, 40])
    run = xr.Dataset(
        {
            "loss": ("record", [1.0, 1.0, 0.25, 0.25, 0.0]),
            "frequency_strengths": (("record", "frequency"), np.zeros((5, 2))),
        },
        coords={"time": ("record", time)},
    )
    told = xr.Dataset({"plateau_losses": ("level", levels), "order": ("level", [0, 1, 2])})
    params = Study(EXPERIMENT, SMALL).setup.params
    found = measure.measure(params, {}, told, run)
    half = 10 + 10 * np.log(1 / 0.625) / np.log(1 / 0.25)
    np.testing.assert_allclose(found["drop_times"][1], half)
    assert 30 < found["drop_times"][2] < 40
    assert float(found["first_drop"]) == pytest.approx(half)


def test_the_order_is_that_of_the_rise_and_not_of_what_is_there_at_the_start():
    strengths = np.array([[6.0, 0, 5], [6, 0, 8], [7, 0, 10], [10, 0, 10]])  # columns k = 1, 2, 3
    assert list(measure.order(strengths, np.array([1, 3]))) == [3, 1]


def test_float64_is_float64_throughout():
    run = Study(EXPERIMENT, SMALL | {"dtype": "float64"}).freeze().run()
    run.advance_records(40)
    kinds = [a.dtype for a in jax.tree.leaves((run._state, run.records, run.snapshots))]
    assert set(kinds) == {np.dtype("float64")}
    wide, narrow = run, Study(EXPERIMENT, SMALL).freeze().run()
    narrow.advance_records(40)
    assert narrow.records["loss"].dtype == np.dtype("float32")
    seen = wide.records["loss"][:, :40], narrow.records["loss"][:, :40]
    np.testing.assert_allclose(*seen, rtol=1e-4)
    assert not np.array_equal(*seen)


def test_too_few_neurons_are_named_before_the_run():

    for knobs, broken in (
        ({}, set()),
        ({"width": 12}, {"enough_neurons"}),
        ({"magnitudes": (4.5, 5, 2)}, {"distinct_magnitudes"}),
        ({"init_scale": 0.5, "steps": 100_000}, {"small_start"}),
        ({"steps": 100}, {"long_enough"}),
    ):
        setup = Study(EXPERIMENT, SMALL | knobs).setup
        assumptions = Study.of(setup).freeze().before()[0]
        assert {a.name for a in assumptions if not a.held} == broken


def test_a_rest_is_where_the_run_stays_longest():
    levels = np.array([1.0, 0.5, 0.0])
    loss = np.concatenate(
        [np.full(5, 0.99), np.full(20, 0.502), np.full(5, 0.46), np.full(5, 0.01)]
    )
    at = measure.drops(loss, levels)
    np.testing.assert_array_equal(at, [5, 30])
    found = measure.rests(loss, levels, at)
    assert found[1] == pytest.approx(0.502, rel=0.006)
    assert np.isnan(found[[0, 2]]).all()


def test_a_level_that_is_rushed_past_is_not_rested_on():
    levels = np.array([1.0, 0.5, 0.0])
    loss = np.geomspace(1, 1e-3, 400)
    found = measure.rests(loss, levels, measure.drops(loss, levels))
    assert np.isnan(found).all()


def test_a_run_that_never_drops_has_no_order(judged):
    found = judged(EXPERIMENT, **SMALL, steps=50)
    assert found.verdict("first_drop") == "not judged"
    assert "before it is due" in found.reason("first_drop")
    assert found.verdict("order") == "not judged"
    assert found.verdict("plateau_losses") == "not judged"
    assert found.verdict("loss_final") == "departs"


def test_a_step_too_large_stops_the_run(judged):
    found = judged(EXPERIMENT, **SMALL, eta=100, steps=3000)
    assert found.run.attrs["stopped_0"] > 0
    assert {found.verdict(c) for c in CLAIMS} == {"not judged"}
    assert found.reason("order").startswith("Because the run diverged at step")


@pytest.mark.parametrize(
    ("knobs", "words"),
    [
        (
            {"p": 8, "magnitudes": (5, 4, 3, 2)},
            "p = 8 has 3 frequencies below p/2 = 4, its own mirror image, which stays silent, but",
        ),
        ({"p": 3, "magnitudes": (3,)}, "p = 3 has too few"),
        ({"p": 7}, "p = 7 has 3 frequencies, but magnitudes = 5.5,10,3,7.5,4 has 5"),
        ({"magnitudes": (0, 0)}, "there is nothing to learn"),
        ({"init_scale": 0}, "init_scale = 0 is not allowed"),
    ],
)
def test_bad_input_is_refused_with_a_way_out(knobs, words):
    with pytest.raises(ValueError, match=r".") as refused:
        Study(EXPERIMENT, knobs).prepare()
    assert words in str(refused.value)


def test_a_composite_modulus_is_said():
    assert EXPERIMENT.notices(Study(EXPERIMENT, {"p": 9, "magnitudes": (3, 1)}).setup.params) == [
        "p = 9 is composite; addition is learned all the same."
    ]


def test_moving_a_slider_does_not_compile_again(judged):
    short = SMALL | {"steps": 100}
    judged(EXPERIMENT, **short)
    before = compilation.traces()
    for knobs in ({"eta": 0.1}, {"init_scale": 0.3}, {"magnitudes": (1, 2, 3)}, {"seed": 3}):
        judged(EXPERIMENT, **short | knobs)
    assert compilation.traces() == before
