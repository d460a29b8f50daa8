import dataclasses
import json
import logging
import threading
import time
from urllib.parse import parse_qs

import jax
import numpy as np
import pytest

from app.live.server import frames, scheduler
from app.live.server.files import stats
from app.live.server.hub import Hub, Unknown
from app.live.server.job import Cursor, Job
from sims.core import compilation
from sims.core.experiment import Experiment
from tests.app.live.server.readers import LONG, drained, settle, shown, submit, wait_for

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


def test_runs_are_judged_in_the_order_in_which_they_ended(still_hub: Hub):
    tokens = [submit(still_hub, owner=name) for name in ("first", "second", "third")]
    jobs = [still_hub.job(token) for token in tokens]
    settle(still_hub)
    for token, job in zip(tokens, jobs, strict=True):
        still_hub.control(token, "run")
        while not job.wants_judging():
            still_hub.turn("cpu")
    for job in jobs:
        assert still_hub.turn("judge")
        assert job.stage == "done"


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
    wait_for(lambda: stats(live_hub)["listeners"] == 0)


def test_a_page_does_not_wait_for_a_slow_prediction_or_a_dropped_one(still_hub: Hub):
    token = submit(still_hub)
    assert not still_hub.await_view(token, 0.01)
    still_hub.release("me")
    assert not still_hub.await_view(token, 20.0)
    assert stats(still_hub)["listeners"] == 0


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
    assert stats(still_hub)["jobs"] == 1


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


def test_a_device_without_room_is_told_in_its_own_sentence(
    still_hub: Hub, monkeypatch: pytest.MonkeyPatch
):
    token = submit(still_hub, seeds=2)
    settle(still_hub)

    def full(self, goal=None):
        raise jax.errors.JaxRuntimeError("RESOURCE_EXHAUSTED: Out of memory allocating 64 bytes.")

    monkeypatch.setattr("sims.core.simulation.Run._dispatch", full)
    still_hub.control(token, "run")
    settle(still_hub)
    job = still_hub.job(token)
    assert job.stage == "failed"
    assert job.state.message.startswith("The cpu has no room for these 2 runs side by side")


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
    assert stats(live_hub)["workers"] == 3 + 4


def test_a_job_is_plain_data_until_it_is_prepared(still_hub: Hub):
    job: Job = still_hub.job(submit(still_hub))
    assert job.recipe.key == '{"compare": null, "device": "auto", "experiment": "toy/growth", ' + (
        '"filed": "", "over": null, "own": false, "seed": null, "seeds": 1, "values": {}}'
    )
