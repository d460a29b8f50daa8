import numpy as np
import pytest
import xarray as xr

from app.figures.traces import tag
from app.live.server import columns, frames, tags

SEEDS, ROWS, MODES = 3, 6, 2


@pytest.fixture
def run():
    rng = np.random.default_rng(0)
    return {"a": rng.normal(size=(SEEDS, ROWS, MODES)), "loss": rng.random((SEEDS, ROWS))}


@pytest.fixture
def prediction():
    rng = np.random.default_rng(1)
    return xr.Dataset(
        {
            "a": (("seed", "record", "mode"), rng.normal(size=(SEEDS, ROWS, MODES))),
            "loss": ("record", rng.random(ROWS)),
        }
    )


def source(run, prediction, rows=ROWS, shots=(), derived=None):
    return columns.Source(run, dict(shots), rows, rows if shots else 0, prediction, derived or {})


def columns_of(*wanted, rows=ROWS, shot_rows=()):
    return columns.Columns(wanted, np.arange(rows) * 10, np.arange(rows) * 0.1, np.array(shot_rows))


def test_a_frame_reads_back_as_it_was_packed():
    values = np.arange(12, dtype=np.float32).reshape(3, 4)
    shot = np.arange(6.0).reshape(2, 3)
    header = {
        "run": "x", "source": 0, "start": 2, "columns": ["step", "time", "c0", "c1", "c2"],
        "snapshots": [{"k": 0, "step": 5, "name": "s0", "shape": [2, 3]}],
    }  # fmt: skip
    frame = frames.unpack(frames.pack(header, np.arange(4), np.arange(4) / 3, values, [shot]))
    assert frame.header["rows"] == 4
    np.testing.assert_array_equal(frame.step, np.arange(4))
    np.testing.assert_array_equal(frame.time, np.arange(4) / 3)
    np.testing.assert_array_equal(frame.columns, values)
    np.testing.assert_array_equal(frame.snapshots[0], shot)


def test_the_numbers_of_a_frame_begin_on_a_multiple_of_eight():
    for name in ("a", "ab", "abc", "abcdefgh"):
        header = {"run": name, "columns": ["step", "time"], "snapshots": []}
        data = frames.pack(header, np.ones(1), np.ones(1), np.ones((0, 1)))
        assert (4 + int.from_bytes(data[:4], "little")) % 8 == 0


def test_a_frame_of_another_format_is_refused():
    header = {"v": 9, "columns": ["step", "time"], "snapshots": []}
    data = frames.pack(header, np.ones(0), np.ones(0), np.ones((0, 0)))
    with pytest.raises(ValueError, match="format 9"):
        frames.unpack(data)


def test_a_tag_picks_its_entry_of_the_first_seed(run, prediction):
    found = columns.evaluated(tags.Tag("a", (1,)), source(run, prediction), 2, 5)
    np.testing.assert_allclose(found, run["a"][0, 2:5, 1], rtol=1e-6)


def test_bands_are_minimum_and_maximum_over_seeds(run, prediction):
    made = source(run, prediction)
    low = columns.evaluated(tags.Tag("a", (0,), "band_lo"), made, 0, ROWS)
    high = columns.evaluated(tags.Tag("a", (0,), "band_hi"), made, 0, ROWS)
    np.testing.assert_allclose(low, run["a"][:, :, 0].min(axis=0), rtol=1e-6)
    np.testing.assert_allclose(high, run["a"][:, :, 0].max(axis=0), rtol=1e-6)


def test_bands_leave_out_a_seed_that_diverged(run, prediction):
    run["a"][1, 3:] = np.nan
    found = columns.evaluated(tags.Tag("a", (0,), "band_hi"), source(run, prediction), 0, ROWS)
    np.testing.assert_allclose(found[3:], run["a"][[0, 2], 3:, 0].max(axis=0), rtol=1e-6)


def test_minus_is_taken_seed_by_seed_before_the_band(run, prediction):
    found = columns.evaluated(
        tags.Tag("a", (0,), "band_hi", minus="a", scale=10.0), source(run, prediction), 1, 4
    )
    gap = run["a"][:, 1:4, 0] - prediction["a"].values[:, 1:4, 0]
    np.testing.assert_allclose(found, 10 * gap.max(axis=0), rtol=1e-6)


def test_minus_a_prediction_that_all_seeds_share(run, prediction):
    found = columns.evaluated(tags.Tag("loss", minus="loss"), source(run, prediction), 0, ROWS)
    np.testing.assert_allclose(found, run["loss"][0] - prediction["loss"].values, rtol=1e-5)


def test_a_derived_quantity_sees_all_rows_so_far_and_the_prediction(run, prediction):
    seen = []

    def total(arrays, theory):
        seen.append(arrays["a"].shape)
        return arrays["a"].sum(axis=-1) + float(theory["loss"][0])

    made = source(run, prediction, rows=4, derived={"total": total})
    found = columns.evaluated(tags.Tag("total"), made, 2, 4)
    expected = run["a"][0, 2:4].sum(axis=-1) + float(prediction["loss"][0])
    np.testing.assert_allclose(found, expected, rtol=1e-6)
    columns.evaluated(tags.Tag("total", seed="band_lo"), made, 2, 4)
    assert seen == [(SEEDS, 4, MODES)]


def test_columns_filled_in_pieces_equal_columns_filled_at_once(run, prediction):
    wanted = (tags.Tag("a", (0,), "band_lo"), tags.Tag("a", (1,), minus="a"), tags.Tag("loss"))
    at_once, in_pieces = columns_of(*wanted), columns_of(*wanted)
    at_once.fill(source(run, prediction))
    for rows in (1, 2, 5, 6):
        in_pieces.fill(source(run, prediction, rows=rows))
    np.testing.assert_array_equal(at_once.values, in_pieces.values)


def test_a_tag_at_snapshots_is_nan_between_them(run, prediction):
    tag = tags.Tag("w", at="snapshots")
    made = columns_of(tag, shot_rows=[0, 4])
    shots = {"w": np.array([[7.0, 8.0]] * SEEDS)}
    made.fill(columns.Source(run, shots, ROWS, 2, prediction))
    np.testing.assert_array_equal(made.values[0], [7, np.nan, np.nan, np.nan, 8, np.nan])


def test_what_is_measured_after_the_run_fills_its_column_late(run, prediction):
    made = columns_of(tags.Tag("loss"), tags.Tag("later"))
    made.fill(source(run, prediction))
    assert np.isnan(made.values[1]).all()
    made.fill_late(source({**run, "later": np.ones((SEEDS, ROWS))}, prediction))
    late = made.late_frame({"run": "x"})
    assert late is not None
    frame = frames.unpack(late)
    assert frame.header["columns"] == ["step", "time", "c1"]
    np.testing.assert_array_equal(frame.columns, np.ones((1, ROWS)))


def test_frames_of_bounded_size_make_up_the_whole(run, prediction):
    made = columns_of(tags.Tag("loss"), tags.Tag("w", at="scrub"), shot_rows=[0, 3, 5])
    shots = {"w": np.arange(3 * 4.0).reshape(1, 3, 4).repeat(SEEDS, axis=0)}
    made.fill(columns.Source(run, shots, ROWS, 3, prediction))
    held = np.full(ROWS, np.nan)
    rows = shot = 0
    seen = []
    while (data := made.frame({"run": "x"}, rows, shot, room=60)) is not None:
        frame = frames.unpack(data)
        assert frame.header["start"] <= rows
        rows = frame.header["start"] + frame.header["rows"]
        held[frame.header["start"] : rows] = frame.columns[0]
        for entry, values in zip(frame.header["snapshots"], frame.snapshots, strict=True):
            assert entry["k"] == shot
            shot = entry["k"] + 1
            seen.append((entry["step"], values.tolist()))
    np.testing.assert_allclose(held, run["loss"][0], rtol=1e-6)
    assert seen == [(0, [0, 1, 2, 3]), (30, [4, 5, 6, 7]), (50, [8, 9, 10, 11])]


def test_at_most_120_snapshots_and_4_mb_are_sent():
    assert len(columns.sent_snapshots(500, 10)) <= 120
    assert len(columns.sent_snapshots(100, 100_000)) <= 40
    assert columns.sent_snapshots(90, 100).tolist() == list(range(90))
    assert columns.sent_snapshots(300, 10)[[0, -1]].tolist() == [0, 299]


def test_a_finished_figure_is_filled_by_the_same_tags(run, prediction):
    traces = [
        {"type": "scatter", "x": [], "y": [], "meta": tag("a", [0])},
        {"type": "scatter", "x": [], "y": [], "meta": tag("a", [1], x="a", x_index=[0])},
        {"type": "scatter", "x": [], "y": [], "meta": tag("loss", seed="each")},
    ]
    figure = {"data": traces, "layout": {}}
    times = np.arange(ROWS) / 7
    made = columns.filled(figure, source(run, prediction), np.arange(ROWS), times)
    first, phase, *every = [{a: getattr(t, a) for a in "xy"} for t in made.data]
    np.testing.assert_allclose(first["y"], run["a"][0, :, 0], rtol=1e-6)
    np.testing.assert_allclose(first["x"], times)
    np.testing.assert_allclose(phase["x"], run["a"][0, :, 0], rtol=1e-6)
    assert len(every) == SEEDS
    np.testing.assert_allclose(every[2]["y"], run["loss"][2], rtol=1e-6)


def test_a_finished_figure_shows_every_snapshot_at_its_own_record(run, prediction):
    traces = [
        {"type": "scatter", "x": [], "y": [], "meta": tag("sigma", [1], at="snapshots")},
        {"type": "scatter", "x": [], "y": [], "meta": tag("sigma", x="step", at="snapshots")},
        {"type": "heatmap", "meta": tag("sigma", x="", at="scrub")},
        {"type": "scatter", "x": [], "y": [], "meta": tag("later", at="snapshots")},
    ]
    figure = {"data": traces, "layout": {}}
    sigma = np.random.default_rng(2).random((SEEDS, 3, 2))
    held = columns.Source(run, {"sigma": sigma}, ROWS, 3, prediction)
    steps, times, shot_rows = np.arange(ROWS) * 10, np.arange(ROWS) / 7, np.array([0, 2, 5])
    made = columns.filled(figure, held, steps, times, shot_rows)
    one, by_step, absent = [{a: getattr(made.data[i], a) for a in "xy"} for i in (0, 1, 3)]
    picture = {"z": getattr(made.data[2], "z")}  # noqa: B009
    np.testing.assert_allclose(one["y"], sigma[0, :, 1], rtol=1e-6)
    np.testing.assert_allclose(one["x"], times[shot_rows])
    np.testing.assert_array_equal(by_step["x"], [0, 20, 50])
    np.testing.assert_allclose(picture["z"], sigma[0, -1], rtol=1e-6)
    assert not len(absent["y"])
