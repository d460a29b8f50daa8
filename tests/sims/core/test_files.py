import os
from pathlib import Path

import pytest

from sims.core import files


def test_a_file_is_written_whole_and_leaves_nothing_beside_it(tmp_path):
    path = tmp_path / "run.nc"
    files.write(path, b"one")
    files.write(path, b"two")
    assert path.read_bytes() == b"two"
    assert os.listdir(tmp_path) == ["run.nc"]


def test_a_file_that_cannot_be_written_to_the_end_leaves_the_former_one(tmp_path, monkeypatch):
    path = tmp_path / "run.nc"
    path.write_bytes(b"former")

    def full(_descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        files.write(path, b"new")
    assert path.read_bytes() == b"former"
    assert os.listdir(tmp_path) == ["run.nc"]


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege")
def test_a_link_and_the_rights_of_a_file_stay(tmp_path):
    target = tmp_path / "target.nc"
    target.write_bytes(b"former")
    target.chmod(0o640)
    link = tmp_path / "run.nc"
    link.symlink_to(target)
    files.write(link, b"new")
    assert link.is_symlink()
    assert target.read_bytes() == b"new"
    assert target.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize(
    ("name", "words"),
    [("nowhere/run.nc", "does not exist"), ("", "is a folder"), ("file/run.nc", "does not exist")],
)
def test_where_nothing_can_be_written_is_found_out_beforehand(tmp_path, name, words):
    (tmp_path / "file").write_text("")
    with pytest.raises(ValueError, match=words):
        files.check_writable(tmp_path / name)


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="the root may write anywhere")
def test_a_folder_without_the_right_to_write_is_refused(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(ValueError, match="Permission denied"):
        files.check_writable(tmp_path / "run.nc")


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="a folder where nobody can write")
def test_a_folder_that_takes_no_file_is_refused_even_to_the_root():
    with pytest.raises(ValueError, match="cannot be written"):
        files.check_writable(Path("/proc/self/run.nc"))


def test_finding_out_changes_nothing(tmp_path):
    path = tmp_path / "run.nc"
    files.check_writable(path)
    assert not os.listdir(tmp_path)
    path.write_bytes(b"former")
    files.check_writable(path)
    assert path.read_bytes() == b"former"
