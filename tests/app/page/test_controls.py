from app.page import controls
from sims import api
from sims.core.knobs import knobs_of


def test_labels_carry_symbol_and_unit():
    knobs = knobs_of(api.experiment("saddle_to_saddle/linear_network").Params)
    assert controls.label(knobs["eta"]) == r"Learning rate $\eta$ :gray[time/step]"


def test_only_values_beyond_the_usual_range_ask_for_expert_limits():
    knobs = knobs_of(api.experiment("saddle_to_saddle/linear_network").Params)
    assert controls.beyond_soft(knobs["alpha"], 1e-20)
    assert not controls.beyond_soft(knobs["alpha"], 1e-4)
    assert not controls.beyond_soft(knobs["alpha"], None)
    assert controls.beyond_soft(knobs["spectrum"], (50.0, 1.0))
