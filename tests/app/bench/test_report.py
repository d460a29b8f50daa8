"""The bench runs and reports; what it measures is no business of a test."""

from __future__ import annotations

import io
import json
import math
from pathlib import Path

import pytest
from rich.console import Console

from app import bench
from app.bench import speed, throughput

NAME = "saddle_to_saddle/linear_network"


@pytest.mark.slow
@pytest.mark.filterwarnings("default::DeprecationWarning")
def test_a_tiny_bench_prints_every_number_and_writes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        speed,
        "VARIANTS",
        {NAME: {"2-2-2": {"d_in": 2, "d_out": 2, "width": 2, "spectrum": (2, 1)}}},
    )
    monkeypatch.setattr(speed, "SWEEPS", {NAME: {"alpha": "1e-4:1e-3:2:log"}})
    knobs = {"d_in": 2, "d_out": 2, "width": 2, "spectrum": "2,1", "eta": 1e-3}
    monkeypatch.setattr(throughput, "KNOBS", knobs)
    printed, file = io.StringIO(), tmp_path / "bench.json"
    results = bench.report(Console(file=printed, width=120), [NAME], file, bench.TINY)
    measured = [r for r in results if not r.name.startswith("no number")]
    assert all(math.isfinite(r.value) for r in measured)
    assert all(r.name in printed.getvalue() for r in results)
    written = json.loads(file.read_text())
    assert [r["name"] for r in written["results"]] == [r.name for r in results]
    assert {"device", "date", "versions", "cores"} <= set(written)


def test_a_target_is_met_on_its_own_side() -> None:
    assert bench.Result("share", 0.96, "", ">= 0.95").met is True
    assert bench.Result("share", 0.94, "", ">= 0.95").met is False
    assert bench.Result("latency", 3.0, "s", "<= 2").met is False
    assert bench.Result("latency", 3.0, "s").met is None


def test_chromium_may_be_named_by_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LMX_CHROMIUM", "/opt/elsewhere/chromium")
    assert bench.chromium() == "/opt/elsewhere/chromium"
