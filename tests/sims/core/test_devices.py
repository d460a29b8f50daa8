import os
import subprocess
import sys
from pathlib import Path

import jax
import pytest

import sims
from sims.core import devices

ROOT = Path(sims.__file__).parents[1]
NAME = "lazy_rich/one_neuron"
ASKED = """
import sims
from sims.core import devices
tree = sims.predict(NAME, horizon=1.0)
print(tree.attrs["prediction_sha256"])
for device in ("auto", "gpu"):
    try:
        sims.run(NAME, device=device)
    except ValueError as refused:
        print(refused)
print(sims.run(NAME, horizon=1.0, device="cpu").attrs["device"], devices.has_gpu())
"""


def answered(**words: str) -> list[str]:
    """What a Python with this environment prints, line by line."""
    code = ASKED.replace("NAME", repr(NAME))
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONPATH": str(ROOT)} | words,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.skipif(devices.has_gpu(), reason="such a device is here")
@pytest.mark.parametrize("asked", ["cuda", "METAL", "gpu,tpu"])
def test_theory_finds_its_cpu_and_a_run_is_refused_in_a_sentence_each(asked: str) -> None:
    digest, auto, gpu, cpu = answered(JAX_PLATFORMS=asked)
    expected = sims.predict(NAME, horizon=1.0).attrs["prediction_sha256"]
    assert digest == expected
    assert auto == (
        f"JAX_PLATFORMS={asked} names no device of this machine that trains in float64: "
        "leave it out, or choose the device cpu."
    )
    assert gpu == "There is no gpu on this machine: give auto or cpu."
    assert cpu == "cpu False"


@pytest.mark.gpu
@pytest.mark.skipif(not devices.has_gpu(), reason="needs an accelerator")
def test_theory_finds_its_cpu_beside_a_gpu_that_jax_was_told_to_use_alone() -> None:
    digest, cpu = answered(JAX_PLATFORMS="cuda")
    assert digest == sims.predict(NAME, horizon=1.0).attrs["prediction_sha256"]
    assert cpu == "cpu True"


def test_a_device_without_float64_is_no_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    real = jax.devices

    def with_metal(name=None):
        if name in (None, "METAL"):
            return ["METAL:0"]
        if name in ("gpu", "cuda"):
            raise RuntimeError(f"Unknown backend {name}.")
        return real(name)

    monkeypatch.setattr(jax, "devices", with_metal)
    monkeypatch.setattr(jax, "default_backend", lambda: "METAL")
    assert not devices.has_gpu()
    assert devices.chosen_device("auto") == "cpu"
    with pytest.raises(ValueError, match="There is no gpu"):
        devices.chosen_device("gpu")


def test_a_cpu_that_jax_left_out_before_is_asked_for_in_one_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def without(name=None):
        raise RuntimeError(f"Unknown backend {name}. Available backends are ['cuda']")

    monkeypatch.setattr(jax, "devices", without)
    monkeypatch.setattr(devices, "ASKED", "cuda")
    before = getattr(jax.config, "jax_platforms", None)
    try:
        with pytest.raises(ValueError, match="import sims before JAX is used") as refused:
            devices.cpu()
    finally:
        jax.config.update("jax_platforms", before)
    assert "\n" not in str(refused.value)


def test_a_device_that_is_not_there_is_refused_before_anything_is_predicted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sims.api.Study", None)
    with pytest.raises(ValueError, match="give auto, cpu or gpu"):
        sims.run(NAME, device="tpu")
