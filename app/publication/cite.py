"""What a paper that uses a run should cite, as BibTeX."""

from __future__ import annotations

import json
from collections.abc import Iterable
from importlib.metadata import metadata

import xarray as xr

from sims.core.experiment import Experiment
from sims.core.sources import MAP_OF_EVIDENCE

PACKAGE = "learning-mechanics-explorer"


def entries(experiments: Iterable[Experiment] = (), trees: Iterable[xr.DataTree] = ()) -> str:
    """The explorer in each version that made one of the runs, and every source, once each."""
    versions = {str(json.loads(tree.attrs["versions"])[PACKAGE]) for tree in trees}
    made = [_explorer(one) for one in sorted(versions or {metadata(PACKAGE)["Version"]})]
    found = {MAP_OF_EVIDENCE.arxiv: MAP_OF_EVIDENCE.bibtex}
    for experiment in experiments:
        for source in experiment.sources:
            found.setdefault(source.arxiv, source.bibtex)
    return "\n\n".join([*made, *found.values()]) + "\n"


def _explorer(version: str) -> str:
    key = f"lmx_{version.replace('.', '_')}"
    return (
        f"@software{{{key},\n  author = {{{{The Learning Mechanics Explorer developers}}}},\n"
        f"  title = {{Learning Mechanics Explorer}},\n  version = {{{version}}},\n"
        "  license = {MIT}\n}"
    )
