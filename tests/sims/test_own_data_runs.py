"""Every experiment that takes data of one's own: predicted, trained, filed and replayed."""

import gc
import json
import re

import numpy as np
import pytest

import sims
from sims import api
from sims.core import archive, own_data
from sims.core.knobs import own_knob

RNG = np.random.default_rng(3)
LABELS = np.arange(48) % 3
CENTRES = np.array([[0.0, 0, 2], [2, 0, 0], [0, 2, 0]])
X = 5 + 3 * (CENTRES[LABELS] + 0.3 * RNG.standard_normal((48, 3)))
REAL = X @ [1.0, -2.0, 0.5]
QUICK = {
    "neural_collapse/real_network": {"steps": 120, "batch_size": 16},
    "edge_of_stability/neural_network": {"steps": 60, "every": 20, "width": 8},
    "lazy_rich/two_layer_network": {"steps": 60, "width": 32},
    "saddle_to_saddle/linear_network": {"horizon": 2.0, "width": 4},
    "kernel_regression/learning_curve": {"examples": 16, "trials": 8},
    "kernel_regression/double_descent": {"examples": 20, "trials": 32},
    "kernel_regression/random_labels": {"examples": 32, "width": 64, "steps": 60},
    "scaling_laws/real_network": {"n": 40, "width": 16, "replicas": 4, "steps": 40},
    "width_transfer/one_step": {
        "samples": 32,
        "width_min": 16,
        "width_max": 32,
        "neurons": 256,
    },
}
OF_CLASSES = ("neural_collapse/real_network", "kernel_regression/random_labels")
"""Those that learn to tell classes apart; of real values the second takes the upper half as one."""
TAKERS = [e.name for e in api.experiments() if own_knob(e.Params)]


def test_these_experiments_take_data_of_ones_own():
    assert set(TAKERS) == set(QUICK)


def forgotten():
    """As in a process that nobody has given data."""
    own_data._kept.clear()
    from sims.core import setup

    setup._kept.clear()
    gc.collect()


@pytest.fixture(scope="module", params=TAKERS)
def name(request):
    return request.param


@pytest.fixture(scope="module")
def tree(name):
    return sims.run(name, data=(X, LABELS), seeds=2, device="cpu", **QUICK[name])


def test_a_file_of_a_run_has_the_data_as_they_were_given(name, tree, tmp_path):
    archive.write(tree, tmp_path / "run.nc")
    task = archive.read(tmp_path / "run.nc")["task"]
    assert np.array_equal(task["own_X"], X)
    assert np.array_equal(task["own_y"], LABELS)
    value = json.loads(tree.attrs["params"])["data"]
    assert value == own_data.keep(X, LABELS).value
    assert not {"own_X", "own_y"} & set(archive.task_of(tree)[0])


def test_the_same_data_and_seed_give_the_same_prediction_and_others_another(name, tree):
    again = sims.predict(name, data=(X.tolist(), LABELS), seeds=2, **QUICK[name])
    assert again.attrs["prediction_sha256"] == tree.attrs["prediction_sha256"]
    other = sims.predict(name, data=(X[:, ::-1] ** 2, LABELS), seeds=2, **QUICK[name])
    assert other.attrs["prediction_sha256"] != tree.attrs["prediction_sha256"]


def test_a_file_is_replayed_where_nobody_has_given_its_data(name, tree, tmp_path):
    archive.write(tree, tmp_path / "run.nc")
    forgotten()
    with pytest.raises(ValueError, match="data of one's own, which are not here: give their file"):
        sims.predict(name, data=json.loads(tree.attrs["params"])["data"])
    start = api.replayed(archive.read(tmp_path / "run.nc"))
    for drawn, filed in zip(start.setup.tasks, archive.task_of(tree), strict=True):
        anew = {n for n in drawn if n.startswith(api.experiment(name).redrawn)}
        assert set(drawn) - anew == set(filed)
        assert all(np.array_equal(drawn[n], filed[n]) for n in filed)
    run = start.run("cpu")
    run.finish()
    seen = start.judge(run).seen
    known = ("train_loss", "loss", "test_error", "loss_ratio")
    loss = next(n for n in known if n in seen)
    assert np.array_equal(seen[loss], tree["run"][loss], equal_nan=True)


def test_the_network_is_trained_on_standardised_samples_of_the_data(name, tree):
    task = archive.task_of(tree)[0]
    if "X" not in task:  # a linear net is trained on their covariance
        whitened = np.linalg.svd(X - X.mean(0), full_matrices=False)[0] * np.sqrt(48)
        onehot = np.eye(3)[LABELS] - 1 / 3
        U, s, V = task["U"], task["spectrum"], task["V"]
        np.testing.assert_allclose(task["target"], onehot.T @ whitened / 48, atol=1e-12)
        np.testing.assert_allclose((U * s) @ V.T, task["target"], atol=1e-12)
        return
    np.testing.assert_allclose(task["X"].mean(0), 0, atol=1e-12)
    by_length = name.startswith("edge") or name == "kernel_regression/learning_curve"
    size = 1 / 3 if by_length else 1.0
    np.testing.assert_allclose(np.mean(task["X"] ** 2), size)
    gaps = np.linalg.norm(X[:, None] - X[None], axis=-1)
    drawn = np.linalg.norm(task["X"][:, None] - task["X"][None], axis=-1)
    ratio = drawn.max() / gaps.max()  # distances are those of the data, in another unit
    assert np.isin(np.round(drawn / ratio, 6), np.round(gaps, 6)).all() or ratio > drawn.min()


@pytest.mark.parametrize("taker", [name for name in TAKERS if name not in OF_CLASSES])
def test_real_values_are_learned_as_numbers(taker):
    task = archive.task_of(sims.predict(taker, data=(X, REAL), **QUICK[taker]))[0]
    targets = task["y"] if "y" in task else task["target"]
    assert 1 in (targets.ndim, *targets.shape)
    if "y" in task:
        np.testing.assert_allclose([targets.mean(), np.mean(targets**2)], [0, 1], atol=1e-12)


def test_a_sweep_of_data_of_ones_own_holds_them_once():
    swept = sims.sweep(
        "saddle_to_saddle/linear_network", {"alpha": "1e-3,1e-2"}, data=(X, LABELS), horizon=2.0
    )
    assert swept["task"]["own_X"].shape == X.shape
    assert archive.params_of(swept)["data"].startswith("own:")


FEW = np.where(np.arange(48) < 2, 3, LABELS)
REFUSED = [
    ("neural_collapse/real_network", (X, REAL), {}, "48 different values, which are no classes"),
    ("neural_collapse/real_network", (X, FEW), {}, "A class of the data has 2 samples"),
    ("neural_collapse/real_network", (X, LABELS), {"classes": 4}, "a whole number from 2 to 3"),
    ("neural_collapse/real_network", (X, LABELS), {"per_class": 13}, "per_class of at most 12"),
    ("neural_collapse/real_network", (X, LABELS), {"architecture": "cnn"}, "needs an image"),
    ("edge_of_stability/neural_network", (X, LABELS), {"samples": 49}, "from 4 to 48, or auto"),
    (
        "edge_of_stability/neural_network", (RNG.standard_normal((8, 257)), np.arange(8) % 2), {},
        "257 features: give 1 to 256",
    ),
    ("lazy_rich/two_layer_network", (X, LABELS), {"n": 37}, "give a whole number from 2 to 36"),
    (
        "saddle_to_saddle/linear_network", ([[1, 0], [-1, 0], [0, 1], [0, -1]], [0, 0, 1, 1]), {},
        "No direction of X says anything of y",
    ),
    ("saddle_to_saddle/linear_network", (X, LABELS), {"input_condition": 3}, "input_condition=1"),
    ("grokking/modular_addition", (X, LABELS), {}, "There is no knob 'data'"),
    ("lazy_rich/two_layer_network", (X, LABELS, 1), {}, "are two arrays: give (X, y)."),
    ("lazy_rich/two_layer_network", X, {}, "are two arrays: give (X, y)."),
]  # fmt: skip


@pytest.mark.parametrize(("where", "data", "knobs", "said"), REFUSED)
def test_what_an_experiment_cannot_use_is_refused_in_one_sentence(where, data, knobs, said):
    with pytest.raises(ValueError, match=re.escape(said)) as error:
        sims.predict(where, data=data, **knobs)
    assert "\n" not in str(error.value)


def test_classes_that_lie_too_near_each_other_depart_for_that_reason():
    near = np.concatenate([X, X[LABELS == 1] + 1e-3])
    labels = np.concatenate([LABELS, np.zeros(16)])
    tree = sims.run("neural_collapse/real_network", data=(near, labels), steps=300)
    claims = tree["claims"].to_dataset().sel(claim="objective_final")
    assert claims["verdict"] == "departs"
    assert "two samples of different labels" in claims["reason"].item()


def test_features_that_hang_on_half_learned_modes_depart_for_that_reason():
    line = np.stack([np.linspace(-1, 1, 60), 0.3 * RNG.standard_normal(60)], axis=1)
    wave = np.sin(6 * line[:, 0])
    tree = sims.run("lazy_rich/two_layer_network", data=(line, wave), alpha=15, steps=2000)
    held = tree["claims"]["held"].sel(assumption="modes_learned")
    assert not held
    assert "half learned at the end" in str(
        tree["claims"]["sentence"].sel(assumption="modes_learned").item()
    )
