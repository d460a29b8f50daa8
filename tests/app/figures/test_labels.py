import re

import pytest

from app.figures.labels import _shared, curve_labels

SPAN = [0.0, 10.0]


def named(x: list[float], noun: str = "mode") -> tuple[list[str], list[str]]:
    """The bare names and the sides they stand on."""
    words = [str(k + 1) for k in range(len(x))]
    trace = curve_labels(x, [0.5] * len(x), words, ["role:ink"] * len(x), SPAN, noun)
    bare = [re.sub("<.*?>|\u2002", "", text) for text in trace["text"]]
    return bare, [side.removeprefix("middle ") for side in trace["textposition"]]


@pytest.mark.parametrize(
    ("x", "words"),
    [
        ([1.5, 2.5, 4.0, 7.5], ["1", "2", "3", "mode 4"]),
        ([4.0, 5.0], ["mode 1", "2"]),
        ([1.5, 2.5, 3.5], ["1", "2", "3"]),
        ([], []),
    ],
)
def test_the_noun_stands_where_there_is_room_for_it(x, words):
    assert named(x)[0] == words


def test_a_name_that_would_lie_over_the_axis_stands_to_the_right():
    assert named([0.3, 5.0])[1] == ["right", "left"]


def test_names_that_would_collide_step_down():
    how = ["role:ink"] * 3, SPAN
    assert curve_labels([4.0, 4.2, 8.0], [0.5] * 3, "123", *how)["y"] == [0.5, 0.38, 0.5]
    assert curve_labels([4.0, 4.2, 8.0], [0.5, 0.9, 0.2], "123", *how)["y"] == [0.5, 0.9, 0.2]


def test_a_name_that_is_a_symbol_is_no_noun_with_a_number():
    assert _shared([r"$\lambda_{1}$", r"$\lambda_{2}$"])[0] == ""
    noun, words = _shared(["mode 1", "mode 2"])
    assert (noun, words) == ("mode", ["1", "2"])
