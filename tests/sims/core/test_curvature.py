import jax
import jax.numpy as jnp
import numpy as np
import pytest
from matfree import decomp, eig

from sims.core import curvature, nets
from sims.core.nets.modules import MLP

SIZES = (2, 12, 12, 1)


def net_loss(dtype):
    rng = np.random.default_rng(0)
    w = nets.flattened(nets.layers(nets.mlp_weights(rng, SIZES))).astype(dtype)
    x = jnp.asarray(rng.standard_normal((15, 2)), dtype)
    y = jnp.asarray(rng.standard_normal((15, 1)), dtype)

    def loss(w):
        return jnp.mean((nets.apply(MLP(SIZES[1:], "tanh"), SIZES[0], w, x) - y) ** 2)

    return loss, w


def dense(dtype=np.float64):
    loss, w = net_loss(np.float64)
    values, vectors = np.linalg.eigh(jax.hessian(loss)(w))
    return values[::-1].astype(dtype), vectors[:, ::-1].astype(dtype)


@pytest.mark.parametrize(
    ("dtype", "tolerance"),
    [(np.float64, 1e-12), pytest.param(np.float32, 1e-5, marks=pytest.mark.slow)],
)
def test_products_are_those_of_the_dense_hessian(dtype, tolerance):
    loss, w = net_loss(dtype)
    v = curvature.probe(w.shape[0], dtype)
    expected = jax.hessian(loss)(w) @ v
    for found in (curvature.hvp(loss, w, v), curvature.hessian_product(loss, w)(v)):
        assert found.dtype == dtype
        np.testing.assert_allclose(found, expected, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float64, 1e-9), (np.float32, 2e-6)])
def test_lanczos_finds_the_top_of_the_dense_spectrum(dtype, tolerance):
    loss, w = net_loss(dtype)
    product = curvature.hessian_product(loss, w)
    values, vectors = jax.jit(lambda v: curvature.top_eigenpairs(product, v, k=3, m=24))(
        curvature.probe(w.shape[0], dtype)
    )
    expected, eigenvectors = dense()
    assert values.dtype == vectors.dtype == dtype
    np.testing.assert_allclose(values, expected[:3], rtol=tolerance)
    overlaps = np.abs(np.sum(np.asarray(vectors, float) * eigenvectors[:, :3], axis=0))
    np.testing.assert_allclose(overlaps, 1, atol=np.sqrt(tolerance))


def test_lanczos_agrees_with_matfree():
    loss, w = net_loss(np.float64)
    start = curvature.probe(w.shape[0], w.dtype)
    product = curvature.hessian_product(loss, w)
    found, _ = curvature.lanczos(product, start, 20)
    oracle = eig.eigh_partial(decomp.tridiag_sym(20, reortho="full", materialize=True))
    expected, _ = oracle(product, start)
    np.testing.assert_allclose(found[:5], np.sort(expected)[::-1][:5], rtol=1e-10)


def test_a_krylov_space_that_ends_early_ends_in_zeros():
    diagonal = jnp.array([3.0, 3.0, 1.0, 1.0, -2.0, -2.0])
    values, vectors = curvature.lanczos(lambda v: diagonal * v, jnp.ones(6), 6)
    np.testing.assert_allclose(values, [3, 1, 0, 0, 0, -2], atol=1e-12)
    assert np.isfinite(vectors).all()


def test_preconditioned_spectrum_is_that_of_the_quotient():
    rng = np.random.default_rng(3)
    A = rng.standard_normal((30, 30))
    A, diagonal = A @ A.T, rng.uniform(0.5, 2, 30)
    product = curvature.preconditioned(lambda v: jnp.asarray(A) @ v, jnp.asarray(diagonal))
    found, _ = curvature.top_eigenpairs(product, curvature.probe(30, np.float64), k=3, m=30)
    expected = np.sort(np.linalg.eigvals(A / diagonal[:, None]).real)[::-1][:3]
    np.testing.assert_allclose(found, expected, rtol=1e-10)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_the_block_iteration_follows_clustered_eigenvalues(dtype):
    rng = np.random.default_rng(4)
    Q = np.linalg.qr(rng.standard_normal((200, 200)))[0]
    spectrum = np.concatenate([[10.0, 9.99, 9.9, 8.0], np.linspace(2, -1, 196)])
    A = jnp.asarray((Q * spectrum) @ Q.T, dtype)
    V = jnp.asarray(np.linalg.qr(Q[:, :3] + 0.03 * rng.standard_normal((200, 3)))[0], dtype)
    D = jnp.zeros_like(V)
    values = jnp.zeros(3, dtype)
    step = jax.jit(lambda V, D: curvature.block_iteration(lambda v: A @ v, V, D))
    for _ in range(12):
        values, V, D = step(V, D)
    assert values.dtype == dtype
    np.testing.assert_allclose(values, spectrum[:3], rtol=1e-5)
    np.testing.assert_allclose(V.T @ V, np.eye(3), atol=1e-5)


def test_a_warm_start_meets_a_direction_it_did_not_know():
    diagonal = jnp.concatenate([jnp.array([5.0, 4.0]), jnp.linspace(1, 0, 48)])
    known = jnp.zeros((50, 1)).at[1, 0].set(1.0)
    values, _ = curvature.top_eigenpairs(
        lambda v: diagonal * v, curvature.warm_start(known), k=1, m=8
    )
    np.testing.assert_allclose(values, [5.0], rtol=1e-3)


@pytest.mark.parametrize("close", [True, False])
def test_of_two_equal_eigenvalues_both_are_tracked(close):
    rng = np.random.default_rng(3)
    Q = np.linalg.qr(rng.standard_normal((40, 40)))[0]
    spectrum = np.concatenate([[2.0, 2.0], np.linspace(1.0, -0.2, 38)])
    A = jnp.asarray((Q * spectrum) @ Q.T)
    near = np.linalg.qr(Q[:, :3] + 1e-3 * rng.standard_normal((40, 3)))[0]
    values, vectors = curvature.tracked_eigenpairs(
        lambda v: A @ v, jnp.asarray(near), jnp.asarray(close), k=3, m=8
    )
    if close:
        np.testing.assert_allclose(values, [2.0, 2.0, 1.0], atol=1e-4)
        np.testing.assert_allclose(vectors.T @ vectors, np.eye(3), atol=1e-8)
    else:
        assert float(values[1]) < 1.9  # one Krylov space holds only one of the two directions


def test_tracking_begins_from_no_vectors_at_all():
    A = jnp.diag(jnp.asarray([3.0, 2.0, 1.0, 0.5, 0.1]))
    values, _ = curvature.tracked_eigenpairs(
        lambda v: A @ v, jnp.zeros((5, 2)), jnp.asarray(False), k=2, m=5
    )
    np.testing.assert_allclose(values, [3.0, 2.0], atol=1e-10)
