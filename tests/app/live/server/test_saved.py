"""Files that are saved while the server runs."""

from __future__ import annotations

import threading
from pathlib import Path

from app.live.server.saved import Saved
from sims.core.registry import Registry


class Files(Registry):
    """A registry whose files change when a test says so."""

    def __init__(self, *looks):
        self.looks, self.done, self.there = list(looks), threading.Event(), [Path("mine.py")]

    @property
    def opened(self):
        return self.there

    def refresh(self):
        if not self.looks:
            self.done.set()
            return []
        found = self.looks.pop(0)
        if isinstance(found, Exception):
            raise found
        return found


def test_a_saved_file_is_told_of_and_a_stumble_ends_nothing(caplog):
    files, told = Files([], RuntimeError("a disk"), ["a/b", "a/c"]), []
    saved = Saved(files, told.append)
    saved.start()
    assert files.done.wait(10)
    saved.close()
    assert told == ["a/b", "a/c"]
    assert "looking at the files stumbled" in caplog.text


def test_without_files_nothing_is_looked_at():
    files = Files()
    files.there = []
    before = set(threading.enumerate())
    Saved(files, lambda _: None).start()
    assert not [t for t in set(threading.enumerate()) - before if t.name == "lmx-saved"]
