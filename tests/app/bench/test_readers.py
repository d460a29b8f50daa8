"""Readers without browsers at a real server: few of them, for seconds."""

from __future__ import annotations

import time

import pytest

from app.bench import crowd, soak, throughput
from app.bench.loop import finished
from app.bench.reader import Reader, readers
from app.bench.visit import Visit

SMALL = "d_in=2&d_out=2&width=2&spectrum=2,1"


def test_a_reader_sees_a_page_to_its_verdicts(server: str) -> None:
    visit = Visit(crowd.PLAIN, f"{SMALL}&seed=3", pace=None, leaves=100.0)
    (seen,) = finished(readers(server, [visit]))
    assert seen.trouble == []
    assert (seen.state, seen.has_verdicts) == ("done", True)
    order = seen.asked, seen.ready, seen.pressed, seen.first_rows, seen.computed, seen.judged
    assert None not in order
    assert list(order) == sorted(t or 0.0 for t in order)
    assert seen.steps == sorted(seen.steps)
    assert seen.steps[-1] > 100
    assert len(seen.tokens) == 1


def test_a_page_that_is_not_there_is_trouble(server: str) -> None:
    (seen,) = finished(readers(server, [Visit("no/page", leaves=3.0)]))
    assert seen.trouble == ["GET /no-page: 307 Temporary Redirect"]
    assert seen.pressed is None


def test_no_server_is_trouble() -> None:
    (seen,) = finished(readers("http://127.0.0.1:9", [Visit(crowd.PLAIN)]))
    assert seen.trouble == ["GET /saddle_to_saddle-linear_network: ConnectionRefusedError"]


def test_readers_together_press_run_at_once(server: str) -> None:
    visits = [
        Visit(crowd.PLAIN, f"{SMALL}&seed={i}", pace=None, leaves=100.0, opens=float(i))
        for i in range(2)
    ]
    seen = finished(readers(server, visits, 0.1))
    assert [one.trouble for one in seen] == [[], []]
    pressed = [one.pressed or 0.0 for one in seen]
    assert min(pressed) >= max(one.ready or 0.0 for one in seen)


def test_one_reader_in_trouble_does_not_hold_up_the_others(server: str) -> None:
    visits = [
        Visit(crowd.PLAIN, f"{SMALL}&seed=5", pace=None, leaves=100.0),
        Visit("no/page", pace=None, leaves=0.5),
    ]
    seen = finished(readers(server, visits, 0.1))
    assert seen[0].trouble == []
    assert seen[0].first_rows is not None


def test_a_reader_may_leave_before_anything_is_there(server: str) -> None:
    visit = Visit(crowd.PLAIN, SMALL, leaves=0.0)
    assert finished(Reader(server, visit, time.monotonic()).read()).trouble == []


@pytest.mark.slow
def test_a_small_crowd_comes_runs_and_goes() -> None:
    times = crowd.Times(opening=2.0, pressing=2.0, patience=100.0, ending=2.0)
    found = {r.name: r for r in crowd.crowd([crowd.PLAIN], 4, times)}
    assert found["refused or dropped"].value == 0
    assert found["runs that ended in verdicts"].met
    assert found["jobs left"].value == 0
    assert found["sockets left"].value == 0
    assert "threads left" in found
    assert "Run to first rows, 95 % within" in found


@pytest.mark.slow
def test_a_small_soak_counts_what_is_left() -> None:
    rhythm = soak.Rhythm(seats=2, stay=3.0, warm_up=3.0, settling=2.0)
    found = {r.name: r for r in soak.soak(0.1, rhythm)}
    assert found["readers who came and went"].value == 6
    assert found["jobs left"].value == 0
    assert found["sockets left"].value == 0
    assert found["memory, last third over first"].value > 0


@pytest.mark.slow
def test_what_all_runs_make_together_is_one_number_or_none(monkeypatch) -> None:
    knobs = {"d_in": 2, "d_out": 2, "width": 2, "spectrum": "2,1", "eta": 1e-3}
    monkeypatch.setattr(throughput, "KNOBS", knobs)
    names = [r.name for r in throughput.throughput(3, 0.5)]
    refused = any(name.startswith("no number") for name in names)
    assert refused != ("all together over one by itself" in names)
