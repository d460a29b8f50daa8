import numpy as np
import pytest

from sims.core.compilation import traces
from sims.core.study import Study
from sims.core.sweep import Sweep
from sims.grokking.phase_diagram import EXPERIMENT, phases, theory


@pytest.mark.parametrize(
    ("train", "test", "name"),
    [
        (np.nan, np.nan, "confusion"),
        (60.0, np.nan, "memorisation"),
        (60.0, 800.0, "grokking"),
        (60.0, 200.0, "comprehension"),
        (60.0, 260.0, "comprehension"),
    ],
)
def test_phases_by_first_passages(train, test, name):
    assert phases.PHASES[phases.phase(train, test, 200)] == name


def corner(**over):
    made = Sweep(EXPERIMENT, {}, over)
    made.predict()
    run = made.run()
    run.finish()
    return run.tree()


def test_the_corners_of_the_diagram():
    """As published: memorisation, comprehension, confusion, and memorisation at extreme decay."""
    tree = corner(weight_decay="0.05,0.4,2,10", init_scale="0.3,8")
    swept = tree["sweep"].to_dataset()
    found = swept["phase"]
    assert found.dims == ("weight_decay", "init_scale", "seed")
    assert found.attrs["flag_meanings"] == "confusion memorisation grokking comprehension"
    names = [[phases.PHASES[int(v)] for v in row] for row in found.values[..., 0]]
    assert names[0][1] == "memorisation"
    assert names[2] == ["comprehension", "confusion"]
    assert names[3] == ["memorisation", "confusion"]
    assert np.isnan(swept["train_step"].values[3, 1, 0])
    assert (tree["prediction"]["coverage"] == 1).all()


def test_groups_are_small_so_that_cells_come_in_early():
    made = Sweep(EXPERIMENT, {"steps": 40}, {"weight_decay": "0.1:1:4:log", "init_scale": "1:4:4"})
    made.predict()
    run = made.run()
    run.compile()
    before = traces()
    while not run.finished:
        run.advance(0.0)
    assert not run.done
    assert traces() == before


def predicted(**knobs):
    setup = Study(EXPERIMENT, knobs).setup
    one = theory.predict(setup.params, setup.tasks[0], setup.schedule)
    return setup, one


def test_hopeless_data_are_said():
    setup, one = predicted(fraction=0.15)
    assert float(one["coverage"]) < 0.5
    assert EXPERIMENT.warnings(setup.params, setup.tasks[0], one)[0].startswith(
        "Expect no grokking and no comprehension anywhere."
    )
    setup, one = predicted()
    assert EXPERIMENT.warnings(setup.params, setup.tasks[0], one) == []
    (covered,) = EXPERIMENT.evaluate_assumptions(setup.params, setup.tasks[0], one)
    assert covered.held


@pytest.mark.parametrize(
    ("knobs", "said"),
    [
        ({"fraction": 1.0}, "leaves no pair to test on: give fraction up to 0.9965"),
        ({"fraction": 0.05}, "fewer than p = 17"),
        ({"eta": 0.5, "weight_decay": 3.0}, "erases the weights"),
    ],
)
def test_bad_input_is_refused_in_a_sentence(knobs, said):
    with pytest.raises(ValueError, match="give") as refused:
        Study(EXPERIMENT, knobs).prepare()
    assert said in str(refused.value)
