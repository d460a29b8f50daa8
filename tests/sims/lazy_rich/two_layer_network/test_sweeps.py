import pytest

from sims.core.sweep import Sweep
from sims.lazy_rich.two_layer_network import EXPERIMENT


def swept(preset, over):
    made = Sweep(EXPERIMENT, {}, over, preset=preset)
    made.predict()
    run = made.run()
    run.finish()
    return run.tree()["claims"].to_dataset()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("preset", "power"), [("wider_is_lazier", -0.5), ("wider_is_not_lazier", 0.0)]
)
def test_power_of_the_width_depends_on_what_is_held(preset, power):
    found = swept(preset, EXPERIMENT.preset(preset).over).sel(sweep_claim="width_slope")
    assert str(found["sweep_verdict"].values) == "lands"
    assert float(found["sweep_measured"]) == pytest.approx(power, abs=0.06)
