"""`lmx check`: one experiment, or all of them."""

from __future__ import annotations

import dataclasses

import pytest

from app import cli
from app.assets import asset
from sims.core import registry
from sims.core.experiment import Experiment
from sims.core.origin import Origin
from sims.core.plugin_file import Loaded
from sims.core.registry import Registry, find

VALLEY = find(asset("guide/template.py"))
(FIRST, *_) = VALLEY.presets


def called(name: str, **how) -> Experiment:
    return dataclasses.replace(VALLEY, name=name, **how)


@pytest.fixture
def there(monkeypatch: pytest.MonkeyPatch):
    """Puts a few experiments, and what is not taken, in place of all that are there."""

    def put(*found: Experiment, refused: tuple[str, ...] = ()) -> None:
        offered = Loaded(found, Origin("installed", "collection", "1.0"))
        made = Registry(lambda _: pytest.fail("asked"), lambda: ([offered], list(refused)), ())
        monkeypatch.setattr(registry, "registry", made)
        monkeypatch.setattr("sims.api.registry", made)

    return put


def test_all_checks_every_experiment_and_sums_up(there, capsys):
    wrong = dataclasses.replace(FIRST, lands=(), verdicts={"x": "departs"})
    there(called("law/good", presets=(FIRST,)), called("law/bad", presets=(wrong,)))
    assert cli.main(["check", "--all"]) == 1
    said = capsys.readouterr().out
    for name, passed in (("law/good", 12), ("law/bad", 11)):
        assert f"Quadratic valley ({name})" in said
        assert f"{passed} of 12 checks pass." in said
    summary = [line.split() for line in said.splitlines() if line.startswith("law/")]
    assert [(row[0], row[2], row[-1]) for row in summary] == [
        ("law/good", "12", summary[0][-1]),
        ("law/bad", "11", "presets"),
    ]
    assert said.endswith("1 of 2 experiments pass.\n")


def test_what_is_installed_and_not_taken_is_a_failure(there, capsys):
    there(called("law/good", presets=()), refused=("broken 1.0 is not taken: it is broken.",))
    assert cli.main(["check", "--all", "--quick"]) == 1
    said = capsys.readouterr().out
    assert "✗ broken 1.0 is not taken: it is broken." in said
    assert said.endswith("1 of 1 experiments pass.\n")


def test_quick_leaves_slow_presets_out_and_says_how_many(there, capsys):
    slow = dataclasses.replace(FIRST, id="slow", lands=(), verdicts={"x": "departs"}, slow=True)
    there(called("law/slow", presets=(FIRST, slow)))
    assert cli.main(["check", "law/slow", "--quick"]) == 0
    assert "Left out: 1 slow preset.\n" in capsys.readouterr().out
    assert cli.main(["check", "law/slow"]) == 1
    assert "preset slow: x is stated as departs and ends as lands" in capsys.readouterr().out


@pytest.mark.parametrize("words", [[], ["lazy_rich/one_neuron", "--all"]])
def test_one_name_or_all_is_to_be_given(words: list[str], capsys):
    assert cli.main(["check", *words]) == 2
    assert capsys.readouterr().err == "Give the name of one experiment, or --all.\n"


def test_help_says_what_all_and_quick_do(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "120")
    assert cli.main(["check", "--help"]) == 0
    said = capsys.readouterr().out
    assert "Every experiment, shipped and installed." in said
    assert "Leave out the slow presets." in said
