"""The law of the best first rate, against stated numbers and against nets themselves."""

from typing import Any

import numpy as np
import pytest

from sims.width_transfer import families, nets, scales
from sims.width_transfer.one_step import theory, training
from sims.width_transfer.one_step.params import Params

X, Y = families.data("digits", 128, 64, 0.0, 0)
SMALL: dict[str, Any] = {"width_min": 16, "width_max": 64, "neurons": 1024, "samples": 32}


def law(n, points=(X, Y), **knobs):
    return theory.laws(Params(**knobs), points[0], points[1][None], n)


def one(found, name):
    return np.squeeze(getattr(found, name))


@pytest.mark.parametrize(
    ("parameterisation", "optimizer", "at_64", "at_1024"),
    [
        ("mup", "gd", 2.5660, 2.5660),
        ("ntk", "gd", 2.5660, 2.5660),
        ("sp", "gd", 0.040094, 0.0036449),
        ("mup", "adam", 1.0527, 1.0527),
        ("ntk", "adam", 0.025301, 0.0025549),
        ("sp", "adam", 0.0031627, 9.162e-5),
    ],
)
def test_the_law_of_every_parameterisation_is_the_stated_number(
    parameterisation, optimizer, at_64, at_1024
):
    how = {"parameterisation": parameterisation, "optimizer": optimizer}
    assert float(one(law(64, **how), "law")) == pytest.approx(at_64, rel=1e-4)
    assert float(one(law(1024, **how), "law")) == pytest.approx(at_1024, rel=1e-4)


def test_the_standard_rate_falls_by_d_plus_two_n():
    ratio = law(64, parameterisation="sp").law / law(1024, parameterisation="sp").law
    assert ratio.item() == pytest.approx(11.0, rel=1e-9)


def test_the_corrections_of_standard_nets_are_the_stated_numbers():
    found = law(512, parameterisation="sp")
    stated = {
        "D": 7.6981, "rho": 1.1089, "noise": 0.01449, "shift": 0.00319, "spread": 1.8068,
        "drop": 0.55851,
    }  # fmt: skip
    for name, value in stated.items():
        assert float(one(found, name)) == pytest.approx(value, abs=6e-5), name
    assert one(found, "shares") == pytest.approx([0.0588, 0.4706, 0.4706], abs=6e-5)


def test_the_corrections_of_signs_in_mup_are_the_stated_numbers():
    found = law(512, optimizer="adam")
    for name, value in {"rate": 1.0425, "drop": 0.55711, "bend": 1.0878}.items():
        assert float(one(found, name)) == pytest.approx(value, abs=6e-5), name


def test_relu_and_gaussian_data_have_the_stated_laws():
    found = law(512, activation="relu")
    assert float(one(found, "law")) == pytest.approx(10.818, abs=6e-4)
    assert float(one(found, "D")) == pytest.approx(21.635, abs=6e-4)
    assert one(found, "shares") == pytest.approx([0.2732, 0.2829, 0.4450], abs=6e-5)
    gaussian = families.data("gaussian", 128, 32, 0.0, 0)
    assert float(one(law(512, gaussian, data="gaussian"), "law")) == pytest.approx(7.6426, abs=6e-5)


def test_without_its_first_multiplier_mup_would_settle_at_three_halves_of_the_rate(monkeypatch):
    right = float(one(law(8192), "law"))
    forgotten = lambda *a: scales.multipliers(*a) * [64 / a[3], 1, 1]  # noqa: E731
    monkeypatch.setattr(theory, "multipliers", forgotten)
    assert float(one(law(8192), "law")) / right == pytest.approx(1.5, rel=0.02)


@pytest.mark.parametrize("activation", ["linear", "relu"])
def test_the_kernels_of_the_layers_are_those_of_wide_nets(activation):
    """Mean of df/dW_l df/dW_l' over drawn nets, in units of each layer's own scale."""
    import jax
    import jax.numpy as jnp

    rng, n, d, depth = np.random.default_rng(0), 400, 5, 2
    x = rng.standard_normal((4, d))
    mean = [np.zeros((4, 4)) for _ in range(depth + 1)]
    for W in (families.drawn(rng, 1, d, n, depth, "ntk", activation) for _ in range(6)):
        net = [jnp.asarray(one[0], jnp.float32) for one in W]
        jacobians = jax.jacobian(lambda W: nets.output(W, jnp.asarray(x), activation))(net)
        for l, J in enumerate(jacobians):
            flat = np.asarray(J).reshape(4, -1)
            mean[l] += flat @ flat.T / 6 / (d if l == 0 else n)
    for got, told in zip(mean, theory.layer_kernels(x, depth, activation), strict=True):
        assert np.abs(got - told).max() < 0.15 * np.abs(told).max()


@pytest.mark.parametrize("how", [{"parameterisation": "sp"}, {"optimizer": "adam"}])
def test_the_direction_that_theory_foresees_is_that_of_a_wide_net(how):
    """-df/d eta at rate 0 of one net of width 1024, against the limit's sum over layers."""
    import jax
    import jax.numpy as jnp

    params = Params(**how, samples=32)
    x, y = families.data("digits", 32, 64, 0.0, 0)
    rng, n = np.random.default_rng(1), 1024
    W = families.drawn(rng, 1, 64, n, 2, params.parameterisation, "linear")
    f0 = families.outputs(W, x, "linear")
    phi = theory.directions(params, x, y - f0, n)[0].sum(axis=0)[0]
    with jax.enable_x64(True):
        net, given = [jnp.asarray(one[0], jnp.float64) for one in W], jnp.asarray(x)
        S = training.direction(params, net, given, jnp.asarray(y), jnp.asarray(1.0))
        _, change = jax.jvp(lambda W: nets.output(W, given, "linear"), (net,), (S,))
    assert np.linalg.norm(-np.asarray(change) - phi) < 0.2 * np.linalg.norm(phi)  # W loses S


def test_the_prediction_sees_of_the_nets_their_first_outputs_alone():
    params = Params(**SMALL)
    task = training.prepare(params, 0)
    schedule = training.schedule(params, [task])
    alone = {name: task[name] for name in ("X", "y", "f0")}
    assert theory.predict(params, alone, schedule).identical(theory.predict(params, task, schedule))
