"""Experiments that are shipped, installed, or in a file someone named."""

from __future__ import annotations

import dataclasses
import textwrap
from pathlib import Path
from typing import Any

import pytest

import sims
from sims import api
from sims.core import archive, registry
from sims.core.experiment import Experiment, Phenomenon
from sims.core.origin import Origin
from sims.core.plugin_file import BrokenFile, Loaded, loaded
from sims.core.registry import Registry
from sims.lazy_rich.one_neuron import EXPERIMENT as NEURON

SHIPPED = Phenomenon("lazy_rich", "Lazy and rich", "", "", (NEURON,))
WRAPPED = """
    import dataclasses
    from sims.lazy_rich.one_neuron import EXPERIMENT as SHIPPED

    EXPERIMENT = dataclasses.replace(SHIPPED, name={name!r}, title={title!r})
"""


def made(*installed: Loaded, notes: tuple[str, ...] = ()) -> Registry:
    return Registry(lambda _: SHIPPED, lambda: (list(installed), list(notes)), ("lazy_rich",))


def called(name: str, **how: Any) -> Experiment:
    return dataclasses.replace(NEURON, name=name, **how)


def offered(distribution: str, *names: str) -> Loaded:
    return Loaded(tuple(called(n) for n in names), Origin("installed", distribution, "1.0"))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file with an experiment of its own."""
    return written(tmp_path / "mine.py", name="tests/mine", title="Mine")


def written(path: Path, **words: str) -> Path:
    path.write_text(textwrap.dedent(WRAPPED).format(**words))
    return path


def names(one: Registry) -> list[str]:
    return [e.name for e in one.experiments()]


# Shipped and installed


def test_every_shipped_phenomenon_is_there_in_the_order_of_the_pages():
    assert [p.name for p in api.phenomena()] == list(registry.PHENOMENA)
    assert all(registry.registry.origin(e).kind == "shipped" for e in api.experiments())


def test_what_is_installed_comes_after_what_is_shipped():
    one = made(offered("collection", "lazy_rich/two", "other/three"))
    assert names(one) == ["lazy_rich/one_neuron", "lazy_rich/two", "other/three"]
    assert [p.title for p in one.phenomena()] == ["Lazy and rich", "Other"]
    assert one.origin(one.experiment("other/three")).words == "from collection 1.0"
    assert "other/three is from collection 1.0." in one.notes()


def test_an_id_that_two_distributions_offer_is_taken_from_neither():
    one = made(offered("first", "other/same"), offered("second", "other/same", "other/more"))
    assert names(one) == ["lazy_rich/one_neuron", "other/more"]
    (note,) = [n for n in one.notes() if "other/same" in n]
    assert note == "other/same is in first and in second: neither is taken, uninstall one."
    assert note in one.not_taken()
    with pytest.raises(ValueError, match="in first and in second: neither is taken"):
        one.experiment("other/same")


def test_an_installed_experiment_takes_no_shipped_ones_place():
    one = made(offered("bold", NEURON.name))
    assert one.experiment(NEURON.name) is NEURON
    assert any("that id is shipped" in note for note in one.notes())


def test_an_unknown_id_is_refused_with_the_nearest():
    with pytest.raises(ValueError, match="did you mean lazy_rich/one_neuron"):
        made().experiment("lazy_rich/one_nueron")


# Files


def test_a_file_has_its_page_and_is_named_by_its_id(file: Path):
    one = made()
    (found,) = one.open(file)
    assert one.experiment("tests/mine") is found
    assert names(one) == ["lazy_rich/one_neuron", "tests/mine"]
    assert one.notes() == ["tests/mine is from mine.py."]


def test_a_file_stands_in_place_of_the_shipped_one_and_says_so(tmp_path: Path):
    one = made()
    (found,) = one.open(written(tmp_path / "neuron.py", name=NEURON.name, title="Another"))
    assert one.experiment(NEURON.name) is found
    assert one.origin(found).words == "from neuron.py, in place of the shipped one"
    assert names(one) == [NEURON.name]
    written(tmp_path / "neuron.py", name=NEURON.name, title="Yet another")
    one.refresh()
    assert one.origin(one.experiment(NEURON.name)).shadows


def test_a_saved_file_is_loaded_anew(file: Path):
    one = made()
    one.open(file)
    before = one.entry("tests/mine")
    assert one.refresh() == []
    written(file, name="tests/mine", title="Mine, changed")
    assert one.refresh() == ["tests/mine"]
    after = one.entry("tests/mine")
    assert after.experiment.title == "Mine, changed"
    assert after.revision > before.revision
    assert one.refresh() == []


def test_a_broken_text_keeps_the_last_good_experiment_and_says_where_it_broke(file: Path):
    one = made()
    (good,) = one.open(file)
    file.write_text("x = 1\ny = x +\n")
    assert one.refresh() == ["tests/mine"]
    entry = one.entry("tests/mine")
    assert entry.experiment is good
    assert entry.trouble == "mine.py, line 2: invalid syntax."
    written(file, name="tests/mine", title="Mine")
    assert one.refresh() == ["tests/mine"]
    assert one.entry("tests/mine").trouble == ""


def test_a_file_that_vanishes_is_trouble_and_no_end(file: Path):
    one = made()
    one.open(file)
    file.unlink()
    assert one.refresh() == ["tests/mine"]
    assert "There is no file" in one.entry("tests/mine").trouble


def test_an_id_that_a_saved_file_no_longer_holds_is_trouble(file: Path):
    one = made()
    one.open(file)
    written(file, name="tests/other", title="Other")
    assert set(one.refresh()) == {"tests/mine", "tests/other"}
    assert one.entry("tests/mine").trouble == "mine.py holds tests/mine no longer."


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x = (", "broken.py, line 1: '(' was never closed."),
        ("\n\nimport nowhere_at_all", "broken.py, line 3: ModuleNotFoundError: No module named"),
        ("def f():\n    return g\n\nf()", "broken.py, line 2: NameError: name 'g' is not defined."),
        ("import sys\nsys.exit(3)", "broken.py, line 2: SystemExit: 3."),
        ("x = 1", "broken.py has no EXPERIMENT"),
        ("EXPERIMENT = 3", "broken.py has no EXPERIMENT"),
        ("raise ValueError('a\\nb')", "broken.py, line 1: a b."),
        (textwrap.dedent(WRAPPED).format(name="No Id", title=""), "the id 'No Id' is not allowed"),
    ],
)
def test_a_file_that_holds_no_experiment_is_refused_in_one_sentence(
    tmp_path: Path, text: str, said: str
):
    path = tmp_path / "broken.py"
    path.write_text(text)
    with pytest.raises(BrokenFile) as refused:
        loaded(path)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("name", ["absent.py", "notes.txt", "folder"])
def test_what_is_no_python_file_is_refused_in_one_sentence(tmp_path: Path, name: str):
    (tmp_path / "notes.txt").write_text("")
    (tmp_path / "folder").mkdir()
    with pytest.raises(BrokenFile):
        loaded(tmp_path / name)


def test_a_folder_is_an_experiment_of_several_files(tmp_path: Path):
    folder = tmp_path / "mine"
    folder.mkdir()
    written(folder / "parts.py", name="tests/folder", title="Folder")
    (folder / "__init__.py").write_text("from .parts import EXPERIMENT\n")
    one = made()
    (found,) = one.open(folder)
    assert found.name == "tests/folder"
    written(folder / "parts.py", name="tests/folder", title="Changed")
    assert one.refresh() == ["tests/folder"]
    assert one.experiment("tests/folder").title == "Changed"


def test_a_file_may_import_what_lies_beside_it(tmp_path: Path):
    (tmp_path / "words_beside.py").write_text("TITLE = 'Beside'\n")
    path = tmp_path / "mine.py"
    text = textwrap.dedent(WRAPPED).format(name="tests/beside", title="")
    path.write_text("from words_beside import TITLE\n" + text.replace("title=''", "title=TITLE"))
    assert loaded(path).experiments[0].title == "Beside"


# From Python


def test_python_runs_a_file_and_its_file_holds_the_text(file: Path):
    tree = sims.run(str(file), horizon=1.0)
    assert tree.attrs["experiment"] == "tests/mine"
    assert tree.attrs["origin"] == "from mine.py"
    assert tree.attrs["origin_source"] == file.read_text()
    with pytest.raises(ValueError, match=r"tests/mine from mine\.py, which is not here"):
        api.replayed(tree)
    again = api.replayed(tree, str(file)).setup
    assert again.experiment.title == "Mine"


def test_the_text_survives_in_the_file(file: Path, tmp_path: Path):
    sims.predict(file, horizon=1.0, out=tmp_path / "made.nc")
    attrs = archive.read(tmp_path / "made.nc").attrs
    assert attrs["origin_source"] == file.read_text()
    assert len(attrs["origin_sha256"]) == 64


def test_python_runs_an_experiment_that_is_no_file():
    tree = sims.predict(called("tests/object"), horizon=1.0)
    assert tree.attrs["origin"] == "made in Python"


def test_a_file_unchanged_is_the_same_experiment_and_changed_another(file: Path):
    first = registry.find(str(file))
    assert registry.find(file) is first
    written(file, name="tests/mine", title="Changed")
    assert registry.find(str(file)).title == "Changed"


def test_one_of_several_experiments_is_named_behind_two_colons(tmp_path: Path):
    path = tmp_path / "two.py"
    text = textwrap.dedent(WRAPPED).format(name="tests/one", title="One")
    path.write_text(
        text + "EXPERIMENTS = EXPERIMENT, dataclasses.replace(SHIPPED, name='tests/two')"
    )
    with pytest.raises(ValueError, match="holds several: name one of"):
        registry.find(str(path))
    assert registry.find(f"{path}::tests/two").name == "tests/two"
    with pytest.raises(ValueError, match="holds no tests/three"):
        registry.find(f"{path}::tests/three")


def test_a_run_of_what_is_shipped_says_nothing_of_an_origin():
    assert "origin" not in sims.predict(NEURON.name, horizon=1.0).attrs


@pytest.mark.parametrize("form", ["{}", "{}::tests/mine", "../{}", "{}/"])
def test_an_id_from_elsewhere_never_loads_a_file(tmp_path: Path, form: str):
    """Links, recipes and files of runs name experiments by `api.experiment` alone."""
    trace = tmp_path / "it_ran"
    path = tmp_path / "evil.py"
    path.write_text(f"from pathlib import Path\nPath({str(trace)!r}).touch()\n")
    with pytest.raises(ValueError, match="There is no experiment"):
        api.experiment(form.format(path))
    assert not trace.exists()


def test_only_the_command_and_python_calls_load_files():
    """`find`, `read` and `open` of the registry are named nowhere on the way of a request."""
    app = Path(api.__file__).parents[1] / "app"
    rooms = [path for room in ("live", "page") for path in (app / room).rglob("*.py")]
    assert len(rooms) > 20
    for path in [*rooms, app / "share.py", app / "main.py"]:
        text = path.read_text("utf-8")
        assert "from sims.core.registry import find" not in text
        assert not any(f"registry.{name}(" in text for name in ("open", "read", "find")), path
