"""Where threads hand over to each other: nothing is lost, mixed up or left behind in between."""

import dataclasses
import threading
import time
from collections import Counter

import numpy as np
import pytest

from app.figures.panels import Panel
from app.figures.traces import tag
from app.live.server import handover, route
from app.live.server.files import stats
from app.live.server.forecast import Forecast
from app.live.server.frames import unpack
from app.live.server.hub import Hub, Unknown
from app.live.server.job import Cursor
from app.live.server.recipe import Recipe
from app.live.server.scheduler import Scheduler
from sims.core.experiment import Experiment, Observable
from tests.app.live.server.readers import wait_for

DELAY = 0.05


class Gate:
    """Holds whoever comes to a hand-over first, until the test lets go."""

    def __init__(self, name: str) -> None:
        self.name, self.reached, self.open = name, threading.Event(), threading.Event()

    def __call__(self, name: str) -> None:
        if name == self.name and not self.reached.is_set():
            self.reached.set()
            assert self.open.wait(20)


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch):
    def made(name: str) -> Gate:
        found = Gate(name)
        monkeypatch.setattr(handover, "delay", found)
        return found

    return made


@pytest.fixture
def disturbed_hub(live_hub: Hub, toy: Experiment) -> Hub:
    """Its toy is thrown to 0.5 by an intervention that only a whole prediction brings."""
    disturbed = dataclasses.replace(
        toy, intervene=lambda _, task, __: {**task, "a0": np.full_like(task["a0"], 0.5)}
    )
    live_hub._lookup = lambda _: disturbed  # one and the same, or every asking is a new forecast
    return live_hub


def honest(hub: Hub, token: str) -> None:
    """The file's task is what the run began from, and only a timely prediction was judged."""
    run = hub.job(token).state.runs[0]
    filed = run.tree()["task"].to_dataset()["a0"].values
    begun = run.run.records["mode_strengths"][:, 0]
    np.testing.assert_array_equal(np.broadcast_to(filed, begun.shape), begun)
    assert (run.claims is not None) == run.start.is_whole
    assert ("claims" in run.tree().children) == run.start.is_whole


# 1. Provenance


@pytest.mark.parametrize("place", ["a forecast is drawn", "Whole", "a run begins", "runs are made"])
def test_a_file_tells_what_its_run_began_from_however_early_run_is_pressed(
    disturbed_hub: Hub, gate, place
):
    held = gate(place)
    token = disturbed_hub.submit("me", "toy/growth", {})
    job = disturbed_hub.job(token)
    if place in ("a run begins", "runs are made"):
        wait_for(lambda: job.stage == "ready")
        disturbed_hub.control(token, "run")
    assert held.reached.wait(20)
    if job.stage == "predicting":
        disturbed_hub.control(token, "run")
    held.open.set()
    wait_for(lambda: job.stage == "done")
    honest(disturbed_hub, token)


def test_two_runs_of_one_recipe_keep_what_each_began_from(disturbed_hub: Hub, gate):
    held = gate("a forecast is drawn")
    early = disturbed_hub.submit("early", "toy/growth", {})
    late = disturbed_hub.submit("late", "toy/growth", {})
    assert disturbed_hub.job(early).forecast is disturbed_hub.job(late).forecast
    assert held.reached.wait(20)
    disturbed_hub.control(early, "run")
    held.open.set()
    wait_for(lambda: disturbed_hub.job(late).stage == "ready")
    disturbed_hub.control(late, "run")
    wait_for(lambda: all(disturbed_hub.job(t).stage == "done" for t in (early, late)))
    for token, began in ((early, 0.002), (late, 0.5)):
        honest(disturbed_hub, token)
        run = disturbed_hub.job(token).state.runs[0]
        assert run.run.records["mode_strengths"][0, 0].max() <= began
        assert (run.claims is None) == (token == early)


# 2. Workers


def test_a_worker_that_stumbles_over_anything_goes_on(live_hub: Hub, monkeypatch, caplog):
    stumbles = Counter()

    def stumbling(self, place, turn=Scheduler._turn):
        stumbles[place] += 1
        if stumbles[place] <= 3:
            raise RuntimeError("dictionary changed size during iteration")
        return turn(self, place)

    monkeypatch.setattr(Scheduler, "_turn", stumbling)
    token = live_hub.submit("me", "toy/growth", {})
    wait_for(lambda: live_hub.job(token).stage == "ready")
    live_hub.control(token, "run")
    wait_for(lambda: live_hub.job(token).stage == "done")
    assert stats(live_hub)["workers"] == len(live_hub.scheduler._workers)
    assert "stumbled" in caplog.text


@pytest.mark.parametrize(
    ("what", "stage"),
    [
        ("app.live.server.forecast.view_message", "predicting"),
        ("app.live.server.setting.Setting.warm", "ready"),
        ("app.live.server.streamed.StreamedRun.__init__", "running"),
        ("sims.core.simulation.Run.advance", "running"),
        ("app.live.server.streamed.StreamedRun.judge", "running"),
    ],
)
def test_what_raises_ends_one_job_in_a_sentence_and_the_rest_goes_on(
    live_hub: Hub, monkeypatch, what, stage
):
    def broken(*_args, **_how):
        raise MemoryError("secret detail")

    with monkeypatch.context() as patched:
        patched.setattr(what, broken)
        token = live_hub.submit("me", "toy/growth", {"eta": 0.02})
        job = live_hub.job(token)
        if stage == "running":
            wait_for(lambda: job.stage == "ready")
            live_hub.control(token, "run")
        wait_for(lambda: job.stage == "failed")
        assert "press Reset" in job.state.message
        assert "secret" not in job.state.message
    fresh = live_hub.control(token, "reset")
    wait_for(lambda: live_hub.job(fresh).stage == "ready")
    live_hub.control(fresh, "run")
    wait_for(lambda: live_hub.job(fresh).stage == "done")


def test_the_housekeeping_goes_on_after_it_stumbled(live_hub: Hub, monkeypatch):
    ticks = Counter()

    def stumbling(self, jobs):
        ticks["queue"] += 1
        raise RuntimeError("no")

    monkeypatch.setattr("app.live.server.housekeeping.Housekeeping._queue", stumbling)
    live_hub.submit("me", "toy/growth", {})
    wait_for(lambda: ticks["queue"] > 2)


# 3. No press is lost


@pytest.mark.parametrize(
    "place", ["Whole", "Drawn", "Run", "a job is considered", "programs are built"]
)
def test_a_press_of_run_counts_whatever_happens_meanwhile(live_hub: Hub, gate, place):
    held = gate(place)
    token = live_hub.submit("me", "toy/growth", {})
    job = live_hub.job(token)
    pressing = threading.Thread(target=live_hub.control, args=(token, "run"))
    if place != "Run":
        assert held.reached.wait(20)
    pressing.start()
    if place == "Run":
        assert held.reached.wait(20)
        wait_for(lambda: job.forecast.is_whole)
    time.sleep(DELAY)
    held.open.set()
    pressing.join(20)
    wait_for(lambda: job.stage == "done")


def test_a_job_that_is_reset_as_its_page_changes_does_not_come_back(live_hub: Hub, gate):
    held, refused = gate("a job is reset"), []
    left = live_hub.submit("me", "toy/growth", {})

    def resetting():
        try:
            live_hub.control(left, "reset")
        except Unknown:
            refused.append(left)

    pressing = threading.Thread(target=resetting)
    pressing.start()
    assert held.reached.wait(20)
    shown = live_hub.submit("me", "toy/other", {})
    held.open.set()
    pressing.join(20)
    assert refused == [left]
    assert live_hub.submit("me", "toy/other", {}) == shown
    assert [job.token for job in live_hub.jobs()] == [shown]


# 4. Late columns


def test_a_reader_gets_every_late_column_however_slowly_they_come(
    live_hub: Hub, toy: Experiment, toy_figures, monkeypatch
):
    later = {f"later_{i}": Observable(f"later {i}", at="measured") for i in range(3)}

    def measure(params, task, prediction, run):
        found = toy.measure(params, task, prediction, run)
        rows = np.arange(run.sizes["record"], dtype=float)
        return found.assign({name: ("record", rows + i) for i, name in enumerate(later)})

    live_hub._lookup = lambda _: dataclasses.replace(
        toy, measure=measure, observables={**toy.observables, **later}
    )
    drawn = toy_figures["VIEWS"]

    def with_later(prediction, tolerances=None):
        view = drawn(prediction, tolerances)
        empty = {"type": "scatter", "x": [], "y": []}
        traces = [{**empty, "meta": tag(name)} for name in later]
        panel = Panel("later", "Later", "l", {"data": traces, "layout": {}})
        return dataclasses.replace(view, panels=[*view.panels, panel])

    monkeypatch.setitem(toy_figures, "VIEWS", with_later)
    monkeypatch.setattr(
        handover, "delay", lambda n: time.sleep(DELAY) if n == "a late column is filled" else None
    )
    token, cursor, got = live_hub.submit("me", "toy/growth", {}), Cursor(), {}
    job = live_hub.job(token)
    wait_for(lambda: job.stage == "ready")
    live_hub.read(token, cursor)
    live_hub.control(token, "run")
    while not (cursor.judged and cursor.late[0]):
        _, data = live_hub.read(token, cursor)
        if data is None:
            time.sleep(0.001)
            continue
        frame = unpack(data)
        if frame.header["start"] == 0 and "c0" not in frame.header["columns"]:
            got |= dict(zip(frame.header["columns"][2:], frame.columns, strict=True))
        cursor.rows[0] = max(cursor.rows[0], frame.header["start"] + frame.header["rows"])
        cursor.snapshots[0] += len(frame.header["snapshots"])
    assert len(got) == 3
    for i, values in enumerate(got.values()):
        np.testing.assert_array_equal(values, np.arange(job.rows) + i)


# 5. By reading


def test_workers_are_started_once_however_many_ask(live_hub: Hub):
    asking = [threading.Thread(target=live_hub.scheduler.start) for _ in range(20)]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join()
    names = [t.name for t in threading.enumerate() if t.name.startswith("lmx-theory")]
    assert len(names) - len(set(names)) == 0
    assert stats(live_hub)["workers"] == len(live_hub.scheduler._workers)


def test_two_pages_that_poll_one_job_each_get_all_of_it(live_hub: Hub, monkeypatch):
    monkeypatch.setattr(route, "hub", lambda: live_hub)
    token = live_hub.submit("me", "toy/growth", {})
    wait_for(lambda: live_hub.job(token).stage == "ready")
    rows = {"one": 0, "other": 0}
    heard = {name: [] for name in rows}
    live_hub.control(token, "run")
    end = time.monotonic() + 30
    while min(rows.values()) < 241 or any("judgement" not in kinds for kinds in heard.values()):
        assert time.monotonic() < end
        for name in rows:
            texts, frames = route.answer(token, name, [])
            heard[name] += [text["type"] for text in texts]
            for data in frames:
                header = unpack(data).header
                assert header["start"] <= rows[name]
                rows[name] = max(rows[name], header["start"] + header["rows"])
    assert all(kinds[0] == "view" for kinds in heard.values())


# Sharing


def test_a_class_that_opens_one_link_computes_one_prediction_and_compiles_once(
    live_hub: Hub, monkeypatch
):
    done = Counter()
    work, warm = Forecast._draw, Forecast.warm
    monkeypatch.setattr(Forecast, "_draw", lambda f: (done.update(["drawn"]), work(f)))
    monkeypatch.setattr(Forecast, "warm", lambda f: (done.update(["warm"]), warm(f)))
    tokens = [live_hub.submit(f"reader {i}", "toy/growth", {"eta": 0.03}) for i in range(20)]
    wait_for(lambda: all(live_hub.job(t).stage == "ready" for t in tokens))
    for token in tokens:
        live_hub.control(token, "run")
    wait_for(lambda: all(live_hub.job(t).stage == "done" for t in tokens))
    assert done["warm"] == 1
    assert done["drawn"] <= 2
    assert len({live_hub.job(t).forecast.settings[0].hash for t in tokens}) == 1


def test_equal_recipes_asked_for_at_once_are_one_forecast(live_hub: Hub):
    recipe, found = Recipe("toy/growth", {}), []
    asking = [
        threading.Thread(target=lambda: found.append(live_hub.forecasts.of(recipe)))
        for _ in range(20)
    ]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join()
    assert len(set(found)) == 1
