"""The explorer as a static site: Home, and a page for every run that is recorded in it.

    FOLDER/index.html                     Home
    FOLDER/<address>.html                 an experiment as its page opens
    FOLDER/<address>.<preset>.html        one of its presets
    FOLDER/tour.<phenomenon>.<n>.html     a stop of a tour
    FOLDER/runs/<address>[.<preset>].js   the run that a page plays
    FOLDER/lmx/                           what all pages share: scripts and pictures

Every script is a classic one, so that a page opened from a file works as one from a host does. A
run that is there, made by the same code of the same settings, is not made again.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from app import addresses, tour
from app.assets import asset
from app.live.server.recipe import Recipe
from app.recorded import tours
from app.recorded.home import home
from app.recorded.page import PLOTLY, Around, page, playing
from app.recorded.recording import About, of_preset, of_stop, recorded, shown_first
from app.recorded.script import pictures, shared
from sims import api
from sims.core.archive import versions
from sims.core.experiment import Experiment, Phenomenon, Preset
from sims.core.files import write
from sims.core.price import everyday
from sims.core.registry import registry

HOME = "index.html"
RUNS, SHARED = "runs", "lmx"
HEAD = "// lmx "
"""How a run's file begins; what it was made of follows on that line, as JSON."""


@dataclass(frozen=True)
class Place:
    """A page of the site: its experiment, the preset that it shows or '', and what it plays.

    `stop` is the number of a stop, counted from one; 0: the page belongs to no tour.
    """

    experiment: Experiment
    preset: str
    recipe: Recipe
    name: str
    stop: int = 0

    @property
    def page(self) -> str:
        """Its file in the folder."""
        return f"{self.name}.html"

    @property
    def run(self) -> str:
        """The file of its run."""
        return f"{RUNS}/{self.name}.js"


def places(names: Sequence[str] = (), *, presets: bool = False, gpu: bool = False) -> list[Place]:
    """The pages of a site: each experiment as it opens, with `presets` each of those, and tours.

    `names` are the experiments; all where there are none. Presets for a GPU only with `gpu`.
    """
    found = [api.experiment(name) for name in names] or api.experiments()
    made = [
        place
        for experiment in found
        for place in _of(experiment, _chosen(experiment, gpu=gpu) if presets else ())
    ]
    return [*made, *(_stops(found) if presets else ())]


def _stops(experiments: Sequence[Experiment]) -> Iterator[Place]:
    """The stops of tours that visit one of these experiments."""
    listed = {experiment.name: experiment for experiment in experiments}
    for phenomenon in api.phenomena():
        for number, stop in enumerate(tour.tour(phenomenon), 1):
            if stop.experiment in listed:
                at = listed[stop.experiment]
                name = tours.name(phenomenon, number)
                yield Place(at, stop.preset, of_stop(at, stop), name, number)


def _chosen(experiment: Experiment, *, gpu: bool) -> Sequence[Preset]:
    return experiment.presets if gpu else everyday(experiment)


def _of(experiment: Experiment, presets: Sequence[Preset]) -> Iterator[Place]:
    address = addresses.of(experiment.name)
    recipe, first = shown_first(experiment)
    yield Place(experiment, first, recipe, address)
    for preset in presets:
        if preset.id != first:
            one = of_preset(experiment, preset.id)
            yield Place(experiment, preset.id, one, f"{address}.{preset.id}")


def record(
    place: Place, folder: Path, device: str, progress: Callable[[float], None]
) -> tuple[About, bool]:
    """What a page's run is, and whether it was there already; made and written where it was not.

    Raises:
        ValueError: it cannot be predicted; one sentence.
    """
    there = known(place, folder, device)
    if there is not None:
        return there, True
    recipe = dataclasses.replace(place.recipe, device=device)
    made = recorded(recipe, progress)
    about = dataclasses.replace(made.about, preset=place.preset)  # another may have the same knobs
    head = json.dumps({"key": _key(recipe), "about": dataclasses.asdict(about)})
    write(folder / place.run, f"{HEAD}{head}\n{playing(made)}".encode())
    return about, False


def known(place: Place, folder: Path, device: str) -> About | None:
    """What a page's run is, if it is in the folder; None where it would come out otherwise now."""
    try:
        with (folder / place.run).open(encoding="utf-8") as file:
            head = json.loads(file.readline().removeprefix(HEAD))
        key = _key(dataclasses.replace(place.recipe, device=device))
        return About(**head["about"]) if head["key"] == key else None
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _key(recipe: Recipe) -> str:
    """Equal for runs that would be the same: the recipe, the code, and what it stands on."""
    origin = registry.origin(api.experiment(recipe.experiment)).attributes
    parts = (recipe.key, _code(), json.dumps(_versions()), json.dumps(origin, default=str))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


@cache
def _versions() -> dict[str, str]:
    return versions()


@cache
def _code() -> str:
    """A digest of all that has a part in a run and in what is said of it."""
    here = Path(__file__).resolve()
    app, root = here.parents[1], here.parents[2]
    folders = (root / "sims", app / "figures", app / "live")
    found = [path for folder in folders for path in folder.rglob("*.py")]
    digest = hashlib.sha256()
    for path in sorted([*found, *app.glob("*.py"), here.with_name("recording.py")]):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def write_shared(folder: Path) -> None:
    """What all pages have in common."""
    for part in (RUNS, SHARED):
        (folder / part).mkdir(exist_ok=True)
    write(folder / SHARED / "plotly.js", asset(PLOTLY).read_bytes())
    write(folder / SHARED / "lmx.js", shared().encode())
    write(folder / SHARED / "home.js", pictures().encode())


def write_pages(folder: Path, device: str, server: str = "") -> list[Place]:
    """Home and the pages of all runs that are there, each with links to the others."""
    all_ = [(place, known(place, folder, device)) for place in places(presets=True, gpu=True)]
    there = [(place, about) for place, about in all_ if about is not None]
    shown = [place for place, _ in there]
    for place, about in there:
        same = [p for p in shown if p.experiment is place.experiment and not p.stop]
        pages = {p.preset: p.page for p in same if p.preset} if not place.stop else {}
        around = Around(_tabs(place, shown), pages, server, _strip(place, shown))
        names = (f"{SHARED}/plotly.js", f"{SHARED}/lmx.js", place.run)
        scripts = [f'<script defer src="{name}"></script>' for name in names]
        text = page(about, place.experiment, around, scripts)
        write(folder / place.page, text.encode())
    cards = [(place.experiment, place.preset, place.page) for place in shown if not place.stop]
    first = {_phenomenon(place).name for place in shown if place.stop == 1}
    write(folder / HOME, home(cards, SHARED, first).encode())
    return shown


def _phenomenon(place: Place) -> Phenomenon:
    return next(p for p in api.phenomena() if place.experiment in p.experiments)


def _strip(place: Place, shown: Sequence[Place]) -> str:
    """The strip of a stop, which is left for the experiment's own page; '' for other pages."""
    if not place.stop:
        return ""
    phenomenon = _phenomenon(place)
    there = [p.stop for p in shown if p.stop and _phenomenon(p).name == phenomenon.name]
    own = (p.page for p in shown if p.experiment is place.experiment and not p.stop)
    return tours.strip(phenomenon, place.stop, there, next(own, HOME))


def _tabs(place: Place, shown: Sequence[Place]) -> list[tuple[str, str]]:
    """Home, and the experiments of the same phenomenon; '' is the address of the page itself."""
    phenomenon = place.experiment.name.partition("/")[0]
    found = [("Learning Mechanics Explorer", HOME)]
    for other in shown:
        if other.experiment.name.partition("/")[0] == phenomenon and "." not in other.name:
            here = other.name == place.name
            found.append((other.experiment.title, "" if here else other.page))
    return found
