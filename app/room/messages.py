"""What browsers in a room are told, as JSON: always the newest state, never a history."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from app.figures import style
from app.live.messages.encoding import json_text
from app.room.results import Result
from app.room.state import Posed, Room

MOST_NEAREST = 12
"""Students that phones are told of as the nearest."""


def colour(number: int) -> str:
    """The colour a student keeps."""
    return style.STUDENTS[(number - 1) % len(style.STUDENTS)]


def joined(key: str, number: int) -> str:
    """The answer to a student: who they are, from now on."""
    return json_text({"type": "joined", "key": key, "number": number, "colour": colour(number)})


def refused(words: str) -> str:
    """The answer to what cannot be."""
    return json_text({"type": "refused", "words": words})


def ended(words: str) -> str:
    """The last word."""
    return json_text({"type": "ended", "words": words})


def taken(at: int, guess: str) -> str:
    """The answer to a guess, as it was written down."""
    return json_text({"type": "taken", "at": at, "guess": guess})


OPENED = json_text({"type": "opened"})
"""The answer to a lecturer."""


def room(value: Room, code: str, title: str) -> dict[str, Any]:
    """What everybody sees of a room, but for the time that is left."""
    listed = value.listed
    return {
        "type": "room",
        "code": code,
        "title": title,
        "at": value.at,
        "place": listed.index(value.at) + 1,
        "count": len(listed),
        "phase": value.phase,
        "awaited": value.awaited,
        "students": len(value.students),
        "guesses": len(value.here.guesses),
    }


def for_wall(value: Room, join: Sequence[str], hint: str) -> dict[str, Any]:
    """What the wall is told besides: all questions, where students join, or why they cannot."""
    return {"questions": [_listed(posed) for posed in value.posed], "join": join, "hint": hint}


def _listed(posed: Posed) -> dict[str, Any]:
    asked = posed.shown.asked if posed.shown is not None else None
    return {
        "title": posed.question.title,
        "experiment": posed.question.recipe.experiment,
        "asks": "" if asked is None else asked["kind"],
        "state": posed.progress,
        "shown": posed.shown is not None,
        "ran": posed.starts is not None,
        "guesses": len(posed.guesses),
        "words": posed.words,
        "left_out": posed.left_out,
    }


STATUS = json_text(
    {
        "type": "status",
        "state": "ready",
        "message": "",
        "refused": False,
        "progress": 1.0,
        "stopped_at": None,
        "cost": {},
        "queue": None,
        "revision": 0,
    }
)


def question(value: Room, yours: str | None) -> str:
    """The question that is shown, without theory; "" while it is not there.

    The view is a text already, and large: it is put in as it is.
    """
    shown = value.here.shown
    if shown is None:
        return ""
    head = f'{{"type":"question","at":{value.at},"yours":{json.dumps(yours)},"status":{STATUS},'
    return f'{head}"about":{shown.about},"view":{shown.view}}}'


def guesses(at: int, new: Mapping[int, str], *, whole: bool) -> str:
    """Guesses that are new to a wall, or all of them."""
    return json_text(
        {"type": "guesses", "at": at, "all": [list(one) for one in new.items()], "whole": whole}
    )


def start(value: Room, now: float) -> str:
    """Where the run is fetched, and in how many seconds it begins to play everywhere."""
    here = value.here
    assert here.starts is not None
    seconds = round(here.starts - now, 3)
    return json_text({"type": "start", "at": value.at, "run": here.name, "in": seconds})


def results(at: int, found: Sequence[Result], student: int | None) -> str:
    """Who was near: all of it for a wall, else the nearest and the student's own rank."""
    told = found if student is None else found[:MOST_NEAREST]
    message: dict[str, Any] = {
        "type": "results",
        "at": at,
        "all": [[one.student, one.guess, one.distance] for one in told],
        "of": sum(one.rank is not None for one in found),
    }
    if student is not None:
        own = next((one for one in found if one.student == student), None)
        message["rank"] = own.rank if own is not None else None
    return json_text(message)
