"""Experiments of other distributions, by their entry points."""

from __future__ import annotations

import importlib.util
from importlib import metadata
from pathlib import Path
from typing import Any

from sims.core.experiment import Experiment, Phenomenon
from sims.core.origin import Origin
from sims.core.plugin_file import BrokenFile, Loaded, check_id, told

GROUP = "lmx.experiments"
"""Entry points of other distributions: an Experiment, a sequence of them, or a Phenomenon."""


def installed() -> tuple[list[Loaded], list[str]]:
    """What other distributions offer, and why some of it is not taken."""
    taken: list[Loaded] = []
    refused: list[str] = []
    for point in sorted(metadata.entry_points(group=GROUP), key=lambda p: (p.name, p.value)):
        distribution = point.dist
        name = distribution.name if distribution is not None else point.value
        version = distribution.version if distribution is not None else ""
        try:
            found = point.load()
            phenomenon = found if isinstance(found, Phenomenon) else None
            listed: Any = found if phenomenon is None else phenomenon.experiments
            experiments = (listed,) if isinstance(listed, Experiment) else tuple(listed)
            for experiment in experiments:
                if not isinstance(experiment, Experiment):
                    raise BrokenFile(f"{point.value} is no Experiment.")
                check_id(experiment, point.value)
        except Exception as error:
            why = str(error) if isinstance(error, BrokenFile) else told(error, _file_of(point))
            refused.append(f"{name} {version} is not taken: {why}")
            continue
        taken.append(Loaded(experiments, Origin("installed", name, version), phenomenon))
    return taken, refused


def _file_of(point: metadata.EntryPoint) -> Path:
    """Where the module of an entry point lies: the folder of a package, or its one file."""
    try:
        spec = importlib.util.find_spec(point.module.partition(".")[0])
    except (ImportError, ValueError):
        spec = None
    if spec is None or spec.origin is None:
        return Path(point.value)
    file = Path(spec.origin)
    return file.parent if file.name == "__init__.py" else file
