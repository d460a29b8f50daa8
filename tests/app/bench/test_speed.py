"""The bare scan against which a run is measured computes as a run does."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest

from app.bench import speed
from sims import api
from sims.core.study import Study


def test_a_bare_scan_has_all_digits_as_a_run_has_them(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    @contextlib.contextmanager
    def exact(platform: str) -> Iterator[None]:
        asked.append(platform)
        yield

    monkeypatch.setattr(speed.compilation, "exact", exact)
    setup = Study(api.experiment("edge_of_stability/scalar_models")).setup
    assert speed.one_scan(setup, "cpu")() > 0
    assert asked == ["cpu"]
