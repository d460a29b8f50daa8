"""The form of a sweep: its range is the knob's, its command its own, its link the address."""

import pytest
from streamlit.testing.v1 import AppTest

from app.page.sweep_form import usual
from sims import api
from sims.core.knobs import axis, knobs_of

NAME = "lazy_rich/one_neuron"


def script(name):
    from app.page import experiment as page
    from app.page import request, sweep_form
    from sims import api
    from sims.lazy_rich import PHENOMENON

    found = api.experiment(name)
    page.render(PHENOMENON, found)
    asked = request.asked(found)  # an expander is closed in this runner
    sweep_form._form(asked, sweep_form._free(found, asked.choice.prepared.lock))


@pytest.fixture
def form(hub):
    return AppTest.from_function(script, args=(NAME,), default_timeout=60).run()


def typed(form, word, text):
    found = next(one for one in form.text_input if word in one.key)
    found.set_value(text).run()
    assert not form.exception, [e.value for e in form.exception]


def pressed(form, label):
    next(one for one in form.button if one.label == label).click().run()
    assert not form.exception, [e.value for e in form.exception]


def test_what_is_drawn_is_in_the_link_and_the_command_is_the_sweeps(hub, form):
    typed(form, "range", "0.1:1:4")
    assert "--over a0=0.1:1:4" in form.code[-1].value
    assert form.code[-1].value.startswith("lmx sweep lazy_rich/one_neuron")
    assert any("**4 runs**, about" in one.value for one in form.markdown)
    pressed(form, "Draw this sweep")
    assert form.query_params["over"] in ("a0:0.1:1:4", ["a0:0.1:1:4"])
    assert hub.submitted[-1].over == {"a0": "0.1:1:4"}
    assert hub.submitted[-1].own
    keep = hub.mounted[-1][1]["keep"]
    assert "over=a0:0.1:1:4" in keep["permalink"]
    assert keep["command"].startswith("lmx sweep")
    assert "sims.sweep(" in keep["python"]
    pressed(form, "Back to one run")
    assert "over" not in form.query_params
    assert hub.submitted[-1].over is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("0:99:3", "a0 = 49.5 is not allowed: give a number from"),
        ("1:2", "The range a0=1:2 cannot be read: give lo:hi:n"),
        ("", "is not allowed"),
        ("0:1:5000", "a page takes at most 4096"),
    ],
)
def test_what_the_knob_does_not_take_is_said_in_its_own_sentence(hub, form, text, words):
    typed(form, "range", text)
    assert any(words in one.value for one in form.markdown)
    assert next(one for one in form.button if one.label == "Draw this sweep").disabled


def test_seeds_count_too_and_are_those_of_the_page(hub, form):
    typed(form, "range", "0.1,0.2")
    typed(form, "sweep-seeds", "3")
    assert any("**6 runs**: 2 points, 3 seeds each" in one.value for one in form.markdown)
    pressed(form, "Draw this sweep")
    assert hub.submitted[-1].seeds == 3


def test_a_link_with_too_many_runs_is_refused_on_the_page(hub):
    form = AppTest.from_function(script, args=(NAME,), default_timeout=60)
    form.query_params["over"], form.query_params["seeds"] = "a0:0.1:1:600", "8"
    form.run()
    assert any("4800 runs: a page takes at most 4096" in one.value for one in form.markdown)


@pytest.mark.parametrize("name", [e.name for e in api.experiments()])
def test_every_proposed_range_is_one_that_its_knob_takes(name):
    for knob in knobs_of(api.experiment(name).Params).values():
        if knob.kind in ("float", "int") and (text := usual(knob, 5)):
            assert len(axis(knob, text)) > 1, knob.name
