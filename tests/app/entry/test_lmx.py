"""The command and `import lmx` beside packages of the same names."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
ENTRY = ROOT / "app" / "entry"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with an app.py and a sims of its own."""
    (tmp_path / "app.py").write_text("raise SystemExit('the wrong app')\n")
    (tmp_path / "sims").mkdir()
    (tmp_path / "sims" / "__init__.py").write_text("WHOSE = 'mine'\n")
    return tmp_path


def python(folder: Path, code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Python in that folder, which it looks into first, with lmx further back on its path."""
    path = os.pathsep.join([str(folder), str(ENTRY), str(ROOT)])
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=folder, env=os.environ | {"PYTHONPATH": path}, text=True, capture_output=True,
        check=False,
    )  # fmt: skip


COMMAND = "import sys, lmx; sys.exit(lmx.main())"


def test_the_command_finds_its_own_packages(folder: Path) -> None:
    done = python(folder, COMMAND, "list", "--json")
    assert done.returncode == 0, done.stderr
    assert "saddle_to_saddle/linear_network" in done.stdout


def test_python_finds_our_sims_by_way_of_lmx(folder: Path) -> None:
    done = python(folder, "import lmx; print(lmx.sims.run.__module__, len(lmx.sims.__all__) > 5)")
    assert done.stdout.split() == ["sims.api", "True"], done.stderr


def test_another_sims_imported_before_is_named_in_one_sentence(folder: Path) -> None:
    done = python(folder, f"import sims; {COMMAND}", "list")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "lmx needs its own package sims" in done.stderr
    assert str(folder / "sims") in done.stderr


def test_there_is_nothing_else_in_lmx() -> None:
    import lmx

    with pytest.raises(AttributeError, match="it has sims and app"):
        lmx.nothing  # noqa: B018
