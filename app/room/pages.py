"""The documents of rooms: small ones, whose modules do the rest."""

from __future__ import annotations

import html
from functools import cache
from pathlib import Path

from app import addresses, share
from app.figures import style
from app.live.component import VERSION
from app.recorded.page import document
from app.recorded.script import quoted
from sims.core.knobs import plain
from sims.core.setup import given

FONTS = {
    "Source Sans": "SourceSansVF-Upright.*.woff2",
    "Source Serif": "SourceSerifVariable-Roman.*.woff2",
    "KaTeX_Math": "KaTeX_Math-Italic.*.woff2",
}
"""The files of the typefaces as Streamlit has them, which serves them to its own pages too."""
WITHOUT = "<noscript>A room takes JavaScript: allow it for this page.</noscript>"


def entrance(up: str, words: str = "", code: str = "") -> str:
    """The page with a field for the code, and for lecturers the form that opens a room.

    `up` leads from the page to the folder of the explorer; `words` is why one is here again.
    """
    return _page("A room for a class", up, "open", {"words": words, "code": code, "menu": menu()})


def student(up: str, code: str) -> str:
    """The page of a student's phone."""
    return _page(f"Room {code}", up, "student", {"code": code})


def wall(up: str, code: str) -> str:
    """The page of a lecturer's projector."""
    return _page(f"Room {code}: the wall", up, "wall", {"code": code})


def _page(title: str, up: str, module: str, told: dict[str, object]) -> str:
    palettes = {mode: style.palette(mode) for mode in style.MODES}
    words = html.escape(str(told.get("words", "")), quote=False)
    data = quoted({**told, "palette": palettes, "colours": style.STUDENTS})
    body = f"""<style>{_faces(up)}</style>
<link rel="stylesheet" href="{up}lmx/{VERSION}/room/room.css">
<main id="room" data-page="{module}">{WITHOUT}<p class="words">{words}</p></main>
<script type="application/json" id="page">{data}</script>
<script type="module" src="{up}lmx/{VERSION}/room/{module}.js"></script>"""
    return document(title, body)


@cache
def _faces(up: str) -> str:
    """The typefaces of the explorer; a page without them has those of the machine."""
    import streamlit

    media = Path(streamlit.__file__).parent / "static" / "static" / "media"
    files = {name: next(media.glob(pattern), None) for name, pattern in FONTS.items()}
    return "".join(
        f'@font-face{{font-family:"{name}";font-weight:200 900;font-display:swap;'
        f'src:url("{up}static/media/{file.name}") format("woff2")}}'
        for name, file in files.items()
        if file is not None
    )


@cache
def _listed(name: str) -> dict[str, object]:
    from sims import api

    experiment = api.experiment(name)
    page = addresses.of(name)
    presets = [
        {"title": preset.title, "link": page + share.query(plain(given(experiment, preset.params)))}
        for preset in experiment.presets
        if (preset.over is None) == (experiment.over is None)
    ]
    own = {"title": experiment.title, "link": page}
    return {
        "title": experiment.title,
        "question": experiment.question,
        "own": own,
        "presets": presets,
    }


def menu() -> list[dict[str, object]]:
    """Every experiment with its presets, as the form offers them; of any phenomenon in turn."""
    from sims import api

    return [
        {"title": one.title, "experiments": [_listed(e.name) for e in one.experiments]}
        for one in api.phenomena()
    ]
