"""Home of a static site: every experiment by its phenomenon, with its shipped picture."""

from __future__ import annotations

import html
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from app import addresses
from app.recorded import tours
from app.recorded.page import document
from app.recorded.script import quoted
from app.welcome import HEADLINE, INTRODUCTION, reference
from sims import api
from sims.core.evidence import by_body
from sims.core.experiment import Experiment, Phenomenon
from sims.core.search import said

READING = (
    "Dashed ink is theory, fixed in advance; colour is the run, which was trained and judged "
    "beforehand and plays when you press Run. A claim <b>lands</b> within the tolerance that was "
    "stated, <b>departs</b> for a reason that was named before the run, or is a <b>surprise</b>."
)

FIELD = (
    '<p class="find" hidden><input type="search" aria-label="Find an experiment" '
    'placeholder="Find a question, a law, a word, an author"> <span aria-live="polite"></span></p>'
)
"""It is shown by the script that reads it."""

Shown = tuple[Experiment, str, str]
"""(experiment, preset or '', address of the page)."""


def home(shown: Sequence[Shown], folder: str, toured: Collection[str] = ()) -> str:
    """The page, whose scripts lie in that folder; `shown` are all pages of the site but for tours.

    `toured` are the phenomena whose tour has its first stop there.
    """
    pictures: dict[str, Any] = {}
    sections = []
    for body, members in by_body(api.phenomena()):
        groups = [_group(p, shown, pictures, toured=p.name in toured) for p in members]
        if any(groups):
            head = f"<h2>{_text(body.title)}</h2>\n<p>{_text(body.words)}</p>\n"
            sections.append(f"<section>{head}{''.join(groups)}</section>\n")
    content = f"""<main>
{_opening(shown, pictures)}
{FIELD}
{"".join(sections)}
<h2>How to read a page</h2>
<p>{READING}</p>
</main>
<script type="application/json" id="pictures">{quoted(pictures)}</script>
<script defer src="{folder}/plotly.js"></script>
<script defer src="{folder}/home.js"></script>
"""
    return document("Learning Mechanics Explorer", content)


def _group(
    phenomenon: Phenomenon, shown: Sequence[Shown], pictures: dict[str, Any], *, toured: bool
) -> str:
    """A phenomenon with the cards of what is shown of it; '' where nothing is."""
    cards = [
        _card(phenomenon, experiment, [one for one in shown if one[0] is experiment], pictures)
        for experiment in phenomenon.experiments
        if any(one[0] is experiment for one in shown)
    ]
    if not cards:
        return ""
    head = f"<h3>{_text(phenomenon.title)}</h3>\n<p>{_text(phenomenon.question)}</p>\n"
    way_in = _way_in(phenomenon) if toured else ""
    return f'<section>{head}{way_in}<ul class="cards">{"".join(cards)}</ul></section>\n'


def _way_in(phenomenon: Phenomenon) -> str:
    return f'<p><a href="{tours.address(phenomenon, 1)}">Take the tour</a></p>\n'


def _text(words: str) -> str:
    return html.escape(words, quote=False)


def _opening(shown: Sequence[Shown], pictures: dict[str, Any]) -> str:
    made = reference("opening")
    first = next((address for _, _, address in shown), "")
    words = (
        f"""<div><h1>{HEADLINE}</h1>
<p>{INTRODUCTION}</p>
<p><a href="{first}">Start with {_text(shown[0][0].title.lower())}</a></p></div>"""
        if shown
        else ""
    )
    if made is None:
        return words
    pictures["opening"] = made["figure"]
    picture = _picture("opening", made, "picture large")
    return f'<div class="opening">{words}{picture}</div>'


def _card(
    phenomenon: Phenomenon,
    experiment: Experiment,
    pages: Sequence[Shown],
    pictures: dict[str, Any],
) -> str:
    (_, _, first), *others = pages
    name = addresses.of(experiment.name)
    made = reference(name)
    drawn = ""
    if made is not None:
        pictures[name] = made["figure"]
        drawn = _picture(name, made, "picture") + _pair(made)
    links = "".join(
        f'<li><a href="{address}">{_text(experiment.preset(preset).title)}</a></li>'
        for _, preset, address in others
    )
    words = html.escape(" ".join(said(phenomenon, experiment)))
    count = f"<summary>{len(others)} more settings</summary>"
    more = f'<details class="more">{count}<ul>{links}</ul></details>'
    return (
        f'<li data-said="{words}"><a href="{first}"><b>{_text(experiment.title)}</b></a>'
        f"<p>{_text(experiment.question)}</p>{drawn}{more if others else ''}</li>"
    )


def _picture(name: str, made: Mapping[str, Any], kind: str) -> str:
    """The place of a picture, with words for who cannot see it."""
    words = html.escape(f"{made['title']}: the run in colour, the theory dashed")
    return f'<div class="{kind}" data-picture="{name}" role="img" aria-label="{words}"></div>'


def _pair(made: Mapping[str, Any]) -> str:
    if not made["predicted"]:
        return ""
    pair = "".join(
        f"<span>{word} <b>{_text(made[key])}</b></span>"
        for word, key in (("predicted", "predicted"), ("run", "measured"))
    )
    return f'<div class="pair">{pair}<span>{_text(made["compared"])}</span></div>'
