"""Switches in a link: on by their name alone, or with a word for yes."""

from __future__ import annotations

from collections.abc import Mapping

PANELS, PROJECTOR, STAGE = "panels", "projector", "stage"
"""What a link says of a page besides its settings: see `app.prepared`."""
ON, OFF = ("", "1", "true"), ("0", "false")


def has_stage(query: Mapping[str, str]) -> bool:
    """Whether a link asks for the stage alone."""
    return query.get(STAGE, OFF[0]).lower() in ON
