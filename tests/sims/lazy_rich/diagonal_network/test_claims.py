import numpy as np
import pytest

from sims.core.sweep import Sweep
from sims.lazy_rich.diagonal_network import EXPERIMENT

CLAIMS = ("weights_final", "l1_norm_final", "test_error_final")


def test_a_large_step_departs_as_stated(judged):
    found = judged(EXPERIMENT, "large_step")
    assert found.verdict("weights_final") == "departs"
    assert found.reason("weights_final").startswith("Foreseen")
    assert 0.05 < found.error("weights_final") < 0.07
    assert found.sentence("small_step") == (
        "The theory is gradient flow; the step is 0.8 of the edge (limit 0.05)."
    )


def test_every_point_from_l1_to_l2_lands_until_theory_is_least_squares():
    preset = EXPERIMENT.preset("l1_to_l2")
    assert preset.over is not None
    sweep = Sweep(EXPERIMENT, {}, preset.over, preset=preset.id)
    sweep.predict()
    run = sweep.run()
    run.finish()
    tree = run.tree()
    swept, claims = (tree[group].to_dataset() for group in ("sweep", "claims"))
    assert swept.sizes == {"alpha_0": 12, "seed": 1, "feature": 100}
    words = claims["verdict"].attrs["flag_meanings"].split()
    for claim in CLAIMS:
        codes = claims["verdict"].sel(claim=claim).values.ravel()
        ended = [words[int(code)] for code in codes]
        judged = ended.count("lands")
        assert judged >= 7
        assert ended == ["lands"] * judged + ["not_judged"] * (len(ended) - judged), claim
    assert float(claims["error"].max()) < 0.0038
    errors = swept["test_error_final"].values[:, 0]
    assert errors[0] < 1e-3
    assert errors[-1] > 0.55


@pytest.mark.parametrize("alpha_0", [1e-3, 0.01, 0.1])
def test_eight_data_sets_land(judged, alpha_0):
    found = judged(EXPERIMENT, seeds=8, alpha_0=alpha_0)
    assert all(found.held(a) for a in ("small_step", "run_long_enough"))
    for claim in CLAIMS:
        assert found.verdict(claim) == "lands"
        assert found.error(claim) < 0.006


def test_the_published_run_lands_within_a_percent(judged):
    found = judged(EXPERIMENT, alpha_0=0.1)
    assert found.error("weights_final") < 0.01


def test_a_level_ten_percent_off_no_longer_lands(judged):
    found = judged(EXPERIMENT, alpha_0=0.1)
    for name, wrong in (
        ("weights_final", 1.1 * found.prediction["weights_final"].values),
        ("l1_norm_final", 1.1 * found.prediction["l1_norm_final"].values),
        ("test_error_final", 1.1 * found.prediction["test_error_final"].values),
    ):
        assert found.verdict_had_it_been(name, **{name: wrong}) == "surprise"


def test_a_start_ten_percent_off_no_longer_lands(judged):
    found = judged(EXPERIMENT, alpha_0=0.1)
    other = judged(EXPERIMENT, alpha_0=0.11).prediction["weights_final"].values
    assert found.verdict_had_it_been("weights_final", weights_final=other) == "surprise"


def test_the_miss_is_of_first_order_and_the_run_s_own_products_explain_it(judged):
    rates = (0.4, 0.2, 0.1, 0.05)
    runs = [judged(EXPERIMENT, alpha_0=0.1, c=c, steps=int(60_000 * 0.05 / c)) for c in rates]
    plain = [r.error("weights_final") for r in runs]
    corrected = [float(r.run["gap_corrected"][0]) for r in runs]
    plain_order, order = (np.polyfit(np.log(rates), np.log(g), 1)[0] for g in (plain, corrected))
    assert plain_order == pytest.approx(1, abs=0.1)
    assert order == pytest.approx(2, abs=0.25)
    assert corrected[2] < 0.1 * plain[2]


def test_a_step_shrinks_each_product(judged):
    products = judged(EXPERIMENT, alpha_0=0.1, c=0.4).run["products"].values[0]
    assert np.all(products[0] == 1)
    assert np.all(np.diff(products, axis=0) <= 1e-12)


def test_a_short_run_is_foreseen_to_depart(judged):
    found = judged(EXPERIMENT, alpha_0=1e-3, steps=1000)
    assert not found.held("run_long_enough")
    assert "(100 wanted)" in found.sentence("run_long_enough")
    assert found.verdict("weights_final") == "departs"
