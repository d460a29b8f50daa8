"""Two settings in one picture: the second one's theory and runs over the first one's, by name."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from app.figures import style
from app.figures.panels import Plain
from app.knob_words import said
from app.live.messages.markup import prose
from app.live.server import tags
from app.wording import listed_words
from sims.core.knobs import knobs_of

if TYPE_CHECKING:
    from app.live.server.forecast import Forecast

SECOND_RUN_DASH = "7px,3px"


def overlay(entry: dict[str, Any], other: Plain, bound: Sequence[tags.Bound]) -> None:
    """Draw a compared setting into a panel: its theory where it differs, clones of the runs.

    A clone keeps its curve's colour and is dashed; a panel's only curve changes colour too.
    """
    data = entry["figure"]["data"]
    drawn_already = [_curve(t) for t in data]
    runs = sum(data[b.trace].get("legendgroup") == "run" for b in bound)
    for found, binding in zip(list(entry["traces"]), bound, strict=True):
        clone = _second(data[binding.trace], alone=runs == 1)
        entry["traces"].append({**found, "trace": len(data), "source": 1})
        data.append(clone)
    for word, given in ((other["layout"].get("meta") or {}).get("times") or {}).items():
        clock = (entry.get("times") or {}).get(word)
        if clock is None:
            continue
        lows, highs = zip(clock["axis"]["range"], given["range"], strict=True)
        clock["axis"]["range"] = [min(lows), max(highs)]
        clock["factors"].append(given.get("factor", 1.0))
    for trace in other["data"]:
        if trace.get("legendgroup") == "theory" and _curve(trace) not in drawn_already:
            own: dict[str, Any] = {"name": f"{trace.get('name', 'theory')}, compared"}
            own["line"] = {**trace.get("line", {}), **style.COMPARED_THEORY}
            data.append({**trace, **own, "meta": {"kind": "theory2", "source": 1}})
        if trace.get("legendgroup") == "baseline" and _curve(trace) not in drawn_already:
            own = {"name": f"{trace['name']}, compared", "meta": {"kind": "baseline", "source": 1}}
            data.append({**trace, **own})


def _curve(trace: Mapping[str, Any]) -> bytes:
    return b"".join(np.asarray(trace.get(a, ()), object).astype(str).tobytes() for a in "xy")


def _second(trace: Mapping[str, Any], *, alone: bool) -> dict[str, Any]:
    line = dict(trace.get("line", {}))
    if line.get("width"):
        line["dash"] = SECOND_RUN_DASH
    clone: dict[str, Any] = {**trace, "line": line, "name": f"{trace.get('name', 'run')}, compared"}
    if "marker" in clone:
        clone["marker"] = {**clone["marker"], "symbol": "circle-open"}
    if alone:
        line["color"] = "role:series1"
        if "fillcolor" in clone:
            clone["fillcolor"] = "role:band1"
        if "marker" in clone:
            clone["marker"]["color"] = "role:series1"
    return clone


def named_apart(entries: list[dict[str, Any]], forecast: Forecast) -> list[dict[str, Any]]:
    """The legend of two settings: each run and the compared theory by their own names."""
    this, other = _settings(forecast)
    made = []
    for entry in entries:
        named = {**entry, "words": _together(f"run: {this}")} if entry["kind"] == "run" else entry
        made.append(named)
        if entry["kind"] == "theory":
            words = _together(f"theory: {other}")
            made.append(
                {"kind": "compared_theory", "words": words, "colour": None, "when": "always"}
            )
        if entry["kind"] == "run":
            words = _together(f"run: {other}")
            made.append({"kind": "compared_run", "words": words, "colour": 1, "when": "run"})
    return made


def _together(words: str) -> str:
    """One piece in the row of an entry, whose pieces stand apart."""
    return f"<span>{words}</span>"


def _settings(forecast: Forecast) -> tuple[str, str]:
    """What two compared settings are called: a preset's title and its `compare_title`.

    Those of a reader are told apart by the knobs in which they differ.
    """
    asked = dict(forecast.recipe.compare or {})
    if forecast.recipe.own:
        return _apart(forecast)
    for preset in forecast.experiment.presets:
        if preset.compare is not None and dict(preset.compare) == asked:
            return html.escape(preset.title), html.escape(preset.compare_title)
    return "this setting", "the one beside it"


def _apart(forecast: Forecast) -> tuple[str, str]:
    here, there = (one.setup.params for one in forecast.settings)
    given, asked = forecast.recipe.values, forecast.recipe.compare or {}
    knobs = [k for n, k in knobs_of(here).items() if n in asked and asked[n] != given.get(n)]
    named = [[said(k, getattr(params, k.name)) for k in knobs] for params in (here, there)]
    this, other = (prose(listed_words(words)) for words in named)
    return (this, other) if knobs else ("this setting", "the same again")
