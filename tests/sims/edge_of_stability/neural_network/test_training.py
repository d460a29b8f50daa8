import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from sims.core import compilation, nets
from sims.core.study import Study
from sims.edge_of_stability.neural_network import EXPERIMENT, training
from sims.edge_of_stability.objective import batch_objective, objective

SMALL = {
    "width": 8,
    "depth": 1,
    "samples": 12,
    "dtype": "float64",
    "central_flow": False,
    "tracked": 3,
}


def inside(setup):
    """Params and task as a float64 run sees them."""
    return (
        jax.tree.map(jnp.asarray, setup.params),
        {n: jnp.asarray(v) for n, v in setup.tasks[0].items()},
    )


INIT, STEP, REFRESH, KICK = map(
    jax.jit, (training.init, training.step, training.refresh, training.kick)
)


def path(setup, steps):
    """w_0 .. w_steps, (steps + 1, P), by the simulation's own step."""
    params, task = inside(setup)
    states = [INIT(params, task)]
    for _ in range(steps):
        states.append(STEP(params, task, states[-1]))
    return np.array([s.w for s in states]), states


def by_hand(optimizer, g, w, eta, beta, beta2, steps):
    """The table of update rules, written out."""
    found, v, m, nu = [w], 0 * w, 0 * w, 0 * w
    for t in range(1, steps + 1):
        if optimizer == "gd":
            w = w - eta * g(w)
        elif optimizer in ("polyak", "nesterov"):
            v = beta * v - eta * g(w + beta * v if optimizer == "nesterov" else w)
            w = w + v
        else:
            now = g(w)
            nu = beta2 * nu + (1 - beta2) * now**2
            if optimizer == "adam":
                m = beta * m + (1 - beta) * now
                now = m / (1 - beta**t)
            w = w - eta * now / (np.sqrt(nu / (1 - beta2**t)) + 1e-8)
        found.append(w)
    return np.array(found)


@pytest.mark.parametrize("optimizer", ["gd", "polyak", "nesterov", "rmsprop", "adam"])
def test_every_rule_is_its_line_in_the_table(optimizer):
    setup = Study(EXPERIMENT, SMALL | {"optimizer": optimizer}).setup
    p, task = setup.params, setup.tasks[0]
    gradient = jax.jit(jax.grad(objective(p, task)))
    w = np.asarray(nets.flattened(nets.layers(task)))
    expected = by_hand(optimizer, lambda w: np.asarray(gradient(w)), w, p.eta, p.beta, p.beta2, 12)
    np.testing.assert_allclose(path(setup, 12)[0], expected, rtol=1e-9, atol=1e-12)


def test_sgd_takes_its_own_batch_in_each_step():
    setup = Study(EXPERIMENT, SMALL | {"optimizer": "sgd", "batch_size": 3}).setup
    params, task = inside(setup)
    weights, _ = path(setup, 6)
    draw = jax.jit(lambda t: training.batch(setup.params, jax.random.fold_in(task["key"], t)))
    slope = jax.jit(lambda rows, w: jax.grad(batch_objective(params, task, rows))(w))
    drawn = []
    for t in range(6):
        rows = draw(t)
        assert len(set(np.asarray(rows).tolist())) == 3
        drawn.append(tuple(np.asarray(rows).tolist()))
        g = slope(rows, weights[t])
        np.testing.assert_allclose(weights[t + 1], weights[t] - 0.1 * g, rtol=1e-12)
    assert len(set(drawn)) > 1


def test_a_batch_of_all_samples_is_gradient_descent():
    whole = Study(EXPERIMENT, SMALL | {"optimizer": "sgd", "batch_size": 12}).setup
    np.testing.assert_allclose(path(whole, 8)[0], path(Study(EXPERIMENT, SMALL).setup, 8)[0])
    params, task = inside(whole)
    state = INIT(params, task)
    H, g = (jax.jit(d(objective(params, task)))(state.w) for d in (jax.hessian, jax.grad))
    found = jax.jit(training.batch_sharpness)(params, task, state)
    np.testing.assert_allclose(found, g @ H @ g / (g @ g), rtol=1e-9)


def test_records_are_what_the_path_says():
    setup = Study(EXPERIMENT, SMALL | {"steps": 230, "every": 10}).setup
    p, task = setup.params, setup.tasks[0]
    run = Study.of(setup).early().run()
    run.finish()
    w, _ = path(setup, 231)
    loss = objective(p, task)
    losses = np.asarray(jax.jit(jax.vmap(loss))(w))
    middle = (w[:-2] + 2 * w[1:-1] + w[2:]) / 4
    gaps = np.concatenate([[0.0], np.sum((w[1:-1] - middle) ** 2, axis=1)])
    steps = setup.schedule.record_steps
    records = {n: v[0] for n, v in run.records.items()}
    np.testing.assert_allclose(records["loss"], losses[steps], rtol=1e-9)
    for name, series in (("mean_loss", losses), ("oscillation", gaps)):
        late = steps >= 199
        assert np.isnan(records[name][~late]).all()
        expected = [series[t - 199 : t + 1].mean() for t in steps[late]]
        np.testing.assert_allclose(records[name][late], expected, rtol=1e-6)
    hessian = jax.jit(jax.hessian(loss))
    for row in (0, 1, 12, 23):
        t = steps[row]
        points = {"sharpness": w[t], "sharpness_midpoint": middle[t - 1] if t else w[0]}
        for name, point in points.items():
            top = np.linalg.eigvalsh(hessian(point))[::-1][:3]
            np.testing.assert_allclose(records[name][row], top, rtol=0, atol=1e-3 * top[0])
    last = run.snapshots["weights"][0, -1]
    np.testing.assert_allclose(last, middle[229], rtol=1e-9)


@pytest.mark.parametrize("optimizer", ["rmsprop", "adam"])
def test_adaptive_sharpness_is_that_of_the_preconditioned_hessian(optimizer):
    setup = Study(EXPERIMENT, SMALL | {"optimizer": optimizer}).setup
    params, task = inside(setup)
    state = path(setup, 40)[1][-1]
    seen = REFRESH(params, task, state).seen
    p = setup.params
    diagonal = np.sqrt(np.asarray(state.memory[-1]) / (1 - p.beta2**40)) + 1e-8
    if optimizer == "adam":
        diagonal *= 1 - p.beta**40
    H = np.asarray(jax.jit(jax.hessian(objective(params, task)))(state.w))
    top = np.sort(np.linalg.eigvals(H / diagonal[:, None]).real)[::-1]
    np.testing.assert_allclose(seen.sharpness, top[:3], rtol=0, atol=1e-3 * top[0])


def test_the_kick_goes_along_the_top_eigenvector():
    setup = Study(EXPERIMENT, SMALL).setup
    params, task = inside(setup)
    state = REFRESH(params, task, INIT(params, task))
    task = task | {"kick_size": jnp.asarray(0.02)}
    moved = np.asarray(KICK(params, task, state).w - state.w)
    vectors = np.linalg.eigh(jax.jit(jax.hessian(objective(params, task)))(state.w))[1]
    np.testing.assert_allclose(abs(moved @ vectors[:, -1]), 0.02, rtol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(moved), 0.02, rtol=1e-9)


def test_the_run_is_kicked_once_before_the_step_the_task_names():
    setup = Study(EXPERIMENT, SMALL | {"steps": 20, "every": 1}).setup
    task = {**setup.tasks[0], "kick_step": np.array(10), "kick_size": np.array(0.01)}
    losses = []
    for tasks in (setup.tasks, (task,)):
        one = dataclasses.replace(setup, tasks=tuple(tasks))
        run = Study.of(one).early().run()
        run.finish()
        losses.append(run.records["loss"][0])
    np.testing.assert_array_equal(losses[0][:11], losses[1][:11])
    assert (losses[0][11:] != losses[1][11:]).all()


def test_a_run_that_diverges_stops_and_keeps_its_finite_part():
    setup = Study(EXPERIMENT, SMALL | {"eta": 20.0, "steps": 600}).setup
    run = Study.of(setup).early().run()
    run.finish()
    assert run.stopped_at is not None
    assert run.rows < run.total_rows
    for values in run.records.values():
        kept = values[0, : run.rows]
        assert np.isfinite(kept[~np.isnan(kept)]).all()
    assert np.isfinite(run.records["loss"][0, : run.rows]).all()
    assert run.records["loss"][0, : run.rows].max() <= 1e4 * run.records["loss"][0, 0]


def test_moving_a_slider_or_the_seed_compiles_nothing():
    def ran(seed=0, **knobs):
        setup = Study(EXPERIMENT, SMALL | {"steps": 40} | knobs, seed=seed).setup
        Study.of(setup).early().run().finish()

    ran()
    before = compilation.traces()
    ran(eta=0.07)
    ran(beta=0.3)
    ran(beta2=0.95)
    ran(every=3, steps=50)
    ran(degree=5)
    ran(seed=2)
    assert compilation.traces() == before
