import jax.numpy as jnp
import pytest

from sims.saddle_to_saddle.diagonal_network import EXPERIMENT, training
from tests.sims.controls import trained_by, untrained

SMALL = {"design": "orthogonal", "n": 12, "d": 5, "alpha": 1e-40}


def plain_step(params, task, beta):
    return beta - params.eta * training.gradient(task, beta)


def plain_observe(params, task, beta):
    del params
    loss = 0.5 * jnp.mean((task["X"] @ beta - task["y"]) ** 2)
    return {"loss": loss, "weights": beta, "duals": jnp.zeros_like(beta)}


REGRESSION = trained_by(
    EXPERIMENT,
    init=lambda params, task: jnp.zeros_like(task["X"][0]),
    step=plain_step,
    observe=plain_observe,
    snapshot=lambda params, task, beta: {"gradient": training.gradient(task, beta)},
)
"""Linear regression without the product: no saddles."""


@pytest.mark.parametrize("claim", ["jump_times", "loss"])
@pytest.mark.parametrize("horizon", [None, 20_000.0])
def test_neither_jumps_nor_staircase_land_without_a_product(judged, claim, horizon):
    knobs = {**SMALL, "eta": 0.05} if horizon else SMALL
    found = judged(REGRESSION, **knobs, horizon=horizon)
    assert found.verdict(claim) in ("departs", "surprise")
    assert found.error(claim) > 0.2


def test_a_constant_zero_is_no_staircase(judged):
    found = judged(EXPERIMENT, horizon=2000.0)
    assert found.verdict("loss") == "lands"
    zero = 0 * found.prediction["loss"].values
    assert found.verdict_had_it_been("loss", loss=zero) == "not judged"


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("claim", ["jump_times", "loss"])
def test_another_seed_has_other_stairs(judged, claim, seed):
    mine = judged(EXPERIMENT, horizon=2000.0)
    other = judged(EXPERIMENT, seed=seed, horizon=2000.0)
    wrong = mine.prediction.copy(deep=True)
    jumps = min(mine.prediction.sizes["jump"], other.prediction.sizes["jump"])
    theirs = other.prediction
    wrong["loss"] = mine.prediction["loss"].dims, _at(theirs, mine)
    wrong["jump_times"].values[:, :jumps] = theirs["jump_times"].values[:, :jumps]
    assert mine.had_it_been(wrong)["verdict"].sel(claim=claim).item() != "lands"


def _at(theirs, mine):
    """The other staircase at the records of this run."""
    after = jnp.searchsorted(theirs["time"].values, mine.prediction["time"].values)
    return theirs["loss"].values[:, jnp.clip(after, 0, theirs.sizes["record"] - 1)]


def test_end_weights_are_no_test_where_least_squares_ends_there_too(judged):
    found = judged(EXPERIMENT, **SMALL)
    assert found.verdict("weights_final") == "not judged"
    assert "least squares of least norm" in found.reason("weights_final")


def test_end_weights_of_a_regression_do_not_land(judged):
    found = judged(REGRESSION, design="drops_a_feature", alpha=1e-40)
    assert found.verdict("weights_final") in ("departs", "surprise")
    assert found.error("weights_final") == pytest.approx(0.24, abs=0.02)


def test_nothing_lands_where_nothing_is_trained(judged):
    found = judged(untrained(EXPERIMENT), design="drops_a_feature", alpha=1e-40)
    assert set(found.claims["verdict"].values) == {"surprise"}


@pytest.mark.parametrize("alpha", [1e-203, 1e-100, 1e-16])
def test_times_are_judged_as_closely_as_the_start_allows(judged, alpha):
    found = judged(EXPERIMENT, alpha=alpha, seed=288, eta=0.01)
    tolerance = float(found.claims["tolerance"].sel(claim="jump_times"))
    assert found.verdict("jump_times") == "lands"
    assert tolerance <= 0.08
    assert found.error("jump_times") > 0.2 * tolerance
