"""A page that plays a recording, as HTML; all in one file, or with what pages share beside it."""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from latex2mathml.converter import convert

from app import addresses, share
from app.assets import asset
from app.figures import style
from app.preset_row import listed
from app.recorded.recording import About, Recording
from app.recorded.script import quoted, shared
from app.tex import prose
from sims.core.experiment import Experiment, Preset
from sims.core.knobs import knobs_of, plain, written
from sims.core.setup import given

PLOTLY = "plotly/plotly-cartesian.min.js"
_RULES = Path(__file__).parent / "page.css"


@dataclass(frozen=True)
class Around:
    """What lies around a page: the site it is part of, and a server that runs it live.

    `tabs` are (title, address) of pages beside it; `pages` the address of each preset's page;
    `server` is the explorer's own address, '' if there is none; `strip` stands above the question.
    """

    tabs: Sequence[tuple[str, str]] = ()
    pages: dict[str, str] | None = None
    server: str = ""
    strip: str = ""


def alone(recording: Recording, experiment: Experiment, server: str = "") -> str:
    """The page as one file, which asks for nothing."""
    scripts = [
        f"<script>{asset(PLOTLY).read_text('utf-8')}</script>",
        f"<script>{shared()}</script>",
        f"<script>{playing(recording)}</script>",
    ]
    return page(recording.about, experiment, Around(server=server), scripts)


def playing(recording: Recording) -> str:
    """The script that plays it, once the shared one has been read."""
    return f'lmx.play("{base64.b64encode(recording.packed()).decode()}", lmx.look);\n'


def page(about: About, experiment: Experiment, around: Around, scripts: Sequence[str]) -> str:
    """The page around the live part; `scripts` are the elements that play it."""
    pages = around.pages or {}
    law = re.split(r"\\q?quad", experiment.law)
    body = f"""{_top(around)}<main>
{around.strip}<h1>{html.escape(experiment.question, quote=False)}</h1>
<div class="theory"><div class="law">{"".join(map(formula, law))}</div>
<p class="regime">{_regime(experiment)}</p></div>
<p class="settings">{_settings(about, experiment, has_row=len(pages) > 1 or around.strip != "")}</p>
<div id="live"><noscript>This page plays a run, which takes JavaScript.</noscript></div>
{_again(about, experiment, around.server)}
{_provenance(about)}
</main>
<script type="application/json" id="page">{quoted(_told(about, experiment, around))}</script>
"""
    return document(f"{experiment.title}: {experiment.question}", body + "\n".join(scripts))


def document(title: str, body: str) -> str:
    """A whole document in the colours of the explorer."""
    words = html.escape(title)
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{words}</title>
<style>{_look()}</style>
</head>
<body>
{body}
</body>
</html>
"""


@cache
def _look() -> str:
    """The page's rules, with the palette of each mode; paper is light."""
    light, dark = (
        "".join(f"--{role.replace('_', '-')}:{c};" for role, c in style.PAGE[mode].items())
        + f"--st-background-color:{style.PAGE[mode]['paper']};"
        for mode in ("light", "dark")
    )
    modes = f":root{{{light}}}\n@media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}\n"
    return modes + _RULES.read_text("utf-8")


def formula(tex: str) -> str:
    """TeX as MathML, which browsers draw by themselves."""
    made = convert(tex.strip(), display="block")  # with what stands above and below a sum
    return made.replace('display="block"', 'display="inline" displaystyle="true"', 1)


def _top(around: Around) -> str:
    if not around.tabs:
        return ""
    (home, index), *others = around.tabs
    links = [f'<a href="{index}">{html.escape(home)}</a>']
    for title, address in others:
        where = f'href="{address}"' if address else 'aria-current="page"'
        links.append(f"<a {where}>{html.escape(title)}</a>")
    return f'<nav class="top">{"".join(links)}</nav>\n'


def _regime(experiment: Experiment) -> str:
    words = html.escape(experiment.regime, quote=False)
    if not experiment.sources:
        return words
    source = experiment.sources[0]
    return f'{words} <a href="{source.url}" rel="noopener">arXiv\u00a0{source.arxiv}</a>'


def _settings(about: About, experiment: Experiment, *, has_row: bool) -> str:
    """The knobs that are not as the experiment has them, and the preset where no row names it."""
    settings = values_said(experiment, about.values)
    preset = _preset(about, experiment)
    if preset is None or has_row:
        return f"{settings[0].upper()}{settings[1:]}."
    title, look_for = (html.escape(words, quote=False) for words in (preset.title, preset.look_for))
    return f"<b>{title}</b>: {settings}. <i>{look_for}</i>"


def values_said(experiment: Experiment, set_values: Mapping[str, Any]) -> str:
    """The knobs that are not as the experiment has them, as HTML; begins with a small letter."""
    usual = plain(experiment.Params())
    values = plain(given(experiment, set_values))
    knobs = knobs_of(experiment.Params)
    words = [
        f"<span>{html.escape(knobs[name].label, quote=False)} "
        f"{prose(f'${knobs[name].symbol}$') if knobs[name].symbol else ''} = "
        f"{html.escape(written(value))}</span>"
        for name, value in values.items()
        if value != usual[name]
    ]
    return "; ".join(words) if words else "the default settings"


def _preset(about: About, experiment: Experiment) -> Preset | None:
    return next((p for p in experiment.presets if p.id == about.preset), None)


def _command(about: About, experiment: Experiment) -> str:
    return share.as_command(
        experiment, about.values, about.seed, about.seeds, _swept(about, experiment)
    )


def _swept(about: About, experiment: Experiment) -> str:
    """The id of its preset, where that is a sweep."""
    preset = _preset(about, experiment)
    return preset.id if preset is not None and preset.over is not None else ""


def _live(about: About, server: str) -> str:
    """The address of the page on a server, without its query."""
    return f"{server.rstrip('/')}/{addresses.of(about.experiment)}" if server else ""


def _again(about: About, experiment: Experiment, server: str) -> str:
    link = ""
    if server:
        href = html.escape(_live(about, server) + about.query)
        link = f'<p><a href="{href}">Open it in the explorer</a>, and move its knobs.</p>\n'
    return f"""<section class="again"><h2>Run it live</h2>
{link}<p>This run was recorded. Where lmx is installed, this predicts and trains it anew:</p>
<pre><code>{html.escape(_command(about, experiment))}</code></pre></section>"""


def _provenance(about: About) -> str:
    return (
        f'<p class="quiet">Predicted {about.predicted_at[:19].replace("T", " ")} UTC, before the '
        f"first step, SHA-256 <code>{about.hash}</code>; then trained: {about.provenance}. "
        f'Learning Mechanics Explorer {about.version}. All <a id="numbers">numbers</a> that were '
        f"recorded are in this page, as CSV.</p>"
    )


def _told(about: About, experiment: Experiment, around: Around) -> dict[str, object]:
    """What the script is told of its page: see app/live/browser/recorded/page.js."""
    pages = around.pages or {}
    swept = _swept(about, experiment)
    what = (experiment, about.values, about.seed, about.seeds, swept)
    live = _live(about, around.server)
    return {
        "live": live,
        "pages": pages,
        "keep": {
            "permalink": live + about.query if live else "",
            "python": share.as_python(*what),
            "command": share.as_command(*what),
        },
        "presets": _presets(about, experiment, pages),
    }


def _presets(about: About, experiment: Experiment, pages: dict[str, str]) -> dict[str, object]:
    """The presets that have a page, as the row above the stage lists them; none has no row."""
    return {
        "presets": listed(experiment, pages if len(pages) > 1 else ()),
        "active": about.preset or None,
        "unnamed": "Settings of its own",
        "beside": None,
    }
