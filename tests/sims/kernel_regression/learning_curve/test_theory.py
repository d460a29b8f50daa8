import numpy as np
import pytest

from sims.core.study import Study
from sims.kernel_regression.learning_curve import EXPERIMENT, raw_statistics, theory
from sims.kernel_regression.learning_curve.data import modes, world

N_OF = (8, 32, 128)


@pytest.fixture(scope="module")
def prediction():
    return Study(EXPERIMENT, {}).predict().isel(seed=0)


@pytest.mark.parametrize(
    ("name", "published"),
    [
        ("kappa", (0.06537, 0.01232, 0.00195)),
        ("test_error", (0.8704, 0.4996, 0.2322)),
        ("test_error_infinite", (0.8569, 0.4686, 0.1751)),
        ("test_error_raw", (0.854, 0.482, 0.242)),
        ("budget", (7.849, 31.238, 124.119)),
    ],
)
def test_what_is_predicted_is_as_published(prediction, name, published):
    at = np.isin(prediction["step"].values, N_OF)
    digits = 3 if name in ("kappa", "test_error_raw") else 5e-4
    rtol = 2e-3 if digits == 3 else digits
    np.testing.assert_allclose(prediction[name].values[at], published, rtol=rtol)


def test_spectrum_unevenness_and_edge_are_as_published(prediction):
    np.testing.assert_allclose(prediction["spectrum"][:3], (0.50257, 0.02966, 0.02760), rtol=1e-3)
    assert float(prediction["unevenness"]) == pytest.approx(0.0900, abs=1e-4)
    assert float(prediction["exponent"]) == pytest.approx(1.500, abs=1e-3)
    assert float(prediction["dimensions"]) == pytest.approx(13.2, abs=0.05)


def test_the_covariance_alone_gives_the_published_spectrum():
    found = raw_statistics.modes(world("digits", 512, 1)[0], "laplace", 2.0)
    np.testing.assert_allclose(found.eigenvalues[:3], (0.49307, 0.02628, 0.02348), rtol=1e-3)
    assert (np.diff(found.eigenvalues) <= 0).all()
    np.testing.assert_allclose(found.vectors.T @ found.vectors, np.eye(512), atol=1e-9)


@pytest.mark.parametrize("kind", ["laplace", "rbf"])
def test_coefficients_are_derivatives_of_the_kernel_between_unit_vectors(kind):
    w, h, c = 1.7, 1e-3, raw_statistics.coefficient(kind, 1.7)

    def K(t):
        apart = 2 - 2 * t
        return np.exp(-np.sqrt(apart) / w) if kind == "laplace" else np.exp(-apart / (2 * w * w))

    assert c(0) == pytest.approx(K(0))
    assert c(1) == pytest.approx((K(h) - K(-h)) / (2 * h), rel=1e-5)
    assert c(2) == pytest.approx((K(h) - 2 * K(0) + K(-h)) / h**2, rel=1e-4)


def test_monomials_come_in_falling_order_and_none_is_left_out():
    variances = np.array([0.5, 0.3, 0.2])
    found = raw_statistics.monomials(variances, lambda k: 0.5**k, 30)
    values = [value for _, value in found]
    assert values == sorted(values, reverse=True)
    assert len({indices for indices, _ in found}) == 30
    quadratic = {indices for indices, _ in found if len(indices) == 2}
    assert quadratic == {(i, j) for i in range(3) for j in range(i, 3)}


@pytest.mark.parametrize("data", ["digits", "hypercube", "circle"])
def test_modes_are_those_of_the_kernel_and_hold_all_of_the_labels(data):
    X, y = world(data, 256, 2)
    found = modes(X, "laplace", 2.0)
    assert found.eigenvalues.sum() == pytest.approx(1)  # the kernel of a point with itself
    assert found.energy(y).sum() == pytest.approx(np.mean(y**2))
    assert np.mean(y**2) == pytest.approx(1)
    assert np.mean(np.sum(X**2, axis=1)) == pytest.approx(1)


def test_octaves_are_means_over_modes_one_two_three_to_four_and_so_on():
    np.testing.assert_allclose(theory.octaves(np.arange(1.0, 11)), [1, 2, 3.5, 6.5, 9.5])
    assert theory.octaves(np.ones((4, 512))).shape == (4, 10)


def test_knobs_that_leave_the_kernel_as_it_is_find_its_modes_where_they_are():
    X = world("digits", 256, 1)[0]
    assert modes(X, "rbf", 2.0) is modes(world("digits", 256, 3)[0], "rbf", 2.0)
    assert modes(X, "rbf", 2.0) is not modes(X, "rbf", 2.5)


def test_without_examples_nothing_is_learned(prediction):
    assert float(prediction["test_error"][0]) == pytest.approx(1)
    assert float(prediction["uncertainty"][0]) == pytest.approx(1)
    assert not prediction["learnability"][0].any()
