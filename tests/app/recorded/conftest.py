"""A cheap run, recorded as the server does it, and the same run in a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.recorded.recording import Recording, recorded, shown_first
from sims import api

CHEAP = "saddle_to_saddle/matrix_completion"


@pytest.fixture(scope="session")
def recording() -> Recording:
    recipe, _ = shown_first(api.experiment(CHEAP))
    return recorded(recipe)


@pytest.fixture(scope="session")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("saved") / "run.nc"
    api.run(CHEAP, device="cpu", out=path)
    return path
