"""Compiled programs: kept in memory by what they depend on, and on disk between processes."""

from __future__ import annotations

import contextlib
import ctypes
import logging
import os
import threading
from collections.abc import Callable, Hashable
from pathlib import Path
from typing import Any

import jax

log = logging.getLogger("lmx")

QUICK_TO_COMPILE: dict[str, Any] = {
    "xla_cpu_use_fusion_emitters": False,
    "xla_cpu_parallel_codegen_split_count": 1,
    "xla_backend_optimization_level": 2,
}
"""Options for programs on the CPU: a half to a third of the compile time, and for the small
matrices of our nets as fast a program or a faster one."""
FUSED: dict[str, Any] = QUICK_TO_COMPILE | {"xla_cpu_use_fusion_emitters": True}
"""The same for programs of many quick steps: slower to compile, faster to run."""
RUN_ONCE: dict[str, Any] = QUICK_TO_COMPILE | {"xla_backend_optimization_level": 0}
"""Less still for programs that run once or twice."""
_programs: dict[Hashable, Any] = {}
_building: dict[Hashable, threading.Lock] = {}
_guard = threading.Lock()
_traces = 0


def count_trace() -> None:
    """Call inside a traced function: counts how often it is traced."""
    global _traces
    _traces += 1


def traces() -> int:
    """How many programs were traced so far in this process."""
    return _traces


def program(key: Hashable, build: Callable[[], Any]) -> Any:
    """The program of that key, built at most once however many threads ask."""
    found = _programs.get(key)
    if found is not None:
        return found
    with _guard:
        lock = _building.setdefault(key, threading.Lock())
    with lock:
        if key not in _programs:
            _programs[key] = build()
            give_back_memory()
        return _programs[key]


def give_back_memory() -> None:
    """Hand what a compilation used, often over 100 MB, back to the system; glibc keeps it."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL("libc.so.6").malloc_trim(0)


def is_built(key: Hashable) -> bool:
    """Whether that program is in memory already."""
    return key in _programs


def cache_folder() -> Path:
    """Folder of the persistent compilation cache: LMX_CACHE_DIR or the user's cache folder."""
    import platformdirs

    root = os.environ.get("LMX_CACHE_DIR") or platformdirs.user_cache_dir("lmx")
    return Path(root) / "jax" / jax.__version__


def use_persistent_cache() -> bool:
    """Keep compiled programs on disk between processes, where a folder can be written to."""
    folder = cache_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f".writable-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError:
        log.info("no compilation cache: %s is not writable", folder)
        return False
    jax.config.update("jax_compilation_cache_dir", str(folder))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)
    return True
