import pytest

from sims.core.knobs import knobs_of, lines_beneath
from sims.core.study import Study
from sims.in_context.linear_attention import EXPERIMENT
from sims.in_context.linear_attention.params import Params, feasible, numbers


@pytest.mark.parametrize(
    ("knobs", "sentence"),
    [
        ({"spectrum": "0.1,0.2"}, "give 1 to 8 variances that fall, each from 0.01 to 10"),
        ({"spectrum": "0.2,0.2"}, "variances that fall"),
        ({"spectrum": "9,8,7,6,5,4,3,2,1"}, "1 to 8 numbers"),
        ({"heads": 65}, "give a whole number from 1 to 64"),
        ({"batch_size": 4096, "context": 256, "steps": 5000}, "give at most 953 steps"),
        ({"start": "nowhere"}, "give labels_only or everything"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_a_sentence(knobs, sentence):
    with pytest.raises(ValueError, match=sentence):
        _ = Study(EXPERIMENT, knobs).setup


@pytest.mark.parametrize(
    ("attention", "alpha", "eta"), [("separate", 0.1, 0.25), ("merged", 0.001, 0.045)]
)
def test_automatic_values_follow_from_the_kind_of_heads(attention, alpha, eta):
    params = EXPERIMENT.resolve(Params(attention=attention), ())
    assert (params.alpha, params.eta, params.steps) == (alpha, eta, None)


def test_steps_are_those_of_the_slowest_seed():
    steps = [Study(EXPERIMENT, seed=seed).setup.params.steps for seed in (0, 1)]
    assert steps == [3262, 4573]
    assert Study(EXPERIMENT, seeds=2).setup.params.steps == 4573


def test_knobs_say_how_stiff_the_network_is_and_how_much_is_read():
    lines = lines_beneath(Study(EXPERIMENT, {"steps": 10}).setup.params)
    assert lines["eta"] == "the stiffest direction sees 0.5; from 2 on it grows"
    assert lines["context"] == "component 1 is read at 0.82 of its size, the last at 0.59"


@pytest.mark.parametrize("attention", ["separate", "softmax"])
def test_random_settings_are_cut_to_seconds_and_lie_on_the_sliders(attention):
    defaults = {name: k.default for name, k in knobs_of(Params).items()}
    drawn = {**defaults, "attention": attention, "context": 64, "batch_size": 1024}
    found = feasible(drawn)
    assert 64 <= found["batch_size"] < 1024
    assert numbers(Params(**{**drawn, **found}), 8000) < 8e8
