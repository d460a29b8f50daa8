"""A view without theory, for those who are to guess: what is not in a message cannot be read in it.

A page of one reader hides what its browser has been told. Here the browser is not told: of the
pictures only the axes are left and what the run will fill, of the words those that no prediction
was needed for.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

UNFILLED = ("", "run", "band")
"""Kinds of traces that are the run's, where it fills them."""
WORDS = ("key", "axis")
"""Names of annotations that say what is what."""
SILENT: Mapping[str, Any] = {
    "tiles": [], "events": [], "links": [], "assumptions": [], "warnings": [], "claims": [],
    "falsifier": "", "hash": "", "cost": {},
}  # fmt: skip
"""What a view says of a prediction in words and numbers, left out."""


def veiled(view: Mapping[str, Any]) -> dict[str, Any]:
    """The view message of a whole prediction with nothing of the prediction in it.

    What the axes span stays, whatever it was chosen by, and so do the question and the clock. A
    panel that theory alone fills is left out, unless the question is about it.
    """
    asked = view["asked"]["panel"] if view["asked"] is not None else ""
    panels = [_panel(panel) for panel in view["panels"]]
    return {
        **view,
        **SILENT,
        "panels": [panel for panel in panels if panel["traces"] or panel["id"] == asked],
        "legend": [entry for entry in view["legend"] if entry["kind"] in ("run", "band")],
    }


def _panel(panel: Mapping[str, Any]) -> dict[str, Any]:
    """The panel with what the run fills, empty."""
    data, layout = panel["figure"]["data"], panel["figure"]["layout"]
    kept = [b for b in panel["traces"] if data[b["trace"]]["meta"]["kind"] in UNFILLED]
    places = {old: new for new, old in enumerate(dict.fromkeys(b["trace"] for b in kept))}
    traces = {old: {**data[old], **_emptied(data[old])} for old in places}
    notes = [note for note in layout.get("annotations", ()) if note.get("name") in WORDS]
    return {
        **panel,
        "alt": panel["title"],
        "note": "",
        "cells": False,
        "traces": [{**b, "trace": places[b["trace"]]} for b in kept],
        "figure": {
            "data": [traces[old] for old in places],
            "layout": {**layout, "shapes": [], "annotations": notes},
        },
    }


def _emptied(trace: Mapping[str, Any]) -> dict[str, Any]:
    """What a trace has of points, without them; where they will stand may be predicted too."""
    return {name: [] for name in "xyz" if name in trace}
