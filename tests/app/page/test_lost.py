"""What home says to a reader whose address led to no page."""

import pytest
from streamlit.testing.v1 import AppTest

from app.page import lost


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("foo/bar", "there is no page 'foo/bar'. All there are stand below."),
        (
            "saddle_to_saddle-linear_networks",
            "there is no page 'saddle_to_saddle-linear_networks'; did you mean Linear network, "
            "at saddle_to_saddle-linear_network? All there are stand below.",
        ),
    ],
)
def test_it_is_one_sentence_with_the_nearest_page(asked, said):
    assert lost.sentence(asked) == said


def script():
    from app.page import lost

    lost.say()


def test_home_says_it_only_where_an_address_led_there():
    test = AppTest.from_function(script).run()
    assert not test.get("html")
    test.query_params["lost"] = "<script>alert(1)</script>"
    test.run()
    (words,) = (element.proto.body for element in test.get("html"))
    assert "there is no page" in words
    assert "<script>" not in words
