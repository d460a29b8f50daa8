"""The browser's declaration of the messages, read from its own files, and what does not fit it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from app.live import component

BROWSER = Path(component.__file__).parent / "browser"
SOURCES = [BROWSER / "session" / "messages.d.ts", BROWSER / "room" / "types.d.ts"]
TEXT = "".join(re.sub(r"/\*\*.*?\*/", "", path.read_text("utf-8"), flags=re.S) for path in SOURCES)

FIELDS = {
    name: dict(re.findall(r"^  (\w+\??): (.+);$", body, re.M))
    for name, body in re.findall(r"^export interface (\w+) \{\n(.*?)^\}", TEXT, re.M | re.S)
}
"""The fields of every interface, with a question mark where one may be missing, and their types."""
ALIASES = dict(re.findall(r"^export type (\w+) = (.+);$", TEXT, re.M))
PRIMITIVES = {"string": str, "number": (int, float), "boolean": bool, "null": type(None)}


def misfits(declared: str, value: Any, at: str = "") -> list[str]:
    """Where a value is not what a type declares; what is declared elsewhere may be anything."""
    declared = ALIASES.get(declared, declared)
    choices = _choices(declared)
    if len(choices) > 1:
        found = [misfits(choice, value, at) for choice in choices]
        return min(found, key=len)
    if declared in FIELDS:
        return list(_fields(declared, value, at))
    if declared.endswith("[]"):
        inner = declared[:-2].removeprefix("(").removesuffix(")")
        return _parts(inner, list, enumerate(value) if isinstance(value, list) else None, at)
    if record := re.fullmatch(r"Record<\w+, (.+)>", declared):
        return _parts(record[1], dict, value.items() if isinstance(value, dict) else None, at)
    if declared.startswith('"'):
        return [] if value == declared.strip('"') else [f"{at}: {value!r} is not {declared}"]
    if declared not in PRIMITIVES:
        return []
    fits = isinstance(value, PRIMITIVES[declared])
    if declared == "number" and isinstance(value, bool):
        fits = False
    return [] if fits else [f"{at}: {value!r} is no {declared}"]


def _choices(declared: str) -> list[str]:
    """The parts of a union; those within brackets stay together."""
    return re.split(r" \| (?![^(<]*[)>])", declared)


def _parts(inner: str, kind: type, parts: Any, at: str) -> list[str]:
    if parts is None:
        return [f"{at}: no {kind.__name__}"]
    return [wrong for key, part in parts for wrong in misfits(inner, part, f"{at}[{key!r}]")]


def _fields(name: str, value: Any, at: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{at}: {value!r} is no {name}"
        return
    fields = FIELDS[name]
    known = {field.rstrip("?") for field in fields}
    yield from (f"{at}.{key}: not in {name}" for key in value.keys() - known)
    for field, declared in fields.items():
        key = field.rstrip("?")
        if key in value:
            yield from misfits(declared, value[key], f"{at}.{key}")
        elif field == key:
            yield f"{at}.{key}: missing in {name}"
