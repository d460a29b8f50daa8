"""Which experiments there are: shipped, installed by other distributions, and files named at start.

Pages, links, the command, and the tests of all experiments read them here and nowhere else.
"""

from __future__ import annotations

import difflib
import hashlib
import importlib
import logging
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from sims.core.experiment import Experiment, Phenomenon
from sims.core.installed import installed
from sims.core.origin import SHIPPED, Origin
from sims.core.plugin_file import BrokenFile, Loaded, loaded, text_of
from sims.core.sentences import one_line

log = logging.getLogger("lmx")

PHENOMENA = (
    "saddle_to_saddle", "edge_of_stability", "lazy_rich", "neural_collapse", "grokking",
    "scaling_laws", "width_transfer", "kernel_regression", "representations", "symmetries",
    "signal_propagation", "teacher_student", "in_context", "singular_learning",
)  # fmt: skip
"""The packages of `sims` that ship a PHENOMENON, in the order of the pages."""
MOST_QUOTED = 60


@dataclass(frozen=True)
class Entry:
    """An experiment, where it comes from, and what became of the newest text of its file.

    `revision` counts the texts seen; `trouble` says why the newest could not be taken.
    """

    experiment: Experiment
    origin: Origin
    revision: int = 0
    trouble: str = ""
    path: Path | None = None


class Registry:
    """Any thread may ask; what an answer holds is never changed. Files are opened at start only.

    `shipped` and `installed` find what is there, once, when first asked for.
    """

    def __init__(
        self,
        shipped: Callable[[str], Phenomenon],
        installed: Callable[[], tuple[list[Loaded], list[str]]],
        names: Iterable[str] = PHENOMENA,
    ) -> None:
        """Nothing is imported yet."""
        self._shipped, self._installed, self._names = shipped, installed, tuple(names)
        self._opened: dict[Path, Loaded] = {}
        self._entries: dict[str, Entry] = {}
        self._described: dict[str, Phenomenon] = {}
        self._texts: dict[Path, tuple[object, ...]] = {}
        self._not_taken: list[str] = []
        self._disputed: dict[str, str] = {}
        self._is_whole = False
        self._lock = threading.RLock()

    # Asking

    def phenomena(self) -> tuple[Phenomenon, ...]:
        """Every phenomenon with the experiments that are there, in the order of the pages."""
        self._fill()
        groups: dict[str, list[Experiment]] = {name: [] for name in self._names}
        for name, entry in self._entries.items():
            groups.setdefault(name.partition("/")[0], []).append(entry.experiment)
        described = self._described
        return tuple(
            replace(described.get(name) or _undescribed(name), experiments=tuple(experiments))
            for name, experiments in groups.items()
            if experiments
        )

    def experiments(self) -> list[Experiment]:
        """Every experiment, in the order of the pages."""
        return [e for phenomenon in self.phenomena() for e in phenomenon.experiments]

    def experiment(self, name: str) -> Experiment:
        """The experiment of that id; only its phenomenon is imported where that suffices.

        Raises:
            ValueError: there is none; the sentence names the nearest or all.
        """
        return self.entry(name).experiment

    def entry(self, name: str) -> Entry:
        """The experiment of that id, and where it comes from; ValueError if there is none."""
        found = self._entries.get(name)
        if found is None:
            self._ship(name.partition("/")[0])
            found = self._entries.get(name)
        if found is None:
            self._fill()
            found = self._entries.get(name)
        if found is None:
            raise ValueError(self._unknown(name))
        return found

    def revision(self, name: str) -> int:
        """How many texts of its file were seen; 0 for what comes from no file."""
        entry = self._entries.get(name)
        return 0 if entry is None else entry.revision

    def origin(self, experiment: Experiment) -> Origin:
        """Where that very object comes from."""
        entry = self._entries.get(experiment.name)
        if entry is not None and entry.experiment is experiment:
            return entry.origin
        for one in [*self._opened.values(), *_read.values()]:
            if any(experiment is e for e in one.experiments):
                return one.origin
        return Origin()

    def notes(self) -> list[str]:
        """For who starts the explorer: what is there beyond what is shipped, and what is not."""
        self._fill()
        beyond = [e for e in self._entries.values() if e.origin.kind != "shipped"]
        return [*(f"{e.experiment.name} is {e.origin.words}." for e in beyond), *self._not_taken]

    def not_taken(self) -> list[str]:
        """Why some of what is installed is no experiment here: a sentence for each."""
        self._fill()
        return list(self._not_taken)

    def _unknown(self, name: str) -> str:
        if name in self._disputed:
            return self._disputed[name]
        near = difflib.get_close_matches(name, self._entries, n=1)
        known = ", ".join(e.name for e in self.experiments())
        hint = f"did you mean {near[0]}?" if near else f"there are {known}."
        return f"There is no experiment {one_line(str(name), MOST_QUOTED)!r}; {hint}"

    # What is there

    def _ship(self, name: str) -> None:
        """Import one shipped phenomenon, once."""
        with self._lock:
            if name in self._names and name not in self._described:
                phenomenon = self._shipped(name)
                self._described[name] = phenomenon
                for experiment in phenomenon.experiments:
                    self._entries.setdefault(experiment.name, Entry(experiment, SHIPPED))

    def _fill(self) -> None:
        """Import all that is shipped and installed, once."""
        with self._lock:
            if self._is_whole:
                return
            for name in self._names:
                self._ship(name)
            found, self._not_taken = self._installed()
            self._take_installed(found)
            order = {e.name: None for p in self._described.values() for e in p.experiments}
            kept = dict(self._entries)
            self._entries = {n: kept[n] for n in [*order, *kept] if n in kept}
            self._is_whole = True

    def _take_installed(self, found: list[Loaded]) -> None:
        """Ids that are shipped, or that two distributions offer, are taken from none of them."""
        offers: dict[str, list[tuple[Experiment, Origin]]] = {}
        for one in found:
            if one.phenomenon is not None:
                self._described.setdefault(one.phenomenon.name, one.phenomenon)
            for experiment in one.experiments:
                offers.setdefault(experiment.name, []).append((experiment, one.origin))
        for name, offered in offers.items():
            sources = " and in ".join(origin.name for _, origin in offered)
            there = self._entries.get(name)
            if there is not None and there.origin.kind == "shipped":
                self._not_taken.append(f"{name} of {sources} is not taken: that id is shipped.")
            elif len(offered) > 1:
                self._disputed[name] = f"{name} is in {sources}: neither is taken, uninstall one."
                self._not_taken.append(self._disputed[name])
            elif there is None:
                self._entries[name] = Entry(*offered[0])

    # Files

    @property
    def opened(self) -> list[Path]:
        """The files that were opened."""
        return list(self._opened)

    @property
    def files(self) -> list[Path]:
        """The files that were opened, or named in Python calls."""
        return [*self._opened, *_read]

    def open(self, path: str | Path) -> list[Experiment]:
        """Take in the experiments of a file (or folder), in place of shipped ones of the same id.

        Raises:
            BrokenFile: it holds none; one sentence with file and line.
        """
        path = Path(path).resolve()
        seen = _stamp(path)
        one = loaded(path)
        for experiment in one.experiments:
            self._ship(experiment.name.partition("/")[0])
        with self._lock:
            self._take_opened(path, one)
            self._texts[path] = seen
        return list(one.experiments)

    def _take_opened(self, path: Path, one: Loaded) -> None:
        entries = dict(self._entries)
        for experiment in one.experiments:
            there = entries.get(experiment.name)
            shadows = there is not None and (there.origin.kind != "file" or there.origin.shadows)
            revision = there.revision + 1 if there is not None else 1
            origin = replace(one.origin, shadows=shadows)
            entries[experiment.name] = Entry(experiment, origin, revision, "", path)
        for name, there in entries.items():
            if there.path == path and all(e.name != name for e in one.experiments):
                gone = f"{path.name} holds {name} no longer."
                entries[name] = replace(there, trouble=gone, revision=there.revision + 1)
        if one.phenomenon is not None:
            self._described.setdefault(one.phenomenon.name, one.phenomenon)
        self._opened[path] = one
        self._entries = entries

    def refresh(self) -> list[str]:
        """Load the files anew that have changed; ids whose experiment or trouble is another now.

        Only the thread that keeps house calls it.
        """
        changed: list[str] = []
        for path, before in list(self._texts.items()):
            seen = _stamp(path)
            if seen == before:
                continue
            self._texts[path] = seen
            try:
                if _digest(path) == self._opened[path].origin.sha256 and not self._troubled(path):
                    continue
                one = loaded(path)
            except BrokenFile as error:
                changed += self._trouble(path, str(error))
                continue
            with self._lock:
                self._take_opened(path, one)
            changed += [name for name, entry in self._entries.items() if entry.path == path]
        return changed

    def _troubled(self, path: Path) -> bool:
        return any(e.trouble for e in self._entries.values() if e.path == path)

    def _trouble(self, path: Path, sentence: str) -> list[str]:
        with self._lock:
            entries = dict(self._entries)
            names = [n for n, e in entries.items() if e.path == path]
            for name in names:
                entry = entries[name]
                entries[name] = replace(entry, trouble=sentence, revision=entry.revision + 1)
            self._entries = entries
        return names


def _stamp(path: Path) -> tuple[object, ...]:
    """What tells whether a file was saved since: cheap to ask, and another after every save."""
    files = sorted(path.rglob("*.py")) if path.is_dir() else [path]
    found = []
    for file in files:
        try:
            stat = file.stat()
        except OSError:
            continue
        found.append((str(file), stat.st_mtime_ns, stat.st_size, stat.st_ino))
    return tuple(found)


def _digest(path: Path) -> str:
    return hashlib.sha256(text_of(path).encode()).hexdigest()


def _undescribed(name: str) -> Phenomenon:
    return Phenomenon(name, name.replace("_", " ").capitalize(), "", "", ())


# Python calls


_read: dict[Path, Loaded] = {}
"""Files named in Python calls, by path: the same objects as long as the text is the same."""
_reading = threading.Lock()


def read(path: str | Path) -> list[Experiment]:
    """The experiments of a file without a place among the pages; BrokenFile if there are none."""
    path = Path(path).resolve()
    with _reading:
        known = _read.get(path)
        if known is None or _digest(path) != known.origin.sha256:
            known = _read[path] = loaded(path)
        return list(known.experiments)


def names_a_file(what: object) -> bool:
    """Whether that is the name of a file, or a folder, rather than an id."""
    if isinstance(what, str):
        file = what.partition("::")[0]
        return file.endswith((".py", "/"))
    return isinstance(what, Path)


def find(what: str | Path | Experiment) -> Experiment:
    """An experiment itself, or that of an id, of `FILE.py`, or of `FILE.py::phenomenon/experiment`.

    Raises:
        ValueError: there is none; one sentence.
    """
    if isinstance(what, Experiment):
        return what
    if not names_a_file(what):
        return registry.experiment(str(what))
    file, _, name = str(what).partition("::")
    found = {e.name: e for e in read(file)}
    if not name and len(found) == 1:
        return next(iter(found.values()))
    if name in found:
        return found[name]
    listed = ", ".join(f"{file}::{n}" for n in found)
    why = (
        f"holds no {one_line(name, MOST_QUOTED)}; there are"
        if name
        else "holds several: name one of"
    )
    raise ValueError(f"{Path(file).name} {why} {listed}.")


# This process


def _import_shipped(name: str) -> Phenomenon:
    return importlib.import_module(f"sims.{name}").PHENOMENON


registry = Registry(_import_shipped, installed)
"""That of this process."""
