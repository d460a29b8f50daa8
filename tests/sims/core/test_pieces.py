"""The programs of accelerators, tried on the CPU: the same numbers as the usual ones."""

import numpy as np
import pytest

from sims import api
from sims.core import compilation, pieces, simulation
from sims.core.pieces import Piece, composed, lengths, suit
from sims.core.simulation import Run
from sims.core.study import Study, side_by_side
from sims.core.sweep import Sweep
from tests.sims.core.test_simulation import LINEAR, walking


@pytest.fixture
def known_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs take the programs of an accelerator."""
    monkeypatch.setattr(simulation, "counts_are_known", lambda _device: True)


def in_slices(run: Run) -> Run:
    while not run.done:
        run.advance(0.0)
    return run


def alike(run: Run, other: Run, rtol: float, atol: float = 1e-12) -> None:
    assert run.steps_done == other.steps_done
    assert run.records.keys() == other.records.keys()
    assert run.snapshots.keys() == other.snapshots.keys()
    np.testing.assert_array_equal(run.stopped, other.stopped)
    for mine, its in ((run.records, other.records), (run.snapshots, other.snapshots)):
        for name, values in mine.items():
            np.testing.assert_allclose(values, its[name], rtol, atol, err_msg=name)


LINEAR_NAME, EDGE = LINEAR.name, "edge_of_stability/self_stabilisation"
SETTINGS = {
    "snapshots": (LINEAR_NAME, {"horizon": 2.0}, 1, True),
    "seeds": (LINEAR_NAME, {"horizon": 2.0}, 3, True),
    "seeds recorded on the device": (LINEAR_NAME, {"horizon": 2.0}, 3, False),
    "a kick and float32": (EDGE, {}, 1, True),
    "another net": ("lazy_rich/two_layer_network", {"width": 32, "n": 8}, 2, False),
}


@pytest.mark.parametrize("setting", SETTINGS)
def test_a_run_is_the_same_with_loops_of_known_length(
    monkeypatch: pytest.MonkeyPatch, setting: str
):
    name, values, seeds, on_host = SETTINGS[setting]
    start = Study(api.experiment(name), values, seeds=seeds).freeze()
    usual = start.run()
    usual.finish()
    monkeypatch.setattr(simulation, "counts_are_known", lambda _device: True)
    monkeypatch.setattr(pieces, "STATE_BYTES", 2**40 if on_host else 0)
    loose = start.setup.experiment.dtype(start.setup.params) == "float32"
    alike(in_slices(start.run()), usual, *((2e-3, 1e-5) if loose else (1e-6, 1e-9)))


def test_points_of_a_sweep_with_other_strides_each_take_their_own_steps(
    monkeypatch: pytest.MonkeyPatch,
):
    sweep = Sweep(LINEAR, {"horizon": 1.0}, {"eta": "0.01,0.013,0.004"})
    sweep.predict()
    starts = list(sweep.starts)
    assert len({tuple(s.setup.schedule.record_steps) for s in starts}) > 1
    usual = side_by_side(starts)
    usual.finish()
    monkeypatch.setattr(simulation, "counts_are_known", lambda _device: True)
    run = side_by_side(starts)
    assert suit(run._agenda.strides)
    alike(in_slices(run), usual, 1e-6, 1e-9)


@pytest.mark.usefixtures("known_counts")
def test_a_kick_comes_before_its_step_and_only_where_it_is_due():
    run = in_slices(walking([3, -1, 7]))
    np.testing.assert_array_equal(run.records["loss"][0], [0, 3, 104, 110])
    np.testing.assert_array_equal(run.records["loss"][1], [0, 3, 4, 10])
    np.testing.assert_array_equal(run.records["loss"][2], [0, 3, 4, 110])
    np.testing.assert_array_equal(run.records["looks"][0], [1, 2, 3, 4])
    np.testing.assert_array_equal(run.snapshots["double"], 2 * run.snapshots["picture"])


@pytest.mark.usefixtures("known_counts")
def test_a_long_stride_is_cut_without_a_trace_in_the_numbers(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(simulation, "SLICE", 2e-3)
    run = walking([-1], records=(0, 5_001))
    slices = 0
    while not run.done:
        run.advance(0.0)
        slices += 1
    assert run.records["loss"][0].tolist() == [0.0, 5_001.0]
    assert run.steps_done == 5_001
    assert slices > 1


@pytest.mark.usefixtures("known_counts")
def test_another_setting_of_the_same_length_compiles_nothing():
    def finished(**knobs):
        Study(LINEAR, {"horizon": 1.0, **knobs}).freeze().run().finish()

    finished()
    before = compilation.traces()
    finished(alpha=3e-4)
    assert compilation.traces() == before


@pytest.mark.usefixtures("known_counts")
def test_a_diverging_seed_keeps_its_finite_part():
    run = in_slices(Study(LINEAR, {"eta": 0.9, "horizon": 50.0}).freeze().run())
    assert run.stopped_at is not None
    assert np.isfinite(run.records["loss"][0, : run.rows]).all()


def test_lengths_cover_every_stride_by_an_eighth_at_most():
    strides = np.arange(100_000)[None]
    found = lengths(strides)
    assert (found >= strides[0]).all()
    assert (found[8:] < 1.125 * strides[0, 8:]).all()
    np.testing.assert_array_equal(found[:16], strides[0, :16])
    np.testing.assert_array_equal(lengths(np.array([[20, 3], [21, 2]])), [22, 3])


def test_an_even_schedule_suits_and_a_logarithmic_one_does_not():
    assert suit(np.tile([20, 21], 50))
    assert not suit(np.diff(np.unique(np.geomspace(1, 1e6, 200).astype(int))))


def test_pieces_cover_a_chunk_once_and_end_at_its_snapshots():
    loops = np.array([0, *[20] * 83, *[24] * 5])
    found = list(composed(loops, {1, 40}))
    assert [p.begin for p in found] == np.cumsum([0, *(p.rows for p in found[:-1])]).tolist()
    assert sum(p.rows for p in found) == len(loops)
    assert found[0] == Piece(0, 1, 0, True)
    assert [p.begin + p.rows for p in found if p.shot] == [1, 40]
    for piece in found:
        assert (loops[piece.begin : piece.begin + piece.rows] == piece.steps).all()
