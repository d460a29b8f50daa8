import numpy as np
import pytest

from sims.core.knobs import lines_beneath, plain, unused_knobs
from sims.core.setup import given
from sims.core.study import Study
from sims.edge_of_stability.neural_network import EXPERIMENT


@pytest.mark.parametrize(
    ("knobs", "words"),
    [
        ({"eta": 0}, "eta = 0 is not allowed: give a number from 1e-7 to 100"),
        ({"eta": -0.1}, "eta = -0.1 is not allowed"),
        ({"beta": 1, "optimizer": "polyak"}, "beta = 1 is not allowed: give a number from 0 to"),
        ({"beta2": 1, "optimizer": "adam"}, "beta2 = 1 is not allowed"),
        ({"optimizer": "sgd", "batch_size": 30}, "give a whole number from 1 to 20"),
        ({"optimizer": "sgd", "samples": 8}, "batch_size = 10 is more than the samples"),
        ({"samples": 500}, "give a whole number from 4 to 400"),
        ({"data": "digits_ce", "samples": 1000}, "4 classes: give a whole number from 4 to 720"),
        ({"data": "digits_mse", "samples": 6, "classes": 10}, "leaves a class without a sample"),
        ({"optimizer": "adam", "central_flow": True}, "derived for gd and rmsprop, not for adam"),
        ({"activation": "relu", "central_flow": True}, "ReLU has no third derivative"),
        ({"width": 128, "depth": 3, "central_flow": True}, "33409 weights, more than 20000"),
        ({"classes": 1}, "a whole number from 2 to 10"),
        ({"architecture": "cnn", "data": "chebyshev"}, "give data = digits_mse or architecture"),
        ({"architecture": "transformer", "data": "chebyshev_sign"}, "a transformer needs an image"),
        ({"architecture": "cnn", "depth": 4}, "a whole number from 1 to 3"),
        ({"architecture": "transformer", "heads": 3}, "heads = 3 do not divide the width 16"),
        (
            {"architecture": "transformer", "width": 32, "central_flow": True},
            "weights, more than 3000",
        ),
        ({"widths": "30,20.5"}, "widths = 30,20.5 is not allowed: give 1 to 3 whole numbers"),
        ({"widths": "30,20,10,5"}, "1 to 3 numbers separated by commas, each from 1 to 256"),
        ({"widths": "300"}, "1 to 3 numbers separated by commas, each from 1 to 256"),
        (
            {"architecture": "cnn", "widths": "8,16"},
            "widths = 8,16 is not allowed with architecture=cnn: only an mlp",
        ),
        ({"architecture": "transformer", "widths": "16"}, "architecture=transformer: only an mlp"),
        ({"widths": "200,200", "central_flow": True}, "40801 weights, more than 20000"),
        ({"gain": 0}, "gain = 0 is not allowed"),
        ({"norm": True, "central_flow": True}, "with a layer norm it was never tested"),
        (
            {"architecture": "cnn", "optimizer": "rmsprop", "central_flow": True},
            "6 % above its edge",
        ),
    ],
)
def test_what_cannot_run_is_refused_in_one_sentence(knobs, words):
    with pytest.raises(ValueError, match=words) as refused:
        Study(EXPERIMENT, knobs).prepare()
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("knobs", "expected"),
    [
        ({}, {"eta": 0.1, "beta": 0.0, "samples": 20, "width": 32, "depth": 2, "steps": 2200}),
        ({}, {"central_flow": True, "critical": 2, "tracked": 2}),
        ({"optimizer": "polyak"}, {"eta": 0.12, "beta": 0.5, "steps": 6000}),
        ({"optimizer": "nesterov"}, {"eta": 0.05, "beta": 0.9, "central_flow": False}),
        ({"optimizer": "rmsprop"}, {"eta": 2e-4, "critical": 3, "tracked": 3}),
        ({"optimizer": "rmsprop"}, {"central_flow": True}),
        ({"optimizer": "adam"}, {"eta": 1e-3, "beta": 0.9, "tracked": 2}),
        ({"optimizer": "sgd"}, {"eta": 0.1, "steps": 10_000, "central_flow": False}),
        ({"data": "digits_mse"}, {"eta": 0.5, "samples": 100, "width": 24, "depth": 1}),
        ({"data": "digits_ce"}, {"eta": 2.0, "central_flow": False}),
        ({"data": "chebyshev_sign"}, {"eta": 0.3, "central_flow": False}),
        ({"width": 128, "depth": 3}, {"central_flow": False}),
        ({}, {"widths": (32, 32), "gain": 1.0}),
        ({"widths": ""}, {"widths": (32, 32), "width": 32, "depth": 2}),
        ({"width": 7, "depth": 3}, {"widths": (7, 7, 7)}),
        ({"widths": "20,30,5"}, {"widths": (20, 30, 5), "width": 30, "depth": 3}),
        ({"widths": "9", "width": 50, "depth": 2}, {"widths": (9,), "width": 9, "depth": 1}),
        ({"activation": "relu"}, {"central_flow": False}),
        ({}, {"data": "chebyshev", "activation": "tanh", "architecture": "mlp", "norm": False}),
        ({"architecture": "cnn"}, {"data": "digits_mse", "samples": 50, "width": 8, "depth": 2}),
        ({"architecture": "cnn"}, {"activation": "gelu", "eta": 0.45, "steps": 900}),
        ({"architecture": "cnn"}, {"central_flow": True, "every": 5, "critical": 2}),
        ({"architecture": "cnn", "width": 32}, {"central_flow": False}),
        ({"architecture": "cnn", "norm": True}, {"central_flow": False}),
        ({"architecture": "cnn", "optimizer": "adam"}, {"eta": 1e-3, "central_flow": False}),
        ({"architecture": "transformer"}, {"width": 16, "depth": 1, "eta": 0.06, "steps": 1500}),
        ({"architecture": "transformer"}, {"central_flow": False, "activation": "gelu"}),
    ],
)
def test_automatic_values_follow_from_the_other_knobs(knobs, expected):
    params = Study(EXPERIMENT, knobs).setup.params
    assert {name: getattr(params, name) for name in expected} == expected


def test_the_page_says_what_was_changed():
    assert "raised from 1 to 2" in EXPERIMENT.notices(given(EXPERIMENT, {"tracked": 1}))[0]
    assert "no third derivative" in EXPERIMENT.notices(given(EXPERIMENT, {"activation": "relu"}))[0]
    full = given(EXPERIMENT, {"optimizer": "sgd", "batch_size": 20})
    assert "full batch" in EXPERIMENT.notices(full)[0]
    assert EXPERIMENT.notices(given(EXPERIMENT, {})) == []


def test_every_preset_can_be_prepared():
    for preset in EXPERIMENT.presets:
        made = Study(EXPERIMENT, preset=preset.id).setup
        assert made.preset == preset.id or preset.over is not None


@pytest.mark.parametrize("data", ["chebyshev", "digits_mse"])
def test_the_same_seed_gives_the_same_task_and_another_another(data):
    one, again = (Study(EXPERIMENT, {"data": data}, seed=3).setup.tasks[0] for _ in range(2))
    other = Study(EXPERIMENT, {"data": data}, seed=4).setup.tasks[0]
    assert all(np.array_equal(one[n], again[n]) for n in one)
    assert not np.array_equal(one["W1"], other["W1"])
    assert np.array_equal(one["X"], other["X"]) == (data == "chebyshev")


def test_data_are_those_of_the_spec():
    task = Study(EXPERIMENT, {"degree": 3}).setup.tasks[0]
    x = np.linspace(-1, 1, 20)
    np.testing.assert_allclose(task["X"][:, 0], x)
    np.testing.assert_allclose(task["y"][:, 0], 4 * x**3 - 3 * x, atol=1e-12)
    signs = Study(EXPERIMENT, {"degree": 3, "data": "chebyshev_sign"}).setup.tasks[0]["y"]
    np.testing.assert_array_equal(signs[:, 1] - signs[:, 0], np.where(task["y"][:, 0] >= 0, 1, -1))
    digits = Study(EXPERIMENT, {"data": "digits_ce", "classes": 3}).setup.tasks[0]
    assert digits["X"].shape == (100, 64)
    np.testing.assert_allclose(digits["X"].mean(axis=0), 0, atol=1e-12)
    assert np.ptp(digits["X"], axis=0).max() <= 1
    np.testing.assert_array_equal(digits["y"].sum(axis=1), 1)


@pytest.mark.parametrize(
    ("knobs", "names"),
    [
        ({}, {"W1", "b1", "W2", "b2", "W3", "b3"}),
        ({"norm": True, "depth": 1}, {"W1", "b1", "norm1_scale", "norm1_bias", "W2", "b2"}),
        (
            {"architecture": "cnn"},
            {f"{n}_{part}" for n in ("conv1", "conv2", "head") for part in ("kernel", "bias")},
        ),
    ],
)
def test_weights_lie_in_the_task_by_their_names(knobs, names):
    task = Study(EXPERIMENT, knobs).setup.tasks[0]
    assert set(task) == names | {"X", "y", "kick_step", "kick_size"}


def test_the_hidden_layers_are_as_wide_as_the_list_says():
    task = Study(EXPERIMENT, {"widths": "30,20"}, seed=3).setup.tasks[0]
    assert [task[f"W{i}"].shape for i in (1, 2, 3)] == [(1, 30), (30, 20), (20, 1)]
    same = Study(EXPERIMENT, {"widths": "16,16"}, seed=3).setup.tasks[0]
    plainly = Study(EXPERIMENT, {"width": 16, "depth": 2}, seed=3).setup.tasks[0]
    assert all(np.array_equal(same[name], plainly[name]) for name in plainly)


@pytest.mark.parametrize("architecture", ["mlp", "cnn", "transformer"])
def test_the_gain_multiplies_kernels_alone(architecture):
    knobs = {"architecture": architecture, "norm": True}
    one, twice = (
        Study(EXPERIMENT, knobs | {"gain": gain}, seed=3).setup.tasks[0] for gain in (1, 2)
    )
    for name, drawn in one.items():
        factor = 2 if name.endswith("_kernel") or name[0] == "W" else 1
        np.testing.assert_array_equal(twice[name], factor * drawn, err_msg=name)


def test_without_list_and_gain_every_weight_is_what_it_always_was():
    rng = np.random.default_rng(5)
    task = Study(EXPERIMENT, seed=5).setup.tasks[0]
    for i, (fan_in, fan_out) in enumerate([(1, 32), (32, 32), (32, 1)], start=1):
        drawn = rng.standard_normal((fan_in, fan_out)) / np.sqrt(fan_in)
        np.testing.assert_array_equal(task[f"W{i}"], drawn)


def test_what_plays_no_part_follows_the_kind_of_network():
    def unused(**knobs):
        return set(unused_knobs(EXPERIMENT.Params, plain(given(EXPERIMENT, knobs))))

    assert unused() >= {"classes", "heads"}
    assert "degree" not in unused()
    assert "degree" in unused(architecture="cnn")
    assert "classes" not in unused(architecture="cnn")
    assert "heads" not in unused(architecture="transformer")
    assert not {"width", "depth", "widths"} & unused()
    assert unused(widths="30,20") >= {"width", "depth"}
    assert "widths" in unused(architecture="cnn")
    assert "widths" not in unused(architecture="cnn", widths="30,20")  # so that it can be emptied


def test_the_line_beneath_says_what_the_network_is_made_of():
    def line(**knobs):
        return lines_beneath(Study(EXPERIMENT, knobs).setup.params).get("architecture", "")

    assert line() == ""
    assert line(architecture="cnn") == "3 × 3 convolutions with 8 and 16 channels, 1508 weights"
    assert line(architecture="transformer", width=8, classes=3).endswith("one block, 731 weights")


def test_the_line_beneath_a_list_of_widths_says_what_follows_from_it():
    def line(**knobs):
        return lines_beneath(Study(EXPERIMENT, knobs).setup.params).get("widths", "")

    assert line() == line(architecture="cnn") == ""
    assert line(widths="30,20") == (
        "1-30-20-1, 701 weights; width and depth are read from the list"
    )


def test_records_come_every_few_steps_and_after_the_last():
    schedule = Study(EXPERIMENT, {"steps": 1003, "every": 7}).setup.schedule
    assert schedule.record_steps[:3].tolist() == [0, 7, 14]
    assert schedule.record_steps[-2:].tolist() == [1001, 1003]
    assert len(schedule.snapshot_records) == 120
    assert schedule.time_per_step == 0.1
