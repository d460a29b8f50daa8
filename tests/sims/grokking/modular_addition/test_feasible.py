"""Random knobs fit together, and those that fit are left alone."""

from sims.core.knobs import plain
from sims.grokking.modular_addition import EXPERIMENT
from sims.grokking.modular_addition.feasible import WORK, feasible

DEFAULTS = plain(EXPERIMENT.Params())


def fitted(**values):
    return {**DEFAULTS, **values, **feasible({**DEFAULTS, **values})}


def test_what_fits_is_left_as_it_is():
    assert fitted() == DEFAULTS


def test_the_cubic_decay_is_asked_about_all_pairs_and_the_others_leave_some():
    cubic = fitted(regulariser="cubic", weight_decay=2.5)
    assert cubic["fraction"] == 1
    assert cubic["weight_decay"] == 1e-4
    assert round(fitted(p=7, fraction=1.0)["fraction"] * 49) == 48
    assert round(fitted(p=7, fraction=0.01)["fraction"] * 49) == 7


def test_what_is_too_long_loses_width_and_steps_alike():
    knobs = {"p": 59, "width": 512, "fraction": 0.8, "steps": 4000}
    found = fitted(**knobs)
    work = found["steps"] * found["width"] * round(0.8 * 59**2) * 59
    assert work < 2 * WORK
    assert 500 <= found["steps"] < 4000
    assert 16 <= found["width"] < 512
