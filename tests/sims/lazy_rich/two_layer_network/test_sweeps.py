import numpy as np
import pytest

from sims.core.controls import sweep_survivors
from sims.core.sweep import Sweep
from sims.lazy_rich.two_layer_network import EXPERIMENT


def swept(preset):
    made = Sweep(EXPERIMENT, {}, EXPERIMENT.preset(preset).over or {}, preset=preset)
    made.predict()
    run = made.run()
    run.finish()
    return made, run.tree()


def slope_of(found):
    """The measured power of the width."""
    of = "feature_change_final"
    return float(np.polyfit(np.log(found["width"]), np.log(found[of].isel(seed=0)), 1)[0])


@pytest.mark.slow
def test_wider_is_lazier_and_neither_a_guess_nor_an_untrained_network_says_so():
    sweep, tree = swept("wider_is_lazier")
    claims = tree["claims"].to_dataset()
    found = claims.sel(sweep_claim="width_slope")
    assert str(found["sweep_verdict"].values) == "lands"
    assert float(found["sweep_measured"]) == pytest.approx(-0.5, abs=0.06)
    assert float(found["sweep_skill"].min()) > 0.95
    assert list(sweep_survivors(sweep, claims)) == []


@pytest.mark.slow
def test_at_fixed_richness_the_width_does_not_matter_which_is_what_one_would_guess():
    sweep, tree = swept("wider_is_not_lazier")
    found = tree["claims"].to_dataset().sel(sweep_claim="width_slope")
    assert str(found["sweep_verdict"].values) == "not judged"
    assert "the width does not matter" in sweep.not_tests()["width_slope"]
    assert slope_of(tree["sweep"].to_dataset()) == pytest.approx(0.0, abs=0.06)
