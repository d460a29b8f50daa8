"""The devices a run can be computed on, by the words cpu, gpu and auto."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jax

if TYPE_CHECKING:
    Device = Any
    """A `jax.Device`, which a type checker takes for a variable."""
else:
    Device = jax.Device


def device_named(name: str) -> Device:
    """The JAX device for `cpu` or `gpu`; ValueError if there is none."""
    try:
        return jax.devices(name)[0]
    except RuntimeError:
        raise ValueError(f"There is no {name} on this machine: give auto or cpu.") from None


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


def has_gpu() -> bool:
    """Whether JAX sees an accelerator."""
    return jax.default_backend() != "cpu"
