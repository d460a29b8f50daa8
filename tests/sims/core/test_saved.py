"""A saved run is read back whole; whatever else is in a file is one plain sentence."""

import pytest

import sims


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    path = tmp_path_factory.mktemp("saved") / "run.nc"
    sims.predict("lazy_rich/one_neuron", out=path)
    return path


def test_a_prediction_comes_back_as_it_was(saved):
    tree = sims.read(str(saved))
    assert tree.identical(sims.read(saved))
    assert sims.same(tree, sims.predict("lazy_rich/one_neuron"))


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("absent.nc", None, "There is no file"),
        ("notes.txt", b"words", "is no .nc file"),
        ("words.nc", b"words", "cannot be read as NetCDF"),
        ("half.nc", "half", "cannot be read as NetCDF"),
    ],
)
def test_what_is_no_file_of_a_run_is_one_sentence(saved, tmp_path, name, content, words):
    path = tmp_path / name
    if content is not None:
        path.write_bytes(saved.read_bytes()[:3000] if content == "half" else content)
    with pytest.raises(ValueError, match=words) as refused:
        sims.read(path)
    assert str(path) in str(refused.value)
    assert "\n" not in str(refused.value)


def test_another_programs_file_holds_no_run(tmp_path):
    import xarray as xr

    xr.Dataset({"x": ("t", [1.0])}).to_netcdf(tmp_path / "theirs.nc", engine="h5netcdf")
    with pytest.raises(ValueError, match="holds no run"):
        sims.read(tmp_path / "theirs.nc")
