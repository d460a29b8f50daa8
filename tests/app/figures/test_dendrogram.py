import numpy as np
import pytest

from app.figures.panels import first_seed
from app.live.server import tags
from sims.saddle_to_saddle.linear_network.dendrogram import CORNERS
from sims.saddle_to_saddle.linear_network.tree import LEARNED
from tests.app.figures.drawing import Drawing, numbers, traces

GOALS = np.sqrt([2, 4, 6])
tree = Drawing("saddle_to_saddle/linear_network", {"data": "semantic_tree"}, seeds=2)


def tops(line):
    """Heights of the brackets of one dendrogram (x and y, point)."""
    return np.asarray(line[1]).reshape(-1, CORNERS)[:, 1]


def shot_times(drawing: Drawing) -> np.ndarray:
    schedule = drawing.setup.schedule
    return schedule.record_times[schedule.snapshot_records]


def rises(drawing: Drawing) -> list[np.ndarray]:
    """Heights of the run's dendrogram and of theory's, (snapshot, join)."""
    run = drawing.source.variable("tree", "snapshots")[0, :, 1]
    theory = drawing.source.variable("tree_predicted", "snapshots")[0]
    return [y.reshape(len(y), -1, CORNERS)[..., 1] for y in (run, theory)]


def test_the_learned_table_is_that_of_the_task():
    task, s = tree.setup.tasks[0], first_seed(tree.foreseen)["spectrum"].values
    np.testing.assert_allclose(task["target"], LEARNED, atol=1e-12)
    np.testing.assert_allclose(np.linalg.svd(LEARNED, compute_uv=False), s, rtol=1e-10)


def test_before_the_run_theory_stands_at_its_end_and_learned_distances_are_dotted():
    figure = tree.panel("dendrogram").figure
    (theory,), (run,) = traces(figure, "theory"), traces(figure, "run")
    np.testing.assert_allclose(tops([theory.x, theory.y]), np.repeat(GOALS, [4, 2, 1]), rtol=0.02)
    assert len(run.y) == 0
    assert [s.y0 for s in figure.layout.shapes] == pytest.approx(GOALS)
    words = traces(figure, "words")[0].text
    assert list(words) == ["√6", "2", "√2"]


def test_a_learned_run_has_the_tree_of_the_theory():
    full = tree.filled(tree.panel("dendrogram"))
    (theory,), (run,) = traces(full, "theory"), traces(full, "run")
    np.testing.assert_allclose(numbers(run.x), numbers(theory.x))
    allowed = tree.start.before()[1]["singular_values"] * np.sqrt(15)
    np.testing.assert_allclose(numbers(run.y), numbers(theory.y), atol=allowed)
    found = tops([run.x, numbers(run.y)])
    np.testing.assert_allclose(found, np.repeat(GOALS, [4, 2, 1]), rtol=0.02)


@pytest.mark.parametrize(("learned", "squares"), [(1, [0, 0, 0]), (2, [0, 0, 3.5]), (4, [0, 3, 5])])
def test_each_plateau_has_grown_one_more_level(learned, squares):
    """A mode s split by v, once learned, adds s^2 (v_i - v_j)^2 to the square of a distance."""
    dip = float(first_seed(tree.foreseen)["dip_times"][learned])
    at = int(np.argmin(np.abs(shot_times(tree) - dip)))
    for rise in rises(tree):
        np.testing.assert_allclose(rise[at], np.repeat(np.sqrt(squares), [4, 2, 1]), atol=0.12)


def test_kingdoms_and_families_are_half_apart_at_the_known_times():
    known = Drawing(tree.name, {**tree.values, "alpha": 1e-3})
    for rise in rises(known):
        for joins, goal, time in ((slice(6, 7), GOALS[2], 3.07), (slice(4, 6), GOALS[1], 4.48)):
            half = np.interp(goal / 2, rise[:, joins].mean(axis=1), shot_times(known))
            assert half == pytest.approx(time, rel=0.02)


def test_alternative_text_tells_the_distances():
    one = tree.panel("dendrogram")
    assert one.alt is not None
    said = one.alt(None)
    assert "siblings 1.4" in said
    assert "run" not in said


def test_the_panel_moves_with_the_scrubber():
    bound = tags.bindings(tree.panel("dendrogram").plain)
    assert [b.y.at for b in bound] == ["scrub", "scrub"]
    assert [b.y.y for b in bound] == ["tree", "tree_predicted"]
