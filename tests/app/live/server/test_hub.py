import dataclasses
import json
import logging
import re
import threading
import time
from typing import Any
from urllib.parse import parse_qs

import numpy as np
import pytest
import xarray as xr

from app.live.server import frames, scheduler
from app.live.server.housekeeping import DROP_AFTER, PAUSE_AFTER
from app.live.server.hub import GRACE, Hub, Unknown
from app.live.server.job import Cursor, Job
from sims.core import compilation
from sims.core.experiment import Experiment

LONG: dict[str, Any] = {"steps": 9_000_000, "heavy": 40}
"""A run of minutes."""


def settle(hub, limit=2000):
    """Give turns until nothing is left to do."""
    for _ in range(limit):
        if not hub.turn():
            return
    raise AssertionError("the hub never settles")


def submit(hub, owner="me", seeds=1, **values):
    return hub.submit(owner, "toy/growth", values, seeds=seeds)


def shown(hub, token):
    """The view message a browser gets."""
    drawing = hub.job(token).drawing
    assert drawing is not None
    return drawing.text


def wait_for(condition, timeout=20.0):
    end = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.01)


def drained(hub, token, cursor, lose=lambda _n: False):
    """Frames as an acknowledging browser sees them; lost ones are asked for again."""
    held = {}
    for n in range(500):
        _, data = hub.read(token, cursor)
        if data is None:
            return held
        if lose(n):
            continue
        frame = frames.unpack(data)
        start = frame.header["start"]
        assert start <= cursor.rows[0]
        for i in range(frame.header["rows"]):
            held[start + i] = frame.columns[:, i]
        cursor.rows[0] = max(cursor.rows[0], start + frame.header["rows"])
        cursor.snapshots[0] += len(frame.header["snapshots"])
    raise AssertionError("frames never end")


# From submission to judgement


def test_a_job_is_predicted_hashed_run_and_judged(still_hub: Hub):
    token = submit(still_hub, seeds=2)
    settle(still_hub)
    job = still_hub.job(token)
    assert job.stage == "ready"
    hashed = job.forecast.settings[0].hash
    assert len(hashed) == 64
    assert job.rows == 0
    still_hub.control(token, "run")
    settle(still_hub)
    assert job.stage == "done"
    assert job.forecast.settings[0].hash == hashed
    assert job.state.runs[0].claims is not None
    texts, _ = still_hub.read(token, Cursor())
    assert [t.split('"')[3] for t in texts] == ["view", "status", "judgement"]


def test_the_end_is_told_behind_the_last_row(still_hub: Hub):
    token, cursor = submit(still_hub), Cursor()
    settle(still_hub)
    still_hub.read(token, cursor)
    still_hub.control(token, "run")
    settle(still_hub)
    job = still_hub.job(token)
    assert job.stage == "done"
    assert still_hub.read(token, cursor)[0] == []
    cursor.rows[0] = job.rows
    texts, _ = still_hub.read(token, cursor)
    assert [t.split('"')[3] for t in texts] == ["status", "judgement"]


def test_the_first_part_of_a_slow_prediction_is_shown_before_the_last(still_hub: Hub):
    token = submit(still_hub)
    job = still_hub.job(token)
    while not job.drawing:
        still_hub.turn()
    assert not job.forecast.is_whole
    assert '"complete":false' in shown(still_hub, token)
    settle(still_hub)
    assert '"complete":true' in shown(still_hub, token)


def test_a_run_begun_before_its_prediction_is_complete_is_not_judged(still_hub: Hub):
    token = submit(still_hub)
    job = still_hub.job(token)
    while not job.drawing:
        still_hub.turn()
    still_hub.control(token, "cancel")
    assert job.stage == "ready"
    still_hub.control(token, "run")
    settle(still_hub)
    assert job.stage == "done"
    assert job.state.runs[0].claims is None
    assert "before the prediction was complete" in job.state.judgement


@pytest.fixture
def disturbed_hub(still_hub: Hub, toy: Experiment) -> Hub:
    """A hub whose toy is thrown to 0.5 by an intervention once its prediction is complete."""
    disturbed = dataclasses.replace(
        toy, intervene=lambda _, task, __: {**task, "a0": np.full_like(task["a0"], 0.5)}
    )
    still_hub._lookup = lambda _: disturbed
    return still_hub


def test_an_intervention_needs_the_whole_prediction(disturbed_hub: Hub):
    token = submit(disturbed_hub)
    settle(disturbed_hub)
    disturbed_hub.control(token, "run")
    settle(disturbed_hub)
    side = disturbed_hub.job(token).state.runs[0]
    assert side.run.records["mode_strengths"][0, 0].tolist() == [0.5] * 3
    assert side.tree()["task"].to_dataset()["a0"].values.tolist() == [0.5] * 3


def test_a_page_waits_for_a_quick_prediction(live_hub: Hub):
    token = submit(live_hub)
    assert live_hub.await_view(token, 20.0)
    assert '"type":"view"' in live_hub.read(token, Cursor())[0][0]
    wait_for(lambda: live_hub.stats()["listeners"] == 0)


def test_a_page_does_not_wait_for_a_slow_prediction_or_a_dropped_one(still_hub: Hub):
    token = submit(still_hub)
    assert not still_hub.await_view(token, 0.01)
    still_hub.release("me")
    assert not still_hub.await_view(token, 20.0)
    assert still_hub.stats()["listeners"] == 0


@pytest.mark.parametrize("word", ["cancel", "run"])
def test_a_reader_in_a_hurry_gets_the_run_without_intervention(disturbed_hub: Hub, word: str):
    token = submit(disturbed_hub)
    job = disturbed_hub.job(token)
    while not job.drawing:
        disturbed_hub.turn()
    disturbed_hub.control(token, word)
    disturbed_hub.control(token, "run")
    settle(disturbed_hub)
    side = job.state.runs[0]
    assert job.stage == "done"
    assert side.run.records["mode_strengths"][0, 0].max() < 0.01
    assert side.tree()["task"].to_dataset()["a0"].values.max() < 0.01


def test_programs_are_built_before_the_intervention_is_known(disturbed_hub: Hub):
    token = submit(disturbed_hub)
    job = disturbed_hub.job(token)
    while not job.drawing:
        disturbed_hub.turn("theory")
    assert not job.forecast.is_whole
    disturbed_hub.turn("compile")
    known = compilation.traces()
    assert job.forecast.is_warm
    settle(disturbed_hub)
    disturbed_hub.control(token, "run")
    settle(disturbed_hub)
    assert job.stage == "done"
    assert compilation.traces() == known


def test_the_same_settings_give_the_same_token_and_others_cancel(still_hub: Hub):
    first = submit(still_hub, eta=0.01)
    assert submit(still_hub, eta=0.01) == first
    other = submit(still_hub, eta=0.02)
    assert other != first
    with pytest.raises(Unknown):
        still_hub.read(first, Cursor())
    assert still_hub.stats()["jobs"] == 1


def test_reset_keeps_the_prediction_and_its_hash_under_a_new_token(still_hub: Hub):
    token = submit(still_hub)
    settle(still_hub)
    still_hub.control(token, "run")
    settle(still_hub)
    hashed = still_hub.job(token).forecast.settings[0].hash
    fresh = still_hub.control(token, "reset")
    settle(still_hub)
    job = still_hub.job(fresh)
    assert fresh != token
    assert (job.stage, job.rows, job.forecast.settings[0].hash) == ("ready", 0, hashed)
    still_hub.control(fresh, "run")
    settle(still_hub)
    assert job.stage == "done"


def test_step_computes_one_record_more_than_was_seen(still_hub: Hub):
    token = submit(still_hub)
    settle(still_hub)
    job = still_hub.job(token)
    for n in (1, 2, 3):
        still_hub.control(token, "step")
        settle(still_hub)
        assert (job.rows, job.stage) == (n, "paused")


def test_compute_stays_four_seconds_of_playing_ahead(still_hub: Hub):
    token = submit(still_hub, steps=500_000, heavy=40)
    settle(still_hub)
    still_hub.control(token, "pace", 5.0)
    still_hub.control(token, "run")
    job = still_hub.job(token)
    settle(still_hub)
    assert 20 <= job.rows < 120
    seen = job.rows
    still_hub.control(token, "head", seen)
    settle(still_hub)
    assert job.rows >= seen + 20
    still_hub.control(token, "pause")
    assert not still_hub.turn()


def test_two_compared_settings_stream_as_two_sources(still_hub: Hub):
    token = still_hub.submit("me", "toy/growth", {"eta": 0.01}, compare={"eta": 0.02})
    settle(still_hub)
    still_hub.control(token, "run")
    settle(still_hub)
    cursor, seen = Cursor(), set()
    while True:
        _, data = still_hub.read(token, cursor)
        if data is None:
            break
        frame = frames.unpack(data)
        i = frame.header["source"]
        seen.add(i)
        cursor.rows[i] = frame.header["start"] + frame.header["rows"]
        cursor.snapshots[i] += len(frame.header["snapshots"])
    assert seen == {0, 1}
    assert cursor.rows == [241, 241]
    assert '"source":1' in shown(still_hub, token)


def test_the_points_of_a_sweep_stream_as_rows(still_hub: Hub):
    token = still_hub.submit("me", "toy/growth", {}, seeds=2, over={"eta": "0.001:0.02:4"})
    settle(still_hub)
    job = still_hub.job(token)
    assert (job.stage, job.forecast.is_whole, job.forecast.total_rows) == ("ready", True, 4)
    still_hub.control(token, "run")
    settle(still_hub)
    assert job.stage == "done"
    frame = frames.unpack(still_hub.read(token, Cursor())[1] or b"")
    np.testing.assert_allclose(frame.time, np.linspace(0.001, 0.02, 4))
    columns = dict(zip(frame.header["columns"][2:], frame.columns, strict=True))
    np.testing.assert_array_equal(columns["c0"], np.ones(4))
    np.testing.assert_allclose(columns["c1"], np.linspace(0.001, 0.02, 4), rtol=1e-6)
    assert "eta = " in job.state.judgement or "η" in job.state.judgement


def test_a_tile_follows_what_the_points_of_a_sweep_measure(still_hub: Hub):
    token = still_hub.submit("me", "toy/growth", {}, over={"eta": "0.001:0.02:4"})
    settle(still_hub)
    still, following = (t["column"] for t in json.loads(shown(still_hub, token))["tiles"])
    assert still is None
    still_hub.control(token, "run")
    settle(still_hub)
    frame = frames.unpack(still_hub.read(token, Cursor())[1] or b"")
    columns = dict(zip(frame.header["columns"][2:], frame.columns, strict=True))
    np.testing.assert_allclose(columns[following], np.linspace(0.001, 0.02, 4), rtol=1e-6)


def test_a_sweep_over_two_knobs_fills_a_map_cell_by_cell(still_hub: Hub):
    over = {"eta": "0.001:0.003:3", "heavy": "0,1"}
    token = still_hub.submit("me", "toy/growth", {}, over=over)
    settle(still_hub)
    job = still_hub.job(token)
    assert (job.stage, job.forecast.total_rows) == ("ready", 6)
    said = json.loads(shown(still_hub, token))
    assert said["panels"][0]["cells"] is True
    queries = [parse_qs(link) for link in said["links"]]
    assert [(q["?eta"], q["heavy"], q["view"]) for q in queries][1] == (["0.001"], ["1"], ["run"])
    still_hub.control(token, "run")
    settle(still_hub)
    assert job.stage == "done"
    maps = frames.unpack(still_hub.read(token, Cursor())[1] or b"").snapshots
    assert [int(np.isfinite(m).sum()) for m in maps] == [1, 2, 3, 4, 5, 6]
    np.testing.assert_allclose(maps[-1], np.tile([[0.001], [0.002], [0.003]], 2), rtol=1e-6)
    assert "lands" in job.state.judgement


# Divergence and failure


def test_a_diverged_run_keeps_its_finite_part_and_says_at_which_step(still_hub: Hub):
    token = submit(still_hub, eta=0.9, steps=240)
    settle(still_hub)
    still_hub.control(token, "run")
    settle(still_hub)
    job = still_hub.job(token)
    assert job.stage == "stopped"
    assert job.stopped_at is not None
    assert "left the finite range; the curves up to there are kept" in job.state.message
    held = drained(still_hub, token, Cursor())
    assert 0 < len(held) < 241
    assert all(np.isfinite(row[2]) for row in held.values())


def test_a_bad_value_fails_in_the_sentence_of_its_knob(still_hub: Hub):
    token = submit(still_hub, eta=-1.0)
    settle(still_hub)
    job = still_hub.job(token)
    assert job.stage == "failed"
    assert job.state.message.startswith("eta = -1 is not allowed")


def test_a_fault_is_one_sentence_its_traceback_is_logged_and_reset_works(
    still_hub: Hub, monkeypatch: pytest.MonkeyPatch, caplog
):
    token = submit(still_hub)
    settle(still_hub)

    def broken(self, seconds):
        raise RuntimeError("secret detail")

    with monkeypatch.context() as patched:
        patched.setattr("sims.core.simulation.Run.advance", broken)
        still_hub.control(token, "run")
        with caplog.at_level(logging.ERROR, "lmx"):
            settle(still_hub)
    job = still_hub.job(token)
    assert job.stage == "failed"
    assert "secret" not in job.state.message
    assert "press Reset" in job.state.message
    assert "secret detail" in caplog.text
    fresh = still_hub.control(token, "reset")
    settle(still_hub)
    still_hub.control(fresh, "run")
    settle(still_hub)
    assert still_hub.job(fresh).stage == "done"


# Frames


def test_frames_are_idempotent_under_loss(still_hub: Hub):
    token = submit(still_hub, seeds=3)
    settle(still_hub)
    still_hub.control(token, "pace", 1000.0)
    still_hub.control(token, "run")
    settle(still_hub)
    still_hub.control(token, "head", 241)
    settle(still_hub)
    whole = drained(still_hub, token, Cursor())
    lossy = drained(still_hub, token, Cursor(), lose=lambda n: n % 2 == 0)
    assert sorted(whole) == sorted(lossy) == list(range(241))
    assert all(np.array_equal(whole[i], lossy[i], equal_nan=True) for i in whole)


def test_a_reconnect_resumes_from_the_row_the_browser_holds(still_hub: Hub):
    token = submit(still_hub)
    settle(still_hub)
    still_hub.control(token, "run")
    settle(still_hub)
    held = drained(still_hub, token, Cursor(rows=[100, 0]))
    assert sorted(held) == list(range(100, 241))


def test_no_second_frame_while_one_is_in_flight(still_hub: Hub):
    token = submit(still_hub)
    settle(still_hub)
    still_hub.control(token, "run")
    settle(still_hub)
    assert still_hub.read(token, Cursor(in_flight=True))[1] is None


# Leases


def test_a_run_pauses_unseen_after_three_seconds_and_goes_on_when_touched(still_hub: Hub, clock):
    token = submit(still_hub, "me", **LONG)
    settle(still_hub)
    still_hub.control(token, "run")
    still_hub.turn()
    job = still_hub.job(token)
    clock.now = PAUSE_AFTER - 0.1
    still_hub.housekeeping.tick()
    assert job.stage == "running"
    clock.now = PAUSE_AFTER
    still_hub.housekeeping.tick()
    assert (job.stage, job.state.message) == ("paused", "paused while this tab was hidden")
    assert not still_hub.turn()
    still_hub.touch(token)
    assert job.stage == "running"
    assert still_hub.turn()


def test_a_run_the_reader_paused_stays_paused_when_touched(still_hub: Hub, clock):
    token = submit(still_hub, "me", **LONG)
    settle(still_hub)
    still_hub.control(token, "run")
    still_hub.control(token, "pause")
    clock.now = PAUSE_AFTER + 1
    still_hub.housekeeping.tick()
    still_hub.touch(token)
    assert still_hub.job(token).stage == "paused"


def test_a_job_nobody_touched_for_a_minute_is_dropped(still_hub: Hub, clock):
    token = submit(still_hub)
    clock.now = DROP_AFTER - 0.1
    still_hub.housekeeping.tick()
    assert still_hub.stats()["jobs"] == 1
    clock.now = DROP_AFTER
    still_hub.housekeeping.tick()
    with pytest.raises(Unknown):
        still_hub.touch(token)


def test_a_prediction_nobody_waits_for_stops(still_hub: Hub, clock):
    submit(still_hub)
    clock.now = PAUSE_AFTER
    still_hub.housekeeping.tick()
    assert not still_hub.turn()


def listener() -> None:
    """Hears nothing."""


def test_a_closed_tab_pauses_at_once_and_drops_soon(still_hub: Hub, clock):
    token = submit(still_hub, "me", **LONG)
    settle(still_hub)
    still_hub.attach(token, listener)
    still_hub.control(token, "run")
    still_hub.detach(token, listener)
    assert still_hub.job(token).stage == "paused"
    clock.now = GRACE
    still_hub.housekeeping.tick()
    assert still_hub.stats()["jobs"] == 0
    assert GRACE < 5


def test_a_browser_that_comes_back_in_time_finds_its_job(still_hub: Hub, clock):
    token = submit(still_hub, "me", **LONG)
    settle(still_hub)
    still_hub.attach(token, listener)
    still_hub.control(token, "run")
    still_hub.detach(token, listener)
    clock.now = GRACE / 2
    still_hub.attach(token, listener)
    assert still_hub.job(token).stage == "running"
    clock.now = GRACE + 0.1
    still_hub.housekeeping.tick()
    assert still_hub.stats()["jobs"] == 1


def test_a_dropped_job_is_made_again_for_a_browser_that_comes_back_late(still_hub: Hub, clock):
    token = submit(still_hub, seeds=2)
    settle(still_hub)
    still_hub.attach(token, listener)
    still_hub.control(token, "run")
    settle(still_hub)
    before = still_hub.job(token).forecast.settings[0].hash
    rows = drained(still_hub, token, Cursor())
    still_hub.detach(token, listener)
    clock.now = GRACE
    still_hub.housekeeping.tick()
    still_hub.attach(token, listener)
    settle(still_hub)
    assert still_hub.job(token).stage == "done"
    assert still_hub.job(token).forecast.settings[0].hash == before
    again = drained(still_hub, token, Cursor())
    assert all(np.array_equal(rows[i], again[i], equal_nan=True) for i in rows)


def test_a_finished_run_stays_as_long_as_its_tab_is_open(still_hub: Hub, clock):
    token = submit(still_hub)
    still_hub.attach(token, listener)
    clock.now = 10 * DROP_AFTER
    still_hub.housekeeping.tick()
    assert still_hub.stats()["jobs"] == 1


def test_the_end_of_a_session_drops_its_job(still_hub: Hub):
    submit(still_hub, "one")
    submit(still_hub, "two")
    still_hub.release("one")
    still_hub.release("one")
    assert still_hub.stats()["jobs"] == 1


def test_memory_is_bounded_by_dropping_what_was_looked_at_longest_ago(clock, toy):
    small = Hub(clock=clock, threads=False, lookup=lambda _name: toy, most_bytes=200_000)
    tokens = []
    for i in range(6):
        clock.now += PAUSE_AFTER
        tokens.append(submit(small, f"reader {i}", seeds=8, eta=0.001 * (i + 1)))
        settle(small)
        small.control(tokens[-1], "run")
        settle(small)
        small.housekeeping.tick()
    stats = small.stats()
    assert stats["bytes"] <= 200_000
    assert tokens[-1] in stats["states"]
    assert tokens[0] not in stats["states"]


# Threads


def test_cancelling_takes_less_than_a_quarter_of_a_second(live_hub: Hub):
    token = submit(live_hub, steps=5_000_000)
    wait_for(lambda: live_hub.job(token).forecast.is_warm)
    live_hub.control(token, "run")
    wait_for(lambda: live_hub.job(token).steps_done > 0)
    run = live_hub.job(token).state.runs[0]
    start = time.monotonic()
    submit(live_hub, steps=2400)
    assert time.monotonic() - start < 0.25
    time.sleep(0.25)
    done = run.steps_done
    time.sleep(0.1)
    assert run.steps_done == done


def test_the_next_slice_goes_to_whoever_used_least(still_hub: Hub):
    """Fairness without a clock: equal programs are charged alike, whatever the machine does."""
    tokens = [submit(still_hub, f"u{i}", **LONG) for i in range(4)]
    settle(still_hub)
    for token in tokens:
        still_hub.control(token, "run")
    for _ in range(240):
        still_hub.turn()
    steps = [still_hub.job(t).steps_done for t in tokens]
    assert min(steps) / max(steps) >= 0.9


def test_every_worker_ends_when_the_hub_closes(live_hub: Hub):
    submit(live_hub)
    live_hub.close()
    wait_for(lambda: not any(t.name.startswith("lmx-cpu") for t in threading.enumerate()), 5)


def test_one_worker_per_core_but_one_two_for_theory_one_compiles_one_judges(
    live_hub: Hub, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(scheduler.os, "cpu_count", lambda: 4)
    monkeypatch.setattr(scheduler, "has_gpu", lambda: False)
    submit(live_hub)
    assert live_hub.stats()["workers"] == 3 + 4


def test_files_hold_the_run_and_its_judgement(still_hub: Hub, tmp_path):
    token = submit(still_hub, seeds=2)
    settle(still_hub)
    name, _ = still_hub.file(token, "nc")
    assert re.fullmatch(r"toy-growth-[0-9a-f]{8}\.nc", name)
    still_hub.control(token, "run")
    settle(still_hub)
    _, data = still_hub.file(token, "nc")
    path = tmp_path / "run.nc"
    path.write_bytes(data)
    with xr.open_datatree(path, engine="h5netcdf") as tree:
        assert {"task", "prediction", "run", "claims"} <= set(tree.children)
        assert tree.attrs["prediction_sha256"] == still_hub.job(token).forecast.settings[0].hash


def test_other_settings_make_other_file_names_and_the_same_ones_the_same(still_hub: Hub):
    def named(**settings):
        token = submit(still_hub, **settings)
        settle(still_hub)
        name, _ = still_hub.file(token, "csv")
        assert json.loads(shown(still_hub, token))["stem"] == name.removesuffix(".csv")
        return name

    names = [named(), named(eta=0.004), named(seeds=2)]
    assert len(set(names)) == 3
    assert named() == names[0]


def test_a_job_is_plain_data_until_it_is_prepared(still_hub: Hub):
    job: Job = still_hub.job(submit(still_hub))
    assert job.recipe.key == '{"compare": null, "device": "auto", "experiment": "toy/growth", ' + (
        '"over": null, "seed": null, "seeds": 1, "values": {}}'
    )
