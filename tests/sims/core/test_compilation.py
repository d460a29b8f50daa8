import time
from concurrent.futures import ThreadPoolExecutor

import jax
import numpy as np
import pytest

from sims import api
from sims.core import compilation, programs, setup
from sims.core.cache import Cache
from sims.core.setup import prepared
from sims.core.simulation import Run

LINEAR = api.experiment("saddle_to_saddle/linear_network")


def run_of(**knobs):
    made = prepared(LINEAR, {"horizon": 1.0, **knobs})
    return Run(LINEAR, made.params, made.tasks, made.schedule)


@pytest.fixture
def few(monkeypatch):
    kept = Cache(2, 10**9, compilation._size)
    monkeypatch.setattr(compilation, "_programs", kept)
    return kept


def test_programs_are_counted_and_the_oldest_make_room(few):
    runs = [run_of(width=w) for w in (17, 18, 19)]
    for run in runs:
        run.compile()
    count, nbytes = compilation.held()
    assert count == 2
    assert 2e5 < nbytes < 2e7
    runs[0].finish()  # it holds on to its own
    before = compilation.traces()
    run_of(width=19).compile()
    assert compilation.traces() == before
    run_of(width=17).compile()
    assert compilation.traces() > before
    assert compilation.held()[0] == 2


def test_many_runs_at_once_compile_their_program_once(few):
    before, found = compilation.traces(), []

    def computed(_):
        run = run_of(width=21)
        run.finish()
        found.append(run.records["loss"])

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(computed, range(6)))
    assert compilation.traces() == before + 1
    for losses in found:
        np.testing.assert_array_equal(losses, found[0])


def test_a_program_that_does_not_compile_says_so_to_every_run_and_poisons_nothing(few, monkeypatch):
    def broken(*_):
        time.sleep(0.05)
        raise RuntimeError("no compiler")

    monkeypatch.setattr(programs, "_chunk", broken)
    runs = [run_of(width=22) for _ in range(4)]

    def failed(run):
        with pytest.raises(RuntimeError, match="no compiler"):
            run.compile()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(failed, runs))
    monkeypatch.undo()
    runs[0].finish()
    assert runs[0].done


def test_options_the_compiler_does_not_know_are_dropped():
    made_up = {**compilation.QUICK_TO_COMPILE, "xla_made_up_option": 3}
    assert compilation.known(made_up) == compilation.known(compilation.QUICK_TO_COMPILE)
    assert compilation.known({"xla_made_up_option": True}) == {}
    assert compilation.known({"xla_backend_optimization_level": "a word"}) == {}
    assert "xla_backend_optimization_level" in compilation.known(made_up)


def test_functions_compile_whatever_options_they_are_given():
    @compilation.jit({"xla_made_up_option": True}, static_argnames="n")
    def power(x, n):
        """x to the n."""
        return x**n

    assert power.__doc__ == "x to the n."
    assert float(power(np.float32(3), n=2)) == 9
    with jax.enable_x64(True):
        assert float(power(np.float64(3), n=3)) == 27


def test_setups_are_kept_within_bytes(monkeypatch):
    kept: Cache[setup.Setup] = Cache(64, 200_000, lambda made: made.nbytes)
    monkeypatch.setattr(setup, "_kept", kept)
    one = prepared(LINEAR, {}, seed=3)
    assert prepared(LINEAR, {}, seed=3) is one
    assert setup.nbytes() == one.nbytes > 8 * sum(w.size for w in (one.tasks[0]["W1"],))
    for seed in range(8):
        prepared(LINEAR, {}, seed=seed, seeds=8)
        assert setup.nbytes() <= 200_000
    assert kept.held()[0] > 1
    assert prepared(LINEAR, {}, seeds=128).nbytes == setup.nbytes() > 200_000


def test_a_refused_setting_is_refused_each_time():
    for _ in range(2):
        with pytest.raises(ValueError, match="not allowed"):
            prepared(LINEAR, {"eta": -1.0})
