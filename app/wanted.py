"""What run a command is asked about: a saved one, a page, or an experiment by its name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qsl, urlsplit

import xarray as xr

from app import addresses, share
from app import prepared as preparing
from sims import api
from sims.core import archive
from sims.core.experiment import Experiment
from sims.core.prediction import digest
from sims.core.registry import find
from sims.core.sentences import one_line
from sims.core.study import Prepared, Study
from sims.core.sweep import Sweep

MOST_QUOTED = 60
Progress = Callable[[float], None]


def is_file(what: str) -> bool:
    """Whether a saved run is meant, rather than a page."""
    return "?" not in what and "://" not in what and Path(what).suffix in archive.SUFFIXES


def server_of(link: str) -> str:
    """The address that a whole link begins with; '' for one without a server."""
    parts = urlsplit(link)
    if not parts.scheme.startswith("http"):
        return ""
    above = parts.path.rstrip("/").rpartition("/")[0]
    return f"{parts.scheme}://{parts.netloc}{above}"


def checked_server(address: str) -> str:
    """The address of a server; ValueError, one sentence, if it is none."""
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.query:
        said = one_line(address, MOST_QUOTED)
        raise ValueError(f"{said} is no address of a server: give one like https://host:8501.")
    return address.rstrip("/")


@dataclass(frozen=True)
class Asked:
    """What a link asks for: knobs and seeds, and whether of a diagram it means a single run.

    `swept` are the axes of a sweep that the link says itself.
    """

    experiment: Experiment
    values: dict[str, Any]
    seed: int | None
    seeds: int
    is_single: bool
    swept: Mapping[str, str] = field(default_factory=dict)

    @property
    def over(self) -> Mapping[str, str] | None:
        """The axes of a sweep, if that is what its page shows."""
        return self.swept or (None if self.is_single else self.experiment.over)

    def study(self) -> Study:
        """The one setting."""
        return Study(self.experiment, self.values, seed=self.seed, seeds=self.seeds)


def page(link: str) -> Asked:
    """What a link, an experiment's id or a file with one asks for.

    Raises:
        ValueError: there is no such page, or it refuses a value; one sentence.
    """
    return _asked(find(link), {}) if Path(link).suffix == ".py" else linked(link)


def linked(link: str) -> Asked:
    """What a link to a page asks for; it leads to no file, whoever sends it.

    Raises:
        ValueError: there is no such page, or it refuses a value; one sentence.
    """
    return _asked(_experiment_at(_parts(link).path.strip("/")), query_of(link))


def query_of(link: str) -> dict[str, str]:
    """What a link says besides its page, undoubted."""
    return dict(parse_qsl(_parts(link).query, keep_blank_values=True))


def _parts(link: str) -> SplitResult:
    """A link in its parts, with or without a server; ValueError, one sentence, if it is none."""
    try:
        return urlsplit(link if "://" in link else f"//page/{link.lstrip('/')}")
    except ValueError:
        raise ValueError(f"{one_line(link, MOST_QUOTED)!r} is no link.") from None


def _asked(experiment: Experiment, query: Mapping[str, str]) -> Asked:
    values, counts = share.read_whole(experiment, query)
    is_single = query.get("view") == "run"
    made, _ = preparing.read(experiment, query)
    first, many = counts.get("seed"), counts.get("seeds", 1)
    return Asked(experiment, values, first, many, is_single, made.others.over)


def _experiment_at(path: str) -> Experiment:
    named = {addresses.of(e.name): e for e in api.experiments()}
    for part in (path, path.rpartition("/")[2]):  # above it, a proxy may have a folder
        if (at := addresses.page_for(part)) in named:
            return named[at]
    near = addresses.nearest(path) or addresses.nearest(path.rpartition("/")[2])
    hint = f"; did you mean {near}?" if near in named else ": lmx list shows which there are."
    raise ValueError(f"There is no page of an experiment at {one_line(path, MOST_QUOTED)!r}{hint}")


def predicted(link: str) -> xr.DataTree:
    """The prediction of a link's page, without any training."""
    asked = page(link)
    if asked.over is None:
        return asked.study().freeze().tree()
    sweep = Sweep(asked.experiment, asked.values, asked.over, seed=asked.seed, seeds=asked.seeds)
    sweep.predict()
    foreseen = sweep.prediction()
    return Prepared(sweep.setups[0], foreseen, digest(foreseen), sweep.predicted_at).tree()


def ran(link: str, progress: Progress | None = None) -> xr.DataTree:
    """The run of a link's page, or its sweep: predicted, trained and judged now."""
    asked = page(link)
    if asked.swept:
        free = {name: v for name, v in asked.values.items() if name not in asked.swept}
        counts: dict[str, Any] = {"seed": asked.seed, "seeds": asked.seeds}
        return api.sweep(asked.experiment, asked.swept, progress=progress, **counts, **free)
    if asked.is_single:
        start = asked.study().freeze()
        run = start.run()
        run.finish()
        return start.tree(start.judge(run))
    how: dict[str, Any] = {"seed": asked.seed, "seeds": asked.seeds, **asked.values}
    return api.run(asked.experiment, progress=progress, **how)
