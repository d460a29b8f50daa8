"""Learning coefficients: stated values, limits, and the minimum that training ends in."""

import itertools

import numpy as np
import pytest

from sims.singular_learning.local_learning_coefficient import scales

SIZES = range(1, 8)


@pytest.mark.parametrize(
    ("sizes", "values", "multiplicities"),
    [
        ((6, 6, 6), (13.5, 15, 16, 17, 17.5, 18, 18), (1, 2, 1, 2, 1, 2, 1)),
        ((8, 5, 3), (7.5, 10, 12.5, 15), (1, 1, 1, 1)),
        ((10, 8, 16), (39.5, 40, 40, 40, 40), None),
        ((1, 1, 1), (0.5,), (2,)),
    ],
)
def test_coefficients_at_every_rank_are_the_stated_ones(sizes, values, multiplicities):
    M, N, H = sizes
    found = [scales.coefficient(M, N, H, r) for r in range(len(values))]
    assert tuple(value for value, _ in found) == values
    if multiplicities:
        assert tuple(m for _, m in found) == multiplicities


def test_a_large_start_costs_the_stated_numbers():
    found = [scales.local_coefficient(6, 6, 6, 0, a, 0).value for a in range(7)]
    assert found == [13.5, 13.5, 13.5, 13.5, 14, 15.5, 18]
    assert [scales.trained(4, 10, 4, 0, a).value for a in range(5)] == [8, 9.5, 12, 15.5, 20]


def test_where_nothing_starts_large_it_is_the_most_singular_minimum():
    for M, N, H in itertools.product(SIZES, SIZES, SIZES):
        for r in range(min(M, N, H) + 1):
            found = scales.local_coefficient(M, N, H, r, r, r)
            assert found[:2] == scales.coefficient(M, N, H, r)


def test_inputs_and_outputs_may_change_places():
    for M, N, H in itertools.product(SIZES, SIZES, SIZES):
        for r in range(min(M, N, H) + 1):
            assert scales.coefficient(M, N, H, r) == scales.coefficient(N, M, H, r)


def test_no_minimum_costs_more_than_half_the_maps_or_less_than_the_most_singular_one():
    for M, N, H in itertools.product(SIZES, SIZES, SIZES):
        half = scales.half_the_maps(M, N, H)
        assert half <= H * (M + N) / 2
        for r in range(min(M, N, H) + 1):
            least = scales.coefficient(M, N, H, r)[0]
            for large in (0, *range(max(r, 1), min(M, H) + 1)):
                assert least <= scales.trained(M, N, H, r, large).value <= half


def test_the_end_of_training_fits_the_map_and_conserves_what_the_start_had():
    A, B, C = scales.end_of_training(5, 4, 6, 2, 1.7, 3)
    assert pytest.approx(C) == B @ A
    kept = A @ A.T - B.T @ B
    assert np.diag(kept) == pytest.approx([1.7, 1.7, 1.7, 0, 0, 0])


@pytest.mark.parametrize(("r", "large"), [(0, 0), (1, 0), (2, 0), (0, 2), (2, 3)])
def test_curvatures_are_the_eigenvalues_of_the_hessian_there(r, large):
    M, N, H, s = 4, 3, 3, 1.4
    A, B, _ = scales.end_of_training(M, N, H, r, s, large)
    # K is |BA - C|^2/2 and 0 there: its Hessian is J^T J, J the derivative of BA in rows
    J = np.hstack([np.kron(B, np.eye(M)), np.kron(np.eye(N), A.T)])
    told = np.sort(scales.curvatures(M, N, r, s, large))
    assert np.linalg.eigvalsh(J @ J.T) == pytest.approx(told, abs=1e-9)
    # the number of sharp directions is what a minimum of ranks a and b is said to have
    a = max(large, r)
    assert np.count_nonzero(told) == N * a + M * r - a * r
