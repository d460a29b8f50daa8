"""What stands on a hand-out, read off a run's file or its tree; nothing is trained anew."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import xarray as xr

from app import claim_rows
from app.claim_rows import Row
from app.figures.paper.formula import formula, prose
from app.figures.paper.pictures import swept_knobs
from app.figures.paper.words import mathtext
from app.handout import settings
from app.handout.exercise import exercise
from app.handout.pictures import Hero, hero
from app.live.messages import markup
from app.share import named
from sims import api
from sims.core.experiment import Experiment
from sims.core.registry import registry
from sims.core.study import Prepared


@dataclass(frozen=True)
class Content:
    """All words and pictures of a hand-out, ready for paper.

    `rows` have verdicts once a run is judged; `link` is '' where no server is known.
    """

    over: str
    question: str
    law: Sequence[str]
    regime: str
    source: str
    settings: Sequence[str]
    hero: Hero
    rows: Sequence[Row]
    headline: str
    falsifier: str
    exercise: str
    link: str
    command: str
    hash: str
    predicted_at: str

    @property
    def is_judged(self) -> bool:
        """Whether there is a run to speak of."""
        return bool(self.headline)


def content(tree: xr.DataTree, experiment: Experiment | None = None, server: str = "") -> Content:
    """What a hand-out says of a run, of a sweep, or of a prediction alone.

    `experiment` is that of the tree where its id is not known here; `server` is the address that
    links begin with.

    Raises:
        ValueError: there is no such experiment here; one sentence.
    """
    start = api.replayed(tree, experiment)
    setup, known = start.setup, start.setup.experiment
    foreseen = tree["prediction"].to_dataset()
    over = {name: settings.Axis.of(foreseen[name].values) for name in swept_knobs(tree)}
    rows = _rows(start, tree)
    return Content(
        over=_over(known),
        question=known.question,
        law=[formula(piece.strip(), displayed=True) for piece in re.split(r"\\q?quad", known.law)],
        regime=prose(known.regime),
        source=settings.source(known),
        settings=[prose(words) for words in settings.words(setup, over)],
        hero=hero(start, tree),
        rows=rows,
        headline=claim_rows.told(rows) or _swept_headline(tree),
        falsifier=mathtext(markup.prose(known.falsifier)),
        exercise=prose(exercise(known, str(tree.attrs.get("preset", "")))),
        link=settings.link(setup, server, over) if server else "",
        command=settings.command(setup, named(known), over),
        hash=start.hash,
        predicted_at=start.predicted_at,
    )


def _rows(start: Prepared, tree: xr.DataTree) -> list[Row]:
    judged = tree["claims"].to_dataset() if "claims" in tree.children else None
    if "sweep" in tree.children and judged is not None:
        return claim_rows.of_sweep(start.setup, judged)
    if judged is not None:
        return claim_rows.after(start.setup, judged)
    assert start.prediction is not None
    return claim_rows.before(start.setup, start.prediction, start.before()[1])


def _swept_headline(tree: xr.DataTree) -> str:
    """What there is to say of a sweep without a claim of its own."""
    if "sweep" not in tree.children:
        return ""
    sizes = tree["sweep"].to_dataset().sizes
    names = tree["sweep"].attrs["axes"].split(",")
    return f"{' × '.join(str(sizes[n]) for n in names)} runs."


def _over(experiment: Experiment) -> str:
    """What stands above the question: the phenomenon, and the experiment."""
    found = (p for p in registry.phenomena() if experiment in p.experiments)
    phenomenon = next(found, None)
    words = [phenomenon.title] if phenomenon is not None else []
    return "  ·  ".join([*words, experiment.title])
