"""Knobs: each parameter of an experiment is declared once, as data.

Widgets, links, the command line, validation and the documentation all read the same declaration.
"""

from __future__ import annotations

import dataclasses
import difflib
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, TypeVar, dataclass_transform

import jax
import numpy as np

from sims.core import own_data

if TYPE_CHECKING:
    Scalar = float
    """A dynamic knob's value: a float to the type checker, a tracer or an array inside jit."""
else:
    Scalar = Any

Kind = Literal["float", "int", "choice", "bool", "list"]
P = TypeVar("P")
V = TypeVar("V")
T = TypeVar("T", bound=type)

MOST_VALUES = 1_000_000
"""Values of a sweep axis."""
AUTO_WORDS = ("", "auto", "none")
OWN = "data of one's own (X, y)"


@dataclass(frozen=True)
class Knob:
    """What the reader may set: names, limits and the way it is shown.

    `lo`, `hi` are soft limits (the slider's); `hard_lo`, `hard_hi` are the ones validation keeps.
    A `static` knob shapes arrays or selects code, so changing it compiles a new program.
    With `auto` the value None means "follows from the other knobs"; `resolve` fills it in.
    For a list, the limits hold for each entry and `lengths` bounds their number.
    `beneath(params)`, with autos filled, is a line to be read beneath it, "" for none: plain text
    with TeX between dollars, a warning if it begins with "! ". `unused(values)`, before autos are
    filled, is the sentence why it plays no part, or "". Without `slider` the page shows the field
    alone. With `own` it also takes data of one's own; see `sims.core.own_data`.
    """

    name: str
    default: Any
    kind: Kind
    symbol: str
    label: str
    group: str
    help: str
    unit: str
    lo: float
    hi: float
    hard_lo: float
    hard_hi: float
    scale: Literal["linear", "log"]
    choices: tuple[Any, ...]
    static: bool
    auto: bool
    lengths: tuple[int, int]
    beneath: Callable[[Any], str] | None
    unused: Callable[[Mapping[str, Any]], str] | None
    slider: bool
    own: bool


def knob(
    default: Any,
    label: str,
    symbol: str = "",
    *,
    group: str = "Model",
    help: str = "",
    unit: str = "",
    kind: Kind | None = None,
    lo: float = -math.inf,
    hi: float = math.inf,
    hard_lo: float | None = None,
    hard_hi: float | None = None,
    scale: Literal["linear", "log"] = "linear",
    choices: Sequence[Any] = (),
    static: bool = False,
    auto: bool = False,
    lengths: tuple[int, int] = (1, 8),
    beneath: Callable[[Any], str] | None = None,
    unused: Callable[[Mapping[str, Any]], str] | None = None,
    slider: bool = True,
    own: bool = False,
) -> Any:
    """Declare one knob of a Params dataclass; hard limits default to the soft ones.

    `symbol` is TeX without dollar signs. `kind` follows from the default; an auto knob states it.
    For the rest see `Knob`.
    """
    if kind is None:
        kind = (
            "choice"
            if choices and not all(isinstance(c, int) for c in choices)
            else "bool"
            if isinstance(default, bool)
            else "list"
            if isinstance(default, tuple)
            else "int"
            if isinstance(default, int)
            else "float"
        )
    declared = {
        "kind": kind,
        "symbol": symbol,
        "label": label,
        "group": group,
        "help": help,
        "unit": unit,
        "lo": lo,
        "hi": hi,
        "hard_lo": lo if hard_lo is None else hard_lo,
        "hard_hi": hi if hard_hi is None else hard_hi,
        "scale": scale,
        "choices": tuple(choices),
        "static": static,
        "auto": auto,
        "lengths": lengths,
        "beneath": beneath,
        "unused": unused,
        "slider": slider,
        "own": own,
    }
    return field(default=default, metadata={"knob": declared, "static": static})


@dataclass_transform(frozen_default=True)
def parameters(cls: T) -> T:
    """Class decorator: a frozen dataclass of knobs whose dynamic fields are a JAX pytree.

    A knob needs no annotation: `width = knob(16, "Width", "N")`.
    """
    typed = dict(getattr(cls, "__annotations__", {}))
    own = {name: typed.get(name, Any) for name, v in vars(cls).items() if _is_knob(v)}
    cls.__annotations__ = own | typed
    frozen = dataclass(frozen=True)(cls)
    return jax.tree_util.register_dataclass(frozen)


def _is_knob(value: Any) -> bool:
    return isinstance(value, dataclasses.Field) and "knob" in value.metadata


def knobs_of(params: Any) -> Mapping[str, Knob]:
    """Every knob of a Params class or instance, by name, in the order declared."""
    return _declared(params if isinstance(params, type) else type(params))


@cache
def _declared(cls: type) -> Mapping[str, Knob]:
    found = {
        f.name: Knob(name=f.name, default=f.default, **f.metadata["knob"])
        for f in dataclasses.fields(cls)
    }
    return MappingProxyType(found)


def number(value: float) -> str:
    """A number as links and commands write it: shortest form that reads back to 12 digits."""
    if isinstance(value, (int, np.integer)):
        return str(int(value))
    text = f"{float(value):.12g}"
    return text.replace("e-0", "e-").replace("e+0", "e").replace("e+", "e")


def written(value: Any) -> str:
    """A knob's value as text; `parsed` reads it back."""
    if value is None:
        return "auto"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    if isinstance(value, (tuple, list, np.ndarray)):
        return ",".join(number(v) for v in value)
    return number(value)


def allowed(k: Knob, *, hard: bool = True) -> str:
    """The allowed values in words, for messages and help."""
    if k.kind == "bool":
        text = "true or false"
    elif k.choices:
        words = [str(c) for c in k.choices]
        words += [OWN] * k.own
        text = words[0] if len(words) == 1 else ", ".join(words[:-1]) + " or " + words[-1]
    else:
        lo, hi = (k.hard_lo, k.hard_hi) if hard else (k.lo, k.hi)
        kind = {"int": "a whole number", "float": "a number"}.get(k.kind, "each")
        text = f"{kind} from {number(lo)} to {number(hi)}"
        if k.kind == "list":
            text = f"{k.lengths[0]} to {k.lengths[1]} numbers separated by commas, {text}"
    return text + (", or auto" if k.auto else "")


def refusal(k: Knob, given: Any) -> ValueError:
    """The one sentence for a value a knob does not take."""
    return ValueError(f"{k.name} = {written(given)} is not allowed: give {allowed(k)}.")


def parsed(k: Knob, text: Any) -> Any:
    """Read a knob's value from text (link, command) or check a Python value; ValueError if bad.

    Data of one's own are kept, and the value is their name.
    """
    if k.own and (named := own_data.value_of(text)) is not None:
        return named
    if text is None or (isinstance(text, str) and k.auto and text.strip().lower() in AUTO_WORDS):
        if not k.auto:
            raise refusal(k, text)
        return None
    try:
        value = _read(k, text)
    except (TypeError, ValueError, OverflowError):
        raise refusal(k, text if isinstance(text, (str, int, float)) else str(text)) from None
    entries = value if k.kind == "list" else (value,)
    if k.kind == "list" and not k.lengths[0] <= len(value) <= k.lengths[1]:
        raise refusal(k, value)
    if k.choices and value not in k.choices:
        raise refusal(k, value)
    if not k.choices and k.kind in ("float", "int", "list"):
        for entry in entries:
            if not (math.isfinite(entry) and k.hard_lo <= entry <= k.hard_hi):
                raise refusal(k, value)
    return value


def _read(k: Knob, text: Any) -> Any:
    if k.kind == "bool":
        if isinstance(text, (bool, np.bool_)):
            return bool(text)
        return (
            {"true": True, "false": False}[str(text).strip().lower()]
            if (str(text).strip().lower() in ("true", "false"))
            else _fail()
        )
    if k.kind == "choice":
        return str(text).strip()
    if k.kind == "list":
        parts = text.split(",") if isinstance(text, str) else text
        return tuple(float(p) for p in parts)
    if isinstance(text, (bool, np.bool_)):
        return _fail()
    value = float(text)
    if k.kind == "int":
        return int(value) if value == int(value) else _fail()
    return value


def _fail() -> Any:
    raise ValueError


def with_knobs(params: P, values: Mapping[str, Any], *, where: str = "this experiment") -> P:
    """A copy of `params` with some knobs set from text or values.

    Raises:
        ValueError: one sentence naming the knob and what it takes.
    """
    known = knobs_of(params)
    changes = {}
    for name, value in values.items():
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]}?" if near else "it has " + ", ".join(known) + "."
            raise ValueError(f"There is no knob {name!r} in {where}; {hint}")
        changes[name] = parsed(known[name], value)
    return dataclasses.replace(params, **changes)  # pyright: ignore[reportArgumentType]


def validated(params: P) -> P:
    """The same Params with every value checked and of the declared type, at the door."""
    return with_knobs(params, plain(params))


def plain(params: Any) -> dict[str, Any]:
    """Params as plain data: {name: value}."""
    return {f.name: getattr(params, f.name) for f in dataclasses.fields(params)}


def filled(value: V | None) -> V:
    """The value of an auto knob once `resolve` has filled it in."""
    assert value is not None
    return value


def only_with(reason: str, **values: Any) -> Callable[[Mapping[str, Any]], str]:
    """A knob's `unused`: the reason, unless each knob named here has that value, or one of them."""

    def unused(given: Mapping[str, Any]) -> str:
        plays = all(
            given[name] in (allowed if isinstance(allowed, tuple) else (allowed,))
            for name, allowed in values.items()
        )
        return "" if plays else reason

    return unused


def lines_beneath(params: Any) -> dict[str, str]:
    """What is said beneath each knob of resolved params, by name; see `Knob.beneath`."""
    said = {k.name: k.beneath(params) for k in knobs_of(params).values() if k.beneath is not None}
    return {name: line for name, line in said.items() if line}


def unused_knobs(params: Any, values: Mapping[str, Any]) -> dict[str, str]:
    """Why each knob of a Params class that plays no part among these values does not, by name."""
    asked = {k.name: k.unused(values) for k in knobs_of(params).values() if k.unused is not None}
    return {name: reason for name, reason in asked.items() if reason}


def unresolved(params: Any) -> list[str]:
    """Names of the knobs still on auto."""
    return [name for name, value in plain(params).items() if value is None]


def own_knob(params: Any) -> Knob | None:
    """The knob of a Params class or instance that takes data of one's own, if one does."""
    return next((k for k in knobs_of(params).values() if k.own), None)


def axis(k: Knob, text: str | Sequence[Any]) -> np.ndarray:
    """Values of a sweep axis: `lo:hi:n`, `lo:hi:n:log` or a list `a,b,c`; each checked.

    Raises:
        ValueError: a list-valued knob, a malformed range, or a value out of range.
    """
    if k.kind == "list":
        raise ValueError(f"{k.name} is a list of numbers and cannot be a sweep axis.")
    how = f"give lo:hi:n, lo:hi:n:log or a list a,b,c with {allowed(k)}."
    if isinstance(text, str) and ":" in text:
        parts = text.split(":")
        try:
            lo, hi, n = float(parts[0]), float(parts[1]), int(parts[2])
            logarithmic = len(parts) == 4 and parts[3] == "log"
            if len(parts) > (4 if logarithmic else 3) or not 1 <= n <= MOST_VALUES:
                raise ValueError
            if not math.isfinite(hi - lo) or (logarithmic and not (lo > 0 and hi > 0)):
                raise ValueError
        except (ValueError, IndexError):
            raise ValueError(f"The range {k.name}={text} cannot be read: {how}") from None
        values: Sequence[Any] = list(
            np.geomspace(lo, hi, n) if logarithmic else np.linspace(lo, hi, n)
        )
        if k.kind == "int":
            values = sorted({round(v) for v in values})
    else:
        values = text.split(",") if isinstance(text, str) else list(text)
    if not values:
        raise ValueError(f"The range of {k.name} is empty: {how}")
    checked = [parsed(k, float(v) if isinstance(v, np.floating) else v) for v in values]
    if k.own and any(map(own_data.is_own, checked)):
        raise ValueError(f"Data of one's own are no value of the sweep axis {k.name}: sweep each.")
    if any(v is None for v in checked):
        raise ValueError(f"auto is no value of the sweep axis {k.name}: {how}")
    seen: set[Any] = set()
    for value in checked:
        if value in seen:
            raise ValueError(
                f"{k.name} = {written(value)} stands twice on its axis: give each value once."
            )
        seen.add(value)
    return np.asarray(checked)
