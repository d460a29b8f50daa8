"""Pins of a link: compact, the same setting once, refused in one sentence."""

import pytest

from app import prepared
from app.pins import Pin, pin, read, text_of
from sims import api
from sims.core.knobs import plain

LINEAR = api.experiment("saddle_to_saddle/linear_network")
VALUES = plain(LINEAR.Params())


def of(seed=0, seeds=1, **knobs):
    return pin(LINEAR, VALUES | knobs, seed, seeds)


def test_a_pin_names_what_is_not_the_default_and_is_read_again():
    pins = (of(), of(alpha=1e-3), of(spectrum=(4.0, 2.0), optimizer="adam"), of(seed=3, seeds=2))
    text = "default~alpha:0.001~spectrum:4,2;optimizer:adam~seed:3;seeds:2"
    assert text_of(pins) == text
    assert read(LINEAR, text) == (pins, [])
    assert pins[2].values(LINEAR) == VALUES | {"spectrum": (4.0, 2.0), "optimizer": "adam"}
    assert pins[3].counts(LINEAR) == (3, 2)


def test_the_same_setting_is_pinned_once_whatever_the_order_of_its_words():
    pins, refused = read(LINEAR, "alpha:1e-3;eta:0.1~eta:0.1;alpha:0.001~default~depth:2")
    assert len(pins) == 2
    assert refused == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("alpha", "alpha is not allowed: give knob:value or default"),
        ("alpha:99", "alpha = 99 is not allowed: give a number from"),
        ("alhpa:1", "did you mean alpha?"),
        ("seeds:0", "seeds = 0 is not allowed"),
        ("a" * 2001, "longer than 2000 characters"),
        ("~".join(f"seed:{i}" for i in range(1, 7)), "At most 4 runs are pinned: the first 4 are."),
    ],
)
def test_what_cannot_be_pinned_is_said_in_one_sentence(text, words):
    pins, (sentence,) = read(LINEAR, text)
    assert len(pins) in (0, 4)
    assert words in sentence
    assert "\n" not in sentence


def test_a_prepared_page_keeps_its_pins_in_its_link():
    made, refused = prepared.read(LINEAR, {"pins": "alpha:1e-3"})
    assert refused == []
    assert made.others.pins == (Pin({"alpha": 1e-3}),)
    assert made.words() == {"pins": "alpha:0.001"}
