"""A run as HTML that a notebook keeps: picture, claims and where it came from, without a script.

What a notebook saves is cleaned when somebody else opens it: scripts, style sheets and drawings in
line are taken out. So everything here is words, tables and one picture, with styles of their own.
"""

from __future__ import annotations

import base64
import html as escaping
import json
from collections.abc import Sequence

import xarray as xr

from app import claim_rows, tex
from app.claim_rows import Row
from app.figures import style
from app.figures.paper.pictures import pictures, swept_knobs
from app.handout import settings
from app.live.messages import markup
from app.publication.figure import Shape, figure
from app.publication.written import written
from app.share import named
from sims import api
from sims.core.study import Prepared

LIGHT = style.PAGE["light"]
WIDTH, TEXT = 470.0, 8.0
"""Points that the picture is wide, and that its numbers are high."""
MOST_VECTORS = 400_000
"""Bytes of a picture of vectors; a larger one is a picture of dots."""
GLYPHS = {"lands": "●", "departs": "◆", "surprise": "⬣", "not judged": "◌"}
HEAD = ("claim", "predicted", "measured", "error", "tolerance", "verdict")
CELL = f"padding:3px 10px 3px 0;border:0;border-top:1px solid {LIGHT['rule']};color:{LIGHT['ink']};"
QUIET = f"margin:8px 0 0;font-size:12px;color:{LIGHT['ink3']};"
WHOLE = (
    f"max-width:760px;padding:14px 18px;background:{LIGHT['panel']};color:{LIGHT['ink']};"
    f"border:1px solid {LIGHT['rule']};font-family:sans-serif;font-size:14px;line-height:1.4;"
)


def html(tree: xr.DataTree) -> str | None:
    """The tree of a run, of a sweep or of a prediction; None if its experiment is not here."""
    try:
        start = api.replayed(tree)
    except (ValueError, KeyError):
        return None
    experiment = start.setup.experiment
    foreseen = tree["prediction"].to_dataset()
    over = {name: settings.Axis.of(foreseen[name].values) for name in swept_knobs(tree)}
    rows, panels = _rows(start, tree), _panels(tree, start)
    said = "; ".join(tex.prose(words) for words in settings.words(start.setup, over))
    parts = [
        f'<p style="margin:0;font-size:12px;color:{LIGHT["ink3"]}">{_plain(experiment.name)}</p>',
        f'<p style="margin:0 0 4px;font-family:serif;font-size:20px;color:{LIGHT["ink"]}">'
        f"{_plain(experiment.question)}</p>",
        f'<p style="margin:0 0 8px;color:{LIGHT["ink2"]}">{said[:1].upper()}{said[1:]}.</p>',
        _picture(tree, experiment.question) if panels else "",
        f'<p style="margin:8px 0;font-weight:bold">{markup.prose(claim_rows.told(rows))}</p>',
        _table(rows),
        _provenance(tree, start),
        f'<p style="{QUIET}">Again: <code>{_plain(_command(start, over))}</code></p>',
        _offered(panels),
    ]
    return f'<div style="{WHOLE}">{"".join(parts)}</div>'


def _plain(text: str) -> str:
    return escaping.escape(text, quote=False)


def _rows(start: Prepared, tree: xr.DataTree) -> list[Row]:
    if "claims" not in tree.children:
        assert start.prediction is not None
        return claim_rows.before(start.setup, start.prediction, start.before()[1])
    judged = tree["claims"].to_dataset()
    known = claim_rows.of_sweep if "sweep" in tree.children else claim_rows.after
    return known(start.setup, judged)


def _panels(tree: xr.DataTree, start: Prepared) -> list[str]:
    """The ids of all pictures; a sweep may have none."""
    try:
        return [panel.id for panel in pictures(start, tree).view.panels]
    except ValueError:
        return []


def _offered(panels: Sequence[str]) -> str:
    if not panels:
        return ""
    named = _plain(", ".join(panels))
    return f'<p style="{QUIET}">Its pictures, by <code>sims.show(tree, "…")</code>: {named}.</p>'


def _picture(tree: xr.DataTree, alt: str) -> str:
    drawn = figure(tree, shape=Shape(WIDTH, text=TEXT))
    kind, data = "svg+xml", written(drawn, ".svg")
    if len(data) > MOST_VECTORS:
        kind, data = "png", written(drawn, ".png")
    source = f"data:image/{kind};base64,{base64.b64encode(data).decode()}"
    return f'<img src="{source}" alt="{escaping.escape(alt)}" style="width:100%;display:block">'


def _table(rows: Sequence[Row]) -> str:
    if not rows:
        return ""
    head = "".join(f'<th style="{CELL}text-align:left;border:0">{name}</th>' for name in HEAD)
    body = "".join(f"<tr>{''.join(_cells(row))}</tr>" for row in rows)
    return f'<table style="border-collapse:collapse;font-size:13px"><tr>{head}</tr>{body}</table>'


def _cells(row: Row) -> list[str]:
    words = (row.title, row.predicted, row.measured, row.error, row.tolerance)
    cells = [f'<td style="{CELL}text-align:left">{markup.prose(one)}</td>' for one in words]
    hue = LIGHT[row.verdict.replace(" ", "_")] if row.verdict else LIGHT["ink"]
    verdict = f"{GLYPHS.get(row.verdict, '')} {row.verdict}".strip()
    because = f": {markup.prose(row.reason)}" if row.reason else ""
    said = f'<span style="color:{hue};font-weight:bold">{verdict}</span>{because}'
    return [*cells, f'<td style="{CELL}text-align:left">{said}</td>']


def _provenance(tree: xr.DataTree, start: Prepared) -> str:
    versions = json.loads(tree.attrs["versions"])
    trained = "run" in tree.children or "sweep" in tree.children
    then = f", before the first step; then trained on the {tree.attrs['device']}" * trained
    return (
        f'<p style="{QUIET}">Predicted {start.predicted_at[:19].replace("T", " ")} UTC{then}, '
        f"{tree.attrs['dtype']}, JAX {versions['jax']}. "
        f"SHA-256 of the prediction <code>{start.hash[:16]}…</code></p>"
    )


def _command(start: Prepared, over: settings.Axes) -> str:
    return settings.command(start.setup, named(start.setup.experiment), over)
