import re

import pytest

from app.figures.labels import curve_labels

SPAN = [0.0, 10.0]


def named(x: list[float], noun: str = "mode") -> tuple[list[str], list[str]]:
    """The bare names and the sides they stand on."""
    words = [str(k + 1) for k in range(len(x))]
    trace = curve_labels(x, words, ["role:ink"] * len(x), SPAN, noun)
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
    heights = curve_labels([4.0, 4.2, 8.0], "123", ["role:ink"] * 3, SPAN)["y"]
    assert heights == [0.5, 0.38, 0.5]
