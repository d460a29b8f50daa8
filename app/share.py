"""Links, commands and code that reproduce what a page shows; reading a link someone edited."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from app import prepared as preparing
from app.prepared import PREPARED, Prepared
from app.typed import COUNTS, count, short, typed
from sims.core.experiment import Experiment
from sims.core.knobs import Knob, allowed, knobs_of, plain, with_knobs, written
from sims.core.own_data import is_own
from sims.core.registry import registry
from sims.core.setup import given, preset_of
from sims.view.guess import guess_of

VERSION = "1"
SAFE = ",:;"
"""Signs that stay as they are in a link: nothing splits it there."""
OURS = (
    "seed", "seeds", "v", "view", "hero", "baseline", "guess", "tour", *PREPARED,
)  # fmt: skip
"""Names in a link that are no knobs: `hero` stands large, `baseline` is drawn too, `guess` is the
reader's own, `tour` the number of a stop, `lock` holds what may not be changed, `panels` are those
that are shown, `projector` has large type, `stage` is shown alone, in another page, `beside` is a
second value of a knob, `over` a sweep, `pins` are runs drawn over its own."""
FIRST, IN_WORDS = "first", "words"
"""What a link says in place of a guess: that it is still to be made, or answers a question in words
and is not drawn; theory is kept back in both until the run is over."""
TELLS = "A second value or a sweep tells the theory: no guess comes before it here."
MAILERS = ("utm_", "mtm_", "pk_", "mc_", "_hs", "hsa_", "oly_", "vero_", "_ga", "_gl")
"""How names begin that mail programs, social networks and counters add to a link."""
CLICKS = frozenset(
    ("fbclid", "gclid", "gclsrc", "gbraid", "wbraid", "dclid", "msclkid", "twclid", "ttclid")
) | {"li_fat_id", "igshid", "igsh", "yclid", "ysclid", "epik", "srsltid", "s_cid", "mkt_tok"}
"""The names that they add whole."""


def permalink(params: Any, seed: int, seeds: int, prepared: Prepared | None = None) -> str:
    """The query of a link with every knob as resolved, so that later defaults change nothing."""
    values = {**plain(params), "seed": int(seed), "seeds": int(seeds)}
    return for_class(prepared or Prepared(), values)


def for_class(
    prepared: Prepared, values: Mapping[str, Any], words: Mapping[str, str] | None = None
) -> str:
    """The query of a link to a prepared page, with these knobs and counts and further words.

    What is held is said by the lock alone.
    """
    free = {name: value for name, value in values.items() if name not in prepared.lock}
    return query(free, {**prepared.words(), **(words or {})})


def query(values: Mapping[str, Any], words: Mapping[str, str] | None = None) -> str:
    """The query of a link with these knobs and counts, and further words of ours.

    What it does not name is the default.
    """
    said = {name: written(value) for name, value in values.items()} | dict(words or {})
    pairs = [*said.items(), ("v", VERSION)]
    return "?" + "&".join(f"{name}={quote(text, safe=SAFE)}" for name, text in pairs)


def changed(experiment: Experiment, values: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """The preset these knobs equal, or '' and the knobs that differ from the defaults."""
    params = given(experiment, values)
    preset = preset_of(experiment, params)
    if preset:
        return preset, {}
    default = plain(experiment.Params())
    return "", {n: v for n, v in plain(params).items() if v != default[n]}


def named(experiment: Experiment) -> str:
    """What a command calls it: its id, or the file it is in."""
    origin = registry.origin(experiment)
    return origin.name if origin.kind == "file" else experiment.name


def as_python(
    experiment: Experiment,
    values: Mapping[str, Any],
    seed: int,
    seeds: int,
    sweep_preset: str = "",
    over: Mapping[str, str] | None = None,
) -> str:
    """Python that makes the same run, or sweep `over` knobs; data of one's own are named."""
    preset, knobs = changed(experiment, _held(experiment, values, over))
    arguments = [repr(named(experiment))]
    if over:
        arguments.append(f"over={dict(over)!r}")
    if chosen := sweep_preset or preset:
        arguments.append(f"preset={chosen!r}")
    own = [value for value in knobs.values() if is_own(value)]
    arguments += [
        f"{name}=(X, y)" if is_own(value) else f"{name}={value!r}" for name, value in knobs.items()
    ]
    arguments += [f"seed={seed}", f"seeds={seeds}"]
    needs = "".join(f"# X (samples, features) and y are the data {value}\n" for value in own)
    call = f"sims.{'sweep' if over else 'run'}({', '.join(arguments)})"
    return f"import sims\n\n{needs}tree = {call}\n"


def as_command(
    experiment: Experiment,
    values: Mapping[str, Any],
    seed: int,
    seeds: int,
    sweep_preset: str = "",
    over: Mapping[str, str] | None = None,
) -> str:
    """The command that makes the same run, or the same sweep `over` knobs.

    `FILE` stands for one with data of one's own.
    """
    preset, knobs = changed(experiment, _held(experiment, values, over))
    words = ["lmx", "sweep" if over else "run", named(experiment)]
    for name, text in (over or {}).items():
        words += ["--over", f"{name}={text}"]
    if chosen := sweep_preset or preset:
        words += ["--preset", chosen]
    for name, value in knobs.items():
        words += ["--data", "FILE"] if is_own(value) else ["--set", f"{name}={written(value)}"]
    words += ["--seed", str(seed), "--seeds", str(seeds)]
    return shlex.join(words)


def _held(
    experiment: Experiment, values: Mapping[str, Any], over: Mapping[str, str] | None
) -> dict[str, Any]:
    """The knobs that are the same at every point; those swept are left at their defaults."""
    default = plain(experiment.Params())
    return {name: default[name] if name in (over or {}) else v for name, v in values.items()}


def read(
    experiment: Experiment, query: Mapping[str, str]
) -> tuple[dict[str, Any], dict[str, int], list[str]]:
    """What a raw query sets: knobs, seed and seeds, and one sentence for each value refused."""
    values, counts, refused = _taken(experiment, query)
    said = [_instead(sentence, knob) for sentence, knob in refused]
    shown = preparing.read(experiment, query)[0].others
    if query.get("guess") == FIRST and (shown.over or shown.beside is not None):
        said.append(TELLS)
    return values, counts, said


def read_whole(
    experiment: Experiment, query: Mapping[str, str]
) -> tuple[dict[str, Any], dict[str, int]]:
    """The same of a query that may set nothing in vain.

    Raises:
        ValueError: a value is refused; one sentence.
    """
    values, counts, refused = _taken(experiment, query)
    if refused:
        raise ValueError(refused[0][0])
    return values, counts


def _taken(
    experiment: Experiment, query: Mapping[str, str]
) -> tuple[dict[str, Any], dict[str, int], list[tuple[str, Knob | None]]]:
    """What a query sets, and what it is refused with the knob that it was for."""
    knobs = knobs_of(experiment.Params)
    values: dict[str, Any] = {}
    counts: dict[str, int] = {}
    made, wrong = preparing.read(experiment, query)
    refused: list[tuple[str, Knob | None]] = [(sentence, None) for sentence in wrong]
    for name, text in query.items():
        try:
            if name in made.lock:
                made.lock.check(experiment, name, text)
            elif name in knobs:
                values[name] = typed(knobs[name], text)
            elif name in COUNTS:
                counts[name] = count(name, text)
            elif name == "guess" and text not in (FIRST, IN_WORDS):
                guess_of(text)
            elif name == "v" and text != VERSION:
                raise ValueError(f"The link has version v={short(text)}; this page reads v=1.")
            elif name not in OURS and not is_of_a_mailer(name):
                with_knobs(experiment.Params(), {short(name): text})
        except ValueError as error:
            refused.append((str(error), None if name in made.lock else knobs.get(name)))
    return values | dict(made.lock.values), counts | dict(made.lock.counts), refused


def is_of_a_mailer(name: str) -> bool:
    """Whether a name in a link was added on its way, and says nothing of a page."""
    return name in CLICKS or name.startswith(MAILERS)


def _instead(sentence: str, knob: Knob | None) -> str:
    """A refusal of the link, with what is used in place of the refused value."""
    if knob is None:
        return sentence
    return f"{sentence.rstrip('.')}; the page uses {written(knob.default)} instead."


def limits(knob: Knob, *, expert: bool) -> str:
    """The values a knob takes, in words for its help."""
    return allowed(knob, hard=expert)
