"""Tours of a static site: the strip above a page, and the addresses of its stops."""

from __future__ import annotations

import html
from collections.abc import Sequence

from app import share, tour
from app.tour import GUESS, Stop
from sims.core.experiment import Phenomenon


def name(phenomenon: Phenomenon, number: int) -> str:
    """What a stop's page is called, counted from one; nothing else has a point in that place."""
    return f"tour.{phenomenon.name}.{number}"


def address(phenomenon: Phenomenon, number: int) -> str:
    """The address of a stop, which keeps theory back where something is to be guessed."""
    page = f"{name(phenomenon, number)}.html"
    stop = tour.tour(phenomenon)[number - 1]
    return f"{page}?{GUESS}={share.IN_WORDS}" if stop.guess else page


def strip(phenomenon: Phenomenon, number: int, there: Sequence[int], leave: str) -> str:
    """The strip of a stop; it leads to those stops alone that are `there`."""
    stops = tour.tour(phenomenon)
    links = [(label, address(phenomenon, k)) for label, k in _ways(number) if k in there]
    ways = "".join(f'<a href="{where}">{label}</a>' for label, where in [*links, ("Leave", leave)])
    stop = stops[number - 1]
    return (
        f'<aside class="tour"><p role="note" aria-live="polite">'
        f'<span class="number">Tour {number} of {len(stops)}</span>'
        f'<span class="before">{_before(stop)}</span>'
        f'<span class="after"><b>What just happened.</b> '
        f"{_text(stop.happened)}</span></p><nav>{ways}</nav></aside>\n"
    )


def _ways(number: int) -> Sequence[tuple[str, int]]:
    return (("Back", number - 1), ("Next", number + 1))


def _before(stop: Stop) -> str:
    asked = f"<b>Guess:</b> {_text(stop.guess)} " if stop.guess else ""
    return f"{_text(stop.say)} {asked}<b>Look:</b> {_text(stop.look)}"


def _text(words: str) -> str:
    return html.escape(words, quote=False)
