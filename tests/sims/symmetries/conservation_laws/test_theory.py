"""What is predicted of every charge, against numbers that were computed elsewhere and by hand."""

from typing import Any

import jax
import numpy as np
import pytest
import xarray as xr

from sims.core.study import Study
from sims.symmetries.conservation_laws import EXPERIMENT, charges, flow, params, theory, training
from sims.symmetries.conservation_laws.charges import Weights
from sims.symmetries.decay import fading
from sims.symmetries.gradients import Net

SMALL: dict[str, Any] = {"n": 20, "width": 6, "horizon": 2.0}


def predicted(**knobs):
    """The prediction of seed 0, and its setup."""
    study = Study(EXPERIMENT, knobs)
    return study.predict().isel(seed=0, missing_dims="ignore"), study.setup


def preset(name: str):
    return predicted(**EXPERIMENT.preset(name).params)[0]


def test_the_default_net_leaks_what_the_reference_leaks():
    told = preset("rails")
    q = told["charge"].values
    assert q[0, :3] == pytest.approx([-0.712960, -0.998370, -0.432067], rel=1e-3)
    assert q[-1, :3] == pytest.approx([-0.714351, -0.998994, -0.433760], rel=1e-3)
    assert float(told["step_sharpness"]) == pytest.approx(0.179, rel=3e-3)
    assert float(told["leak"][-1, 2]) == pytest.approx(-0.001695, rel=1e-3)
    assert told["loss"].values[[0, -1]] == pytest.approx([2.35526, 0.12651], rel=1e-3)


@pytest.mark.parametrize(
    ("name", "unit", "leak", "x"),
    [
        pytest.param("half_the_step", 2, -0.000847, None, marks=pytest.mark.slow),
        ("linear_rails", 20, -0.002132, 0.128),
        ("momentum_leaks", 20, -0.002387, None),
        pytest.param("growing_norms", 10, 0.003433, 0.058, marks=pytest.mark.slow),
    ],
)
def test_other_presets_leak_what_the_reference_leaks(name, unit, leak, x):
    told = preset(name)
    assert float(told["leak"][-1, unit]) == pytest.approx(leak, rel=1e-3)
    if x is not None:
        assert float(told["step_sharpness"]) == pytest.approx(x, abs=6e-4)


def test_spins_fall_by_momentum_alone():
    J = preset("spin_down")["charge"].values
    assert J[0, :3] == pytest.approx([0.086929, 0.069688, 0.084317], rel=1e-5)
    assert J[-1] / J[0] == pytest.approx(np.full(16, 0.95**200), rel=1e-12)
    assert pytest.approx(3.505e-5, rel=1e-3) == 0.95**200


def test_a_sum_is_a_pendulum_whatever_is_learned():
    eta, beta, lam = 0.2, 0.9, 0.1
    c, u, slow = 1.0, 0.0, [1.0]
    for _ in range(40):
        u = beta * u - eta * lam * c
        c += u
        slow.append(c)
    steps = np.arange(0, 41, 5)
    assert fading(eta, lam, beta, steps) == pytest.approx(np.array(slow)[steps], abs=1e-14)
    plain = fading(eta, lam, 0.0, steps)
    assert plain == pytest.approx((1 - eta * lam) ** steps)


def weights_of(setup):
    return theory.start(setup.tasks[0])[0]


@pytest.mark.parametrize(
    ("activation", "how"),
    [("relu", {}), ("linear", {"loss_kind": "squared"}), ("square", {}),
     ("tanh", {"normalisation": "batch"}), ("gelu", {"normalisation": "batch"})],
)  # fmt: skip
def test_gradients_written_out_are_those_of_the_training(activation, how):
    study = Study(EXPERIMENT, SMALL | {"activation": activation, "bias": True} | how)
    settled, task = study.setup.params, study.setup.tasks[0]
    net = Net(
        task["X"], task["y"], activation, settled.normalisation,
        settled.loss_kind == "softmax", True,
    )  # fmt: skip
    weights = weights_of(study.setup)
    value, g = flow.loss_and_gradient(net, weights)
    asked, X, y = jax.tree.map(jax.numpy.asarray, (weights, task["X"], task["y"]))
    told = jax.value_and_grad(training.loss, argnums=1)(settled, asked, X, y)
    assert value == pytest.approx(float(told[0]), rel=1e-12)
    for mine, other in zip(g, told[1], strict=True):
        assert mine == pytest.approx(np.asarray(other), abs=1e-13)


def test_power_iteration_finds_the_top_of_the_hessian():
    study = Study(EXPERIMENT, SMALL | {"activation": "tanh"})
    task, weights = study.setup.tasks[0], weights_of(study.setup)
    net = Net(task["X"], task["y"], "tanh")
    sizes = [w.shape for w in weights[:2]]

    def flat(theta: np.ndarray) -> np.ndarray:
        W, V = np.split(theta, [weights.W.size])
        g = flow.loss_and_gradient(
            net, Weights(W.reshape(sizes[0]), V.reshape(sizes[1]), weights.b)
        )[1]
        return np.concatenate([g.W.ravel(), g.V.ravel()])

    at = np.concatenate([weights.W.ravel(), weights.V.ravel()])
    H = np.stack([np.imag(flat(at + 1e-30j * e)) / 1e-30 for e in np.eye(len(at))])
    top = np.abs(np.linalg.eigvalsh((H + H.T) / 2)).max()
    descent = flow.Descent(0.0, 0.0, 0.0, 0.01, lambda g: g.V.sum(axis=0))
    first = next(flow.path(net, weights, descent, np.array([0.0, 0.1])))
    assert first.sharpness == pytest.approx(top, rel=0.03)
    assert first.sharpness <= top * (1 + 1e-9)


@pytest.mark.parametrize(
    ("symmetry", "how"),
    [("rescale", {"activation": "square"}), ("scale", {}), ("translation", {}), ("rotation", {})],
)
def test_the_gradient_is_orthogonal_to_what_the_symmetry_does(symmetry, how):
    study = Study(EXPERIMENT, SMALL | {"symmetry": symmetry} | how)
    settled, task, weights = study.setup.params, study.setup.tasks[0], weights_of(study.setup)
    net = Net(task["X"], task["y"], settled.activation, settled.normalisation)
    g = flow.loss_and_gradient(net, weights)[1]
    if symmetry == "translation":
        assert g.V.sum(axis=0) == pytest.approx(np.zeros(6), abs=1e-15)
    else:
        along = charges.pair(symmetry, settled.activation, weights, g)
        assert along == pytest.approx(np.zeros(len(along)), abs=1e-14)


def test_a_path_that_blows_up_ends_and_says_so():
    told, _ = predicted(**SMALL, eta=8.0, activation="square", gain=10.0)
    assert np.isinf(float(told["step_sharpness"]))
    assert np.isnan(told["leak"].values[-1]).all()


def test_the_share_that_decay_leaves_is_there_before_the_path():
    study = Study(EXPERIMENT, SMALL)
    setup = study.setup
    first = next(theory.predict(setup.params, setup.tasks[0], setup.schedule))
    assert isinstance(first, xr.Dataset)
    assert set(first) == {"decayed", "left", "start_in", "start_out", "degree"}


@pytest.mark.parametrize(
    ("knobs", "words"),
    [
        ({"symmetry": "rotation", "width": 5}, "give an even whole number from 2 to 256"),
        ({"batch_size": 30, "n": 20}, "give a whole number from 0 to 20"),
        ({"symmetry": "scale", "batch_size": 1}, "one row has no variance"),
        ({"eta": 1e-5, "horizon": 1000}, "give at most 10, or a larger eta"),
    ],
)
def test_what_does_not_go_together_is_refused_in_one_sentence(knobs, words):
    with pytest.raises(ValueError, match=words):
        Study(EXPERIMENT, SMALL | knobs).prepare()


def test_activation_and_normalisation_follow_from_the_symmetry():
    found = {s: params.resolve(params.Params(symmetry=s), ()) for s in charges.SYMMETRIES}
    assert {s: (p.activation, p.normalisation) for s, p in found.items()} == params.USUAL
