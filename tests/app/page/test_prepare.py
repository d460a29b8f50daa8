"""Prepare for class: what is made of what a teacher sets, and who finds the button."""

import html
import re
from urllib.parse import unquote

import segno
from streamlit.testing.v1 import AppTest

from app.page import prepare

LINEAR = "saddle_to_saddle/linear_network"
LINK = "http://192.0.2.7:8501/lazy_rich-parity?lock=alpha:0.1;guess&guess=first&v=1"


def script(name):
    from app.page import experiment as page
    from sims import api
    from sims.saddle_to_saddle import PHENOMENON

    page.render(PHENOMENON, api.experiment(name))


def buttons(**query):
    test = AppTest.from_function(script, args=(LINEAR,), default_timeout=60)
    for key, value in query.items():
        test.query_params[key] = value
    test.run()
    assert not test.exception
    return [one.label for one in test.button]


def test_a_teacher_finds_the_button_and_students_of_a_locked_page_do_not(hub):
    assert prepare.LABEL in buttons()
    assert prepare.LABEL not in buttons(lock="alpha:0.1")


def test_the_code_is_that_of_the_link_and_needs_nothing_from_elsewhere():
    (source,) = re.findall('src="(data:image/svg[^"]+)"', prepare.qr(LINK))
    drawn = unquote(html.unescape(source))
    expected = segno.make_qr(LINK, error="l").svg_inline(
        border=prepare.QUIET, omitsize=True, dark="#000", light="#fff"
    )
    (path,) = re.findall(' d="([^"]+)"', expected.replace("'", '"'))[-1:]
    assert path in drawn.replace("'", '"')
    assert "http://" not in drawn.replace("http://www.w3.org", "")
