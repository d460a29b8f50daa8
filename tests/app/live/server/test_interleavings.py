"""Thousands of readers' days, with real threads and a delay at every hand-over.

The invariants: the file's task is what the run began from; no press is lost; no column is lost; no
worker is gone; nothing is left after release.
"""

import dataclasses
import itertools
import os
import random
import threading
import time

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from app.live.server import handover
from app.live.server.files import stats
from app.live.server.frames import unpack
from app.live.server.hub import Hub, Unknown
from app.live.server.job import Cursor
from sims.core.experiment import Experiment

EXAMPLES = 150 if os.environ.get("CI") else 200
PATIENCE = 30.0
TOUCH = 1.0
"""Seconds between two touches of a browser; without any a job is paused unseen."""
LONGEST = 0.004
"""Seconds of a delay, at most; most hand-overs have none."""
ROWS = 241
DAYS = settings(
    max_examples=EXAMPLES,
    deadline=None,
    print_blob=True,
    derandomize=False,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

CONTROLS = st.sampled_from(["run", "pause", "step", "reset", "cancel", "painted"])
ACTIONS = st.one_of(
    st.tuples(CONTROLS, st.none()),
    st.tuples(st.just("pace"), st.sampled_from([0.0, 200.0, 5000.0])),
    st.tuples(st.just("head"), st.integers(0, ROWS)),
    st.tuples(st.just("submit"), st.sampled_from([0.01, 0.02])),
    st.tuples(st.just("compare"), st.booleans()),
    st.tuples(st.just("disconnect"), st.none()),
    st.tuples(st.just("wait"), st.sampled_from([0.0, 0.002, 0.01])),
)


@pytest.fixture(scope="module")
def hub(toy_experiment: Experiment):
    """One hub for all days; its toy is thrown to 0.5 by a timely prediction."""
    disturbed = dataclasses.replace(
        toy_experiment,
        intervene=lambda _, task, __: {**task, "a0": np.full_like(task["a0"], 0.5)},
    )
    made = Hub(lookup=lambda _name: disturbed)
    yield made
    made.close()


class Socket(threading.Thread):
    """A browser's socket: reads, acknowledges, follows its job, on a thread of its own."""

    def __init__(self, hub: Hub, token: str) -> None:
        super().__init__(daemon=True)
        self.hub, self.token, self.cursor = hub, token, Cursor()
        self.news, self.left = threading.Event(), threading.Event()
        self.error: BaseException | None = None
        hub.attach(token, self.news.set)

    def run(self) -> None:
        touched = time.monotonic()
        try:
            while not self.left.is_set():
                self.news.wait(0.01)
                self.news.clear()
                self.read()
                if time.monotonic() - touched > TOUCH:
                    touched = time.monotonic()
                    self.touch()
        except BaseException as error:
            self.error = error

    def touch(self) -> None:
        try:
            self.hub.touch(self.token)
        except Unknown:
            return

    def read(self) -> None:
        try:
            _, data = self.hub.read(self.token, self.cursor)
        except Unknown:
            return
        if data is not None:
            self.news.set()
            header = unpack(data).header
            source = header["source"]
            assert header["start"] <= self.cursor.rows[source], "rows are missing"
            held = max(self.cursor.rows[source], header["start"] + header["rows"])
            self.cursor.rows[source] = held
            self.cursor.snapshots[source] += len(header["snapshots"])

    def leave(self) -> None:
        self.left.set()
        self.join(PATIENCE)
        self.hub.detach(self.token, self.news.set)
        if self.error is not None:
            raise self.error


class Reader:
    """A reader and what the page does for them."""

    days = itertools.count()
    """Every day has a seed of its own: what it asks for is predicted anew."""

    def __init__(self, hub: Hub, owner: str, seed: int) -> None:
        self.hub, self.owner, self.seed = hub, owner, seed
        self.eta, self.beside = 0.01, False
        self.socket: Socket | None = None
        self.pressed = False
        self.follow(self.submitted())

    def submitted(self) -> str:
        compare = {"eta": 0.03, "steps": 240} if self.beside else None
        values = {"eta": self.eta, "steps": 240}
        return self.hub.submit(self.owner, "toy/growth", values, self.seed, compare=compare)

    def follow(self, token: str) -> None:
        if self.socket is not None:
            if self.socket.token == token:
                return
            self.socket.leave()
            self.pressed = False
        self.token, self.socket = token, Socket(self.hub, token)
        self.socket.start()

    def does(self, word: str, value: object) -> None:
        if word == "wait":
            time.sleep(float(str(value)))
        elif word in ("submit", "compare"):
            self.eta = value if word == "submit" else self.eta
            self.beside = bool(value) if word == "compare" else self.beside
            self.follow(self.submitted())
        elif word == "disconnect":
            assert self.socket is not None
            token = self.socket.token
            self.socket.leave()
            self.socket = Socket(self.hub, token)
            self.socket.start()
        else:
            number = value if isinstance(value, (int, float)) else None
            self.follow(self.hub.control(self.token, word, number))
            if word == "run":
                self.pressed = True
            elif word in ("pause", "step"):
                self.pressed = False

    def ends(self) -> None:
        """Run to the end, unless it was pressed already, and check what must hold."""
        hub, job = self.hub, self.hub.job(self.token)
        hub.control(self.token, "pace", 0.0)
        if not self.pressed:
            hub.control(self.token, "run")
        ended = "done", "stopped", "failed"
        until(lambda: job.stage in ended, lambda: f"a press is lost: {job.state}")
        assert job.stage == "done", job.state.message
        assert self.socket is not None
        total = [run.total_rows for run in job.state.runs]
        cursor = self.socket.cursor
        until(lambda: cursor.rows[: len(total)] == total, lambda: f"columns are lost: {cursor}")
        until(lambda: cursor.judged, lambda: "the judgement is lost")
        for run in job.state.runs:
            filed = run.tree()["task"].to_dataset()["a0"].values
            np.testing.assert_array_equal(filed, run.run.records["mode_strengths"][0, 0])
            assert (run.claims is not None) == run.start.is_whole
            assert np.isfinite(run.columns.values[:, : run.rows]).all()

    def goes(self) -> None:
        assert self.socket is not None
        self.socket.leave()
        self.hub.release(self.owner)


def until(condition, words) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, words()
        time.sleep(0.001)


def delays(seed: int):
    """What every hand-over is delayed by, from a seed: most not at all."""
    drawn, guard = random.Random(seed), threading.Lock()

    def delay(_name: str) -> None:
        with guard:
            seconds = drawn.random() * LONGEST if drawn.random() < 0.2 else 0.0
        if seconds:
            time.sleep(seconds)

    return delay


def lived(hub: Hub, days: list[list[tuple]], seed: int) -> None:
    """Readers of one link at once, each with a day of its own; the invariants at the end."""
    errors: list[BaseException] = []
    shared = next(Reader.days)

    def day(number: int, actions: list[tuple]) -> None:
        try:
            reader = Reader(hub, f"reader {number}", shared)
            for word, value in actions:
                reader.does(word, value)
            reader.ends()
            reader.goes()
        except BaseException as error:
            errors.append(error)

    handover.delay = delays(seed)
    try:
        living = [threading.Thread(target=day, args=pair) for pair in enumerate(days)]
        for thread in living:
            thread.start()
        for thread in living:
            thread.join(4 * PATIENCE)
    finally:
        handover.delay = None
    if errors:
        raise errors[0]
    found = stats(hub)
    assert found["workers"] == len(hub.scheduler._workers), "a worker is gone"
    assert (found["jobs"], found["attached"], found["listeners"]) == (0, 0, 0), "something is left"


@DAYS
@given(st.lists(ACTIONS, max_size=8), st.integers(0, 2**32 - 1))
def test_one_readers_day(hub: Hub, actions, seed):
    lived(hub, [actions], seed)


@settings(DAYS, max_examples=max(20, EXAMPLES // 5))
@given(st.lists(st.lists(ACTIONS, max_size=5), min_size=2, max_size=4), st.integers(0, 2**32 - 1))
def test_several_readers_at_once(hub: Hub, days, seed):
    lived(hub, days, seed)
