import numpy as np
import pytest

from sims.core.controls import survivors
from sims.core.study import Study
from sims.lazy_rich.one_neuron import EXPERIMENT

ONCE_SURPRISES = (
    {"angle": 129.2, "eta_w": 0.4072},
    {"a0": -0.06716, "eta_a": 2.03, "horizon": 1.598},
)


@pytest.mark.parametrize("preset", [p.id for p in EXPERIMENT.presets])
def test_no_claim_lands_untrained_or_on_another_target(preset):
    assert list(survivors(Study(EXPERIMENT, preset=preset))) == []


def test_an_outer_weight_that_stays_is_no_test(judged):
    found = judged(EXPERIMENT, a0=3, w0=0.001, angle=90, horizon=0.05)
    assert found.verdict("a") == "not judged"
    assert "nothing changes" in found.reason("a")


@pytest.mark.parametrize("knobs", ONCE_SURPRISES)
def test_what_a_step_leaves_grows_on_a_plateau_and_theory_knows(judged, knobs):
    found = judged(EXPERIMENT, **knobs)
    for claim in ("beta", "a", "loss"):
        assert found.verdict(claim) == "lands"
    known = 0.002 * float(found.prediction["step_error_a"][0])
    size = float(np.max(np.abs(found.prediction["a"].values)))
    assert found.error("a") == pytest.approx(known / size, rel=0.05)
    assert found.error("a") > 0.002
