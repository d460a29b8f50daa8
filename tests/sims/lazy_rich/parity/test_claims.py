import numpy as np
import pytest

from sims.core import compilation
from sims.core.study import Study
from sims.lazy_rich.parity import EXPERIMENT
from sims.lazy_rich.parity.params import PRESETS


@pytest.fixture(scope="module")
def presets(judged):
    return {p.id: judged(EXPERIMENT, p.id) for p in PRESETS}


@pytest.mark.parametrize("preset", PRESETS, ids=lambda p: p.id)
def test_presets_end_as_they_state(presets, preset):
    found = presets[preset.id]
    assert {c: found.verdict(c) for c in preset.verdicts} == dict(preset.verdicts)


def test_the_rich_network_finds_the_two_axes(presets):
    run = presets["parity_rich"].run
    assert 2 * float(run["test_loss_final"][0]) < 0.012
    share = run["relevant_share"].values[0]
    assert share[0] == pytest.approx(2 / 15, abs=0.03)
    assert share[-1] == pytest.approx(0.81, abs=0.03)
    assert float(run["train_loss"][0, -1]) < 5e-6
    shares = run["axis_shares"].values[0, -1]
    assert shares[:2].min() > 5 * shares[2:].max()


def test_the_lazy_network_stays_on_the_dashed_line(presets):
    found = presets["parity_kernel"]
    p, m = (d["test_loss"].values[0] for d in (found.prediction, found.run))
    np.testing.assert_allclose(m, p, rtol=0.05)
    assert 0.15 < m[-1] < 0.24
    assert float(found.run["train_loss"][0, -1]) < 5e-6
    assert 0.05 < float(found.prediction["feature_change_final"][0]) < 0.08


@pytest.mark.parametrize("data_seed", [1, 2])
def test_other_data_and_weights_land_too(judged, data_seed):
    found = judged(EXPERIMENT, alpha=30, data_seed=data_seed, seeds=2, steps=1000)
    assert found.held("features_stay_put")
    assert found.verdict("test_loss_final") == "lands"
    assert found.error("test_loss_final") < 0.03


def test_a_loss_ten_percent_off_no_longer_lands(presets):
    found = presets["parity_kernel"]
    wrong = 1.1 * found.prediction["test_loss_final"].values
    assert found.verdict_had_it_been("test_loss_final", test_loss_final=wrong) == "surprise"


SMALL = {"n": 20, "n_test": 50, "d": 6, "width": 16, "steps": 300}


def test_beyond_the_edge_nothing_is_promised(judged):
    found = judged(EXPERIMENT, c=1.5, alpha=30, **SMALL)
    assert not found.held("rate_below_the_edge")
    assert found.verdict("test_loss_final") in ("departs", "not judged")


def test_a_run_that_diverges_is_not_judged(judged):
    found = judged(EXPERIMENT, c=2.5, alpha=1000, **SMALL)
    assert found.verdict("test_loss_final") == "not judged"
    assert found.reason("test_loss_final").startswith("Because the run diverged at step")


def test_moving_a_slider_does_not_compile_again(judged):
    judged(EXPERIMENT, **SMALL)
    before = compilation.traces()
    for knobs in ({"alpha": 3}, {"c": 0.2}, {"relevant": 3}, {"data_seed": 5}, {"steps": 500}):
        judged(EXPERIMENT, **{**SMALL, **knobs})
    assert compilation.traces() == before


@pytest.mark.parametrize(
    ("knobs", "words"),
    [
        ({"relevant": 4, "d": 3}, "relevant = 4 is more than d = 3: give relevant from 1 to 3."),
        ({"alpha": 0}, "alpha = 0 is not allowed: give a number from 0.001 to 1000"),
        ({"n": 1}, "a whole number from 2 to 1000"),
        ({"n_test": 0}, "a whole number from 1 to 10000"),
        ({"width": 0}, "a whole number from 16 to 1024"),
        ({"c": 3}, "a number from 0.05 to 2.5"),
        ({"d": 40, "n": 1000, "width": 1024, "steps": 5000}, "is not allowed: give at most"),
    ],
)
def test_bad_input_is_refused_with_the_range(knobs, words):
    with pytest.raises(ValueError, match=r".") as refused:
        Study(EXPERIMENT, knobs).prepare()
    assert words in str(refused.value)
