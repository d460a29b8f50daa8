"""What the browser is told: the prediction as panels and words before the run, verdicts after it.

Only text and figures are made here; every number comes from a prediction, a run or the claims.
"""

from __future__ import annotations

import base64
import html
import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from app.figures import panels, style
from app.figures.panels import MINUS, SUPERSCRIPT, THIN, TIMES, Panel, Plain, View
from app.live import wire
from sims.core.experiment import Claim

if TYPE_CHECKING:
    from app.live.jobs import Job
    from app.live.sides import Side

MOST_LISTED = 6
KINDS = {
    "theory": "theory",
    "second_theory": "theory2",
    "run": "run",
    "second_run": "run",
    "band": "band",
    "predicted": "prediction",
}
"""Words of traces and legend entries: the figures' and the browser's."""
NUMBER_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
SECOND_RUN_DASH = "7px,3px"


# Text


def json_text(value: Any) -> str:
    """JSON with NaN and infinities as null; arrays as Plotly's typed base64."""
    try:
        return _dumped(value)
    except ValueError:
        return _dumped(_jsonable(value))


def _dumped(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), allow_nan=False, default=_array)


def _array(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return _typed(value) if value.dtype.kind == "f" else value.tolist()
    if isinstance(value, np.generic):
        return _jsonable(value.item())
    raise TypeError(f"{type(value).__name__} cannot be sent.")


def _jsonable(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(k): _jsonable(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_jsonable(v) for v in value]
    if isinstance(value, (float, np.floating)):
        return float(value) if math.isfinite(value) else None
    return value


def _typed(values: np.ndarray) -> dict[str, Any]:
    """An array as {dtype, bdata}; four bytes a number where that keeps its size."""
    size = np.abs(values[np.isfinite(values) & (values != 0)])
    narrow = size.size == 0 or (size.min() > 1e-36 and size.max() < 1e36)
    kind = "f4" if narrow else "f8"
    data = base64.b64encode(np.ascontiguousarray(values, f"<{kind}").tobytes()).decode()
    shape = {} if values.ndim == 1 else {"shape": ", ".join(map(str, values.shape))}
    return {"dtype": kind, "bdata": data, **shape}


def number(value: float, digits: int = 3) -> str:
    """A number with so many significant digits: `6 743`, `0.0033`, `1.0 × 10⁻⁴`."""
    if math.isnan(value):
        return "none"
    if math.isinf(value):
        return "never" if value > 0 else f"{MINUS}∞"
    if value == 0:
        return "0"
    exponent = math.floor(math.log10(abs(float(f"{value:.{digits - 1}e}"))))
    if -4 < exponent < 7:
        return fixed(value, max(0, digits - 1 - exponent))
    mantissa = f"{value / 10.0**exponent:.{digits - 1}f}"
    power = "10" + str(exponent).translate(SUPERSCRIPT)
    return f"{mantissa} {TIMES} {power}".replace("-", MINUS)


def fixed(value: float, places: int) -> str:
    """A number with so many decimals, thin spaces and a true minus."""
    text = f"{value:,.{places}f}".replace(",", THIN)
    if float(f"{value:.{places}f}") == 0:
        text = text.replace("-", "")
    return text.replace("-", MINUS)


def deserved(value: float, tolerance: float) -> str:
    """A number with one digit more than an absolute tolerance can tell apart."""
    if not math.isfinite(value) or not math.isfinite(tolerance):
        return number(value, 4)
    if tolerance <= 0:
        return number(value, 4) if value != round(value) else fixed(value, 0)
    places = 1 - math.floor(math.log10(tolerance))
    if value != 0 and abs(value) < 10.0 ** (1 - places) and places > 5:
        return number(value, 2)
    return fixed(value, min(max(places, 0), 9))


def share(value: float, relative: bool, digits: int = 2) -> str:
    """An error or tolerance: in percent where it is relative, else a plain number."""
    if math.isnan(value):
        return "none"
    if math.isinf(value):
        return "∞"
    if not relative:
        return trimmed(number(value, digits))
    if 0 < value < 1e-5:
        return f"under 0.001{THIN}%"
    return f"{trimmed(number(100 * value, digits))}{THIN}%"


def trimmed(text: str) -> str:
    """A decimal number without the zeros at its end: 0.03, not 0.030."""
    if TIMES in text or "." not in text:
        return text
    return text.rstrip("0").rstrip(".")


def counted(n: int, noun: str) -> str:
    """`One claim`, `four claims`."""
    return f"{spelled(n)} {noun}" if n == 1 else f"{spelled(n)} {noun}s"


def spelled(n: int) -> str:
    """Small numbers as words."""
    return NUMBER_WORDS[n] if n < len(NUMBER_WORDS) else str(n)


def stopped_words(step: int) -> str:
    """What is said of a run that left the finite range."""
    at = fixed(step, 0)
    return f"stopped at step {at}: the loss left the finite range; the curves up to there are kept"


GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "varepsilon": "ε",
    "eta": "η", "theta": "θ", "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν", "pi": "π",
    "rho": "ρ", "sigma": "σ", "tau": "τ", "phi": "φ", "chi": "χ", "psi": "ψ", "omega": "ω",
    "Delta": "Δ", "Sigma": "Σ", "Lambda": "Λ", "Phi": "Φ", "Omega": "Ω", "ell": "ℓ",
    "nabla": "∇", "partial": "∂", "infty": "∞", "cdot": "·", "times": "×", "ll": "≪", "gg": "≫",
    "le": "≤", "leq": "≤", "ge": "≥", "geq": "≥", "lt": "&lt;", "gt": "&gt;", "approx": "≈",
    "to": "→", "pm": "±", "ne": "≠", "sim": "∼", "propto": "∝", "max": "max", "min": "min",
    "ln": "ln", "log": "log", "exp": "exp", "cos": "cos", "sin": "sin", "tanh": "tanh",
    "lVert": "‖", "rVert": "‖", "Vert": "‖", "|": "‖", "langle": "⟨", "rangle": "⟩",
    "sum": "∑", "int": "∫", "sqrt": "√", ",": " ", ";": " ", " ": " ", "!": "", "quad": "  ",
    "{": "{", "}": "}", "top": "⊤", "prime": "′", "dagger": "†", "left": "", "right": "",
}  # fmt: skip
ACCENTS = {"bar": "\u0304", "hat": "\u0302", "tilde": "\u0303", "dot": "\u0307"}
UPRIGHT = ("mathrm", "text", "operatorname", "mathit", "mathbf", "mathsf")
E_NOTATION = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)e([+-]?\d+)\b")
TOKEN = re.compile(r"\\([A-Za-z]+|.)|([A-Za-z])|(\s+)|(.)", re.S)


def symbol(tex: str) -> str:
    """TeX of a short symbol as HTML: italic letters, upright words, sub- and superscripts."""
    return _tex(tex, upright=False)


def _tex(tex: str, upright: bool) -> str:
    made, at, raised = [], 0, ""
    while at < len(tex):
        if tex[at] in "_^" and at + 1 < len(tex):
            raised = "sub" if tex[at] == "_" else "sup"
            at += 1
        piece, at = _next_piece(tex, at, upright)
        made.append(f"<{raised}>{piece}</{raised}>" if raised else piece)
        raised = ""
    return "".join(made)


def _next_piece(tex: str, at: int, upright: bool) -> tuple[str, int]:
    if tex[at] == "{":
        end = _closing(tex, at)
        return _tex(tex[at + 1 : end], upright), end + 1
    found = TOKEN.match(tex, at)
    if found is None:
        return "", len(tex)
    command, letter, space, other = found.groups()
    at = found.end()
    if command is None:
        if letter:
            return letter if upright else style.italic(letter), at
        return (" " if upright else "") if space else html.escape(
            MINUS if other == "-" else other
        ), at
    if command in UPRIGHT or command in ACCENTS or command == "frac":
        return _argument(command, tex, at, upright)
    sign = GREEK.get(command, command)
    slanted = not upright and len(sign) == 1 and "α" <= sign <= "ω"
    return style.italic(sign) if slanted else sign, at


def _argument(command: str, tex: str, at: int, upright: bool) -> tuple[str, int]:
    if at >= len(tex):
        return "", at
    if command == "frac":
        top, at = _next_piece(tex, at, upright)
        bottom, at = _next_piece(tex, at, upright) if at < len(tex) else ("", at)
        return f"{top}/{bottom}", at
    if command in ACCENTS:
        piece, at = _next_piece(tex, at, upright)
        return re.sub(r"(\w)(?=<|$)", rf"\1{ACCENTS[command]}", piece, count=1), at
    return _next_piece(tex, at, True)


def _closing(tex: str, at: int) -> int:
    depth = 0
    for i in range(at, len(tex)):
        depth += {"{": 1, "}": -1}.get(tex[i], 0)
        if depth == 0:
            return i
    return len(tex)


def prose(text: str) -> str:
    """A plain sentence as HTML: `$...$` is TeX, `s_k` and `alpha^2` become symbols."""
    parts = re.split(r"\$([^$]*)\$", text)
    made = []
    for i, part in enumerate(parts):
        made.append(symbol(part) if i % 2 else _words(part))
    return "".join(made)


def _power(found: re.Match[str]) -> str:
    """`1e-05` as `10⁻⁵`, `2.5e-3` as `2.5 × 10⁻³`."""
    power = "10" + str(int(found[2])).translate(SUPERSCRIPT)
    return power if found[1] == "1" else f"{found[1]} {TIMES} {power}"


def _words(text: str) -> str:
    escaped = E_NOTATION.sub(_power, html.escape(text, quote=False))
    escaped = re.sub(r"\b([A-Za-z])_(\w)\b", lambda m: style.symbol(m[1], m[2]), escaped)
    escaped = re.sub(
        r"\^\(?([\w+\-]+)\)?", lambda m: f"<sup>{m[1].replace('-', MINUS)}</sup>", escaped
    )
    for name in ("alpha", "eta", "lambda", "mu", "tau", "beta"):
        escaped = re.sub(rf"\b{name}\b(?! =? ?\d)", style.italic(GREEK[name]), escaped)
    return escaped


# The prediction


@dataclass(frozen=True)
class Drawn:
    """One side's figures: its View, and each panel with `seed: each` traces repeated."""

    view: View
    figures: tuple[Plain, ...]


def drawn(view: View, seeds: int) -> Drawn:
    """A View ready to be bound to columns; a single seed has no bands."""
    plains = [wire.with_every_seed(p.plain, seeds) for p in view.panels]
    return Drawn(view, tuple(wire.without_bands(p) if seeds == 1 else p for p in plains))


def view_text(job: Job) -> tuple[str, list[wire.Tag], wire.Derived]:
    """The view message of a job, the tags its columns must fill, and how to derive them."""
    sides = [drawn(side.figures(), len(side.setup.tasks)) for side in job.sides]
    bound = [[wire.bindings(f) for f in side.figures] for side in sides]
    main = sides[0].view
    followed = [_followed(t) for t in main.tiles]
    tags = [t for panel in bound[0] for b in panel for t in b.tags]
    tags = list(dict.fromkeys([*tags, *(t for t in followed if t is not None)]))
    names = wire.names(tags)
    shown = []
    for i, panel in enumerate(main.panels):
        entry = _panel(panel, sides[0].figures[i], bound[0][i], names)
        if len(sides) > 1:
            other = next((k for k, p in enumerate(sides[1].view.panels) if p.id == panel.id), None)
            if other is not None:
                _overlay(entry, sides[1].figures[other], bound[0][i])
        shown.append(entry)
    side = job.sides[0]
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
        "legend": _legend(main, job),
        "links": side.links(),
        "rows_total": job.total_rows,
        "complete": job.complete,
        "progress": round(job.progress, 4),
        **_known_before(side),
    }
    return json_text(message), tags, main.derived


def _known_before(side: Side) -> dict[str, Any]:
    setup, experiment = side.setup, side.experiment
    dtype = experiment.dtype(setup.params)
    first = setup.seeds[0]
    return {
        "clock": side.clock(),
        "assumptions": [
            {"name": a.name, "label": prose(a.label), "sentence": prose(a.sentence), "held": a.held}
            for a in side.assumptions
        ],
        "warnings": [_warning(w) for w in side.warnings()],
        "claims": [_claim_before(c, side) for c in side.asked()],
        "falsifier": prose(experiment.falsifier),
        "hash": side.hash,
        "stem": side.stem,
        "provenance": f"seed {first}, {dtype}, {side.device}, JAX {_jax_version()}",
        "seeds": len(setup.seeds),
        "cost": side.cost(),
        "device": side.device,
        "dtype": dtype,
        "duration_steps": side.clock()["end_step"],
    }


def _jax_version() -> str:
    import jax

    return jax.__version__


def _warning(sentence: str) -> dict[str, str]:
    title, _, text = sentence.partition(". ")
    if not text:
        return {"title": "", "text": prose(sentence)}
    return {"title": title + ".", "text": prose(text)}


def _panel(
    panel: Panel, figure: Plain, bound: Sequence[wire.Bound], names: Mapping[wire.Tag, str]
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
    """A trace with its kind in place of what only Python reads."""
    depth = (trace.get("meta") or {}).get("depth")
    meta = {"kind": KINDS.get(trace.get("legendgroup", ""), "")}
    return {**trace, "meta": meta if depth is None else {**meta, "depth": depth}}


def _fixed_axis(kind: str, span: Sequence[float]) -> dict[str, Any]:
    axis: dict[str, Any] = {"type": kind, "range": list(span), "autorange": False}
    if kind == "log":
        axis |= {"dtick": panels.decades(span), "exponentformat": "power"}
    return axis


def _clock(given: Mapping[str, Any]) -> dict[str, Any]:
    """One time axis of the page's switch; `factors` are those of the settings drawn."""
    clock: dict[str, Any] = {"axis": _fixed_axis(given["type"], given["range"])}
    if "title" in given:
        clock["axis"]["title"] = {"text": given["title"]}
    return clock | {"factors": [given.get("factor", 1.0)]}


def _bound(binding: wire.Bound, names: Mapping[wire.Tag, str], source: int) -> dict[str, Any]:
    x = binding.x if isinstance(binding.x, str) else names[binding.x]
    return {
        "trace": binding.trace,
        "x": x or None,
        "y": names[binding.y] if binding.target == "y" else None,
        "z": names[binding.y] if binding.target == "z" else None,
        "depth": names[binding.depth] if binding.depth else None,
        "at": "scrub" if binding.y.at == "scrub" else "records",
        "source": source,
    }


def _overlay(entry: dict[str, Any], other: Plain, bound: Sequence[wire.Bound]) -> None:
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
        clock = entry["times"][word]
        lows, highs = zip(clock["axis"]["range"], given["range"], strict=True)
        clock["axis"]["range"] = [min(lows), max(highs)]
        clock["factors"].append(given.get("factor", 1.0))
    for trace in other["data"]:
        if trace.get("legendgroup") == "theory" and _curve(trace) not in drawn_already:
            own: dict[str, Any] = {"name": f"{trace.get('name', 'theory')}, compared"}
            own["line"] = {**trace.get("line", {}), **style.COMPARED_THEORY}
            data.append({**trace, **own, "meta": {"kind": "theory2", "source": 1}})


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


def _tile(tile: panels.Tile) -> dict[str, Any]:
    return {
        "symbol": tile.symbol_html,
        "words": tile.words,
        "value": tile.value,
        "unit": tile.unit,
        "consequence": tile.consequence_html,
        "colour": tile.colour_index,
    }


def _followed(tile: panels.Tile) -> wire.Tag | None:
    """The column a tile's measured number is read from while rows come in."""
    entry = _entry(tile.follows)
    return entry and wire.Tag(*entry)


def _entry(name: str) -> tuple[str, tuple[int, ...]] | None:
    """`jump_times[0]` as a variable and the place in it; None for no name."""
    match = re.fullmatch(r"(\w+)((?:\[\d+\])*)", name)
    return match and (match[1], tuple(int(i) for i in re.findall(r"\d+", match[2])))


def _legend(main: View, job: Job) -> list[dict[str, Any]]:
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
    return _named_apart(entries, job) if len(job.sides) > 1 else entries


def _named_apart(entries: list[dict[str, Any]], job: Job) -> list[dict[str, Any]]:
    """The legend of two settings: each run and the compared theory by their own names."""
    this, other = _settings(job)
    made = []
    for entry in entries:
        named = {**entry, "words": f"run: {this}"} if entry["kind"] == "run" else entry
        made.append(named)
        if entry["kind"] == "theory":
            words = f"theory: {other}"
            made.append(
                {"kind": "compared_theory", "words": words, "colour": None, "when": "always"}
            )
        if entry["kind"] == "run":
            words = f"run: {other}"
            made.append({"kind": "compared_run", "words": words, "colour": 1, "when": "run"})
    return made


def _settings(job: Job) -> tuple[str, str]:
    """What two compared settings are called: a preset's title and its `compare_title`."""
    asked = dict(job.recipe.compare or {})
    for preset in job.sides[0].experiment.presets:
        if preset.compare is not None and dict(preset.compare) == asked:
            return html.escape(preset.title), html.escape(preset.compare_title)
    return "this setting", "the one beside it"


def _relative(claim: Claim) -> bool:
    return claim.unit == "relative"


def _claim_before(claim: Claim, side: Side) -> dict[str, Any]:
    tolerance = side.tolerances.get(claim.name, math.nan)
    return {
        "name": claim.name,
        "title": claim.title,
        "symbol": symbol(claim.symbol),
        "predicted_text": _predicted_text(claim, side, tolerance),
        "tolerance_text": share(tolerance, _relative(claim))
        if math.isfinite(tolerance)
        else "none",
        "unit": prose(claim.unit),
        "relies_on": list(claim.relies_on),
    }


def _predicted_text(claim: Claim, side: Side, tolerance: float) -> str:
    """What a claim promises: its numbers, or how many curves."""
    if claim.name not in side.prediction:
        return "none"
    variable = panels.first_seed(side.prediction)[claim.name]
    rows = [d for d in side.row_dims if d in variable.dims]
    if rows:
        curves = math.prod(n for d, n in variable.sizes.items() if d not in rows)
        return f"{curves} curve{'s' if curves > 1 else ''}"
    values = [float(v) for v in np.ravel(variable.values) if not math.isnan(v)]
    if len(values) > MOST_LISTED:
        return f"{len(values)} numbers"
    if claim.unit and not _relative(claim):
        return ", ".join(number(v) for v in values) or "none"
    return ", ".join(deserved(v, tolerance * abs(v)) if v else "0" for v in values) or "none"


# The judgement


def judgement_text(job: Job) -> str:
    """The judgement message of a finished job."""
    side = job.sides[0]
    claims = _claims_after(side)
    message = {
        "type": "judgement",
        "headline": headline([c["verdict"] for c in claims], claims),
        "claims": claims,
        "tiles": _tiles_after(side),
        "axes": _left_axes(job),
        "falsifier": prose(side.experiment.falsifier),
        "alts": _alts(side),
    }
    if len(job.sides) > 1:
        message["compared"] = _claims_after(job.sides[1])
    return json_text(message)


def headline(verdicts: Sequence[str], claims: Sequence[Mapping[str, Any]] = ()) -> str:
    """One sentence on all verdicts: "One claim lands, three depart as foreseen"."""
    surprises = [i for i, v in enumerate(verdicts) if v == "surprise"]
    if surprises:
        return _surprise_words(surprises, claims)
    lands, departs = verdicts.count("lands"), verdicts.count("departs")
    judged = lands + departs
    silent = len(verdicts) - judged
    if not judged:
        return "No claim is judged here"
    together = "Both claims" if judged == 2 else f"All {counted(judged, 'claim')}"
    if silent or judged == 1:
        together = counted(judged, "claim").capitalize()
    if lands == judged:
        words = f"{together} {_land(lands)}"
    elif departs == judged:
        words = f"{together} {_depart(departs)} as foreseen"
    else:
        words = f"{counted(lands, 'claim').capitalize()} {_land(lands)}, "
        words += f"{spelled(departs)} {_depart(departs)} as foreseen"
    if not silent:
        return words
    return f"{words}; {spelled(silent)} {'is' if silent == 1 else 'are'} not judged"


def _land(n: int) -> str:
    return "lands" if n == 1 else "land"


def _depart(n: int) -> str:
    return "departs" if n == 1 else "depart"


def _surprise_words(surprises: Sequence[int], claims: Sequence[Mapping[str, Any]]) -> str:
    if len(surprises) > 1:
        return f"{counted(len(surprises), 'surprise').capitalize()}"
    if not claims:
        return "A surprise"
    claim = claims[surprises[0]]
    title = claim["title"]
    return f"A surprise: {title[:1].lower() + title[1:]} off by {claim['error_text']}"


def _claims_after(side: Side) -> list[dict[str, Any]]:
    if side.claims is None:
        why = "Because the run began before the prediction was complete."
        return [_unjudged(c, side, why) for c in side.asked()]
    return [_claim_after(c, side, side.claims.sel(claim=c.name)) for c in side.asked()]


def _unjudged(claim: Claim, side: Side, why: str) -> dict[str, Any]:
    before = _claim_before(claim, side)
    return before | {
        "measured_text": "none",
        "error_text": "none",
        "error": None,
        "tolerance": side.tolerances.get(claim.name),
        "verdict": "not judged",
        "reason": prose(why),
        "where": "",
    }


def _claim_after(claim: Claim, side: Side, row: xr.Dataset) -> dict[str, Any]:
    predicted, measured = float(row.predicted), float(row.measured)
    tolerance, verdict = float(row.tolerance), str(row.verdict.item())
    error = _worst_error(row)
    reason = str(row.reason.item())
    if verdict == "not judged":
        return _unjudged(claim, side, reason) | {"tolerance": tolerance}
    relative = _relative(claim)
    absolute = tolerance * abs(predicted) if relative else tolerance
    where = str(row["where"].item()) if "where" in row else ""
    if where and side.recipe.seeds > 1 and "seed" not in where:
        where = f"{where}, seed {int(row.worst_seed)}"
    return {
        "name": claim.name,
        "title": claim.title,
        "symbol": symbol(claim.symbol),
        "predicted_text": deserved(predicted, absolute),
        "measured_text": deserved(measured, absolute) if not math.isnan(measured) else "none",
        "error_text": share(error, relative),
        "error": error,
        "tolerance_text": share(tolerance, relative),
        "tolerance": tolerance,
        "unit": prose(claim.unit),
        "verdict": verdict,
        "reason": prose(reason),
        "where": prose(where),
    }


def _worst_error(row: xr.Dataset) -> float:
    """The error of the seed whose predicted and measured numbers are shown."""
    if "worst_seed" in row:
        return float(row.error.sel(seed=int(row.worst_seed)))
    return float(np.nanmax(row.error.values)) if row.error.notnull().any() else math.nan


def _tiles_after(side: Side) -> list[dict[str, Any] | None]:
    return [_tile_after(t, side) for t in side.figures().tiles]


def _tile_after(tile: panels.Tile, side: Side) -> dict[str, Any] | None:
    entry = _entry(tile.measures)
    if side.seen is None or entry is None or entry[0] not in side.seen:
        return None
    name, index = entry
    values = side.seen[name].isel(seed=0).values
    try:
        value = float(values[index])
    except IndexError:
        return None
    verdict = "not judged"
    if side.claims is not None and tile.claim in side.claims.claim.values:
        verdict = str(side.claims.verdict.sel(claim=tile.claim).item())
    return {"measured_text": _like(tile.value, value), "verdict": verdict}


def _like(shown: str, value: float) -> str:
    """A number with as many decimals as another one shows."""
    if math.isnan(value):
        return "not reached"
    whole, _, decimals = shown.partition(".")
    if TIMES in shown or not re.search(r"\d", whole):
        return number(value, 4)
    if not decimals and not value.is_integer():
        return number(value, 3)
    return fixed(value, len(decimals))


def _left_axes(job: Job) -> list[dict[str, Any]]:
    """Panels whose run left the y range fixed before it, with the range that holds it."""
    found = []
    message = json.loads(job.view_text)
    for panel in message["panels"]:
        layout = panel["figure"]["layout"]
        axis = layout.get("yaxis", {})
        if "range" not in axis:
            continue
        log = axis.get("type") == "log"
        since = int(layout.get("xaxis", {}).get("type") == "log")
        lo, hi = (10.0**v for v in axis["range"]) if log else axis["range"]
        seen = _extremes(job, panel["traces"], since, positive=log)
        if seen is None or (lo <= seen[0] and seen[1] <= hi):
            continue
        lo, hi = min(lo, seen[0]), max(hi, seen[1])
        margin = 0.04 * (hi - lo)
        wider = [lo / 1.2, hi * 1.2] if log else [lo - margin, hi + margin]
        found.append({"panel": panel["id"], "axis": "y", "range": wider})
    return found


def _extremes(
    job: Job, traces: Sequence[Mapping[str, Any]], since: int, *, positive: bool
) -> tuple[float, float] | None:
    """Least and largest value drawn; a logarithmic clock does not show the first record."""
    values = []
    for trace in traces:
        columns = job.sides[trace["source"]].columns
        if columns is not None and trace["at"] == "records" and trace["y"]:
            first = since if trace["x"] in wire.CLOCKS else 0
            values.append(columns.values[int(trace["y"][1:]), first : columns.filled])
    if not values:
        return None
    flat = np.concatenate(values)
    kept = flat[np.isfinite(flat) & ((flat > 0) | (not positive))]
    return (float(kept.min()), float(kept.max())) if kept.size else None


def _alts(side: Side) -> dict[str, str]:
    return {p.id: p.alt(side.seen) for p in side.figures().panels if p.alt is not None}
