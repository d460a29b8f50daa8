import threading
import time
from concurrent.futures import ThreadPoolExecutor

import jax
import numpy as np
import pytest
from jax.experimental.compilation_cache.compilation_cache import reset_cache

import sims
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


@pytest.fixture
def users_settings(tmp_path, monkeypatch):
    """JAX's settings of the cache, as they were at the end; and a folder of ours."""
    monkeypatch.setenv("LMX_CACHE_DIR", str(tmp_path / "ours"))
    before = {name: getattr(jax.config, name) for name in CACHE_SETTINGS}
    yield tmp_path
    for name, value in before.items():
        jax.config.update(name, value)
    reset_cache()


CACHE_SETTINGS = (
    "jax_compilation_cache_dir",
    "jax_persistent_cache_min_compile_time_secs",
    "jax_persistent_cache_min_entry_size_bytes",
)


def settings_now():
    return [getattr(jax.config, name) for name in CACHE_SETTINGS]


def given(*values):
    for name, value in zip(CACHE_SETTINGS, values, strict=True):
        jax.config.update(name, value)
    reset_cache()


CALLS = [
    lambda width: sims.run(LINEAR, horizon=0.5, width=width),
    lambda width: sims.sweep(LINEAR, {"alpha": "1e-3,1e-2"}, horizon=0.5, width=width),
    lambda width: sims.predict("edge_of_stability/self_stabilisation", width=width, steps=50),
]


@pytest.mark.parametrize("call", CALLS)
def test_a_users_own_cache_and_its_thresholds_are_left_alone(users_settings, call):
    theirs = users_settings / "theirs"
    mine = [str(theirs), 60.0, 1000]
    given(*mine)
    call(27)
    assert settings_now() == mine
    assert not (users_settings / "ours").exists()


@pytest.mark.parametrize("call", CALLS)
def test_without_one_programs_are_kept_in_ours_and_the_settings_are_as_they_were(
    users_settings, call
):
    mine = [None, 7.0, 99]
    given(*mine)
    call(28)
    assert settings_now() == mine
    kept = sorted(p for p in (users_settings / "ours").rglob("*") if p.is_file())
    assert kept
    assert settings_now() == mine
    jax.jit(lambda x: x * 3.25 + 1.0)(np.ones(17))
    assert sorted(p for p in (users_settings / "ours").rglob("*") if p.is_file()) == kept


def test_settings_come_back_after_a_mistake_and_after_many_at_once(users_settings):
    mine = [None, 7.0, 99]
    given(*mine)
    with pytest.raises(ZeroDivisionError), compilation.persistent_cache():
        _ = 1 / (settings_now() == mine)
    assert settings_now() == mine
    inside = threading.Barrier(8)

    def borrowed(_):
        with compilation.persistent_cache():
            inside.wait(10)
            return settings_now()

    with ThreadPoolExecutor(8) as pool:
        seen = list(pool.map(borrowed, range(8)))
    assert all(one == seen[0] != mine for one in seen)
    assert settings_now() == mine


@pytest.mark.parametrize(("platform", "precision"), [("gpu", "HIGHEST"), ("cpu", None)])
def test_an_accelerator_multiplies_float32_with_all_its_digits(platform, precision):
    matrix = np.ones((2, 2), np.float32)
    with compilation.exact(platform):
        traced = jax.make_jaxpr(lambda a: a @ a)(matrix)
    (product,) = (e for e in traced.jaxpr.eqns if e.primitive.name == "dot_general")
    assert product.params["precision"] == (precision and (jax.lax.Precision[precision],) * 2)
