import numpy as np
import pytest

from sims.core.knobs import filled
from sims.core.study import Study
from sims.neural_collapse import guesses
from sims.neural_collapse.real_network import EXPERIMENT, theory
from sims.neural_collapse.real_network.claims import line_through
from sims.neural_collapse.real_network.data import shuffled

NAME = EXPERIMENT.name


@pytest.fixture(scope="module")
def digits(judged):
    return judged(EXPERIMENT, seeds=3)


@pytest.mark.slow
def test_three_seeds_of_real_digits_land(digits):
    claims = "objective_final margin_final classifier_norm_final feature_norm_final"
    for claim in (*claims.split(), "classifier_cosines_final", "classifier_eigenvalues"):
        assert digits.verdict(claim) == "lands", claim
    assert digits.verdict("nc1_trace") == "lands"
    assert float(digits.prediction["objective_final"]) == pytest.approx(0.866894, abs=1e-6)
    assert (digits.run["test_accuracy"].values[:, -1] > 0.96).all()
    assert (digits.run["train_accuracy"].values[:, -1] == 1).all()


@pytest.mark.slow
def test_digits_levels_ten_percent_off_would_be_noticed(digits):
    for claim in ("objective_final", "margin_final", "feature_norm_final"):
        wrong = {claim: 1.1 * digits.prediction[claim].values}
        assert digits.verdict_had_it_been(claim, **wrong) == "surprise"


def test_the_objective_never_falls_below_the_optimum(preset_runs):
    tree = preset_runs[NAME, "digits"]
    floor = float(tree["prediction"]["objective_final"])
    assert floor == pytest.approx(0.866894, abs=1e-6)
    assert float(tree["run"]["objective"].min()) >= floor - 1e-5


def test_picture_is_turned_onto_the_ideal_simplex(preset_runs):
    tree = preset_runs[NAME, "digits"]
    ghost = tree["prediction"]["final_simplex"].values
    ends = tree["run"]["class_means"].values[0, -1]
    assert np.linalg.norm(ends - ghost) < 0.02 * np.linalg.norm(ghost)


def test_random_labels_collapse_and_say_nothing_of_the_test_set(preset_runs):
    run = preset_runs[NAME, "random_labels"]["run"]
    assert float(run["nc1"][0, -1]) < 1e-3
    assert 0.1 < float(run["test_accuracy"][0, -1]) < 0.4


@pytest.mark.parametrize(
    ("knobs", "words"),
    [
        ({"per_class": 131}, "131 digits in a class, more than 130"),
        ({"per_class": 30, "imbalance": 5}, "150 digits in a class"),
        ({"label_noise": 1.5}, "from 0 to 1"),
        ({"per_class": 1}, "from 2 to 500"),
        ({"data": "mixture", "classes": 10, "per_class": 500}, "more than 2000"),
        ({"nonnegative": True, "loss_kind": "mse"}, "no closed form"),
        ({"architecture": "cnn", "data": "mixture"}, "a convolution needs an image"),
        ({"architecture": "transformer", "data": "mixture"}, "a transformer needs an image"),
        ({"architecture": "cnn", "depth": 4}, "a whole number from 1 to 3"),
        ({"architecture": "transformer", "hidden": 33}, "give an even number"),
    ],
)
def test_what_is_refused_is_said_in_one_sentence(knobs, words):
    with pytest.raises(ValueError, match=words):
        Study(EXPERIMENT, knobs).prepare()


def test_autos_follow_data_and_optimiser():
    digits = Study(EXPERIMENT, {}).setup.params
    assert (digits.classes, digits.per_class, digits.width, digits.eta) == (10, 130, 64, 3e-3)
    mixture = Study(EXPERIMENT, {"data": "mixture", "optimizer": "sgd"}).setup.params
    assert (mixture.classes, mixture.per_class, mixture.width) == (4, 50, 16)
    assert mixture.eta == 0.1
    assert (digits.architecture, digits.hidden, digits.depth) == ("mlp", 128, 2)
    assert digits.steps == 3000
    cnn = Study(EXPERIMENT, {"architecture": "cnn"}).setup.params
    assert (cnn.hidden, cnn.depth, cnn.per_class, cnn.steps) == (16, 2, 60, 4000)
    transformer = Study(EXPERIMENT, {"architecture": "transformer"}).setup.params
    assert (transformer.hidden, transformer.depth, transformer.per_class) == (32, 1, 30)
    unequal = Study(EXPERIMENT, {"imbalance": 10}).setup.params
    assert unequal.per_class == 13


def test_digits_are_split_without_overlap_and_scaled():
    setup = Study(EXPERIMENT, {"per_class": 20, "imbalance": 3.0}).setup
    task = setup.tasks[0]
    counts = np.bincount(task["labels"])
    assert counts.tolist() == [60] * 5 + [20] * 5
    assert len(task["X_test"]) == 497
    assert task["X"].mean(axis=0) == pytest.approx(np.zeros(64), abs=1e-12)
    assert task["X"].std() == pytest.approx(1)
    rows = {row.tobytes() for row in np.round(task["X"], 9)}
    assert not rows & {row.tobytes() for row in np.round(task["X_test"], 9)}


def test_random_labels_keep_the_class_sizes():
    labels = np.repeat(np.arange(4), 25)
    mixed = shuffled(np.random.default_rng(0), labels, 0.4)
    assert np.bincount(mixed).tolist() == [25] * 4
    assert 0.1 < np.mean(mixed != labels) <= 0.4
    assert (shuffled(np.random.default_rng(0), labels, 0.0) == labels).all()


def broken(**knobs):
    setup = Study(EXPERIMENT, knobs).setup
    found = EXPERIMENT.evaluate_assumptions(setup.params, setup.tasks[0], Study.of(setup).predict())
    return {a.name for a in found if not a.held}


@pytest.mark.parametrize(
    ("knobs", "expected"),
    [
        ({}, set()),
        ({"per_class": 30, "label_noise": 1.0, "hidden": 256, "eta": 2e-3, "batch_size": 300,
          "steps": 2500}, set()),
        ({"hidden": 32}, {"features_anywhere"}),
        ({"depth": 1}, {"features_anywhere"}),
        ({"steps": 1000}, {"trained_long_enough"}),
        ({"optimizer": "sgd"}, {"trained_long_enough"}),
        ({"lambda_w": 0.05, "lambda_h": 0.05}, {"no_class_given_up"}),
        ({"lambda_w": 0.2, "lambda_h": 0.2}, {"no_class_given_up", "signal_survives"}),
        ({"label_noise": 0.2}, {"labels_fit"}),
        ({"width": 5}, {"room_for_simplex"}),
        ({"decay": "weights"}, {"decay_on_features", "little_decay"}),
        ({"architecture": "cnn"}, set()),
        ({"architecture": "cnn", "hidden": 2}, {"features_anywhere"}),
        ({"architecture": "cnn", "per_class": 130}, {"features_anywhere"}),
        ({"architecture": "cnn", "steps": 3000}, {"trained_long_enough"}),
        ({"architecture": "transformer"}, set()),
        ({"architecture": "transformer", "steps": 3000}, {"trained_long_enough"}),
    ],
)  # fmt: skip
def test_each_assumption_breaks_where_it_should(knobs, expected):
    assert broken(**knobs) == expected


def test_ordinary_decay_predicts_no_level(preset_runs):
    tree = preset_runs[NAME, "weight_decay"]
    claims = tree["claims"].to_dataset()
    reason = str(claims["reason"].sel(claim="objective_final").values)
    assert "every layer decays" in reason
    levels = tree["run"]["classifier_eigenvalues"].values[0, -1]
    assert levels[5] < 0.2 * levels[0]


def test_a_straight_line_has_an_r2_of_one():
    assert line_through(np.array([3.0, 2.0, 1.0, 0.0]))[1] == pytest.approx(1)
    assert line_through(np.array([0.0, 1.0, 0.0, 1.0]))[1] < 0.3


def test_weights_and_epochs_are_counted():
    params = Study(EXPERIMENT, {}).setup.params
    assert theory.weights_below(params) == 64 * 128 + 128**2 + 128 * 64
    assert theory.epochs(params) == pytest.approx(3000 * 256 / 1300)
    assert theory.given_up(params) == pytest.approx(0.2)
    assert filled(params.width) == 64


@pytest.mark.parametrize(("kind", "count"), [("cnn", 37_632), ("transformer", 25_408)])
def test_shared_weights_are_counted_once(kind, count):
    params = Study(EXPERIMENT, {"architecture": kind}).setup.params
    assert theory.weights_below(params) == count


@pytest.mark.parametrize("kind", ["cnn", "transformer"])
def test_the_start_that_is_guessed_from_is_that_of_the_run(kind):
    study = Study(EXPERIMENT, {"architecture": kind, "per_class": 5, "steps": 100})
    params, task = study.setup.params, study.setup.tasks[0]
    run = study.freeze().run()
    run.advance_records(1)
    guessed = guesses.measured(theory.start, params, task)
    for name in ("margin", "feature_norm", "nc1_trace"):
        assert guessed[name] == pytest.approx(float(run.records[name][0, 0]), rel=1e-4), name


def test_a_cnn_lists_its_layers_and_its_weights_by_name():
    task = Study(EXPERIMENT, {"architecture": "cnn", "per_class": 5}).setup.tasks[0]
    named = {name for name in task if name.endswith(("_kernel", "_bias"))}
    layers = ("conv1", "conv2", "features", "classifier")
    assert named == {f"{layer}_{part}" for layer in layers for part in ("kernel", "bias")}
    assert np.var(task["conv2_kernel"]) * 9 * 16 == pytest.approx(2, rel=0.1)
    assert np.var(task["features_kernel"]) * 512 == pytest.approx(1, rel=0.1)


def test_clipped_features_of_a_cnn_are_not_judged(judged):
    knobs = {"architecture": "cnn", "nonnegative": True, "per_class": 5, "steps": 100}
    found = judged(EXPERIMENT, **knobs)
    assert "why is not known" in found.reason("objective_final")
    assert set(found.claims.verdict.values.tolist()) == {"not judged"}
