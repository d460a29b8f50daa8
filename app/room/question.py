"""A question that a lecturer prepared: read from its link, drawn without theory, and played."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app import wanted
from app.live.messages.encoding import json_text
from app.live.messages.veiled import veiled
from app.live.server.recipe import Recipe
from app.prepared import read as prepared_for
from app.recorded.page import values_said
from app.recorded.recording import recorded
from app.room.results import Axes, axes_of
from sims.core.setup import given

if TYPE_CHECKING:
    from sims.core.experiment import Experiment, Preset

MOST_LINK = 4000
"""Characters of a link."""
MOST_SHOWN = 40


@dataclass(frozen=True)
class Question:
    """What a link asks for; `panels` are those to be shown, the large one first, () for all."""

    title: str
    recipe: Recipe
    panels: tuple[str, ...] = ()


@dataclass(frozen=True)
class Shown:
    """What a class sees before the run, as JSON, and what may be guessed.

    `view` has no theory in it; `asked` is its question, None where nothing is to be guessed.
    """

    view: str
    about: str
    asked: Mapping[str, Any] | None
    axes: Axes


@dataclass(frozen=True)
class Played:
    """The run as browsers fetch it, what it and theory say to the question, and the verdicts."""

    packed: bytes
    answered: Mapping[str, Any] | None


def question_of(link: str) -> Question:
    """What a link to a page asks for; imports the experiment, so not for the event loop.

    Raises:
        ValueError: it leads to no experiment, or a value in it is refused; one sentence.
    """
    if len(link) > MOST_LINK:
        raise ValueError(f"A link may have at most {MOST_LINK} characters.")
    asked = wanted.linked(link.strip())
    preset = _preset(asked)
    recipe = Recipe(
        asked.experiment.name,
        asked.values,
        asked.experiment.default_seed if asked.seed is None else asked.seed,
        asked.seeds,
        over=dict(asked.swept) or _swept(preset),
    )
    made, refused = prepared_for(asked.experiment, wanted.query_of(link.strip()))
    if refused:
        raise ValueError(refused[0])
    title = asked.experiment.title if preset is None else preset.title
    return Question(title, recipe, made.panels)


def _swept(preset: Preset | None) -> dict[str, str] | None:
    return None if preset is None or preset.over is None else dict(preset.over)


def _preset(asked: wanted.Asked) -> Preset | None:
    """The preset that its page opens with these knobs."""
    experiment = asked.experiment
    params = given(experiment, asked.values)
    same = [p for p in experiment.presets if given(experiment, p.params) == params]
    return next((p for p in same if (p.over is None) == (asked.over is None)), None)


def prepared(
    question: Question,
    told: Callable[[Shown | Played], None],
    progress: Callable[[float], None],
) -> None:
    """Predict and draw it, then run it; `told` hears of both as they are there.

    `progress` is called between any two slices, and may raise to end it.

    Raises:
        ValueError: these settings cannot be, or failed; one sentence.
    """
    from sims import api

    experiment = api.experiment(question.recipe.experiment)

    def foretold(text: str) -> None:
        told(shown(question, experiment, json.loads(text)))

    made = recorded(question.recipe, progress, foretold)
    kept = {panel["id"] for panel in chosen(made.view, question.panels)["panels"]}
    cut = dataclasses.replace(
        made,
        view=chosen(made.view, question.panels),
        judgement={
            **made.judgement,
            "axes": [axis for axis in made.judgement["axes"] if axis["panel"] in kept],
            "alts": {name: alt for name, alt in made.judgement["alts"].items() if name in kept},
        },
    )
    told(Played(cut.packed(), made.judgement["answered"]))


def shown(question: Question, experiment: Experiment, view: Mapping[str, Any]) -> Shown:
    """What a class sees before the run."""
    bare = veiled(chosen(view, question.panels))
    about = {
        "question": experiment.question,
        "title": experiment.title,
        "settings": values_said(experiment, question.recipe.values),
    }
    return Shown(json_text(bare), json_text(about), bare["asked"], axes_of(bare))


def chosen(view: Mapping[str, Any], panels: Sequence[str]) -> dict[str, Any]:
    """A view with these panels only, in this order; the one that is guessed in stays.

    Raises:
        ValueError: it has no such panel; one sentence.
    """
    if not panels:
        return dict(view)
    known = {panel["id"]: panel for panel in view["panels"]}
    for name in panels:
        if name not in known:
            short = name if len(name) <= MOST_SHOWN else name[:MOST_SHOWN] + "…"
            raise ValueError(f"panels = {short} is not allowed: there are {', '.join(known)}.")
    asked = [view["asked"]["panel"]] if view["asked"] is not None else []
    return {**view, "panels": [known[name] for name in dict.fromkeys([*panels, *asked])]}
