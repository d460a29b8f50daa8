"""The command `lmx`, and `lmx.sims` for Python, whatever else is called `app` or `sims` there.

The packages of this distribution have names that a folder of one's own may have, too. Started from
here they are found beside this file, before Python looks for anybody else's:

    import lmx
    tree = lmx.sims.run("saddle_to_saddle/linear_network")
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

NAMES = ("sims", "app")


def _root() -> Path:
    """The folder that holds both packages: that of the wheel, or of the checkout."""
    for folder in Path(__file__).resolve().parents:
        if (folder / "sims" / "api.py").is_file() and (folder / "app" / "cli").is_dir():
            return folder
    raise ImportError(f"The packages app and sims are not beside {__file__}: install lmx again.")


def found() -> Path:
    """Have `import sims` and `import app` find ours from now on; the folder that holds them.

    Raises:
        ImportError: another package of one of these names is in use already; one sentence.
    """
    root = _root()
    for name in NAMES:
        there = sys.modules.get(name)
        if there is None:
            continue
        file = Path(getattr(there, "__file__", None) or "unknown").resolve()
        if root / name not in file.parents:
            raise ImportError(
                f"lmx needs its own package {name}, and {file} was imported under that name "
                "before: import lmx first, or rename that file."
            )
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder(root))
    return root


class _Finder:
    """Finds `sims` and `app` under a folder, ahead of the path."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        """The spec of one of our two packages; the rest is found as ever."""
        del path, target
        if name not in NAMES:
            return None
        folder = self.root / name
        return importlib.util.spec_from_file_location(
            name, folder / "__init__.py", submodule_search_locations=[str(folder)]
        )


def main() -> int:
    """The command; one sentence where another package has taken its place."""
    try:
        found()
    except ImportError as error:
        print(error, file=sys.stderr)
        return 2
    from app import interrupts

    interrupts.end_imports_at_once()
    from app.cli import main as command

    return interrupts.ended(command())


def __getattr__(name: str) -> ModuleType:
    """The packages themselves, imported when first asked for."""
    if name not in NAMES:
        raise AttributeError(f"lmx has no {name!r}: it has {' and '.join(NAMES)}.")
    found()
    return importlib.import_module(name)
