import numpy as np
import pytest

from sims.core.comparison import Comparison
from sims.core.controls import survivors
from sims.core.study import Study
from sims.teacher_student.online_sgd import EXPERIMENT, claims, params, theory
from sims.teacher_student.online_sgd.equations import Overlaps


@pytest.fixture(scope="module")
def plateau(judged):
    return judged(EXPERIMENT)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 10))
@pytest.mark.parametrize("preset", params.PRESETS, ids=lambda p: p.id)
def test_no_preset_ends_otherwise_with_another_seed(judged, preset, seed):
    found = judged(EXPERIMENT, preset.id, seed=seed)
    for claim, stated in preset.verdicts.items():
        assert found.verdict(claim) == stated


def test_no_claim_lands_where_there_is_nothing_to_see():
    assert list(survivors(Study(EXPERIMENT))) == []


def test_an_error_ten_percent_off_is_a_surprise(plateau):
    for factor in (1.1, 1 / 1.1):
        wrong = factor * plateau.prediction["eps"].values
        assert plateau.verdict_had_it_been("loss_curve", eps=wrong) == "surprise"


def test_a_theory_without_the_square_of_a_step_is_a_surprise(plateau):
    """Small steps alone, dQ/dt without η²: the plateau lies too low, and ends too soon."""

    class Flow(Overlaps):
        def _steps(self, C, noise):
            del noise
            return np.zeros((*C.shape[:-2], len(self.pairs[0])))

    setup = plateau.start.setup
    W, B = (setup.tasks[0][name] for name in ("W", "B"))
    of, d = Flow(2, 2), setup.params.d
    start = of.packed(W @ W.T / d, W @ B.T / d)
    way = theory.integrated(of, start, setup.schedule.record_times, 0.5, 0.0)
    x = way.states[way.records]
    assert plateau.verdict_had_it_been("loss_curve", eps=of.error(x)[None]) == "surprise"
    assert plateau.verdict_had_it_been("overlaps", overlaps=x[None]) == "surprise"


def test_from_scratch_the_overlaps_tell_another_start(judged):
    """At the default they do not: two starts differ no more than two runs from one start."""
    found = judged(EXPERIMENT, "from_scratch")
    other = Study(EXPERIMENT, {}, preset="from_scratch", seed=1).predict().isel(seed=0)
    run, told = found.run.isel(seed=0), found.prediction.isel(seed=0)
    compare = next(claim.compare for claim in EXPERIMENT.claims if claim.name == "overlaps")
    assert isinstance(compare, Comparison)
    assert compare(found.start.setup.params, told, run).error < claims.SIGMAS_OVERLAPS
    assert compare(found.start.setup.params, told, run, other).error > claims.SIGMAS_OVERLAPS


def test_the_band_names_chance_where_the_start_has_no_preference(judged):
    found = judged(EXPERIMENT, "no_preference")
    assert found.held("fresh_examples")
    assert not found.held("narrow_band")
    assert "seeded by chance" in found.reason("overlaps")


@pytest.mark.parametrize(
    ("knobs", "words"),
    [
        ({"d": 10, "student": 6, "teacher": 6}, "d = 10 is not allowed: more units than"),
        ({"samples_per_dimension": 1e-4}, "no example in the set"),
        ({"horizon": 2000, "d": 4000}, "horizon = 2000 is not allowed with d = 4000"),
    ],
)
def test_what_cannot_be_run_is_refused_in_a_sentence(knobs, words):
    with pytest.raises(ValueError, match=words):
        Study(EXPERIMENT, knobs).freeze()


def test_settings_drawn_at_random_take_seconds():
    changed = params.feasible({"d": 1000, "horizon": 200.0, "samples_per_dimension": 3.0})
    assert changed == {"horizon": 40.0, "samples_per_dimension": 0.0}
