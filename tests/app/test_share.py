import shlex
from urllib.parse import parse_qsl

import pytest

from app import share
from sims import api
from sims.core.knobs import knobs_of, plain, with_knobs
from sims.core.study import Study

EXPERIMENT = api.experiment("saddle_to_saddle/linear_network")


def query(link):
    return dict(parse_qsl(link.removeprefix("?")))


@pytest.mark.parametrize("preset", ["staircase", "three_layers", "heavy_ball", "ties"])
def test_a_permalink_rebuilds_the_same_setup(preset):
    setup = Study(EXPERIMENT, preset=preset, seed=3, seeds=2).setup
    asked = query(share.permalink(setup.params, 3, 2))
    assert asked["v"] == "1"
    values, counts, refused = share.read(EXPERIMENT, asked)
    assert not refused
    assert counts == {"seed": 3, "seeds": 2}
    again = Study(EXPERIMENT, values, seed=counts["seed"], seeds=counts["seeds"]).setup
    assert plain(again.params) == plain(setup.params)


def test_a_permalink_carries_every_knob_resolved():
    setup = Study(EXPERIMENT).setup
    asked = query(share.permalink(setup.params, 0, 1))
    assert set(knobs_of(EXPERIMENT.Params)) <= set(asked)
    assert "auto" not in asked.values()


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"alpha": "99"}, "from 1e-30 to 10"),
        ({"alpha": "nan"}, "from 1e-30 to 10"),
        ({"spectrum": "5,x"}, "numbers separated by commas"),
        ({"depth": "9"}, "2, 3, 4 or 5"),
        ({"seeds": "-1"}, "whole number from 1 to"),
        ({"seeds": "1e9"}, "whole number from 1 to"),
        ({"v": "7"}, "reads v=1"),
        ({"nonsense": "1"}, "There is no knob 'nonsense' in this experiment; it has"),
        ({"alhpa": "1e-3"}, "did you mean alpha?"),
        ({"width": "1e9"}, "width = 1e9 is not allowed"),
        ({"spectrum": "5,,3"}, "spectrum = 5,,3 is not allowed"),
        ({"alpha": "9" * 300}, "9…"),
        ({"optimizer": "sgd"}, "gd, polyak or adam"),
    ],
)
def test_a_bad_link_is_refused_in_one_sentence(asked, words):
    values, counts, refused = share.read(EXPERIMENT, asked)
    assert not values
    assert not counts
    assert len(refused) == 1
    assert words in refused[0]
    assert "\n" not in refused[0]


def test_what_mailers_and_networks_add_to_a_link_is_passed_over():
    added = {"utm_source": "mail", "utm_medium": "x", "fbclid": "IwAR0", "gclid": "1", "_gl": "y"}
    values, _, refused = share.read(EXPERIMENT, {**added, "eta": "0.01"})
    assert values == {"eta": 0.01}
    assert refused == []
    assert len(share.read(EXPERIMENT, {**added, "utmsource": "mail"})[2]) == 1


def test_no_knob_is_called_as_mailers_call_theirs():
    names = {name for e in api.experiments() for name in knobs_of(e.Params)} | {*share.OURS}
    assert not [name for name in names if share.is_of_a_mailer(name)]


def test_no_knob_has_the_name_of_something_else_in_a_link():
    taken = {e.name: {*knobs_of(e.Params)} & {*share.OURS} for e in api.experiments()}
    assert {name: found for name, found in taken.items() if found} == {}


def test_auto_and_empty_mean_auto():
    for text in ("", "auto"):
        values, _, refused = share.read(EXPERIMENT, {"alpha": text})
        assert values == {"alpha": None}
        assert not refused


def test_commands_name_the_preset_or_what_differs():
    default = plain(EXPERIMENT.Params())
    command = share.as_command(EXPERIMENT, default | {"optimizer": "polyak"}, 0, 8)
    assert "--preset heavy_ball" in command
    own = share.as_command(EXPERIMENT, default | {"spectrum": (4.0, 2.0), "alpha": 1e-5}, 1, 2)
    words = shlex.split(own)
    assert "spectrum=4,2" in words
    assert "alpha=1e-5" in words
    assert words[-4:] == ["--seed", "1", "--seeds", "2"]


def test_a_sweep_is_copied_by_its_preset():
    default = plain(EXPERIMENT.Params())
    assert "--preset waiting_times" in share.as_command(EXPERIMENT, default, 0, 1, "waiting_times")
    assert "preset='waiting_times'" in share.as_python(EXPERIMENT, default, 0, 1, "waiting_times")


def test_copied_python_names_arguments_that_exist():
    default = plain(EXPERIMENT.Params())
    code = share.as_python(EXPERIMENT, default | {"alpha": 1e-5, "spectrum": (4.0, 2.0)}, 0, 3)
    called = {}

    class sims:
        @staticmethod
        def run(*arguments, **knobs):
            called["of"], called["with"] = arguments, knobs

    exec(code.replace("import sims\n", ""), {"sims": sims})
    assert called["of"] == (EXPERIMENT.name,)
    assert called["with"] == {"alpha": 1e-5, "spectrum": (4.0, 2.0), "seed": 0, "seeds": 3}
    with_knobs(EXPERIMENT.Params(), {k: called["with"][k] for k in ("alpha", "spectrum")})


@pytest.mark.parametrize("other", [{"beside": "alpha:1e-3"}, {"over": "alpha:1e-6:1e-2:5:log"}])
def test_where_others_tell_the_theory_the_page_says_that_no_guess_comes_first(other):
    assert share.read(EXPERIMENT, {"guess": "first", **other})[2] == [share.TELLS]
    assert share.read(EXPERIMENT, other)[2] == []
    assert share.read_whole(EXPERIMENT, {"guess": "first", **other}) == ({}, {})
