"""Files written whole: what was there before stays until all of the new one is on the disk."""

from __future__ import annotations

import contextlib
import os
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path


def check_writable(path: Path) -> None:
    """ValueError, one sentence, if nothing can be written there; leaves no trace."""
    if not path.parent.is_dir():
        raise ValueError(f"The folder {path.parent} does not exist.")
    if path.is_dir():
        raise ValueError(f"{path} is a folder: give the name of a file.")
    try:
        if is_replaced(path):
            with path.open("ab"):
                pass
        if not is_special(path):
            beside = _beside(path)
            beside.open("xb").close()
            beside.unlink()
    except OSError as error:
        raise ValueError(f"{path} cannot be written ({error.strerror}).") from None


def is_replaced(path: Path) -> bool:
    """Whether a file is there that writing would replace; a device or a pipe loses nothing."""
    return path.is_file()


def write(path: Path, content: bytes) -> None:
    """Write a file beside, and let it take the place of `path` once all of it is there.

    Raises:
        OSError: it cannot be written; a file that was there before is as it was.
    """
    if is_special(path):
        path.write_bytes(content)
        return
    with replacing(path) as beside, beside.open("wb") as made:
        made.write(content)
        made.flush()
        os.fsync(made.fileno())  # some disks say only now that they are full


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A file beside `path`, to be written meanwhile, which then takes its place; see `write`."""
    beside = _beside(path)
    try:
        yield beside
        target = Path(os.path.realpath(path))  # a link stays one
        if target.exists():
            shutil.copymode(target, beside)
        beside.replace(target)
    finally:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)


def _beside(path: Path) -> Path:
    """A name in the folder that holds the file, from where it can be renamed at one stroke."""
    target = Path(os.path.realpath(path))
    return target.with_name(f".{target.name[:200]}.{uuid.uuid4().hex[:8]}.part")


def is_special(path: Path) -> bool:
    """A device or a pipe, which cannot be renamed over."""
    return path.exists() and not path.is_file()
