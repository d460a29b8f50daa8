"""The README keeps its word: snippets run, numbers come out, links lead somewhere."""

from __future__ import annotations

import doctest
import os
import re
import shlex
from pathlib import Path

import pytest

import sims
from app import cli
from tests.documents import blocks, commands, matches

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text()
WIDTH = "100"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory):
    """A folder where the README's commands and snippets write their files."""
    made = tmp_path_factory.mktemp("readme")
    before = Path.cwd()
    os.chdir(made)
    yield made
    os.chdir(before)


@pytest.mark.parametrize(("line", "output"), commands(README), ids=[c[0] for c in commands(README)])
def test_commands_print_what_the_readme_shows(
    line: str,
    output: str,
    folder: Path,
    capsys: pytest.CaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", WIDTH)
    program, *arguments = shlex.split(line)
    assert program == "lmx"
    code = cli.main(arguments)
    shown = capsys.readouterr()
    if shown.err:
        assert (code, shown.err) == (2, output)
        return
    assert code == 0, shown.out
    if output:
        message = f"README shows\n{output}\nlmx prints\n{shown.out}"
        assert matches(output, shown.out), message


def test_python_snippets_give_what_the_readme_shows(folder: Path) -> None:
    if not (folder / "tree.nc").exists():
        sims.run("saddle_to_saddle/linear_network", preset="semantic_tree", out="tree.nc")
    text = "\n".join(blocks(README, "python"))
    test = doctest.DocTestParser().get_doctest(text, {}, "README", "README.md", 0)
    said: list[str] = []
    assert test.examples
    doctest.DocTestRunner(verbose=False).run(test, out=said.append)
    assert not said, "".join(said)


def test_every_experiment_is_in_the_readme_with_its_question() -> None:
    for entry in sims.list_experiments():
        assert f"| `{entry['id']}` | {entry['question']} |" in README


def test_every_link_in_the_readme_leads_somewhere() -> None:
    targets = re.findall(r"\]\(([^)#]+)\)", README)
    local = [t for t in targets if "://" not in t]
    assert local
    missing = [t for t in local if not (ROOT / t).exists()]
    assert not missing


def test_setup_commands_name_extras_that_exist() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    named = re.findall(r'-e "\.\[([\w,]+)\]"', README)
    assert named
    assert {extra for group in named for extra in group.split(",")} <= set(
        project["optional-dependencies"]
    )
    assert project["scripts"] == {"lmx": "lmx:main"}
