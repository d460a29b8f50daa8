"""What counts of many runs: only the time in which all of them ran."""

from __future__ import annotations

import pytest

from app.bench.alone import Alone
from app.bench.crowd import equals, waited
from app.bench.load import Load
from app.bench.throughput import TooShort, Window, frames_in, shared, steps_in, window
from app.bench.visit import Seen, Visit

PAGE = "saddle_to_saddle/linear_network"


def ran(speed: float, *, first: float, last: float, ended: bool = False, seed: int = 0) -> Seen:
    """A reader of a run of that speed, with a frame a second."""
    times = [first + i for i in range(int(last - first) + 1)]
    return Seen(
        Visit(PAGE, f"eta=1e-4&seed={seed}"),
        first_rows=first,
        computed=last if ended else None,
        left=last,
        frame_times=times,
        steps=[speed * (t - first) for t in times],
    )


def test_the_window_begins_with_the_last_first_rows() -> None:
    seen = [ran(10, first=1.0, last=20.0), ran(10, first=4.0, last=20.0)]
    assert window(seen, 5.0) == Window(4.0, 9.0)


def test_a_run_that_ended_inside_the_window_makes_no_number() -> None:
    seen = [ran(10, first=1.0, last=20.0), ran(90, first=1.5, last=6.0, ended=True)]
    with pytest.raises(TooShort, match="1 runs ended"):
        window(seen, 5.0)
    assert window(seen, 4.0) == Window(1.5, 5.5)


def test_a_reader_without_rows_makes_no_number() -> None:
    with pytest.raises(TooShort, match="never had rows"):
        window([ran(10, first=1.0, last=20.0), Seen(Visit(PAGE))], 5.0)


def test_steps_of_ended_runs_cannot_be_had_as_two_equal_numbers() -> None:
    """Two measurements whose runs had all ended would share the sum of the planned lengths."""
    for last in (3.0, 4.0):
        seen = [ran(900 / last, first=0.0, last=last, ended=True, seed=i) for i in range(4)]
        assert len({one.steps[-1] for one in seen}) == 1
        with pytest.raises(TooShort, match="4 runs ended"):
            window(seen, 10.0)


def test_steps_and_frames_are_those_of_the_window() -> None:
    one = ran(10, first=0.0, last=20.0)
    assert steps_in(one, Window(2.5, 6.0)) == pytest.approx(35.0)
    assert frames_in(one, Window(2.5, 6.0)) == 4


def test_fairness_is_of_steps_in_the_window_alone() -> None:
    early = ran(10, first=0.0, last=30.0)
    late = ran(8, first=10.0, last=30.0, seed=1)
    found = shared(Load([early, late], 0.0), Alone(1000, 20.0), window([early, late], 5.0))
    values = {r.name: r.value for r in found}
    assert values["fewest over most steps"] == pytest.approx(0.8)
    assert values["all together over one by itself"] == pytest.approx(0.9)


def test_equals_differ_in_nothing_but_the_seed() -> None:
    seen = [Seen(Visit(PAGE, q)) for q in ("seed=1", "seed=2", "eta=1e-3&seed=1", "eta=1e-3")]
    assert sorted(len(group) for group in equals(seen)) == [2, 2]
    assert len(equals([Seen(Visit(PAGE)), Seen(Visit("a/b"))])) == 2


def test_only_what_was_seen_is_waited_for() -> None:
    seen = [Seen(Visit(PAGE), pressed=1.0, first_rows=float(t), judged=float(t)) for t in (2, 3)]
    values = {r.name: r.value for r in waited([*seen, Seen(Visit(PAGE))])}
    assert values["Run to first rows, half of all within"] == pytest.approx(1.0)
    assert values["quickest over slowest of equals, Run to verdicts"] == pytest.approx(0.5)
    assert not [name for name in values if name.startswith("page asked")]


def test_who_waited_in_vain_has_waited_for_ever() -> None:
    seen = [Seen(Visit(PAGE), pressed=1.0, first_rows=2.0, judged=2.0) for _ in range(8)]
    values = {r.name: r.value for r in waited([*seen, Seen(Visit(PAGE), pressed=1.0)])}
    assert values["Run to first rows, half of all within"] == pytest.approx(1.0)
    assert values["Run to first rows, 95 % within"] == float("inf")
    assert values["quickest over slowest of equals, Run to verdicts"] == 0
