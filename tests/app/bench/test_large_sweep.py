import sys

import pytest

from app.bench import large_sweep
from sims.core import archive


@pytest.mark.parametrize(("runs", "lengths"), [(4, (2, 2)), (100, (10, 10)), (1000, (31, 32))])
def test_a_sweep_of_so_many_runs_has_two_axes_of_about_one_length(runs, lengths):
    over = large_sweep.axes(runs)
    assert tuple(int(text.split(":")[2]) for text in over.values()) == lengths


def test_a_command_that_fails_is_told():
    assert large_sweep.watched([sys.executable, "-c", ""]).seconds > 0
    with pytest.raises(RuntimeError, match="ended with 3"):
        large_sweep.watched([sys.executable, "-c", "raise SystemExit(3)"])


def test_files_are_compared_bit_by_bit(tmp_path):
    import sims

    trees = [sims.predict("lazy_rich/one_neuron", horizon=1.0, a0=a0) for a0 in (0.1, 0.2)]
    for name, tree in zip("ab", trees, strict=True):
        archive.write(tree, tmp_path / f"{name}.nc")
    assert large_sweep.differing(tmp_path / "a.nc", tmp_path / "a.nc") == 0
    assert large_sweep.differing(tmp_path / "a.nc", tmp_path / "b.nc") > 3
