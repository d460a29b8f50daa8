import pytest

from sims import api
from sims.core.search import found


def names(typed: str) -> list[str]:
    return [experiment.name for _, experiment in found(typed, api.phenomena())]


def test_no_words_find_everything_in_the_order_of_the_pages():
    assert names("  ") == [e.name for p in api.phenomena() for e in p.experiments]


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("staircase", "saddle_to_saddle/linear_network"),
        ("catapult", "edge_of_stability/scalar_models"),
        ("SCALING law", "scaling_laws/learning_curve"),
        ("matrix complet", "saddle_to_saddle/matrix_completion"),
        ("saddle_to_saddle/linear_network", "saddle_to_saddle/linear_network"),
        ("modular add", "grokking/modular_addition"),
    ],
)
def test_words_lead_to_the_experiment_they_are_of(typed, first):
    assert first in names(typed)[:2]


def test_every_word_must_be_there():
    assert set(names("momentum sharpness")) <= set(names("momentum")) & set(names("sharpness"))
    assert names("momentum xylophone") == []


def test_words_of_the_title_are_nearer_than_those_of_a_knob():
    order = names("width")
    assert order.index("width_transfer/one_step") < order.index("saddle_to_saddle/linear_network")


def test_a_paper_is_found_by_its_number_or_an_author():
    assert "edge_of_stability/self_stabilisation" in names("2209.15594")
    assert names("damian")


def test_accents_and_case_do_not_matter():
    assert names("Sháttering") == names("shattering")
    assert names("GRÖKKING") == names("grokking") != []
