"""What a link says of a page prepared for a class, or for another page."""

import pytest

from app import prepared
from app.prepared import Prepared
from sims import api

EXPERIMENT = api.experiment("saddle_to_saddle/linear_network")


def test_a_plain_link_prepares_nothing():
    made, refused = prepared.read(EXPERIMENT, {"eta": "0.1", "hero": "loss"})
    assert (made, refused, made.words()) == (Prepared(), [], {})


@pytest.mark.parametrize("said", ["", "1", "true", "True"])
def test_a_word_without_a_value_turns_it_on(said):
    made, refused = prepared.read(EXPERIMENT, {"projector": said, "stage": said})
    assert (made.projector, made.stage, refused) == (True, True, [])


def test_what_is_not_said_or_said_to_be_off_is_off():
    made, refused = prepared.read(EXPERIMENT, {"projector": "0"})
    assert (made.projector, made.stage, refused) == (False, False, [])


def test_panels_keep_their_order_and_count_once():
    made, refused = prepared.read(EXPERIMENT, {"panels": "loss,mode_strengths,,loss"})
    assert (made.panels, refused) == (("loss", "mode_strengths"), [])
    assert made.words() == {"panels": "loss,mode_strengths"}


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"projector": "perhaps"}, "projector = perhaps is not allowed: give 1"),
        ({"stage": "\x00" * 10_000}, "stage ="),
        ({"panels": "<script>"}, "panels = <script> is not allowed"),
        ({"panels": "a," * 5000 + "b;c"}, "names of 1 to 20 panels"),
        ({"panels": ",".join(f"p{i}" for i in range(30))}, "names of 1 to 20 panels"),
        ({"lock": "x" * 10_000}, "longer than"),
    ],
)
def test_what_it_cannot_be_is_one_short_sentence(asked, words):
    made, refused = prepared.read(EXPERIMENT, asked)
    assert made == Prepared()
    assert len(refused) == 1
    assert words in refused[0]
    assert len(refused[0]) < 300
