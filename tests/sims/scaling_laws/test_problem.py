"""The problem of every page on scaling laws: its tail, its edge, and what noise feeds back."""

import numpy as np
import pytest

from sims.scaling_laws.problem import edge, feedback, power_law, tail


def test_what_is_held_and_what_is_out_of_reach_are_the_whole_signal():
    lam, target, beyond, s2 = power_law(1.5, 2.0, 128, 0.5)
    assert lam @ target**2 + beyond == pytest.approx(1, abs=1e-12)
    assert beyond == pytest.approx(0.00473093, rel=1e-5) == tail(2.0, 128)
    assert s2 == 0.25 + beyond


def test_the_edge_is_where_noise_feeds_back_all_of_the_loss():
    lam = power_law(1.5, 2.0, 128).lam
    top = edge(lam, 8)
    assert top == pytest.approx(1.569180, rel=1e-6)
    assert feedback(top, lam, 8) == pytest.approx(1, rel=1e-9)
    assert feedback(0.1 * top, lam, 8) == pytest.approx(0.025019, rel=1e-4)
    assert edge(lam, np.inf) == 2
    assert feedback(1.0, lam, np.inf) == 0
