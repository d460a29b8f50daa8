"""What is known of the frontier before any model is trained."""

import numpy as np
import pytest

from sims.core.study import Study
from sims.scaling_laws.compute_frontier import EXPERIMENT
from sims.scaling_laws.compute_frontier.theory import at_budgets, slope, smallest_loss

LADDER = {"a": 1.5, "b": 1.75, "width": 256, "sizes": 7, "batch_size": 1, "c": 0.1,
          "steps": 20000, "replicas": 16}  # fmt: skip


def predicted(**knobs):
    return Study(EXPERIMENT, LADDER | knobs).predict().isel(seed=0, missing_dims="ignore")


def test_facts_of_a_ladder_of_seven_sizes():
    study = Study(EXPERIMENT, LADDER)
    assert float(study.setup.tasks[0]["rate"]) == pytest.approx(0.053276, rel=1e-5)
    found = predicted()
    assert float(found["feedback"][0]) == pytest.approx(0.0681, abs=1e-4)
    assert float(found["best_x"]) == pytest.approx(0.347814, rel=1e-5)
    assert float(found["best_height"]) == pytest.approx(1.253096, rel=1e-5)
    some = found.isel(budget=[0, 6, 12])
    assert some["compute"].values == pytest.approx([2560, 28621.7, 320000], rel=1e-5)
    assert some["law_width"].values == pytest.approx([10.90, 28.63, 75.19], rel=3e-4)
    assert some["frontier"].values == pytest.approx([0.154832, 0.073774, 0.036176], rel=1e-4)
    assert float(found["frontier_slope"]) == pytest.approx(-0.29843, abs=1e-5)
    assert float(found["scaling_exponent"]) == pytest.approx(-0.3)
    best = found["best_width"].values.tolist()
    assert best == [8, 16, 16, 16, 16, 32, 32, 32, 32, 64, 64, 64, 64]


@pytest.mark.parametrize(
    ("knobs", "told"),
    [({"b": 2.5, "width": 128}, -0.58202), ({"noise": 1.0}, -0.14224)],
    ids=str,
)
def test_the_exact_slope_knows_the_target_and_the_noise(knobs, told):
    assert float(predicted(**knobs)["frontier_slope"]) == pytest.approx(told, abs=2e-5)


def test_pen_and_paper_draw_the_edge_that_the_exact_curves_touch():
    found = predicted()
    ratio = found["frontier"].values / found["law_frontier"].values
    assert (ratio > 0.99).all()  # no size is below the best of all sizes
    assert (ratio < 1.1).all()


def test_the_one_curve_is_left_open_where_a_size_is_not_on_it_yet():
    found = predicted()
    law, steps = found["law_loss"].values, found["step"].values
    assert np.isnan(law[steps < 100]).all()
    assert np.isnan(law[:, found["size"].values < 8]).all()
    seen = ~np.isnan(law)
    assert found["loss"].values[seen] == pytest.approx(law[seen], rel=0.03)


def test_a_compute_is_read_between_the_records_and_not_behind_the_last():
    steps, ms = np.array([0, 10, 100, 1000]), np.array([4, 2])
    values = np.array([[1, 1], *(t**-0.5 * np.array([2.0, 3.0]) for t in steps[1:])])
    compute = np.array([80.0, 2000.0, 4000.0])
    found = at_budgets(compute, steps, values, ms, 1)
    assert found[:, 0] == pytest.approx(2 * (compute / 4) ** -0.5)
    assert found[:2, 1] == pytest.approx(3 * (compute[:2] / 2) ** -0.5)
    assert np.isnan(found[2, 1])
    least, at = smallest_loss(found)
    assert at.tolist() == [0, 0, 0] or least[0] == found[0].min()
    assert slope(compute, compute**-0.3) == pytest.approx(-0.3)
