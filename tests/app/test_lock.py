"""What a link for a class holds fixed."""

from urllib.parse import parse_qsl

import pytest

from app import lock, prepared, share
from app.lock import Lock
from sims import api
from sims.core.knobs import knobs_of, plain
from sims.core.study import Study

EXPERIMENT = api.experiment("saddle_to_saddle/linear_network")
HELD = "eta:0.01;spectrum:5,3,1.8,1;seed:0;guess"


def query(link):
    return dict(parse_qsl(link.removeprefix("?")))


def test_a_lock_says_knobs_seed_and_guess_and_reads_itself_back():
    held, refused = lock.read(EXPERIMENT, HELD)
    assert not refused
    assert held == Lock({"eta": 0.01, "spectrum": (5.0, 3.0, 1.8, 1.0)}, {"seed": 0}, guess=True)
    assert held.text == HELD
    assert lock.read(EXPERIMENT, held.text) == (held, [])


@pytest.mark.parametrize("experiment", api.experiments(), ids=lambda e: e.name)
def test_every_experiment_can_be_held_whole_within_the_longest_lock(experiment):
    held = Lock(plain(experiment.Params()), {"seed": 3, "seeds": 8}, guess=True)
    assert len(held.text) < lock.MOST / 2
    assert lock.read(experiment, held.text) == (held, [])
    assert all(held.labels(experiment))


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("eta:99999", "eta = 99999 is not allowed"),
        ("alhpa:1", "did you mean alpha?"),
        ("seeds:0", "seeds = 0 is not allowed"),
        ("eta", "give name:value, or guess"),
        ("eta:0.01;eta:0.02", "eta stands there twice, and the first counts"),
        ("\x00\n<b>", "give name:value, or guess"),
        (":", "There is no knob ''"),
        ("eta:0.01;" * 1100, "longer than 2000 characters"),
    ],
)
def test_what_a_lock_cannot_hold_is_one_sentence(said, words):
    _, refused = lock.read(EXPERIMENT, said)
    assert len(refused) == 1
    assert words in refused[0]
    assert "\n" not in refused[0]
    assert refused[0].endswith((".", "?"))


def test_a_hundred_wrong_entries_do_not_fill_the_page():
    _, refused = lock.read(EXPERIMENT, ";".join(f"x{i}:1" for i in range(100)))
    assert len(refused) == lock.MOST_SAID + 1
    assert "96 more" in refused[-1]


def test_a_refused_entry_leaves_the_others_held():
    held, refused = lock.read(EXPERIMENT, "eta:x;depth:3;guess")
    assert (held.values, held.guess, len(refused)) == ({"depth": 3}, True, 1)


def test_a_held_value_counts_whether_the_link_says_it_too_or_not():
    for asked in ({}, {"eta": "0.01"}):
        values, counts, refused = share.read(EXPERIMENT, {"lock": HELD, **asked})
        assert (values["eta"], counts["seed"], refused) == (0.01, 0, [])


@pytest.mark.parametrize("said", ["0.02", "nonsense", "auto", ""])
def test_another_value_in_the_address_is_one_sentence_and_nothing_else_is_lost(said):
    asked = {"eta": said, "alpha": "0.1", "lock": HELD}
    values, _, refused = share.read(EXPERIMENT, asked)
    assert refused == ["eta is locked at 0.01 by this link."]
    assert (values["eta"], values["alpha"]) == (0.01, 0.1)


def test_an_automatic_knob_is_held_at_what_follows():
    automatic = next(k for k in knobs_of(EXPERIMENT.Params).values() if k.auto)
    asked = {"lock": f"{automatic.name}:auto"}
    values, _, refused = share.read(EXPERIMENT, asked)
    assert (values[automatic.name], refused) == (None, [])
    _, _, refused = share.read(EXPERIMENT, {**asked, automatic.name: "nonsense"})
    assert refused == [f"{automatic.name} is locked at auto by this link."]


def test_presets_that_would_change_a_held_knob_are_told_apart():
    held, _ = lock.read(EXPERIMENT, "alpha:0.1")
    assert held.against(EXPERIMENT, {"alpha": "0.1", "depth": 3}) == []
    assert held.against(EXPERIMENT, {"alpha": 0.2}) == ["alpha"]
    assert held.against(EXPERIMENT, {"depth": 3}) == ["alpha"]


def test_labels_stand_within_a_sentence():
    held, _ = lock.read(EXPERIMENT, "eta:0.01;seed:0;seeds:2")
    assert held.labels(EXPERIMENT) == ["learning rate", "seed", "number of seeds"]


def test_a_link_for_a_class_says_each_knob_once_and_reads_back():
    setup = Study(EXPERIMENT, {"alpha": 0.1}, seed=3, seeds=2).setup
    held = Lock({"eta": setup.params.eta}, {"seed": 3}, guess=True)
    made = prepared.Prepared(held, ("loss", "mode_strengths"), projector=True)
    given = {**plain(setup.params), "seed": 3, "seeds": 2}
    link = share.for_class(made, given, {"guess": "first"})
    asked = query(link)
    assert "eta" not in asked
    assert "seed" not in asked
    assert asked["guess"] == "first"
    values, counts, refused = share.read(EXPERIMENT, asked)
    assert not refused
    assert counts == {"seed": 3, "seeds": 2}
    again = Study(EXPERIMENT, values, seed=3, seeds=2).setup
    assert plain(again.params) == plain(setup.params)
    assert prepared.read(EXPERIMENT, asked) == (made, [])
