"""What an experiment may leave out, and what is said where it does not fit together."""

import dataclasses
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest
import xarray as xr

from sims import Assumption, Claim, Experiment, Observable, Preset, Schedule, api
from sims.compare import largest_gap
from sims.core.claims import before
from sims.core.knobs import lines_beneath
from sims.core.prediction import prediction
from sims.core.study import Study

FILE = Path(__file__).resolve().parents[2] / "plugins" / "one_neuron.py"
SHIPPED = api.experiment("lazy_rich/one_neuron")
NAMES = ("loss", "a", "w", "beta", "conserved")


def loaded() -> Experiment:
    spec = spec_from_file_location("one_neuron", FILE)
    assert spec is not None
    assert spec.loader is not None
    module: Any = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.EXPERIMENT


PLUGIN = loaded()


def test_an_experiment_is_one_short_file():
    assert len(FILE.read_text("utf-8").splitlines()) <= 250


@pytest.mark.parametrize("preset", [p.id for p in SHIPPED.presets])
def test_the_one_file_predicts_runs_and_judges_as_the_shipped_one(preset):
    made, told = (Study(e, preset=preset) for e in (PLUGIN, SHIPPED))
    judged, shipped = made.finished(), told.finished()
    for name in NAMES:
        for one, other in (
            (made.freeze().prediction, told.freeze().prediction),
            (judged.seen, shipped.seen),
        ):
            assert one is not None
            assert other is not None
            assert one[name].dims == other[name].dims
            np.testing.assert_array_equal(one[name].values, other[name].values)
    assert judged.claims is not None
    assert shipped.claims is not None
    for column in ("verdict", "predicted", "measured"):
        mine, theirs = (
            claims[column].sel(claim="beta") for claims in (judged.claims, shipped.claims)
        )
        assert mine.item() == theirs.item()
    stated = PLUGIN.preset(preset).verdicts
    found = dict(zip(judged.claims["claim"].values, judged.claims["verdict"].values, strict=True))
    assert {name: found[name] for name in stated} == stated


def test_titles_symbols_and_units_are_those_of_the_observables():
    claims = {claim.name: claim for claim in PLUGIN.claims}
    assert claims["a"].title == "outer weight"
    assert claims["loss"].unit == "of the start"
    assert claims["beta"].symbol == r"\beta"
    assert "balanced" in lines_beneath(PLUGIN.Params())["w0"]


def test_a_preset_states_verdicts_as_names_or_as_a_mapping():
    preset = Preset("p", "P", "", {}, {"a": "lands"}, departs=("b",), not_judged=("c",))
    assert preset.verdicts == {"a": "lands", "b": "departs", "c": "not judged"}


def test_even_records_reach_the_horizon():
    schedule = Schedule.until(1.0, 0.01, records=11, snapshots=3)
    np.testing.assert_array_equal(schedule.record_steps, np.arange(0, 101, 10))
    np.testing.assert_array_equal(schedule.snapshot_steps, [0, 50, 100])
    assert schedule.record_times[-1] == pytest.approx(1.0)


def with_prediction(made: Any) -> Experiment:
    return dataclasses.replace(PLUGIN, predict=lambda *_: made)


def predicted(made: Any) -> xr.Dataset:
    return prediction(Study(with_prediction(made), {"horizon": 1.0}).setup)


def test_dims_and_coordinates_of_a_dict_follow_from_the_observables():
    found = predicted({"w": np.ones((240, 3)), "loss": np.ones(240), "rate": 2})
    assert found["w"].dims == ("seed", "record", "coordinate")
    assert found["coordinate"].values.tolist() == [1, 2, 3]
    assert found["rate"].dims == ("seed",)
    named = predicted({"w": np.ones((240, 2)), "coordinate": [5, 7]})
    assert named["coordinate"].values.tolist() == [5, 7]


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (
            {"w": np.ones((240, 2)), "beta": np.ones((240, 3))},
            r"predict of plugins/one_neuron gives 'beta' of shape \(240, 3\), where \(record 240, "
            r"coordinate 2\) is expected\.",
        ),
        ({"loss": np.ones(7)}, r"'loss' of shape \(7,\), where \(record 240\) is expected"),
        ({"a": 1.0}, r"'a' of shape \(\), where \(record 240\) is expected"),
        ({"los": np.ones(240)}, r"'los' of shape \(240,\), which is no observable: declare one"),
        (None, "predict of plugins/one_neuron returns nothing: give a dict of arrays by name"),
        ([1.0], "returns a list: give a dict"),
        (xr.Dataset({"loss": ("record", np.ones(7))}), "gives 7 records, where the schedule has"),
    ],
)
def test_a_prediction_of_the_wrong_form_is_refused_in_one_sentence(made, said):
    with pytest.raises(ValueError, match=said):
        predicted(made)


def test_a_step_that_returns_another_state_is_refused_in_one_sentence():
    def step(params, task, state):
        return {"a": state["a"]}

    lame = dataclasses.replace(PLUGIN, name="plugins/lame", step=step)
    words = r"step of plugins/lame returns a float64\[\], where init makes a float64\[\], w float"
    with pytest.raises(ValueError, match=words):
        Study(lame, {"horizon": 1.0}).freeze().run().compile()


def test_plain_numbers_of_a_task_are_arrays():
    alone = dataclasses.replace(
        PLUGIN,
        name="plugins/plain",
        prepare=lambda params, seed: {"a": params.a0, "w": [0.1, 0.2], "target": [1.0, 0.0]},
    )
    (task,) = Study(alone).setup.tasks
    assert task["a"].shape == ()
    assert task["w"].shape == (2,)


def observed(**values: Any) -> Any:
    """An `observe` that gives these in place of what it should."""
    return lambda params, task, state: values


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"prepare": lambda params, seed: None}, "prepare of plugins/lame returns nothing: give a"),
        (
            {"schedule": lambda params, tasks: 100},
            r"schedule of plugins/lame returns an int: give a Schedule, such as Schedule.until\(",
        ),
        (
            {"observe": observed(average=jnp.zeros(()))},
            "observe of plugins/lame gives 'average', which is no observable: declare it; there",
        ),
        (
            {"observe": observed(w=jnp.zeros(()))},
            r"observe of plugins/lame gives 'w' of shape \(\), where the observable has dims "
            r"\(coordinate\)\.",
        ),
        (
            {"observe": lambda params, task, state: None},
            "observe of plugins/lame returns nothing: give a dict by name of the observable",
        ),
    ],
)
def test_what_a_function_should_not_give_is_refused_in_one_sentence(fields, said):
    lame = dataclasses.replace(PLUGIN, name="plugins/lame", **fields)
    with pytest.raises(ValueError, match=said) as refused:
        Study(lame, {"horizon": 1.0}).freeze().run().compile()
    assert "\n" not in str(refused.value)


def test_an_assumption_has_the_name_of_its_function():
    def small_step(params, task, prediction):
        return Assumption("small", "small", "", True)

    lame = dataclasses.replace(PLUGIN, name="plugins/lame", assumptions=(small_step,))
    with pytest.raises(ValueError, match="returns one named 'small': give an Assumption named"):
        Study(lame).freeze().before()


def changed(**fields: Any) -> Experiment:
    return dataclasses.replace(PLUGIN, **fields)


CLAIM = PLUGIN.claims[0]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"claims": (CLAIM, CLAIM)}, "plugins/one_neuron has two claims named 'beta'"),
        (
            {"claims": (dataclasses.replace(CLAIM, tolerance=None),)},
            "Claim 'beta' of plugins/one_neuron has no tolerance: give a number, or a function",
        ),
        (
            {"claims": (dataclasses.replace(CLAIM, relies_on=("calm",)),)},
            "relies on 'calm', which is no assumption of it: it has small_step",
        ),
        ({"assumptions": ()}, "relies on 'small_step', which is no assumption of it: it has none"),
        (
            {"claims": (Claim("x", largest_gap("beta"), 0.1),)},
            "'x' of plugins/one_neuron is named as no observable: give it a title",
        ),
        (
            {"claims": (Claim("beta", largest_gap("beta"), 0.1, sees_ten_percent=False),)},
            "does not see a theory that is 10 % wrong: say because of what",
        ),
        (
            {"claims": (dataclasses.replace(CLAIM, baseline=None),)},
            "'beta' of plugins/one_neuron has no baseline: give one, or say why nothing can be",
        ),
        (
            {"claims": (dataclasses.replace(CLAIM, compare=lambda *_: None),)},
            "'beta' of plugins/one_neuron compares by a function that cannot hold a guess against",
        ),
        (
            {"step": lambda params, state: state},
            r"step of plugins/one_neuron takes \(params, state\), where \(params, task, state\) is",
        ),
        (
            {"predict": lambda params, task: {}},
            r"predict of plugins/one_neuron takes \(params, task\), where \(params, task, sched",
        ),
        ({"step": None}, "plugins/one_neuron lacks step: give init, step and observe"),
        ({"init": None, "observe": None}, "lacks init and observe"),
    ],
)
def test_what_does_not_fit_together_is_refused_in_one_sentence(fields, said):
    with pytest.raises(ValueError, match=said):
        changed(**fields)


def test_a_given_simulation_takes_the_place_of_the_single_functions():
    given = api.experiment("saddle_to_saddle/linear_network").simulation
    assert changed(simulation=given).simulation is given
    assert changed().simulation(None).step is PLUGIN.step


def test_assumptions_may_be_one_function_that_lists_them():
    listed = [Assumption("small_step", "small", "It is small.", True)]
    experiment = changed(assumptions=lambda *_: listed)
    setup = Study(experiment, {"horizon": 1.0}).setup
    assert before(setup, prediction(setup))[0] == listed


def test_what_is_left_out_has_a_sensible_default():
    task = PLUGIN.prepare(PLUGIN.Params(), 0)
    params = PLUGIN.Params()
    assert PLUGIN.resolve(params, ()) is params
    assert PLUGIN.notices(params) == []
    assert PLUGIN.warnings(params, task, xr.Dataset()) == []
    assert not PLUGIN.measure(params, task, xr.Dataset(), xr.Dataset()).data_vars
    assert PLUGIN.simulation(params).snapshot(params, {}, None) == {}


def test_claims_name_observables_or_bring_a_title():
    named = Claim("x", largest_gap("beta"), 0.1, title="a made-up one")
    assert changed(claims=(named,), presets=()).claims[0].title == "a made-up one"
    assert Observable("label", "s").symbol == "s"
