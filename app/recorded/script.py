"""The browser's modules as one classic script, which a page opened from a file may run.

A browser loads modules over HTTP only. Ours are joined here in the order of their imports, each a
function of its own, so that their private names stay apart; no tool of another language is needed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path, PurePosixPath

import app.live
from app.figures import style

FOLDER = Path(app.live.__file__).parent / "browser"
ENTRY = "recorded/page.js"

_IMPORT = re.compile(r'^import (?:\{([^}]*)\} from )?"([^"]+)";\n', re.MULTILINE)
_EXPORT = re.compile(
    r"^export (default )?((?:async )?(?:function\*?|class|const) )?(\w+)?", re.MULTILINE
)
_COMMENT = re.compile(r"^[ \t]*(?:/\*\*(?:(?!\*/).)*\*/|//[^\n]*)\n", re.MULTILINE | re.DOTALL)


@cache
def joined(entry: str = ENTRY, folder: Path = FOLDER) -> str:
    """The script; what the entry exports is the object `lmx` of the page.

    Raises:
        ValueError: modules import each other in a circle, or one imports in a way that is not
            understood here.
    """
    parts = [f"const modules = {{}};\n{_ADDRESS}"]
    parts += [_wrapped(name, folder) for name in _in_order(entry, folder)]
    return _within('"use strict";\n' + "".join(parts) + f"return modules[{json.dumps(entry)}];\n")


def rules() -> str:
    """The live part's rules as one text: those that `dom/styles.js` fetches from a server."""
    found = re.search(r"^const FILES = (\[.*\]);$", _text("dom/styles.js", FOLDER), re.MULTILINE)
    assert found is not None
    return "".join(_text(name, FOLDER) for name in json.loads(found[1]))


def shared() -> str:
    """The script of every page that plays: the modules, and the look as `lmx.look`."""
    look = {"palette": _palettes(), "rules": rules()}
    return f"{joined()}lmx.look = {quoted(look)};\n"


def pictures() -> str:
    """The script of a page that shows pictures alone; it draws them."""
    return f"{joined('recorded/pictures.js')}lmx.draw({quoted(_palettes())});\n"


def _palettes() -> dict[str, dict[str, str]]:
    return {mode: style.palette(mode) for mode in style.MODES}


def quoted(value: object) -> str:
    """Plain data as JavaScript that may stand inside a page's script element."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).replace("</", "<\\/")


# What asks where its module lies, to fetch more from there, is told nowhere: nothing is fetched.
_ADDRESS = 'const address = "file:///";\n'


def _within(body: str) -> str:
    return f"const lmx = (() => {{\n{body}}})();\n".replace("</script", "<\\/script")


def _in_order(entry: str, folder: Path) -> Iterator[str]:
    """Every module that is needed, after those it imports."""
    done: set[str] = set()
    open_: list[str] = []

    def visit(name: str) -> Iterator[str]:
        if name in done:
            return
        if name in open_:
            circle = " -> ".join([*open_[open_.index(name) :], name])
            raise ValueError(f"Modules import each other in a circle: {circle}.")
        open_.append(name)
        for _, source in _IMPORT.findall(_text(name, folder)):
            yield from visit(_beside(name, source))
        open_.pop()
        done.add(name)
        yield name

    return visit(entry)


def _text(name: str, folder: Path) -> str:
    return (folder / name).read_text("utf-8")


def _beside(name: str, source: str) -> str:
    """The module that another one means by `../panels/panel.js`."""
    found: list[str] = []
    for part in PurePosixPath(name).parent.joinpath(source).parts:
        if part == "..":
            found.pop()
        elif part != ".":
            found.append(part)
    return "/".join(found)


def _wrapped(name: str, folder: Path) -> str:
    """A module as a function that gives what it exports."""
    exported: dict[str, str] = {}

    def imported(found: re.Match[str]) -> str:
        names = re.sub(r"\bas\b", ":", found[1] or "").strip()
        place = json.dumps(_beside(name, found[2]))
        return f"const {{ {names} }} = modules[{place}];\n" if names else ""

    def unexported(found: re.Match[str]) -> str:
        default, kind, what = found.groups()
        if default:
            exported["default"] = what if kind else "standard"
            return f"{kind}{what}" if kind else f"const standard = {what or ''}"
        if kind is None or what is None:
            raise ValueError(f"{name} exports in a way that is not understood: {found[0]}.")
        exported[what] = what
        return f"{kind}{what}"

    text = _COMMENT.sub("", _text(name, folder))
    body = _EXPORT.sub(unexported, _IMPORT.sub(imported, text))
    body = body.replace("import.meta.url", "address")
    if stray := re.search(r"^(import|export)\b.*", body, re.MULTILINE):
        raise ValueError(f"{name} has a line that is not understood: {stray[0]}")
    given = ", ".join(f"{outer}: {inner}" for outer, inner in exported.items())
    return f"modules[{json.dumps(name)}] = (() => {{\n{body}return {{ {given} }};\n}})();\n"
