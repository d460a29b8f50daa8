"""A plug-in comes as a wheel into an environment of its own, and is there."""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.assets import asset
from sims import api
from sims.core import archive
from tests.documents import blocks

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = asset("guide/heavy_ball.py").read_text("utf-8")
(PROJECT,) = blocks(asset("guide/write_your_own.md").read_text("utf-8"), "toml")
BUILD = """
[build-system]
requires = []
build-backend = "one_file_wheel"
backend-path = ["build"]
"""
NAME = "mine/heavy_ball"
ONE, OTHER = "heavy-ball", "another-ball"

pytestmark = pytest.mark.slow


def done(*call: str | Path, folder: Path, code: int = 0) -> subprocess.CompletedProcess[str]:
    """A process that ended with that code, and what it said."""
    made = subprocess.run(
        [str(part) for part in call], cwd=folder, capture_output=True, text=True, timeout=300
    )
    assert made.returncode == code, made.stdout + made.stderr
    return made


def wheel(folder: Path, name: str, text: str) -> Path:
    """The wheel of a distribution with that module: the guide's, under another name."""
    module = name.replace("-", "_")
    source = folder / name
    (source / "build").mkdir(parents=True)
    shutil.copy(ROOT / "tests" / "plugins" / "one_file_wheel.py", source / "build")
    project = PROJECT.replace('"heavy-ball"', f'"{name}"').replace("heavy_ball", module)
    (source / "pyproject.toml").write_text(project + BUILD, "utf-8")
    (source / f"{module}.py").write_text(text, "utf-8")
    how = ("--no-deps", "--no-build-isolation", "--no-index", "--disable-pip-version-check")
    done(sys.executable, "-m", "pip", "wheel", ".", *how, "-w", folder, folder=source)
    (made,) = folder.glob(f"{module}-1.0-*.whl")
    return made


class Environment:
    """A new environment that sees what is installed here; what is added to it stays in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        done(sys.executable, "-m", "venv", "--without-pip", "venv", folder=folder)
        scripts = folder / "venv" / ("Scripts" if sys.platform == "win32" else "bin")
        self.python = scripts / "python"
        asked = "import sysconfig; print(sysconfig.get_path('purelib'))"
        self.site = Path(done(self.python, "-c", asked, folder=folder).stdout.strip())
        here = [ROOT, *dict.fromkeys(sysconfig.get_path(k) for k in ("purelib", "platlib"))]
        (self.site / "here.pth").write_text("".join(f"{path}\n" for path in here), "utf-8")

    def add(self, made: Path) -> None:
        """Install a wheel, from its file alone."""
        how = ("--no-deps", "--no-index", "--disable-pip-version-check")
        self.pip("install", *how, str(made))

    def remove(self, name: str) -> None:
        self.pip("uninstall", "-y", name)

    def pip(self, *arguments: str) -> None:
        call = (sys.executable, "-m", "pip", "--python", self.python)
        done(*call, *arguments, folder=self.folder)

    def lmx(self, *arguments: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        return done(self.python, "-m", "app.cli", *arguments, folder=self.folder, code=code)

    def started(self) -> list[str]:
        """What the server says when it has started, to the first distribution it does not take."""
        call = [self.python, "-m", "app.cli", "--no-browser", "--port", "0"]
        with subprocess.Popen(
            call, cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ) as served:
            assert served.stdout is not None
            said: list[str] = []
            try:
                while not said or (said[-1] and "not taken" not in said[-1]):
                    said.append(served.stdout.readline().strip())
            finally:
                served.kill()
        return said


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The guide's distribution, another with the same id, and one that does not import."""
    folder = tmp_path_factory.mktemp("wheels")
    broken = '"""Cannot be imported."""\n\nimport nowhere_at_all\n'
    texts = {ONE: EXAMPLE, OTHER: EXAMPLE, "broken-ball": broken}
    return {name: wheel(folder, name, text) for name, text in texts.items()}


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory, wheels: dict[str, Path]) -> Environment:
    """An environment with the guide's distribution."""
    made = Environment(tmp_path_factory.mktemp("fresh"))
    made.add(wheels[ONE])
    return made


@pytest.fixture
def with_(fresh: Environment, wheels: dict[str, Path]) -> Iterator[Callable[[str], None]]:
    """Adds a distribution for the time of one test."""
    added: list[str] = []

    def add(name: str) -> None:
        fresh.add(wheels[name])
        added.append(name)

    yield add
    for name in added:
        fresh.remove(name)


def test_nothing_of_it_reaches_the_environment_it_was_made_in(fresh: Environment):
    assert (fresh.site / "heavy_ball.py").is_file()
    with pytest.raises(ValueError, match="There is no experiment"):
        api.experiment(NAME)


def test_it_is_listed(fresh: Environment):
    assert f"{NAME}  Heavy ball" in fresh.lmx("list", NAME).stdout


def test_it_passes_its_checks(fresh: Environment):
    assert "checks pass." in fresh.lmx("check", NAME).stdout


def test_its_run_names_distribution_and_version(fresh: Environment):
    fresh.lmx("run", NAME, "--preset", "long", "--out", "long.nc")
    tree = archive.read(fresh.folder / "long.nc")
    assert tree.attrs["experiment"] == NAME
    assert tree.attrs["origin_distribution"] == "heavy-ball 1.0"
    assert "origin_source" not in tree.attrs
    with pytest.raises(ValueError, match="which is not here: install that distribution"):
        api.replayed(tree)


def test_an_id_of_two_distributions_is_refused_in_one_sentence_that_names_both(
    fresh: Environment, with_
):
    with_(OTHER)
    sentence = f"{NAME} is in another-ball and in heavy-ball: neither is taken, uninstall one.\n"
    assert fresh.lmx("check", NAME, code=2).stderr == sentence
    assert fresh.lmx("list").stderr == sentence


def test_the_server_says_at_its_start_what_is_installed_and_what_does_not_import(
    fresh: Environment, with_
):
    with_("broken-ball")
    broken = (
        "broken-ball 1.0 is not taken: broken_ball.py, line 3: ModuleNotFoundError: No module "
        "named 'nowhere_at_all'."
    )
    assert fresh.started()[-2:] == [f"{NAME} is from heavy-ball 1.0.", broken]
