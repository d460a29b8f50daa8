"""What the browser is told after the run: verdicts, what was measured, and axes that must grow."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from app.figures import panels
from app.judged import both_words
from app.live.messages.asked import answered
from app.live.messages.encoding import json_text
from app.live.messages.markup import prose
from app.live.messages.view import claim_before, entry_of, is_relative
from app.live.server import tags
from app.tex import symbol
from app.wording import counted, fixed, missed, number, share, spelled
from sims.core.experiment import Claim
from sims.core.format import TIMES

if TYPE_CHECKING:
    from app.live.server.setting import Setting
    from app.live.server.streamed import StreamedRun


def judgement_message(runs: Sequence[StreamedRun]) -> str:
    """The judgement message of finished runs that were drawn together."""
    run = runs[0]
    claims, drawn = _claims_after(run), run.setting.figures()
    message = {
        "type": "judgement",
        "headline": headline([c["verdict"] for c in claims], claims),
        "claims": claims,
        "tiles": [_tile_after(tile, run) for tile in drawn.tiles],
        "axes": _left_axes(runs),
        "falsifier": prose(run.setting.experiment.falsifier),
        "alts": {p.id: p.alt(run.seen) for p in drawn.panels if p.alt is not None},
        "answered": answered(drawn.asked, run.seen) if len(runs) == 1 else None,
    }
    if len(runs) > 1:
        message["compared"] = _claims_after(runs[1])
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


def _claims_after(run: StreamedRun) -> list[dict[str, Any]]:
    claims, setting = run.claims, run.setting
    if claims is None:
        why = "Because the run began before the prediction was complete."
        return [_unjudged(c, setting, why) for c in setting.asked()]
    return [_claim_after(c, setting, claims.sel(claim=c.name)) for c in setting.asked()]


def _unjudged(claim: Claim, setting: Setting, why: str) -> dict[str, Any]:
    before = claim_before(claim, setting)
    return before | {
        "measured_text": "none",
        "error_text": "none",
        "error": None,
        "tolerance": setting.tolerances.get(claim.name),
        "guess_text": "",
        "skill": None,
        "verdict": "not judged",
        "reason": prose(why),
        "where": "",
    }


def _claim_after(claim: Claim, setting: Setting, row: xr.Dataset) -> dict[str, Any]:
    predicted, measured = both_words(claim, row)
    tolerance, verdict = float(row.tolerance), str(row.verdict.item())
    error = _of_worst(row, "error")
    reason = str(row.reason.item())
    if verdict == "not judged":
        return _unjudged(claim, setting, reason) | {"tolerance": tolerance}
    relative = is_relative(claim)
    where = str(row["where"].item()) if "where" in row else ""
    if where and setting.recipe.seeds > 1 and "seed" not in where:
        where = f"{where}, seed {int(row.worst_seed)}"
    return {
        "name": claim.name,
        "title": claim.title,
        "symbol": symbol(claim.symbol),
        "predicted_text": predicted,
        "measured_text": measured,
        "error_text": share(error, relative),
        "error": error,
        "tolerance_text": share(tolerance, relative),
        "tolerance": tolerance,
        "guess_text": _guess_text(row, relative),
        "skill": _skill(row),
        "unit": prose(claim.unit),
        "verdict": verdict,
        "reason": prose(reason),
        "where": prose(where),
    }


def _of_worst(row: xr.Dataset, name: str) -> float:
    """A number of the seed whose predicted and measured numbers are shown."""
    return float(row[name].sel(seed=int(row.worst_seed)))


def _skill(row: xr.Dataset) -> float | None:
    """The skill, where it is a number that a browser can read."""
    found = _of_worst(row, "skill")
    return found if math.isfinite(found) else None


def _guess_text(row: xr.Dataset, relative: bool) -> str:
    """What the guess without theory comes to; "" where there is none."""
    off = _of_worst(row, "baseline_error")
    words = missed(off, float(row.measured), relative)
    if not words:
        return ""
    return f"naive guess: {words}" if math.isinf(off) else f"naive guess off by {words}"


def _tile_after(tile: panels.Tile, run: StreamedRun) -> dict[str, Any] | None:
    entry = entry_of(tile.measures)
    if run.seen is None or entry is None or entry[0] not in run.seen:
        return None
    name, index = entry
    values = run.seen[name].isel(seed=0).values
    try:
        value = float(values[index])
    except IndexError:
        return None
    verdict = "not judged"
    if run.claims is not None and tile.claim in run.claims.claim.values:
        verdict = str(run.claims.verdict.sel(claim=tile.claim).item())
    text = _between(run.seen, tile.between) or _like(tile.value, value)
    return {"measured_text": text, "verdict": verdict}


def _between(seen: xr.Dataset, name: str) -> str:
    """`between 680 and 700`; "" where the ends are not two."""
    if name not in seen:
        return ""
    first, last = seen[name].isel(seed=0).values.tolist()
    return f"between {fixed(first, 0)} and {fixed(last, 0)}" if first < last else ""


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


def _left_axes(runs: Sequence[StreamedRun]) -> list[dict[str, Any]]:
    """Panels whose run left the y range fixed before it, with the range that holds it."""
    found = []
    message = json.loads(runs[0].drawn.text)
    for panel in message["panels"]:
        layout = panel["figure"]["layout"]
        axis = layout.get("yaxis", {})
        if None in axis.get("range", [None]):  # an end that is open follows what is drawn
            continue
        log = axis.get("type") == "log"
        since = int(layout.get("xaxis", {}).get("type") == "log")
        lo, hi = (10.0**v for v in axis["range"]) if log else axis["range"]
        seen = _extremes(runs, panel["traces"], since, positive=log)
        if seen is None or (lo <= seen[0] and seen[1] <= hi):
            continue
        lo, hi = min(lo, seen[0]), max(hi, seen[1])
        margin = 0.04 * (hi - lo)
        wider = [lo / 1.2, hi * 1.2] if log else [lo - margin, hi + margin]
        found.append({"panel": panel["id"], "axis": "y", "range": wider})
    return found


def _extremes(
    runs: Sequence[StreamedRun], traces: Sequence[Mapping[str, Any]], since: int, *, positive: bool
) -> tuple[float, float] | None:
    """Least and largest value drawn; a logarithmic clock does not show the first record."""
    values = []
    for trace in traces:
        if trace["at"] == "records" and trace["y"]:
            first = since if trace["x"] in tags.CLOCKS else 0
            columns = runs[trace["source"]].columns
            values.append(columns.column(int(trace["y"][1:]))[first:])
    if not values:
        return None
    flat = np.concatenate(values)
    kept = flat[np.isfinite(flat) & ((flat > 0) | (not positive))]
    return (float(kept.min()), float(kept.max())) if kept.size else None
