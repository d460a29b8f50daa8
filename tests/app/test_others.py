"""What a link shows besides its own setting: read in full or refused in one sentence."""

import pytest

from app import prepared, share, wanted
from app.lock import Lock
from app.others import Others, check_runs, read
from sims import api
from sims.core.knobs import plain

LINEAR = api.experiment("saddle_to_saddle/linear_network")


def refused(**query):
    found, sentences = read(LINEAR, query, Lock({"eta": 0.1}))
    assert found == Others()
    (sentence,) = sentences
    assert "\n" not in sentence
    return sentence


@pytest.mark.parametrize(
    "others",
    [
        Others(beside=("alpha", 1e-3)),
        Others(beside=("optimizer", "adam")),
        Others(beside=("spectrum", (4.0, 2.0))),
        Others(beside=("alpha", None)),
        Others(over={"alpha": "1e-6:1e-2:5:log"}),
        Others(over={"alpha": "1e-6:1e-2:5:log", "width": "10,30"}),
    ],
)
def test_what_a_link_says_is_read_again(others):
    assert read(LINEAR, others.words(), Lock()) == (others, [])


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"beside": "alpha"}, "give knob:value"),
        ({"beside": "alpha:99"}, "alpha = 99 is not allowed: give a number from 1e-30 to 10"),
        ({"beside": "alhpa:1"}, "did you mean alpha?"),
        ({"beside": "eta:0.2"}, "eta is locked at 0.1 by this link."),
        ({"over": "alpha"}, "give knob:lo:hi:n"),
        ({"over": "alpha:1:x:3"}, "The range alpha=1:x:3 cannot be read"),
        ({"over": "alpha:1:99:3"}, "alpha = 50 is not allowed"),
        ({"over": "optimizer:gd,adam"}, "optimizer is no number"),
        ({"over": "eta:0.1:0.2:3"}, "eta is locked at 0.1 by this link."),
        ({"over": "alpha:1,2;alpha:3,4"}, "names alpha twice"),
        ({"over": "alpha:1,2;width:8,9;samples:200,300"}, "one or two knobs"),
        ({"over": "alpha:1e-9:1:100:log;width:1:100:100"}, "10000 runs: a page takes at most 4096"),
        ({"over": "alpha:" + "1," * 400 + "1"}, "longer than 500 characters"),
    ],
)
def test_what_cannot_be_is_refused_in_one_sentence(query, words):
    assert words in refused(**query)


def test_a_sweep_has_nothing_beside_it():
    found, sentences = read(LINEAR, {"over": "alpha:1,2", "beside": "alpha:3"}, Lock())
    assert found == Others(over={"alpha": "1,2"})
    assert sentences == ["A sweep has nothing beside it: give over or beside, not both."]


def test_seeds_count_among_the_runs_of_a_page():
    check_runs(LINEAR, {"alpha": "1,2"}, 2048)
    with pytest.raises(ValueError, match=r"4098 runs: a page takes at most 4096, lmx sweep more"):
        check_runs(LINEAR, {"alpha": "1,2"}, 2049)


def test_the_second_setting_is_the_first_with_one_value_changed():
    assert Others(beside=("alpha", 2.0)).compared({"alpha": 1.0, "eta": 3.0}) == {
        "alpha": 2.0, "eta": 3.0,
    }  # fmt: skip
    assert Others().compared({"alpha": 1.0}) is None


def test_links_for_a_class_and_frames_keep_them():
    made, _ = prepared.read(LINEAR, {"over": "alpha:1e-5:1e-3:3:log", "lock": "eta:0.1"})
    said = share.permalink(LINEAR.Params(), 0, 1, made)
    assert "&over=alpha:1e-5:1e-3:3:log&" in said


def test_a_command_given_such_a_link_trains_the_sweep():
    asked = wanted.linked("lazy_rich-one_neuron?a0=1&over=w0:0.1,0.2")
    assert asked.over == {"w0": "0.1,0.2"}
    tree = wanted.ran("lazy_rich-one_neuron?a0=1&over=w0:0.1,0.2&horizon=1")
    assert tree["sweep"].sizes["w0"] == 2


def test_the_command_and_the_python_of_a_sweep_name_its_ranges_and_not_the_swept_knob():
    values = plain(LINEAR.Params()) | {"alpha": 1e-5}
    over = {"alpha": "1e-6:1e-2:5:log"}
    command = share.as_command(LINEAR, values, 0, 2, over=over)
    assert command.startswith("lmx sweep saddle_to_saddle/linear_network --over alpha=1e-6")
    assert "--set" not in command
    code = share.as_python(LINEAR, values, 0, 2, over=over)
    assert "sims.sweep('saddle_to_saddle/linear_network', over={'alpha': '1e-6:1e-2:5:log'}" in code


@pytest.mark.parametrize("query", [{"beside": "alpha:1e-3"}, {"over": "alpha:1e-5:1e-3:3:log"}])
def test_a_link_that_asks_for_a_guess_shows_nothing_that_tells_the_theory(query):
    found, (sentence,) = read(LINEAR, query, Lock(guess=True))
    assert found == Others()
    assert sentence.startswith("This link asks for a guess")


def test_a_link_for_class_keeps_what_is_shown_besides_as_far_as_its_lock_lets_it():
    pinned, _ = read(LINEAR, {"pins": "alpha:1e-5", "beside": "alpha:1e-3"}, Lock())
    swept, _ = read(LINEAR, {"over": "alpha:1e-5:1e-3:3:log"}, Lock())
    assert pinned.under(Lock({"eta": 0.1}), guess=False) == pinned
    assert pinned.under(Lock({"alpha": 0.1}), guess=False) == Others(pins=pinned.pins)
    assert pinned.under(Lock(), guess=True) == Others(pins=pinned.pins)
    assert swept.under(Lock({"eta": 0.1}), guess=False) == swept
    assert swept.under(Lock({"alpha": 0.1}), guess=False) == Others()
