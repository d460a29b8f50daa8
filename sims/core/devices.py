"""The devices a run can be computed on, by the words cpu, gpu and auto; theory has the CPU."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import jax

if TYPE_CHECKING:
    Device = Any
    """A `jax.Device`, which a type checker takes for a variable."""
else:
    Device = jax.Device

ASKED = str(getattr(jax.config, "jax_platforms", None) or "")
"""What JAX was told to use, by JAX_PLATFORMS or in Python, before `sims` was imported."""


_process = 0
"""The process that first asked for a device."""


def keep_the_cpu() -> None:
    """Add the CPU at the end of what JAX was told to use: its first device stays the default."""
    if ASKED and "cpu" not in ASKED.split(","):
        jax.config.update("jax_platforms", f"{ASKED},cpu")


def cpu() -> Device:
    """The CPU, where all theory is computed, whatever JAX was told to use.

    Raises:
        ValueError: JAX was used before `sims` was imported, and told to leave the CPU out; or this
            process was forked from one that had used it, and would wait for threads it lacks.
    """
    global _process
    _process = _process or os.getpid()
    if _process != os.getpid():
        raise ValueError(
            "This process was forked from one that had used JAX, which cannot go on in it: "
            'use multiprocessing.get_context("spawn").'
        )
    try:
        return jax.devices("cpu")[0]
    except RuntimeError:
        # JAX ends at the first that is not there, and begins anew when asked again
        jax.config.update("jax_platforms", "cpu")
    try:
        return jax.devices("cpu")[0]
    except RuntimeError:
        raise ValueError(
            f"JAX was told to use {ASKED} alone, and theory needs the CPU: "
            "import sims before JAX is used, or name cpu too."
        ) from None


def device_named(name: str) -> Device:
    """The JAX device for `cpu` or `gpu`; ValueError if there is none."""
    if name == "cpu":
        return cpu()
    if not has_gpu():
        raise ValueError(f"There is no {name} on this machine: give auto or cpu.")
    return jax.devices(name)[0]


def chosen_device(name: str) -> str:
    """Check the word for a device; `auto` stays `auto` only where there is an accelerator.

    Raises:
        ValueError: another word than auto, cpu, gpu, or a gpu where there is none.
    """
    if name not in ("auto", "cpu", "gpu"):
        raise ValueError(f"device = {name} is not allowed: give auto, cpu or gpu.")
    if name == "auto":
        return "auto" if has_gpu() else "cpu"
    device_named(name)
    return name


def check_device(name: str) -> None:
    """ValueError, one sentence, if there is no such device, or not the one JAX was told to use."""
    chosen_device(name)
    if name == "auto" and not has_gpu() and ASKED and "cpu" not in ASKED.split(","):
        raise ValueError(
            f"JAX_PLATFORMS={ASKED} names no device of this machine that trains in float64: "
            "leave it out, or choose the device cpu."
        )


def has_gpu() -> bool:
    """Whether JAX sees an accelerator with float64, as an NVIDIA or AMD card; Metal has none."""
    cpu()
    try:
        return bool(jax.devices("gpu"))
    except RuntimeError:
        return False
