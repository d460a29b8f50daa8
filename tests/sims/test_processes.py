"""What importing and calling `sims` does to the process, and to those beside it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import sims

ROOT = Path(sims.__file__).parents[1]

POOL = """
import multiprocessing, os, sys
import sims

NAME = "lazy_rich/one_neuron"

def predicted(seed):
    return sims.predict(NAME, horizon=1.0, seed=seed).attrs["prediction_sha256"]

if __name__ == "__main__":
    here = [sims.run(NAME, horizon=1.0, seed=s).attrs["prediction_sha256"] for s in (0, 1)]
    context = multiprocessing.get_context(sys.argv[1])
    with context.Pool(2) as pool:
        try:
            print(pool.map_async(predicted, [0, 1]).get(timeout=120) == here)
        except ValueError as refused:
            print(refused)
"""
MEMORY = """
import sims, os
print(os.environ.get("XLA_PYTHON_CLIENT_PREALLOCATE", "not said"))
"""


def python(file: Path, *arguments: str, **words: str) -> str:
    """What a file prints in a Python with this environment."""
    usual = {name: value for name, value in os.environ.items() if not name.startswith("XLA_")}
    done = subprocess.run(
        [sys.executable, str(file), *arguments],
        env=usual | {"PYTHONPATH": str(ROOT)} | words,
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "asked.py"


def test_a_pool_of_spawned_processes_predicts_the_same_after_a_run(file: Path) -> None:
    file.write_text(POOL, "utf-8")
    assert python(file, "spawn") == "True"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes do not fork here")
def test_a_forked_process_is_told_instead_of_waiting_for_ever(file: Path) -> None:
    file.write_text(POOL, "utf-8")
    said = python(file, "fork")
    assert 'use multiprocessing.get_context("spawn").' in said
    assert "\n" not in said


def test_the_documentation_says_how_to_share_work_among_processes() -> None:
    assert 'multiprocessing.get_context("spawn")' in " ".join(str(sims.__doc__).split())
    assert 'multiprocessing.get_context("spawn")' in (ROOT / "README.md").read_text("utf-8")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({}, "false"),
        ({"XLA_PYTHON_CLIENT_PREALLOCATE": "true"}, "true"),
        ({"XLA_CLIENT_MEM_FRACTION": ".5"}, "not said"),
        ({"XLA_PYTHON_CLIENT_MEM_FRACTION": ".5"}, "not said"),
        ({"XLA_PYTHON_CLIENT_ALLOCATOR": "platform"}, "not said"),
    ],
)
def test_a_gpus_memory_is_not_taken_beforehand_unless_the_user_says_so(
    file: Path, words: dict[str, str], said: str
) -> None:
    file.write_text(MEMORY, "utf-8")
    assert python(file, **words) == said


@pytest.mark.parametrize(("said", "expected"), [("false", False), ("true", True)])
def test_jax_reads_that_name(monkeypatch: pytest.MonkeyPatch, said: str, expected: bool) -> None:
    xla_client = pytest.importorskip("jaxlib.xla_client")
    monkeypatch.setenv("XLA_PYTHON_CLIENT_PREALLOCATE", said)
    assert xla_client.generate_pjrt_gpu_plugin_options()["preallocate"] is expected
