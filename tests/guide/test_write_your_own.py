"""The guide keeps its word: excerpts stand in the example, commands run, snippets give that."""

from __future__ import annotations

import doctest
import os
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from app import cli
from app.assets import asset
from sims.core import installed
from sims.testing import CHECKS
from tests.documents import blocks, commands, matches

GUIDE = asset("guide/write_your_own.md").read_text("utf-8")
EXAMPLE = asset("guide/heavy_ball.py").read_text("utf-8")
ROOT = Path(__file__).resolve().parents[2]
SERVING = "lmx open"


def inline() -> set[str]:
    """Commands within the text."""
    return set(re.findall(r"`(lmx [^`]+)`", GUIDE))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory):
    """An empty folder but for the example, saved as the guide says."""
    made = tmp_path_factory.mktemp("guide")
    (made / "heavy_ball.py").write_text(EXAMPLE, "utf-8")
    before = Path.cwd()
    os.chdir(made)
    yield made
    os.chdir(before)


def lmx(*arguments: str, folder: Path, **how: str) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, in that folder."""
    env = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "100", **how}
    call = [sys.executable, "-m", "app.cli", *arguments]
    return subprocess.run(call, cwd=folder, env=env, capture_output=True, text=True, timeout=200)


@pytest.mark.parametrize("excerpt", blocks(GUIDE, "python heavy_ball.py"))
def test_every_excerpt_stands_in_the_example(excerpt: str):
    assert excerpt in EXAMPLE


def test_every_python_block_is_an_excerpt_or_a_session():
    assert set(re.findall(r"^```(\w.*)$", GUIDE, re.MULTILINE)) == {
        "console", "python", "python heavy_ball.py", "toml",
    }  # fmt: skip
    assert all(block.startswith(">>> ") for block in blocks(GUIDE, "python"))


@pytest.mark.parametrize(
    ("line", "output"),
    [c for c in commands(GUIDE) if not c[0].startswith(SERVING)],
    ids=lambda text: text if text.startswith("lmx") else "",
)
def test_commands_print_what_the_guide_shows(
    line: str, output: str, folder: Path, capsys: pytest.CaptureFixture, monkeypatch
):
    monkeypatch.setenv("COLUMNS", "100")
    program, *arguments = shlex.split(line)
    assert program == "lmx"
    assert cli.main(arguments) == 0
    shown = capsys.readouterr().out
    assert matches(output, shown), f"the guide shows\n{output}\nlmx prints\n{shown}"


@pytest.mark.slow
def test_open_serves_the_page_the_guide_names(folder: Path):
    (line, output) = next(c for c in commands(GUIDE) if c[0].startswith(SERVING))
    if not (folder / "my_law.py").exists():
        cli.main(["new", "my_law"])
    call = [sys.executable, "-m", "app.cli", *shlex.split(line)[1:], "--no-browser", "--port", "0"]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(call, cwd=folder, env=env, stdout=subprocess.PIPE, text=True) as served:
        assert served.stdout is not None
        first = served.stdout.readline()
        served.kill()
    shown = re.sub(r"localhost:\d+", "localhost:8501", first)
    assert shown.strip() == output.splitlines()[0]


def test_python_snippets_give_what_the_guide_shows(folder: Path):
    if not (folder / "long.nc").exists():
        cli.main(["run", "heavy_ball.py", "--preset", "long", "--out", "long.nc"])
    test = doctest.DocTestParser().get_doctest(
        "\n".join(blocks(GUIDE, "python")), {}, "guide", None, 0
    )
    said: list[str] = []
    assert test.examples
    doctest.DocTestRunner(verbose=False).run(test, out=said.append)
    assert not said, "".join(said)


def test_the_table_of_checks_is_that_of_the_command():
    for check in CHECKS:
        assert f"| {check.words} |" in GUIDE
        assert f"✓ {check.words}" in GUIDE


def test_the_entry_point_is_the_one_that_is_read():
    (text,) = blocks(GUIDE, "toml")
    points = tomllib.loads(text)["project"]["entry-points"]
    assert list(points) == [installed.GROUP]
    module, _, name = points[installed.GROUP]["heavy_ball"].partition(":")
    assert module == "heavy_ball"
    assert f"\n{name} = Experiment(" in EXAMPLE


def test_commands_within_the_text_exist():
    import typer

    known = typer.main.get_command(cli.lmx).commands  # pyright: ignore[reportAttributeAccessIssue]
    assert {line.split()[1] for line in inline()} <= set(known)


@pytest.mark.slow
def test_new_and_check_work_in_an_empty_folder(tmp_path: Path):
    made = lmx("new", "my_law", folder=tmp_path)
    assert made.returncode == 0, made.stderr
    assert sorted(p.name for p in tmp_path.iterdir()) == ["my_law.py", "test_my_law.py"]
    checked = lmx("check", "my_law.py", folder=tmp_path)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "12 of 12 checks pass." in checked.stdout
    again = lmx("new", "my_law", folder=tmp_path)
    assert again.returncode == 2
    assert again.stderr == "my_law.py is there already: give another name.\n"


def test_a_folder_is_taken_as_the_guide_says(tmp_path: Path, capsys: pytest.CaptureFixture):
    outgrown = tmp_path / "heavy_ball"
    outgrown.mkdir()
    head, mark, rest = EXAMPLE.partition("def impulse(")
    body, end, tail = rest.partition("\n\n\ndef is_oscillating")
    (outgrown / "theory.py").write_text(f"import numpy as np\n\n\n{mark}{body}\n", "utf-8")
    numpy = "import numpy as np\n"
    text = f"{head}{end}{tail}".replace(numpy, f"{numpy}from .theory import impulse\n", 1)
    (outgrown / "__init__.py").write_text(text, "utf-8")
    assert cli.main(["run", f"{outgrown}/", "--preset", "long"]) == 0
    assert "Two claims land, one departs as foreseen." in capsys.readouterr().out


def test_a_mistake_is_said_as_the_guide_quotes_it(tmp_path: Path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "300")
    cli.main(["new", "my_law"])
    path = tmp_path / "my_law.py"
    text = path.read_text("utf-8")
    path.write_text(text.replace('axis=1), "x": x}', 'axis=1), "x": x[1:]}'), "utf-8")
    assert cli.main(["check", "my_law.py"]) == 1
    quoted = " ".join(line.removeprefix("> ") for line in re.findall(r"^> .*$", GUIDE, re.M))
    assert quoted in " ".join(capsys.readouterr().out.split())
