"""Compiled programs: kept in memory by what they depend on, and on disk between processes."""

from __future__ import annotations

import contextlib
import ctypes
import logging
import os
import threading
from collections.abc import Callable, Hashable, Iterator, Mapping
from functools import cache, wraps
from pathlib import Path
from typing import Any, TypeVar

import jax
import numpy as np
from jax.experimental.compilation_cache.compilation_cache import reset_cache

from sims.core.cache import Cache
from sims.core.devices import cpu

R = TypeVar("R")

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
MOST, MOST_BYTES = 256, 512 * 2**20
"""Programs kept in memory, and their bytes together."""
BYTES_A_CHARACTER = 32
"""Memory of a compiled program over the length of its text: 21 to 52 measured, with what JAX keeps
beside it. XLA's own count of generated code is 0 on the CPU."""
_traces = 0


def count_trace() -> None:
    """Call inside a traced function: counts how often it is traced."""
    global _traces
    _traces += 1


def traces() -> int:
    """How many programs were traced so far in this process."""
    return _traces


def _size(program: Any) -> int:
    """Rough bytes of a program, or of an object that holds several among its attributes."""
    if isinstance(program, jax.stages.Compiled):
        return BYTES_A_CHARACTER * len(program.as_text() or "")
    parts = vars(program).values() if hasattr(program, "__dict__") else ()
    return sum(_size(part) for part in parts if isinstance(part, jax.stages.Compiled))


_programs: Cache[Any] = Cache(MOST, MOST_BYTES, _size)


def program(key: Hashable, build: Callable[[], Any]) -> Any:
    """The program of that key, built once however many threads ask, kept while there is room."""

    def built() -> Any:
        made = build()
        give_back_memory()
        return made

    return _programs.get(key, built)


def held() -> tuple[int, int]:
    """How many programs are kept, and roughly their bytes."""
    return _programs.held()


def give_back_memory() -> None:
    """Hand what a compilation used, often over 100 MB, back to the system; glibc keeps it."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL("libc.so.6").malloc_trim(0)


def known(options: Mapping[str, Any]) -> dict[str, Any]:
    """Those of the compiler options that the compiler at hand knows; each is tried once."""
    if _accepted(tuple(options.items())):
        return dict(options)
    return {name: value for name, value in options.items() if _accepted(((name, value),))}


@cache
def _accepted(options: tuple[tuple[str, Any], ...]) -> bool:
    with jax.default_device(cpu()):
        lowered = jax.jit(lambda x: x).lower(np.zeros((), np.float32))
        try:
            lowered.compile(compiler_options=dict(options))
        except (RuntimeError, TypeError, ValueError):
            log.info("not all of these compiler options are known: %s", options)
            return False
    return True


@contextlib.contextmanager
def exact(platform: str) -> Iterator[None]:
    """What is traced meanwhile multiplies with all digits of its type, on such a device.

    An accelerator would else round factors in float32 to the 10 bits of TF32, and a run would miss
    what theory says of it. On a CPU this is so anyway.
    """
    digits = jax.default_matmul_precision("highest")
    with contextlib.nullcontext() if platform == "cpu" else digits:
        yield


def jit(options: Mapping[str, Any], **how: Any) -> Callable[[Callable[..., R]], Callable[..., R]]:
    """`jax.jit` with those of the compiler options that are known, found out at the first call."""

    def decorated(function: Callable[..., R]) -> Callable[..., R]:
        @cache
        def jitted() -> Any:
            return jax.jit(function, compiler_options=known(options), **how)

        @wraps(function)
        def call(*arguments: Any, **named: Any) -> R:
            return jitted()(*arguments, **named)

        return call

    return decorated


def cache_folder() -> Path:
    """Folder of the persistent compilation cache: LMX_CACHE_DIR or the user's cache folder."""
    import platformdirs

    root = os.environ.get("LMX_CACHE_DIR") or platformdirs.user_cache_dir("lmx")
    return Path(root) / "jax" / jax.__version__


def use_persistent_cache() -> bool:
    """Keep compiled programs on disk between processes, where a folder can be written to.

    For a process that is ours alone. A folder that the user gave JAX stays, with its thresholds.
    """
    if _users_folder() is not None:
        return True
    folder = cache_folder()
    if not _is_writable(folder):
        return False
    for name, value in _settings(folder).items():
        jax.config.update(name, value)
    return True


_borrowing = threading.Lock()
_borrowers = 0
_lent: dict[str, Any] = {}


@contextlib.contextmanager
def persistent_cache() -> Iterator[None]:
    """The same for as long as something of ours is computed in a process that is the user's.

    Afterwards JAX's settings are as they were, and programs of the user's own go where they say.
    """
    global _borrowers
    with _borrowing:
        if _borrowers == 0 and _users_folder() is None and _is_writable(folder := cache_folder()):
            ours = _settings(folder)
            _lent.update({name: getattr(jax.config, name) for name in ours})
            _configured(ours)
        _borrowers += 1
    try:
        yield
    finally:
        with _borrowing:
            _borrowers -= 1
            if _borrowers == 0 and _lent:
                _configured(_lent)
                _lent.clear()


def _users_folder() -> str | None:
    return getattr(jax.config, "jax_compilation_cache_dir", None)


def _settings(folder: Path) -> dict[str, Any]:
    """JAX's settings for a cache of all programs, however quick or small."""
    return {
        "jax_compilation_cache_dir": str(folder),
        "jax_persistent_cache_min_compile_time_secs": 0.0,
        "jax_persistent_cache_min_entry_size_bytes": -1,
    }


def _configured(settings: Mapping[str, Any]) -> None:
    for name, value in settings.items():
        jax.config.update(name, value)
    reset_cache()  # JAX opens a folder once and stays with it


def _is_writable(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f".writable-{os.getpid()}-{threading.get_ident()}"
        probe.touch()
        probe.unlink()
    except OSError:
        log.info("no compilation cache: %s is not writable", folder)
        return False
    return True
