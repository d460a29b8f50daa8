"""The part for teachers: sent when it is opened, whole, and nowhere but where it is written."""

import dataclasses

from streamlit.testing.v1 import AppTest

from app.page import teachers
from app.teaching import teaching
from sims import api

LINEAR = "saddle_to_saddle/linear_network"


def script(name, is_open):
    import streamlit as st

    from app.page import teachers
    from sims import api

    st.session_state[f"notes-teachers-{name.replace('/', '-')}"] = is_open
    teachers.show(api.experiment(name))


def shown(is_open):
    test = AppTest.from_function(script, args=(LINEAR, is_open), default_timeout=60).run()
    assert not test.exception, [e.value for e in test.exception]
    return " ".join(one.value for one in test.markdown)


def test_it_is_sent_once_it_is_opened():
    assert "What will surprise" not in shown(is_open=False)
    assert "What will surprise" in shown(is_open=True)


def test_every_question_has_its_link_and_its_answer():
    experiment = api.experiment(LINEAR)
    told = teaching(experiment)
    assert told is not None
    text = teachers.text(experiment, told)
    for question in told.questions:
        assert f"[See it]({question.link(experiment)})" in text
        assert question.answer.strip() in text
    assert "saddle_to_saddle-linear_network?alpha=1e-5&v=1" in text


def test_there_is_nothing_where_nothing_is_written():
    own = dataclasses.replace(api.experiment(LINEAR))
    assert teaching(own) is None
