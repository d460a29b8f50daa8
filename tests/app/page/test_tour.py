"""The strip of a tour on a page: what it says when, and where its buttons lead."""

import pytest
from streamlit.testing.v1 import AppTest

from app import tour
from app.page import prepare
from sims.saddle_to_saddle import PHENOMENON

LINEAR = "saddle_to_saddle/linear_network"
STOPS = tour.tour(PHENOMENON)


def script(name):
    from app.page import experiment as page
    from sims import api

    (phenomenon,) = (p for p in api.phenomena() if name.startswith(f"{p.name}/"))
    page.render(phenomenon, api.experiment(name))


def opened(name=LINEAR, **query):
    test = AppTest.from_function(script, args=(name,), default_timeout=60)
    for key, value in query.items():
        test.query_params[key] = value
    return clean(test.run())


def clean(test):
    assert not test.exception, [e.value for e in test.exception]
    return test


def words(test):
    return " ".join(one.value for one in test.get("html"))


def press(test, label):
    (button,) = [one for one in test.button if one.label == label]
    return clean(button.click().run())


def labels(test):
    return [one.label for one in test.button if one.label != prepare.LABEL]


def judged(test, token):
    """As the live part tells it."""
    test.session_state["live-saddle_to_saddle-linear_network"] = {
        "judged": {"token": token, "n": 1}
    }
    return clean(test.run())


def test_a_page_has_a_way_into_the_tour_and_no_strip(hub):
    test = opened()
    assert labels(test) == ["Take the tour"]
    assert STOPS[0].say not in words(test)
    assert hub.mounted[-1][1]["toured"] is None


def test_the_way_in_leads_to_the_first_stop_and_asks_for_a_guess(hub):
    test = press(opened(alpha="0.5", seeds="3", seed="4"), "Take the tour")
    assert "Tour 1 of 6" in words(test)
    assert STOPS[0].say in words(test)
    assert STOPS[0].guess in words(test)
    assert STOPS[0].look in words(test)
    assert test.query_params["guess"] == "words"
    recipe = hub.submitted[-1]
    assert (recipe.values["alpha"], recipe.seed, recipe.seeds) == (None, 0, 1)
    assert labels(test) == ["Next", "Leave"]


def test_a_link_to_a_stop_takes_its_settings_and_comes_to_say_them(hub):
    test = opened(tour="2")
    assert hub.submitted[-1].values["alpha"] == 1e-6
    assert STOPS[1].say in words(test)
    page = hub.mounted[-1][1]
    assert page["presets"]["active"] == "tiny_init"
    assert page["address"]["values"] == {"alpha": "1e-6"}


def test_a_link_with_settings_of_its_own_keeps_them(hub):
    test = opened(tour="2", eta="0.001")
    assert hub.submitted[-1].values["eta"] == 0.001
    assert hub.submitted[-1].values["alpha"] is None
    assert STOPS[1].say not in words(test)
    assert labels(test) == ["Return", "Back", "Next", "Leave"]
    press(test, "Return")
    assert (hub.submitted[-1].values["eta"], hub.submitted[-1].values["alpha"]) == (None, 1e-6)


def test_next_and_back_set_the_knobs_of_their_stops(hub):
    test = press(opened(tour="1"), "Next")
    assert "Tour 2 of 6" in words(test)
    assert hub.submitted[-1].values["alpha"] == 1e-6
    press(test, "Next")
    assert (hub.submitted[-1].values["alpha"], hub.submitted[-1].values["width"]) == (None, 2)
    press(test, "Back")
    assert (hub.submitted[-1].values["alpha"], hub.submitted[-1].values["width"]) == (1e-6, None)


def test_what_happened_is_told_once_the_run_of_the_stop_is_judged(hub):
    test = opened(tour="1")
    assert STOPS[0].happened not in words(test)
    judged(test, "token1")
    assert STOPS[0].happened in words(test)
    press(test, "Next")
    assert STOPS[1].happened not in words(test)


def test_what_happened_is_not_told_of_other_settings(hub):
    test = judged(opened(tour="1"), "token2")
    clean(test.number_input(key="alpha").set_value(0.5).run())
    assert STOPS[0].happened not in words(test)
    assert "These are not the settings of this stop." in words(test)


def test_the_heavy_ball_is_left_out_beside_the_first_stop(hub):
    opened(tour="1")
    assert hub.submitted[-1].compare is None
    assert hub.mounted[-1][1]["presets"]["active"] == "staircase"


def test_the_preset_of_a_stop_does_not_give_away_what_is_to_be_guessed(hub):
    def look_for():
        row = hub.mounted[-1][1]["presets"]
        return {one["id"]: one["look_for"] for one in row["presets"]}

    test = opened(tour="3")
    assert look_for()["bottleneck"] == ""
    assert look_for()["tiny_init"] != ""
    press(test, "Leave")
    assert look_for()["bottleneck"] != ""
    test = opened(
        tour="3", alpha="1e-6"
    )  # a preset of the reader's choosing says what it always does
    assert look_for()["tiny_init"] != ""


def test_settings_of_a_stop_that_are_no_preset_are_not_called_ones_own(hub):
    opened("grokking/weight_decay_timing", tour="3")
    assert hub.mounted[-1][1]["presets"]["unnamed"] == "The settings of this stop"


def test_who_leaves_keeps_the_settings_and_loses_the_strip(hub):
    test = press(opened(tour="2"), "Leave")
    assert "Tour 2 of 6" not in words(test)
    assert "tour" not in test.query_params
    assert hub.submitted[-1].values["alpha"] == 1e-6


@pytest.mark.parametrize("asked", ["0", "7", "x", "9" * 300, ""])
def test_a_stop_that_is_none_is_refused_in_one_sentence(hub, asked):
    test = opened(tour=asked)
    assert "is not allowed: give a stop from 1 to 6." in words(test)
    assert len(words(test)) < 10_000


def test_an_experiment_of_ones_own_has_no_tour(hub):
    def lone():
        import dataclasses

        from app.page import experiment as page
        from sims.saddle_to_saddle import PHENOMENON

        first = PHENOMENON.experiments[0]
        own = dataclasses.replace(PHENOMENON, name="else", experiments=(first,))
        page.render(own, first)

    test = clean(AppTest.from_function(lone, default_timeout=60).run())
    assert labels(test) == []
    test.query_params["tour"] = "1"
    assert "there is no tour here" in words(clean(test.run()))
