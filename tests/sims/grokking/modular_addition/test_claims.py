import numpy as np
import pytest
import xarray as xr

from sims.core.baseline import apart
from sims.core.claims import compared
from sims.core.setup import given
from sims.core.study import Study
from sims.grokking.modular_addition import EXPERIMENT, assumptions, claims, theory

CLAIMS = {claim.name: claim for claim in EXPERIMENT.claims}


def foreseen(**knobs):
    setup = Study(EXPERIMENT, knobs).setup
    one = theory.predict(setup.params, setup.tasks[0], setup.schedule)
    return setup.params, one


def seen(**values):
    names = {"restricted_lead": 0.7, "underflow_step": np.nan}
    between = {"jump_between": [980.0, 1000.0], "restricted_between": [680.0, 700.0]}
    found = {k: ((), v) for k, v in (names | values).items() if k not in between}
    return xr.Dataset(found | {k: ("end", values.get(k, v)) for k, v in between.items()})


def held(**knobs):
    setup = Study(EXPERIMENT, knobs).setup
    one = theory.predict(setup.params, setup.tasks[0], setup.schedule)
    return {a.name: a for a in EXPERIMENT.evaluate_assumptions(setup.params, setup.tasks[0], one)}


def test_everything_holds_at_the_default():
    assert {name for name, a in held().items() if not a.held} == set()


@pytest.mark.parametrize(
    ("knobs", "name", "sentence"),
    [
        ({"weight_decay": 0.0}, "decay_on", "Nothing erases the memorised part."),
        ({"weight_decay": 4.0}, "gentle_decay", "weight_decay 4 also erases the circuit."),
        (
            {"fraction": 0.25},
            "enough_data",
            "0.25 of the pairs; coverage needs 0.22, learning about 1.8 times that.",
        ),
        ({"width": 100}, "enough_neurons", "100 neurons; the construction needs 120."),
        ({"steps": 2000}, "long_enough", "6 decay times; the jump takes 4 to 10."),
        (
            {"activation": "relu"},
            "square_activation",
            "The circuit was derived for squares; with relu half of the runs seen did not "
            "generalise.",
        ),
        (
            {"weight_decay": 0.25},
            "loss_stays_up",
            "weight_decay 0.25 lets the cross-entropy underflow, and Adam then throws the weights "
            "about: seen up to 0.5, not from 0.65 on.",
        ),
        (
            {"weight_decay": 0.25, "dtype": "float64"},
            "loss_stays_up",
            "weight_decay 0.25 lets the gradients fall to the 10⁻⁸ that Adam adds to their size: "
            "seen at 0.25, not at 0.5.",
        ),
    ],
)
def test_broken_assumptions_say_why(knobs, name, sentence):
    found = held(**knobs)[name]
    assert not found.held
    assert found.sentence == sentence


def test_the_max_margin_has_its_own_assumptions():
    cubic = {"regulariser": "cubic", "weight_decay": 1e-4, "p": 11, "width": 24}
    found = held(fraction=0.9, steps=10_000, eta=5e-3, **cubic)
    assert {n for n, a in found.items() if not a.held} == {"all_pairs", "enough_neurons"}
    assert "decay_on" not in found
    assert held(fraction=1.0, steps=10_000, eta=5e-3, **cubic)["long_enough"].held
    assert not held(fraction=1.0, steps=9000, eta=5e-3, **cubic)["long_enough"].held


@pytest.mark.parametrize(
    ("circuit", "jump", "lead"),
    [
        (600.0, 1000.0, 0.6),
        (np.nan, 1000.0, np.inf),
        (np.nan, np.nan, np.inf),
        (600.0, np.nan, np.nan),
        (600.0, 0.0, np.inf),
    ],
)
def test_a_circuit_that_never_shows_is_infinitely_late(circuit, jump, lead):
    found = claims.lead({"restricted_step": circuit, "jump_step": jump})
    np.testing.assert_equal(found, lead)


def test_the_circuit_must_come_before_the_jump_if_there_is_one():
    params, one = foreseen()
    claim = CLAIMS["restricted_leads"]
    assert compared(claim, params, one, seen()).error == pytest.approx(0.7)
    assert compared(claim, params, one, seen(restricted_lead=np.inf)).error == np.inf
    never = compared(claim, params, one, seen(restricted_lead=np.nan))
    assert never.why == "the test accuracy never reached a half."


def test_the_order_of_two_passages_between_the_same_records_is_not_known():
    params, one = foreseen()
    claim, ends = CLAIMS["restricted_leads"], [60.0, 62.0]
    both = compared(claim, params, one, seen(jump_between=ends, restricted_between=ends))
    assert both.why == (
        "circuit and jump both come between steps 60 and 62, between the same two records."
    )
    apart = compared(claim, params, one, seen(jump_between=[62.0, 64.0], restricted_between=ends))
    assert apart.where == "circuit between steps 60 and 62, jump between steps 62 and 64"
    never = seen(restricted_lead=np.inf, restricted_between=[np.nan, np.nan])
    assert compared(claim, params, one, never).where.startswith("circuit never, jump")
    at_first = seen(jump_between=[0.0, 0.0])
    assert compared(claim, params, one, at_first).where.endswith("jump at step 0")


@pytest.mark.parametrize(("first", "last"), [(0.0, 1.0), (0.5, 0.5), (1.0, 0.0)])
def test_wherever_between_their_records_two_passages_lie_their_order_is_known(first, last):
    """So the claim needs no allowance for what lies between two records."""
    params, one = foreseen()
    claim, early, late = CLAIMS["restricted_leads"], [60.0, 62.0], [62.0, 64.0]
    at = [62 - 2 * first * (1 - 1e-9), 64 - 2 * last * (1 - 1e-9)]  # behind the earlier record
    leads = {"restricted_between": early, "jump_between": late}
    lags = {"restricted_between": late, "jump_between": early}
    assert compared(claim, params, one, seen(restricted_lead=at[0] / at[1], **leads)).error <= 1
    assert compared(claim, params, one, seen(restricted_lead=at[1] / at[0], **lags)).error > 1


GUESSED = {
    "restricted_leads": (1.0, np.inf),
    "phase_defect": (np.pi / 2, np.pi / 2),
    "test_accuracy": (1 / 31, 30 / 31),
    "margin_ratio": (0.0, 1.0),
}


@pytest.mark.parametrize("name", GUESSED)
def test_a_claim_is_a_test_before_there_is_a_run(name):
    """What is compared says where, and of a run that is only thought of there is nothing to say."""
    params, one = foreseen(regulariser="cubic" if name == "margin_ratio" else "decoupled")
    guess, error = GUESSED[name]
    one[f"baseline_{name}"] = ((), guess)
    assert apart(CLAIMS[name], params, one)[:2] == (pytest.approx(error), guess)


def test_phases_are_no_question_where_so_much_decay_is_allowed_for_that_chance_would_land():
    for decay, is_test in ((4.0, True), (25.0, True), (26.0, False)):
        start = Study(EXPERIMENT, {"p": 7, "weight_decay": decay}).freeze()
        assert ("phase_defect" not in start.not_tests()) == is_test
    assert "phases at random" in start.not_tests()["phase_defect"]


def test_a_jump_between_two_records_has_a_norm_between_theirs():
    """It was reported between two records with the norm of the later one."""
    params, one = foreseen(p=7, fraction=0.5)
    steps = np.array([0, 20, 40])
    names = ("train_loss", "phase_defect", "ipr", "margin_ratio")
    run = xr.Dataset(
        {
            "train_accuracy": ("record", [1.0, 1.0, 1.0]),
            "test_accuracy": ("record", [0.0, 0.2, 0.8]),
            "restricted_loss": ("record", [2.0, 1.5, 0.1]),
            "weight_norm": ("record", [10.0, 20.0, 30.0]),
            "frequency_shares": (("record", "frequency"), np.full((3, 3), 1 / 3)),
            **{name: ("record", [1.0, 1.0, 1.0]) for name in names},
        },
        coords={"step": ("record", steps)},
    )
    found = claims.measure(params, {"mask": np.zeros((7, 7), bool)}, one, run)
    assert float(found["jump_step"]) == pytest.approx(30)
    np.testing.assert_array_equal(found["jump_between"], [20, 40])
    assert float(found["goldilocks_norm"]) == pytest.approx(25)


def test_the_restricted_loss_is_no_measure_of_squared_errors():
    params, one = foreseen(loss_kind="mse")
    assert "too small" in compared(CLAIMS["restricted_leads"], params, one, seen()).why


@pytest.mark.parametrize(
    ("knobs", "why"),
    [
        ({"optimizer": "gd"}, "not measured under gradient descent"),
        ({"regulariser": "l2"}, "not measured with an L2 term inside Adam"),
    ],
)
def test_other_optimizers_are_not_judged(knobs, why):
    params, one = foreseen(weight_decay=0.01, **knobs)
    assert len(EXPERIMENT.claims) == 5
    for claim in EXPERIMENT.claims:
        assert why in compared(claim, params, one, seen()).why


def test_rounding_is_said_beside_the_last_step():
    params, one = foreseen()
    run = seen(test_accuracy_final=0.99, underflow_step=812.0)
    found = compared(CLAIMS["test_accuracy"], params, one, run)
    assert found.error == pytest.approx(0.01)
    assert found.where == "last step; from step 812 on the train loss was below 10⁻⁷"


@pytest.mark.parametrize(
    ("knobs", "said"),
    [
        ({"p": 3}, "p = 3 is not allowed: give a whole number from 5 to 113"),
        ({"fraction": 0.03}, "leaves 29 train pairs, fewer than p = 31"),
        ({"fraction": 1.0}, "leaves no pair to test on: give fraction up to 0.9989"),
        ({"eta": 0.5, "weight_decay": 2.0}, "erases the weights in one step"),
        ({"p": 113, "width": 2048, "steps": 200_000}, "minutes on one thread"),
        ({"init_scale": 0.0}, "init_scale = 0 is not allowed"),
        ({"weight_decay": -1.0}, "weight_decay = -1 is not allowed"),
        ({"width": 0}, "width = 0 is not allowed"),
    ],
)
def test_bad_input_is_refused_in_a_sentence(knobs, said):
    with pytest.raises(ValueError, match=" ") as refused:
        Study(EXPERIMENT, knobs).prepare()
    assert said in str(refused.value)


def test_no_test_pair_is_fine_where_the_margin_is_asked_for():
    assert given(EXPERIMENT, {"fraction": 1.0, "regulariser": "cubic"}).fraction == 1
    Study(EXPERIMENT, {"p": 7, "fraction": 1.0, "regulariser": "cubic"}).prepare()


def warned(**knobs):
    params, one = foreseen(**knobs)
    return assumptions.warnings(params, {}, one)


def test_a_composite_modulus_is_said():
    assert warned(p=33)[0].startswith("33 is no prime.")
    assert warned(p=32)[0].startswith("32 is no prime.")
    assert warned() == []


def test_underflow_and_missing_numbers_are_foretold():
    assert warned(weight_decay=0.25)[0].startswith("The loss may underflow.")
    assert warned(fraction=0.1)[0].startswith("Numbers are missing.")
    assert warned(weight_decay=0.25, dtype="float64") == []


def test_half_the_decay_stays_above_rounding_in_float64_alone():
    assert held(weight_decay=0.5, dtype="float64")["loss_stays_up"].held
    assert not held(weight_decay=0.5)["loss_stays_up"].held
