"""What the browser is told before the run: the prediction as panels and words.

Only text and figures are made here; every number comes from a prediction, a run or the claims.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from app.figures import axes, panels
from app.figures.panels import Panel, Plain, View
from app.live.messages.asked import asked
from app.live.messages.beside import named_apart, overlay
from app.live.messages.encoding import json_text
from app.live.messages.markup import prose
from app.live.server import tags
from app.tex import symbol
from app.wording import deserved, number, share
from sims.core.baseline import about
from sims.core.experiment import Claim

if TYPE_CHECKING:
    from app.live.server.columns import Derived
    from app.live.server.forecast import Forecast
    from app.live.server.setting import Setting

MOST_LISTED = 6
KINDS = {
    "theory": "theory",
    "second_theory": "theory2",
    "run": "run",
    "second_run": "run",
    "band": "band",
    "predicted": "prediction",
    "baseline": "baseline",
}
"""Words of traces and legend entries: the figures' and the browser's."""


@dataclass(frozen=True)
class Drawn:
    """One setting's figures: its View, and each panel with `seed: each` traces repeated.

    What is guessed is in the figures, for the browser to show on request; `guesses` are its words.
    """

    view: View
    figures: tuple[Plain, ...]
    guesses: tuple[str, ...] = ()


def drawn(view: View, seeds: int) -> Drawn:
    """A View ready to be bound to columns; a single seed has no bands."""
    guesses = [panel.baseline() for panel in view.panels]
    plains = [
        tags.with_every_seed(panels.with_baseline(panel, guess), seeds)
        for panel, guess in zip(view.panels, guesses, strict=True)
    ]
    said = [words for guess in guesses for words in guess.words]
    said += [tile.baseline_words for tile in view.tiles if tile.baseline]
    figures = tuple(tags.without_bands(p) if seeds == 1 else p for p in plains)
    return Drawn(view, figures, tuple(dict.fromkeys(said)))


def view_message(forecast: Forecast) -> tuple[str, list[tags.Tag], Derived]:
    """The view message of a forecast, the tags its columns must fill, and how to derive them."""
    sides = [drawn(one.figures(), len(one.setup.tasks)) for one in forecast.settings]
    bound = [[tags.bindings(f) for f in one.figures] for one in sides]
    main = sides[0].view
    followed = [_followed(t) for t in main.tiles]
    wanted = [t for panel in bound[0] for b in panel for t in b.tags]
    wanted = list(dict.fromkeys([*wanted, *(t for t in followed if t is not None)]))
    names = tags.names(wanted)
    shown = []
    for i, panel in enumerate(main.panels):
        entry = _panel(panel, sides[0].figures[i], bound[0][i], names)
        if len(sides) > 1:
            other = next((k for k, p in enumerate(sides[1].view.panels) if p.id == panel.id), None)
            if other is not None:
                overlay(entry, sides[1].figures[other], bound[0][i])
        shown.append(entry)
    setting = forecast.settings[0]
    message = {
        "type": "view",
        "panels": shown,
        "tiles": [
            _tile(t) | {"column": None if tag is None else names[tag]}
            for t, tag in zip(main.tiles, followed, strict=True)
        ],
        "events": [
            {"symbol": e.symbol_html, "time": e.time} for e in main.events if math.isfinite(e.time)
        ],
        "legend": [*_legend(main, forecast), *_guess_entry(sides)],
        "asked": asked(main.asked) if len(sides) == 1 else None,
        "links": setting.links(),
        "rows_total": forecast.total_rows,
        "complete": all(s.is_whole for s in forecast.settings),
        "progress": round(forecast.progress, 4),
        **_known_before(setting),
    }
    return json_text(message), wanted, main.derived


def _known_before(setting: Setting) -> dict[str, Any]:
    setup, experiment = setting.setup, setting.experiment
    return {
        "clock": setting.clock(),
        "assumptions": [
            {"name": a.name, "label": prose(a.label), "sentence": prose(a.sentence), "held": a.held}
            for a in setting.assumptions
        ],
        "warnings": [_warning(w) for w in setting.warnings()],
        "claims": [claim_before(c, setting) for c in setting.asked()],
        "falsifier": prose(experiment.falsifier),
        "hash": setting.hash,
        "stem": setting.stem,
        "seeds": len(setup.seeds),
        "cost": setting.cost(),
        "dtype": experiment.dtype(setup.params),
        "duration_steps": setting.clock()["end_step"],
        **computed_on(setting),
    }


def computed_on(setting: Setting) -> dict[str, str]:
    """The device of its runs, and in words with all else that their numbers hang on.

    It may become another one when the programs are built.
    """
    setup = setting.setup
    dtype = setting.experiment.dtype(setup.params)
    words = f"seed {setup.seeds[0]}, {dtype}, {setting.device_words}, JAX {setting.jax}"
    return {"device": setting.device, "provenance": words}


def _warning(sentence: str) -> dict[str, str]:
    title, _, text = sentence.partition(". ")
    if not text:
        return {"title": "", "text": prose(sentence)}
    return {"title": title + ".", "text": prose(text)}


def _panel(
    panel: Panel, figure: Plain, bound: Sequence[tags.Bound], names: Mapping[tags.Tag, str]
) -> dict[str, Any]:
    layout, data = dict(figure["layout"]), [_shown(trace) for trace in figure["data"]]
    for binding in bound:
        if binding.y.at == "snapshots":
            data[binding.trace]["connectgaps"] = True
    entry = {
        "id": panel.id,
        "title": panel.title,
        "symbol": panel.symbol,
        "toggle": panel.toggle,
        "alt": panel.alt(None) if panel.alt is not None else panel.title,
        "note": panel.note,
        "height_units": panel.height_units,
        "traces": [_bound(b, names, 0) for b in bound],
        "figure": {"data": data, "layout": layout},
    }
    meta = layout.pop("meta", None) or {}
    entry["cells"] = bool(meta.get("cells"))
    entry["turns"] = bool(meta.get("turns"))
    entry["pieces"] = bool(meta.get("pieces"))
    ranges = meta.get("ranges", {})
    if len(ranges) > 1:
        entry["axes"] = {kind: _fixed_axis(kind, span) for kind, span in ranges.items()}
    if times := meta.get("times"):
        entry["times"] = {word: _clock(given) for word, given in times.items()}
    notes = layout.get("annotations", ())
    before = [a["text"] for a in notes if a.get("name") == "before"]
    if before:
        entry["empty"] = before[0]
        layout["annotations"] = [a for a in notes if a.get("name") != "before"]
    return entry


def _shown(trace: Mapping[str, Any]) -> dict[str, Any]:
    """A trace with its kind in place of what only Python reads; one on the ground may say its."""
    given = trace.get("meta") or {}
    kept = {name: given[name] for name in ("kind", "depth", "marks") if name in given}
    return {**trace, "meta": {"kind": KINDS.get(trace.get("legendgroup", ""), "")} | kept}


def _fixed_axis(kind: str, span: Sequence[float]) -> dict[str, Any]:
    axis: dict[str, Any] = {"type": kind, "range": list(span), "autorange": False}
    if kind == "log":
        axis |= {"dtick": axes.decades(span), "exponentformat": "power"}
    return axis


def _clock(given: Mapping[str, Any]) -> dict[str, Any]:
    """One time axis of the page's switch; `factors` are those of the settings drawn."""
    clock: dict[str, Any] = {"axis": _fixed_axis(given["type"], given["range"])}
    if "title" in given:
        clock["axis"]["title"] = {"text": given["title"]}
    return clock | {"factors": [given.get("factor", 1.0)]}


def _bound(binding: tags.Bound, names: Mapping[tags.Tag, str], source: int) -> dict[str, Any]:
    x = binding.x if isinstance(binding.x, str) else names[binding.x]
    return {
        "trace": binding.trace,
        "x": x or None,
        "y": names[binding.y] if binding.target == "y" else None,
        "z": names[binding.y] if binding.target == "z" else None,
        "depth": names[binding.depth] if binding.depth else None,
        "said": [{"column": names[tag], "words": list(words)} for tag, words in binding.said],
        "marks": names[binding.marks] if binding.marks else None,
        "at": "scrub" if binding.y.at == "scrub" else "records",
        "source": source,
    }


def _tile(tile: panels.Tile) -> dict[str, Any]:
    return {
        "symbol": tile.symbol_html,
        "words": tile.words,
        "value": tile.value,
        "unit": tile.unit,
        "consequence": tile.consequence_html,
        "colour": tile.colour_index,
        "baseline": tile.baseline,
    }


def _followed(tile: panels.Tile) -> tags.Tag | None:
    """The column a tile's measured number is read from while rows come in."""
    entry = entry_of(tile.follows)
    return entry and tags.Tag(*entry)


def entry_of(name: str) -> tuple[str, tuple[int, ...]] | None:
    """`jump_times[0]` as a variable and the place in it; None for no name."""
    match = re.fullmatch(r"(\w+)((?:\[\d+\])*)", name)
    return match and (match[1], tuple(int(i) for i in re.findall(r"\d+", match[2])))


def _legend(main: View, forecast: Forecast) -> list[dict[str, Any]]:
    late = {"run": 0, "band": 0, "second_run": 1}
    entries = [
        {
            "kind": KINDS[e.kind],
            "words": e.words,
            "colour": late.get(e.kind),
            "when": "run" if e.kind in late else "always",
        }
        for e in main.legend
    ]
    return named_apart(entries, forecast) if len(forecast.settings) > 1 else entries


def _guess_entry(sides: Sequence[Drawn]) -> list[dict[str, Any]]:
    """The legend's switch, where there is a guess to be shown: all that is guessed, in words."""
    said = dict.fromkeys(words for side in sides for words in side.guesses)
    if not said:
        return []
    words = prose("; ".join(said))
    return [{"kind": "baseline", "words": words, "colour": None, "when": "asked"}]


def is_relative(claim: Claim) -> bool:
    """Whether a claim's errors are shares."""
    return claim.unit == "relative"


def claim_before(claim: Claim, setting: Setting) -> dict[str, Any]:
    """A row of the claims table: what is promised, and to what tolerance."""
    tolerance = setting.tolerances.get(claim.name, math.nan)
    return {
        "name": claim.name,
        "title": claim.title,
        "symbol": symbol(claim.symbol),
        "predicted_text": predicted_words(claim, setting.known, setting.row_dims, tolerance),
        "tolerance_text": share(tolerance, is_relative(claim))
        if math.isfinite(tolerance)
        else "none",
        "unit": prose(claim.unit),
        "relies_on": list(claim.relies_on),
        "untested": _sentence(setting.not_tests.get(claim.name, "")),
        "partly_untested": _sentence(setting.partly_no_tests.get(claim.name, "")),
    }


def _sentence(why: str) -> str:
    return prose(why[:1].upper() + why[1:])


def predicted_words(
    claim: Claim, known: xr.Dataset, row_dims: Sequence[str], tolerance: float
) -> str:
    """What a claim promises: its numbers, or how many curves along the rows of a run."""
    name = claim.name if claim.name in known else about(claim)
    if name not in known:
        return "none"
    variable = panels.first_seed(known[name])
    rows = [d for d in row_dims if d in variable.dims]
    if rows:
        curves = math.prod(n for d, n in variable.sizes.items() if d not in rows)
        return f"{curves} curve{'s' if curves > 1 else ''}"
    values = [float(v) for v in np.ravel(variable.values) if not math.isnan(v)]
    if len(values) > MOST_LISTED:
        return f"{len(values)} numbers"
    if claim.unit and not is_relative(claim):
        counts = tolerance == 0
        return ", ".join(deserved(v, 0.0) if counts else number(v) for v in values) or "none"
    return ", ".join(deserved(v, tolerance * abs(v)) if v else "0" for v in values) or "none"
