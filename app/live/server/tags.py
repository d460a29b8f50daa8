"""Tags: which number of a run each trace of a figure shows.

A figure's run traces are drawn empty and tagged. The server evaluates each distinct tag into one
float32 column; the browser only appends.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from app.figures.panels import Plain

CLOCKS = ("time", "step")
"""What a curve over time counts in."""
BAND_EDGES = ("band_lo", "band_hi")


@dataclass(frozen=True)
class Tag:
    """Which number of a run a trace shows.

    `y` names a run variable or a derived one, `index` its entry; `seed` is a seed's position,
    `band_lo` or `band_hi`. `minus` subtracts that variable of the prediction, seed by seed.
    """

    y: str
    index: tuple[int, ...] = ()
    seed: str | int = "first"
    at: str = "records"
    minus: str = ""
    scale: float = 1.0


@dataclass(frozen=True)
class Bound:
    """A tagged trace and what fills it; `x` is `time`, `step`, a Tag, or empty (left as drawn).

    `depth` is what lies behind the screen, in a panel that can be turned. `said` are numbers for
    the hover box, each with the words it counts, if it counts words. `marks` chooses marks.
    """

    trace: int
    x: str | Tag
    y: Tag
    target: str
    depth: Tag | None = None
    said: tuple[tuple[Tag, tuple[str, ...]], ...] = ()
    marks: Tag | None = None

    @property
    def tags(self) -> list[Tag]:
        """Every tag it asks for."""
        asked = (self.y, self.x, self.depth, self.marks, *(tag for tag, _ in self.said))
        return [tag for tag in asked if isinstance(tag, Tag)]


def tag_of(trace: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The run tag of a trace, if it has one."""
    meta = trace.get("meta")
    return meta.get("run") if isinstance(meta, Mapping) else None


def bound(
    number: int, trace: Mapping[str, Any], tag: Mapping[str, Any], seed: int | None = None
) -> Bound:
    """The binding of one trace; `seed` replaces `each`."""
    flat = tag.get("z")
    name, minus = (flat if isinstance(flat, str) else tag["y"]), tag.get("minus", False)
    chosen = tag.get("seed", "first")
    y = Tag(
        y=name,
        index=tuple(tag.get("index") or ()),
        seed=seed if seed is not None else chosen,
        at=tag.get("at", "records"),
        minus=(minus if isinstance(minus, str) else name) if minus else "",
        scale=float(tag.get("scale", 1.0)),
    )
    x = tag.get("x", "time" if y.at == "records" else "")
    if x and x not in CLOCKS:
        x = Tag(x, tuple(tag.get("x_index") or ()), y.seed, y.at)
    kind = trace["type"]
    behind = tag.get("depth_index")
    depth = None if behind is None else replace(y, index=tuple(behind))
    said = tuple(
        (Tag(of, (), y.seed, y.at), tuple(words or ())) for of, words in tag.get("said", ())
    )
    marks = Tag(tag["marks"], (), y.seed, y.at) if "marks" in tag else None
    target = "z" if flat or kind in ("heatmap", "contour") else "y"
    return Bound(number, x, y, target, depth, said, marks)


def bindings(figure: Plain) -> list[Bound]:
    """Every tagged trace of a figure; expand `seed: each` beforehand with `with_every_seed`."""
    found = []
    for number, trace in enumerate(figure["data"]):
        tag = tag_of(trace)
        if tag is not None:
            found.append(bound(number, trace, tag))
    return found


def with_every_seed(figure: Plain, seeds: int) -> Plain:
    """The figure with each trace tagged `seed: each` repeated, one per seed."""
    if not any((tag_of(t) or {}).get("seed") == "each" for t in figure["data"]):
        return figure
    traces: list[dict[str, Any]] = []
    for trace in figure["data"]:
        tag = tag_of(trace)
        if tag is None or tag.get("seed") != "each":
            traces.append(trace)
            continue
        for i in range(seeds):
            meta = {**trace["meta"], "run": {**tag, "seed": i}}
            traces.append({**trace, "meta": meta})
    return {**figure, "data": traces}


def without_bands(figure: Plain) -> Plain:
    """The figure without what shows the spread over seeds: of one seed there is none."""
    kept = [t for t in figure["data"] if (tag_of(t) or {}).get("seed") not in BAND_EDGES]
    return {**figure, "data": kept}


def names(tags: Iterable[Tag]) -> dict[Tag, str]:
    """What the browser calls each tag: c0, c1 .. for columns, s0, s1 .. for snapshots."""
    count = {"c": 0, "s": 0}
    found = {}
    for tag in dict.fromkeys(tags):
        letter = "s" if tag.at == "scrub" else "c"
        found[tag] = f"{letter}{count[letter]}"
        count[letter] += 1
    return found
