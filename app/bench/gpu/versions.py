"""Device, processor and versions: what a number without is worth nothing."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version

import psutil

from app.bench.gpu.section import Measurement, Row, Section
from app.bench.gpu.size import Card
from app.bench.report import conditions, processor
from sims.core.devices import device_named

ALSO = ("flax", "optax", "torch")
"""Packages whose versions matter here besides those that every file names."""
GIB = 2**30


def versions(card: Card) -> Section:
    """The section."""
    return Section("device and versions", 0.02, [Measurement("device", lambda: _versions(card))])


def _versions(card: Card) -> Iterator[Row]:
    found = conditions()
    yield {
        "kind": kind(card),
        "driver": _driver() if card.device == "gpu" else "none",
        "memory_gib": _memory(card),
        "date": found["date"],
        "processor": processor(),
        "cores": os.cpu_count(),
        "host_memory_gib": psutil.virtual_memory().total / GIB,
        "load": found["load"],
        **found["versions"],
        **{name: _version(name) for name in ALSO},
    }


def kind(card: Card) -> str:
    """What the device is called."""
    return device_named(card.device).device_kind if card.device == "gpu" else processor()


def _memory(card: Card) -> float | None:
    """What JAX may take of it, in GiB, where it says so."""
    told = (device_named(card.device).memory_stats() or {}).get("bytes_limit")
    return None if told is None else told / GIB


def _driver() -> str:
    asked = ["nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader"]
    try:
        done = subprocess.run(asked, capture_output=True, text=True, check=True, timeout=10)
    except (OSError, subprocess.SubprocessError):
        return "unknown"
    return done.stdout.strip().partition("\n")[0] or "unknown"


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
