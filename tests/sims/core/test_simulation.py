import dataclasses
import threading
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from sims import api
from sims.core import compilation, programs, simulation
from sims.core.agenda import CHUNK, NOTHING, SHOTS, Plan
from sims.core.devices import chosen_device, has_gpu
from sims.core.experiment import Observable, Simulation
from sims.core.schedule import Schedule
from sims.core.simulation import Run
from sims.core.study import Study

LINEAR = api.experiment("saddle_to_saddle/linear_network")


def run_of(setup, device="cpu"):
    return Run(LINEAR, setup.params, setup.tasks, setup.schedule, device)


def finished(**knobs):
    run = run_of(Study(LINEAR, {"horizon": 1.0, **knobs}).setup)
    run.finish()
    return run


def test_slices_records_and_one_go_give_the_same_numbers():
    setup = Study(LINEAR, {"horizon": 3.0}).setup
    whole, sliced, stepped = run_of(setup), run_of(setup), run_of(setup)
    whole.finish()
    while not sliced.done:
        sliced.advance(0.0)
    while not stepped.done:
        stepped.advance_records(7)
    for other in (sliced, stepped):
        assert other.steps_done == setup.schedule.steps
        for name, values in whole.records.items():
            np.testing.assert_array_equal(values, other.records[name])
        for name, values in whole.snapshots.items():
            np.testing.assert_array_equal(values, other.snapshots[name])


def test_rows_only_grow_and_stepping_takes_exactly_the_records_asked_for():
    run = run_of(Study(LINEAR, {"horizon": 1.0}).setup)
    assert run.advance_records(1) == 1
    assert run.advance_records(5) == 6
    assert not run.done


@pytest.mark.parametrize(
    "knobs",
    [
        {"eta": 0.0123},
        {"alpha": 3.3e-4},
        {"layer_imbalance": 0.0},
        {"input_condition": 1.0},
        {"horizon": 1.7},
        {"beta": 0.3},
    ],
    ids=lambda k: next(iter(k)),
)
def test_moving_a_dynamic_knob_compiles_nothing(knobs):
    finished()
    before = compilation.traces()
    finished(**knobs)
    finished(spectrum="4,3,2,1", **knobs)
    assert compilation.traces() == before


def test_another_seed_compiles_nothing():
    finished()
    before = compilation.traces()
    run_of(Study(LINEAR, {"horizon": 1.0}, seed=5).setup).finish()
    assert compilation.traces() == before


def test_a_static_knob_does_compile():
    finished()
    before = compilation.traces()
    finished(width=11)
    assert compilation.traces() > before


def test_a_diverging_seed_keeps_its_finite_part_and_says_its_step():
    run = finished(eta=0.7, horizon=40.0)
    assert run.done
    assert run.stopped_at == run.stopped[0] > 0
    assert 0 < run.rows < run.total_rows
    assert np.isfinite(run.records["loss"][:, : run.rows]).all()


def test_one_diverging_seed_does_not_stop_the_others():
    setup = Study(LINEAR, {"horizon": 2.0}, seeds=2).setup
    tasks = [dict(t) for t in setup.tasks]
    tasks[1]["W1"] = tasks[1]["W1"] * 1e9
    run = Run(LINEAR, setup.params, tasks, setup.schedule)
    run.finish()
    assert run.stopped[0] == -1
    assert run.stopped[1] >= 0
    assert run.rows == run.total_rows
    assert np.isfinite(run.records["loss"][0]).all()
    assert np.isnan(run.records["loss"][1, -1])


def test_many_snapshots_and_records_are_split_over_chunks():
    setup = Study(LINEAR, {"horizon": 1.0}).setup
    every = dataclasses.replace(setup.schedule, snapshot_records=np.arange(240))
    run = Run(LINEAR, setup.params, setup.tasks, every)
    run.finish()
    assert run.snapshot_rows == 240 > SHOTS
    assert run.rows == 240 > CHUNK
    np.testing.assert_allclose(
        run.snapshots["distance_to_saddle"][0, :, -1] ** 2 / 2, run.records["loss"][0], rtol=1e-9
    )


def test_a_long_stride_is_cut_into_slices_without_a_trace_in_the_numbers(monkeypatch):
    setup = Study(LINEAR, {"horizon": 40.0}).setup
    sparse = dataclasses.replace(
        setup.schedule, record_steps=np.array([0, 20_000]), snapshot_records=np.array([0, 1])
    )
    monkeypatch.setattr(simulation, "SLICE", 1e-3)  # however fast the machine is
    run = Run(LINEAR, setup.params, setup.tasks, sparse)
    slices = 0
    while not run.done:
        run.advance(0.0)
        slices += 1
    assert slices > 2
    assert run.steps_done == 20_000
    monkeypatch.setattr(simulation, "SLICE", 10.0)
    whole = Run(LINEAR, setup.params, setup.tasks, sparse)
    before = compilation.traces()
    whole.finish()
    assert compilation.traces() == before
    for name, values in whole.records.items():
        np.testing.assert_array_equal(values, run.records[name])


@pytest.mark.parametrize(("longest", "compiled"), [(1e9, 0), (0.0, 1)])
def test_only_records_that_take_too_long_compile_the_program_that_cuts_them(
    monkeypatch, longest, compiled
):
    setup = Study(LINEAR, {"horizon": 1.0, "width": 13 + compiled}).setup
    sparse = dataclasses.replace(
        setup.schedule, record_steps=np.arange(0, 401, 100), snapshot_records=np.array([0])
    )
    monkeypatch.setattr(simulation, "SLICE", 1e-9)
    monkeypatch.setattr(simulation, "SHORTEST", 1e-9)
    monkeypatch.setattr(programs, "LONGEST", longest)
    run = Run(LINEAR, setup.params, setup.tasks, sparse)
    run.compile()
    before = compilation.traces()
    run.finish()
    assert run.steps_done == 400
    assert compilation.traces() == before + compiled


@pytest.mark.parametrize("name", ["tpu", "CPU", ""])
def test_an_unknown_device_is_refused(name):
    with pytest.raises(ValueError, match="give auto, cpu or gpu"):
        chosen_device(name)


@pytest.mark.skipif(has_gpu(), reason="there is a gpu here")
def test_without_a_gpu_auto_is_the_cpu_and_gpu_is_refused():
    assert chosen_device("auto") == "cpu"
    with pytest.raises(ValueError, match="no gpu"):
        chosen_device("gpu")


@pytest.mark.gpu
def test_the_gpu_runs_the_same_staircase():
    if not has_gpu():
        pytest.skip("no accelerator on this machine")
    setup = Study(LINEAR, {}).setup
    cpu, gpu = run_of(setup), run_of(setup, "gpu")
    cpu.finish()
    gpu.finish()
    np.testing.assert_allclose(
        cpu.records["mode_strengths"], gpu.records["mode_strengths"], rtol=1e-6, atol=1e-9
    )


class Walk(NamedTuple):
    """A number that grows by one a step, and how often it was looked at."""

    x: jax.Array
    looks: jax.Array


def walking(kick_steps, records=(0, 3, 4, 10)):
    """A run of x <- x + 1 that is thrown to 100 before its kick step."""
    simulation = Simulation(
        init=lambda _, task: Walk(task["x0"], jnp.zeros((), int)),
        step=lambda _, __, s: s._replace(x=s.x + 1.0),
        observe=lambda _, __, s: {"loss": s.x, "looks": s.looks},
        snapshot=lambda _, __, s: {"picture": s.x[None], "_half": s.x[None] / 2},
        refresh=lambda _, __, s: s._replace(looks=s.looks + 1),
        kick=lambda _, __, s: s._replace(x=s.x + 100.0),
        derive=lambda _, shots: {"double": 4 * shots["_half"]},
    )
    observables = {
        "loss": Observable("loss"),
        "looks": Observable("looks"),
        "picture": Observable("picture", dims=("pixel",), at="snapshots"),
    }
    experiment = dataclasses.replace(
        LINEAR, name="test/walk", simulation=lambda _: simulation, observables=observables
    )
    tasks = [{"x0": np.array(0.0), "kick_step": np.array(k)} for k in kick_steps]
    steps = np.array(records)
    schedule = Schedule(steps, np.arange(len(steps)), 1.0)
    params = Study(LINEAR).setup.params
    return Run(experiment, params, tasks, schedule)


@pytest.mark.parametrize("by_records", [True, False])
def test_a_kick_comes_before_its_step_and_only_where_it_is_due(by_records):
    run = walking([3, -1, 7])
    while not run.done:
        if by_records:
            run.advance_records(1)
        else:
            run.advance(0.0)
    np.testing.assert_array_equal(run.records["loss"][0], [0, 3, 104, 110])
    np.testing.assert_array_equal(run.records["loss"][1], [0, 3, 4, 10])
    np.testing.assert_array_equal(run.records["loss"][2], [0, 3, 4, 110])


def test_a_single_run_is_kicked_before_its_first_step():
    run = walking([0])
    run.finish()
    np.testing.assert_array_equal(run.records["loss"][0], [0, 103, 104, 110])


def test_what_is_carried_for_observation_is_renewed_once_a_record():
    run = walking([-1])
    run.finish()
    np.testing.assert_array_equal(run.records["looks"][0], [1, 2, 3, 4])


def test_what_follows_from_snapshots_is_derived_for_every_seed():
    run = walking([-1, 3])
    run.finish()
    np.testing.assert_array_equal(run.snapshots["double"], 2 * run.snapshots["picture"])
    assert set(run.snapshots) == {"double", "picture"}


def test_what_is_recorded_appears_whole_and_its_memory_is_known():
    run = run_of(Study(LINEAR, {"horizon": 1.0}).setup)
    at_first = run.records, run.snapshots
    assert run.nbytes == 0
    run.advance_records(3)
    known = run.records, run.snapshots
    run.finish()
    assert at_first == ({}, {})
    assert (run.records is known[0], run.snapshots is known[1]) == (True, True)
    arrays = [*run.records.values(), *run.snapshots.values()]
    assert run.nbytes == sum(a.nbytes for a in arrays) > 0


def test_a_reader_beside_a_run_only_ever_sees_whole_rows():
    run, over, seen = run_of(Study(LINEAR).setup), threading.Event(), []

    def look():
        while not over.is_set():
            rows, shots = run.rows, run.snapshot_rows
            for store, count in ((run.records, rows), (run.snapshots, shots)):
                for values in store.values():
                    seen.append(bool(np.isfinite(values[:, :count]).all()))

    reader = threading.Thread(target=look)
    reader.start()
    while not run.done:
        run.advance(0.002)
    over.set()
    reader.join()
    assert seen
    assert all(seen)


def test_runs_that_take_turns_compute_what_each_computes_alone():
    setups = [Study(LINEAR, {"horizon": 2.0}, seed=seed).setup for seed in range(5)]
    runs = [run_of(s) for s in setups]
    while not all(run.done for run in runs):
        for run in runs:
            run.advance(0.001)
            under_way = [r for r in runs if r._pending and not r._pending.ended]
            assert len(under_way) <= 1
    alone = run_of(setups[3])
    alone.finish()
    for name, values in alone.records.items():
        np.testing.assert_array_equal(values, runs[3].records[name])
    for run in runs:
        assert run.steps_done == setups[0].schedule.steps
        assert run.device_seconds > 0


class _Clock:
    """A time that passes only while somebody waits."""

    def __init__(self) -> None:
        self.now = 100.0

    def perf_counter(self) -> float:
        return self.now


class _End:
    """What is there at a certain time of a clock, as an array that is still being computed."""

    def __init__(self, clock: _Clock, at: float) -> None:
        self.clock, self.at = clock, at

    def is_ready(self) -> bool:
        return self.clock.now >= self.at

    def block_until_ready(self) -> None:
        self.clock.now = max(self.clock.now, self.at)


def test_a_chunk_nobody_waited_for_makes_those_behind_it_neither_shorter_nor_unknown(monkeypatch):
    clock, before, line = _Clock(), None, []
    monkeypatch.setattr(simulation, "time", clock)
    plan, now = Plan(0, 0, 1, NOTHING, NOTHING), clock.now
    for k in range(1, 4):
        end = _End(clock, now + 0.05 * k)
        before = simulation._Chunk(plan, end, lambda: ({}, {}), now, before)
        line.append(before)
    clock.now += 0.08  # the host is busy: the first has ended meanwhile, the second runs
    for chunk in line:
        chunk.wait()
    assert [chunk.exact for chunk in line] == [False, False, True]
    took = [chunk.seconds for chunk in line]
    assert took == pytest.approx([0.08, 0.1, 0.05])  # each took 0.05, at most as told


def test_data_and_weights_go_to_the_device_once_and_the_state_stays_where_it_is(monkeypatch):
    run = run_of(Study(LINEAR, {"horizon": 3.0}, seeds=2).setup)
    run.advance_records(3)
    counts = run._agenda.plan

    def put(*given: Any) -> Any:  # how many steps come before each record is told anew every time
        plan = counts(*given)
        assert plan is not None
        strides, parts = jax.device_put((plan.strides, plan.parts))
        return plan._replace(strides=strides, parts=parts)

    def places() -> list[int]:
        return [a.unsafe_buffer_pointer() for a in jax.tree.leaves(run._state)]

    monkeypatch.setattr(run._agenda, "plan", put)
    before, first = run._state, places()
    with jax.transfer_guard_host_to_device("disallow"):
        for _ in range(3):
            run.advance_records(20)
    assert all(a.is_deleted() for a in jax.tree.leaves(before))
    assert places() == first

    run._arguments = jax.tree.map(np.asarray, run._arguments)
    with (
        jax.transfer_guard_host_to_device("disallow"),
        pytest.raises(jax.errors.JaxRuntimeError, match="Disallowed host-to-device transfer"),
    ):
        run.advance_records(20)
