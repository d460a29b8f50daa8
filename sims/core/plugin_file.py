"""An experiment in a file of its own, or in a folder: loaded, and loaded anew when it changes.

A file is code and runs with all the rights of who started the program. Only a person at the machine
names one; nothing that arrives over a network ever gets here.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import itertools
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from sims.core.blame import is_within, place, worded
from sims.core.experiment import Experiment, Phenomenon
from sims.core.origin import Origin
from sims.core.sentences import one_line

ID = re.compile(r"[a-z][a-z0-9_]*/[a-z][a-z0-9_]*")
MOST_QUOTED = 200
_serial = itertools.count(1)


class BrokenFile(ValueError):
    """A file that holds no experiment; the sentence names file and line."""


@dataclass(frozen=True)
class Loaded:
    """The experiments of one text, and the phenomenon it describes, if it does."""

    experiments: tuple[Experiment, ...]
    origin: Origin
    phenomenon: Phenomenon | None = None


def text_of(path: Path) -> str:
    """The text of a file, or of all Python files of a folder, each behind its name.

    Raises:
        BrokenFile: there is none, or it is no UTF-8.
    """
    if not path.exists():
        raise BrokenFile(f"There is no file {path}.")
    if path.is_dir() and not (path / "__init__.py").is_file():
        raise BrokenFile(f"The folder {path} holds no experiment: it has no __init__.py.")
    if path.is_file() and path.suffix != ".py":
        raise BrokenFile(f"{path.name} is no Python file: an experiment's file ends in .py.")
    files = sorted(path.rglob("*.py")) if path.is_dir() else [path]
    try:
        texts = {f.relative_to(path.parent).as_posix(): f.read_text("utf-8") for f in files}
    except UnicodeDecodeError:
        raise BrokenFile(f"{path.name} is not UTF-8 text.") from None
    except OSError as error:
        raise BrokenFile(f"{path.name} cannot be read ({error.strerror}).") from None
    if path.is_file():
        return texts[path.name]
    return "\n".join(f"# --- {name}\n{text}" for name, text in texts.items())


def loaded(path: Path) -> Loaded:
    """Run the file and take its EXPERIMENT, or its EXPERIMENTS, and its PHENOMENON if it has one.

    Raises:
        BrokenFile: it does not run, or holds none; one sentence with file and line.
    """
    path = path.resolve()
    text = text_of(path)
    digest = hashlib.sha256(text.encode()).hexdigest()
    origin = Origin("file", path.name, source=text, sha256=digest)
    module = _module(path)
    found = getattr(module, "EXPERIMENTS", None) or getattr(module, "EXPERIMENT", None)
    listed = found if isinstance(found, (tuple, list)) else (found,)
    experiments = tuple(e for e in listed if isinstance(e, Experiment))
    if not experiments or len(experiments) < len(listed):
        raise BrokenFile(
            f"{path.name} has no EXPERIMENT: give that name to the Experiment it is about."
        )
    for experiment in experiments:
        check_id(experiment, path.name)
    phenomenon = getattr(module, "PHENOMENON", None)
    described = phenomenon if isinstance(phenomenon, Phenomenon) else None
    return Loaded(experiments, origin, described)


def check_id(experiment: Experiment, where: str) -> None:
    """BrokenFile unless the id can stand in an address."""
    if not isinstance(experiment.name, str) or not ID.fullmatch(experiment.name):
        raise BrokenFile(
            f"{where}: the id {experiment.name!r} is not allowed: give phenomenon/experiment in "
            "small letters, digits and underscores."
        )


def _module(path: Path) -> ModuleType:
    name = f"lmx_file_{next(_serial)}_{re.sub(r'[^a-z0-9]', '_', path.stem.lower())}"
    start = path / "__init__.py" if path.is_dir() else path
    spec = importlib.util.spec_from_file_location(
        name, start, submodule_search_locations=[str(path)] if path.is_dir() else None
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look for the module of a class there
    try:
        with _beside(path.parent), _without_bytecode():
            spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        for loaded_name in [n for n in sys.modules if n == name or n.startswith(f"{name}.")]:
            del sys.modules[loaded_name]
        raise BrokenFile(told(error, path)) from error
    return module


@contextlib.contextmanager
def _beside(folder: Path) -> Iterator[None]:
    """What lies beside a file can be imported by it, but takes no other module's place."""
    sys.path.append(str(folder))
    try:
        yield
    finally:
        with contextlib.suppress(ValueError):
            sys.path.remove(str(folder))


@contextlib.contextmanager
def _without_bytecode() -> Iterator[None]:
    """Python's kept bytecode is that of an earlier text if both were saved within a second."""
    before, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        yield
    finally:
        sys.dont_write_bytecode = before


def told(error: BaseException, path: Path) -> str:
    """An exception in one sentence: file, line, kind and message."""
    if isinstance(error, SyntaxError) and error.filename:
        where = f"{Path(error.filename).name}, line {error.lineno}"
        return one_line(f"{where}: {error.msg}.", MOST_QUOTED)
    where = place(error, lambda filename: is_within(filename, path)) or path.name
    return one_line(f"{where}: {worded(error)}", MOST_QUOTED)
