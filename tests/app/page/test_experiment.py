from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

import app
from app.live.server.recipe import Asked
from app.page import request
from sims import api
from sims.core.devices import chosen_device
from sims.core.knobs import plain
from sims.saddle_to_saddle import PHENOMENON

MAIN = str(Path(app.__file__).with_name("main.py"))
LINEAR = "saddle_to_saddle/linear_network"


def script(name):
    import streamlit as st

    from app.page import experiment as page
    from app.page import presets
    from sims import api
    from sims.saddle_to_saddle import PHENOMENON

    if picked := st.session_state.pop("picked", None):  # as the live part's callback does
        presets.pick(api.experiment(name), picked)
    page.render(PHENOMENON, api.experiment(name))


def script_ahead(name):
    import streamlit as st

    from app.page import experiment as page
    from app.page import request
    from sims import api
    from sims.saddle_to_saddle import PHENOMENON

    request.ahead()
    st.html("sent")
    if not st.session_state.get("elsewhere"):
        page.render(PHENOMENON, api.experiment(name))


def opened(name=LINEAR, **query):
    test = AppTest.from_function(script, args=(name,), default_timeout=60)
    for key, value in query.items():
        test.query_params[key] = value
    return test.run()


def clean(test):
    assert not test.exception, [e.value for e in test.exception]
    return test


@pytest.mark.parametrize("name", [e.name for e in PHENOMENON.experiments])
def test_every_experiment_opens_and_submits_its_defaults(hub, name):
    clean(opened(name))
    recipe = hub.submitted[-1]
    assert recipe.experiment == name
    assert (recipe.seed, recipe.seeds) == (api.experiment(name).default_seed, 1)
    assert (recipe.device, recipe.compare, recipe.over) == (chosen_device("auto"), None, None)
    assert hub.mounted[-1][0] == "token1"


@pytest.mark.parametrize(
    ("name", "preset"),
    [(e.name, p.id) for e in PHENOMENON.experiments for p in e.presets],
)
def test_every_preset_can_be_picked(hub, name, preset):
    test = clean(opened(name))
    experiment = api.experiment(name)
    chosen = experiment.preset(preset)
    test.session_state["picked"] = preset
    clean(test.run())
    assert hub.mounted[-1][1]["presets"]["active"] == preset
    recipe = hub.submitted[-1]
    for knob, value in chosen.params.items():
        found = recipe.values[knob]
        assert found == (tuple(map(float, value)) if isinstance(value, tuple) else value)
    assert recipe.over == chosen.over
    assert recipe.compare == chosen.compare


def test_a_link_sets_the_knobs(hub):
    clean(opened(alpha="0.1", depth="3", spectrum="4,2", seeds="4", seed="7"))
    recipe = hub.submitted[-1]
    assert recipe.values["alpha"] == 0.1
    assert recipe.values["depth"] == 3
    assert recipe.values["spectrum"] == (4.0, 2.0)
    assert (recipe.seed, recipe.seeds) == (7, 4)


def two_pages(first, second):
    import streamlit as st

    from app.page import experiment as page
    from sims import api
    from sims.saddle_to_saddle import PHENOMENON

    name = second if st.session_state.get("moved") else first
    page.render(PHENOMENON, api.experiment(name))


def test_nothing_of_one_page_leaks_into_another(hub):
    other = "saddle_to_saddle/diagonal_network"
    test = AppTest.from_function(two_pages, args=(LINEAR, other), default_timeout=60)
    clean(test.run())
    clean(test.number_input(key="alpha").set_value(1e-6).run())
    clean(test.number_input(key="seeds").set_value(2).run())
    test.session_state["moved"] = True
    test.query_params.clear()
    clean(test.run())
    recipe = hub.submitted[-1]
    assert recipe.experiment == other
    assert (recipe.values["alpha"], recipe.seeds) == (1e-100, 1)
    assert test.number_input(key="alpha").value == 1e-100


def test_a_link_beyond_the_usual_range_opens_the_expert_ranges(hub):
    test = clean(opened(alpha="1e-20"))
    assert hub.submitted[-1].values["alpha"] == 1e-20
    assert test.session_state["expert"]


def banners(test):
    return " ".join(text for text in written(test) if 'role="alert"' in text)


def written(test):
    return [str(element.body) for element in test.get("html")]


def test_a_bad_link_says_what_was_refused_and_draws_the_default(hub):
    test = clean(opened(alpha="99", nonsense="1"))
    said = banners(test)
    assert "alpha = 99 is not allowed: give a number from 1e-30 to 10" in said
    assert "nonsense" in said
    assert hub.submitted[-1].values["alpha"] is None


def test_a_refused_combination_keeps_the_last_picture(hub):
    test = clean(opened())
    before = len(hub.submitted)
    clean(test.number_input(key="d_in").set_value(2).run())
    assert len(hub.submitted) == before
    assert "modes fit" in banners(test)
    assert hub.mounted[-1][0] == "token1"
    clean(test.number_input(key="d_in").set_value(10).run())
    assert not banners(test)


def test_a_bad_list_is_refused_at_its_field(hub):
    test = clean(opened())
    clean(test.text_input(key="spectrum").set_value("5, -1").run())
    assert any("spectrum = 5, -1 is not allowed" in m.value for m in test.markdown)
    assert "spectrum" in banners(test)


@pytest.mark.parametrize(
    ("key", "value", "takes"),
    [
        ("d_in", 999, "a whole number from 1 to 128"),
        ("alpha", 99.0, "a number from 1e-30 to 10"),
        ("seeds", 9999, "a whole number from 1 to 1024"),
        ("seed", -1, "a whole number from 0"),
    ],
)
def test_a_number_out_of_range_is_refused_in_words_at_its_field(hub, key, value, takes):
    test = clean(opened(d_out="9"))
    before = len(hub.submitted)
    clean(test.number_input(key=key).set_value(value).run())
    at_the_field = [m.value for m in test.sidebar.markdown if "not allowed" in m.value]
    assert len(at_the_field) == 1
    assert takes in at_the_field[0]
    assert takes in banners(test)
    assert len(hub.submitted) == before


def test_a_moved_knob_reaches_the_hub_before_anything_is_sent(hub, monkeypatch):
    sent = []
    html = st.html
    monkeypatch.setattr(st, "html", lambda body: (sent.append(len(hub.submitted)), html(body))[1])
    test = AppTest.from_function(script_ahead, args=(LINEAR,), default_timeout=60)
    clean(test.run())
    assert sent[0] == 0
    sent.clear()
    before = len(hub.submitted)
    clean(test.number_input(key="alpha").set_value(2e-4).run())
    assert sent[0] == before + 1
    assert hub.submitted[before].values["alpha"] == 2e-4


def test_nothing_is_asked_ahead_for_a_page_that_is_left(hub, monkeypatch):
    test = AppTest.from_function(script_ahead, args=(LINEAR,), default_timeout=60)
    clean(test.run())
    before = len(hub.submitted)
    monkeypatch.setattr(request, "shown", lambda: "another page")
    test.session_state["elsewhere"] = True
    clean(test.run())
    assert len(hub.submitted) == before


def test_the_address_gets_back_what_is_drawn_of_a_refused_knob(hub):
    test = clean(opened(spectrum="4,2"))
    assert hub.mounted[-1][1]["address"] == {}
    turns = []
    for text in ("4,,2", "4,x"):
        clean(test.text_input(key="spectrum").set_value(text).run())
        address = hub.mounted[-1][1]["address"]
        assert address["values"] == {"spectrum": "4,2"}
        turns.append(address["turn"])
    assert turns[0] != turns[1]
    clean(test.text_input(key="spectrum").set_value("4,3").run())
    assert hub.mounted[-1][1]["address"] == {}


def test_a_refused_combination_leaves_the_address_until_it_is_one(hub):
    test = clean(opened(eta="0.003"))
    clean(test.selectbox(key="init").set_value("aligned").run())
    assert hub.mounted[-1][1]["address"] == {}
    clean(test.number_input(key="width").set_value(2).run())
    assert "at least the number of modes" in banners(test)
    assert hub.mounted[-1][1]["address"]["values"] == {"width": None}
    clean(test.number_input(key="d_in").set_value(11).run())
    assert hub.mounted[-1][1]["address"]["values"] == {"d_in": None, "width": None}
    clean(test.text_input(key="spectrum").set_value("3,1").run())
    assert not banners(test)
    assert hub.mounted[-1][1]["address"]["values"] == {"d_in": "11", "width": "2"}
    clean(test.number_input(key="width").set_value(3).run())
    assert hub.mounted[-1][1]["address"] == {}


def test_a_link_to_a_refused_combination_says_the_defaults_it_shows(hub):
    clean(opened(depth="3", init="lambda_balanced", eta="0.003"))
    values = hub.mounted[-1][1]["address"]["values"]
    assert values == {"depth": None, "init": None, "eta": None}


def test_a_combination_that_is_refused_after_a_while_leaves_the_address_too(hub, monkeypatch):
    test = clean(opened(eta="0.003"))
    sentence = "It cannot be."
    answers = iter([Asked("slow", None), Asked("", None, sentence)])
    real = hub.ask
    monkeypatch.setattr(hub, "ask", lambda *_: next(answers, None) or real(*_))
    clean(test.number_input(key="width").set_value(20).run())
    assert hub.mounted[-1][1]["address"] == {}
    clean(test.run())
    assert sentence in banners(test)
    assert hub.mounted[-1][1]["address"]["values"] == {"width": None}


def test_a_value_the_link_asked_in_vain_leaves_field_and_address(hub):
    test = clean(opened(alpha="99", spectrum="5,,1", seeds="9999", eta="0.003"))
    assert test.number_input(key="alpha").value is None
    assert test.text_input(key="spectrum").value == "5,3,1.8,1"
    assert test.number_input(key="seeds").value == 1
    values = hub.mounted[-1][1]["address"]["values"]
    assert values == {"alpha": None, "spectrum": None, "seeds": None}
    clean(test.number_input(key="width").set_value(20).run())
    assert not [text for text in written(test) if "Not possible" in text]
    assert hub.submitted[-1].values["alpha"] is None
    assert hub.submitted[-1].values["eta"] == 0.003


def test_a_link_to_what_cannot_be_is_told_why_and_shows_the_defaults(hub):
    test = clean(opened(depth="3", init="lambda_balanced"))
    assert "init=lambda_balanced needs depth=2. " in banners(test).replace("<br>", " ")
    assert "The defaults are drawn below." in banners(test)
    assert hub.submitted[-1].values == plain(api.experiment(LINEAR).Params())
    clean(test.number_input(key="width").set_value(20).run())
    assert "The defaults are drawn below." in banners(test)
    assert len(hub.submitted) == 1
    clean(test.selectbox(key="init").set_value("random").run())
    assert not banners(test)
    assert hub.submitted[-1].values["depth"] == 3
    clean(test.selectbox(key="init").set_value("lambda_balanced").run())
    assert "The last picture that could be drawn stays below." in banners(test)
    assert hub.submitted[-1].values["init"] == "random"


def test_an_automatic_knob_shows_its_number(hub):
    test = clean(opened())
    assert test.number_input(key="alpha").value is None
    assert test.number_input(key="alpha").proto.placeholder == "10⁻⁴, automatic"
    assert test.number_input(key="eta").proto.placeholder == "0.002, automatic"


def test_the_slider_writes_the_field(hub):
    test = clean(opened())
    clean(test.select_slider(key="alpha_slider").set_value(1e-6).run())
    assert hub.submitted[-1].values["alpha"] == 1e-6
    assert test.number_input(key="alpha").value == 1e-6


def test_the_slider_stands_where_the_field_does(hub):
    test = clean(opened())
    clean(test.number_input(key="alpha").set_value(1.23e-4).run())
    assert test.select_slider(key="alpha_slider").value == 1.23e-4
    clean(test.select_slider(key="alpha_slider").set_value(1e-6).run())
    assert test.number_input(key="alpha").value == 1e-6


def test_knobs_that_do_not_apply_are_greyed_with_a_reason(hub):
    test = clean(opened())
    assert test.number_input(key="layer_imbalance").disabled
    assert test.number_input(key="samples").disabled
    assert not test.number_input(key="d_in").disabled
    clean(test.selectbox(key="data").set_value("semantic_tree").run())
    assert test.number_input(key="d_in").disabled
    assert any("The data fix it" in c.value for c in test.caption)


def test_the_line_beneath_eta_names_the_edge(hub):
    test = clean(opened())
    assert any("edge at 1" in c.value and "0.010" in c.value for c in test.caption)
    clean(test.number_input(key="eta").set_value(0.23).run())
    assert any("past the edge" in c.value and "1.150" in c.value for c in test.caption)


def test_cost_and_copies_follow_the_settings(hub):
    test = clean(opened(seeds="8"))
    assert any("8 seeds" in m.value for m in test.markdown)
    keep = hub.mounted[-1][1]["keep"]
    assert "seeds=8" in keep["permalink"]
    assert keep["command"].startswith("lmx run saddle_to_saddle/linear_network --preset staircase")
    assert "sims.run('saddle_to_saddle/linear_network'" in keep["python"]


def test_home_is_the_first_page(hub):
    test = clean(AppTest.from_file(MAIN, default_timeout=60).run())
    assert any("Write the prediction" in text for text in written(test))


def test_a_page_whose_settings_take_long_to_prepare_comes_at_once(hub, monkeypatch):
    monkeypatch.setattr(hub, "ask", lambda _owner, _recipe: Asked("slow", None))
    test = clean(opened())
    token, page = hub.mounted[-1]
    assert (token, page["awaiting"], page["keep"]) == ("slow", True, {})
    assert not banners(test)
    monkeypatch.undo()


def test_a_page_whose_settings_are_prepared_awaits_nothing(hub):
    clean(opened())
    assert hub.mounted[-1][1]["awaiting"] is False
    assert "permalink" in hub.mounted[-1][1]["keep"]
