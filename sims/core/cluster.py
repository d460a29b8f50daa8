"""A sweep on many processes, or many machines, through Ray.

A task is a part of the sweep, or of a sweep of few parts one group: names and numbers go out, the
bytes of finished blocks come back, as they finish. Of a worker that is lost the tasks run again. A
task prepares its part anew, so that the driver does nothing for a point but keep its block; parts
and groups follow from the grid, and with them every number, wherever it is computed.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import socket
import warnings
from collections import deque
from collections.abc import Iterator
from functools import lru_cache
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

from sims.core.grid import Grid
from sims.core.part import Part
from sims.core.recipe import Recipe
from sims.core.sentences import one_line
from sims.core.swept import Keep, Told, Work, train
from sims.core.unfinished import Place, packed, unpacked

PATIENCE = 5.0
"""Seconds in which a cluster must answer."""
HELLO = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes([0, 0, 0, 4, 0, 0, 0, 0, 0])
"""What a client of gRPC, which Ray speaks, begins with (RFC 9113, 3.4): empty settings."""
RETRIES = 5
"""How often a task runs again whose worker was lost."""
STORE_BYTES = 2**27
"""Memory for objects of a Ray that is started here: only finished blocks pass through it."""
MOST_WAITING = 64
"""Tasks beyond two for each worker that are handed out at once, for a cluster to grow by."""


class OnRay:
    """The engine of a cluster that answers; see `connected`."""

    def __init__(self, workers: int, cards: int, address: str) -> None:
        """How many tasks run at once, without and with a card."""
        self.workers, self.cards, self.address = workers, cards, address

    def check(self, device: str) -> None:
        """ValueError, one sentence, if no worker has that device."""
        if device == "gpu" and not self.cards:
            raise ValueError(
                f"The cluster {self.address} has no gpu: give auto or cpu.".replace("  ", " ")
            )

    def __call__(self, work: Work, keep: Keep, told: Told) -> None:
        """Compute what is left; called in the main thread, which keeps the blocks.

        Raises:
            ValueError: settings are refused, or a worker is another installation; one sentence.
            ConnectionError: a task's worker was lost again and again, or the cluster was.
        """
        ray = _ray()
        on_gpu = work.device == "gpu"
        task = ray.remote(num_cpus=1, num_gpus=int(on_gpu), max_retries=RETRIES)(points_of)
        recipe = ray.put(Recipe.of(work.grid, work.device))
        at_once = self.cards if on_gpu else self.workers
        waiting = deque(_tasks(work, at_once))
        total = work.grid.points
        done = total - sum(len(points) for _, points in work.left)
        under_way: list[Any] = []
        try:
            while waiting or under_way:
                while waiting and len(under_way) < 2 * at_once + MOST_WAITING:
                    under_way.append(task.remote(recipe, *waiting.popleft()))
                ready, under_way = ray.wait(under_way, timeout=1.0)
                for place, stored in (found for one in ready for found in _result(one)):
                    block = unpacked(stored)
                    keep(place, block)
                    done += len(block.tables["task"].points)
                    told(done / total)
        finally:
            for one in under_way:
                ray.cancel(one, force=True)


def _tasks(work: Work, at_once: int) -> Iterator[tuple[int, range, list[int] | None]]:
    """(part, points, its groups; None for all): single groups where parts are few for a worker."""
    left = work.left
    for number, points in left:
        done = work.groups_done(number)
        if len(left) >= 4 * at_once and not done:
            yield number, points, None
            continue
        groups = Part(work.grid, points, work.device).groups
        yield from ((number, points, [g]) for g in range(len(groups)) if g not in done)


def _result(task: Any) -> list[tuple[Place, bytes]]:
    ray = _ray()
    try:
        return ray.get(task)
    except ray.exceptions.RayTaskError as error:
        cause = error.cause
        if isinstance(cause, ImportError):
            raise ValueError(
                "A worker of the cluster has no learning-mechanics-explorer: install the same "
                "version everywhere."
            ) from None
        raise cause from None
    except ray.exceptions.RayError as error:
        raise ConnectionError(
            f"The same runs lost their worker {RETRIES + 1} times, or the cluster is gone "
            f"({type(error).__name__}): what is done is kept."
        ) from None


# In a worker


def points_of(
    recipe: Recipe, number: int, points: range, which: list[int] | None
) -> list[tuple[Place, bytes]]:
    """The blocks of some groups of a part, all of them for None; a task of a worker."""
    _settle()
    part = _part(_Known(recipe), points)
    found: list[tuple[Place, bytes]] = []
    groups = list(range(len(part.groups))) if which is None else which
    train(
        part, number, groups, lambda place, block: found.append((place, packed(block))), threads=1
    )
    return found


class _Known:
    """A recipe as a key: the same sweep is laid out once in a worker."""

    def __init__(self, recipe: Recipe) -> None:
        """Two of equal recipes are equal."""
        self.recipe = recipe
        self._key = pickle.dumps(recipe)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Known) and self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)


@lru_cache(maxsize=1)
def _grid(known: _Known) -> Grid:
    return known.recipe.grid()


@lru_cache(maxsize=1)
def _part(known: _Known, points: range) -> Part:
    return Part(_grid(known), points, known.recipe.device)


@lru_cache(maxsize=1)
def _settle() -> None:
    """One thread for a worker that has one core, and compiled programs on the disk for all."""
    os.environ.setdefault("NPROC", "1")  # XLA's threads; it is asked when a device is first used
    from sims.core import compilation

    compilation.use_persistent_cache()


# The way to it


def _ray() -> Any:
    """Ray, which takes a second to import, and need not be installed."""
    return import_module("ray")


@contextlib.contextmanager
def connected(address: str | None = None) -> Iterator[OnRay]:
    """A cluster by its address (`host:6379`, `ray://host:10001`, `auto`), or this machine's cores.

    A Ray that was started or joined here is left again at the end; one that the process had joined
    before is used as it is.

    Raises:
        ValueError: Ray is not installed, or no cluster answers; one sentence, within seconds.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    if address is not None:  # why it does not answer is said once, in a sentence
        os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")
    try:
        ray = _ray()
    except ImportError:
        raise ValueError(
            "Ray is not installed: pip install 'learning-mechanics-explorer[cluster]'."
        ) from None
    ours = not ray.is_initialized()
    if ours:
        _join(address)
    try:
        resources = ray.cluster_resources()
        workers, cards = (int(resources.get(name, 0)) for name in ("CPU", "GPU"))
        yield OnRay(max(1, workers), cards, address or "")
    finally:
        if ours:
            ray.shutdown()


def _join(address: str | None) -> None:
    ray = _ray()
    quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": "ERROR"}
    if address is None:
        os.environ.setdefault("RAY_worker_niceness", "0")  # 15 else, behind all else that runs here
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
        quiet |= {"num_cpus": cores, "include_dashboard": False, "object_store_memory": STORE_BYTES}
    elif address != "auto":
        _check_answers(address)
    with warnings.catch_warnings():  # what it forks becomes another program at once
        warnings.filterwarnings("ignore", r"os\.fork\(\) was called")
        try:
            ray.init(address=address, **quiet)
        except (ConnectionError, RuntimeError, ValueError, TimeoutError) as error:
            why = one_line(str(error), 200).rstrip(".")
            if address is None:
                raise ConnectionError(f"Ray did not start here: {why}") from None
            if address == "auto":
                raise ValueError(_nobody(address)) from None
            raise ValueError(
                f"The Ray cluster at {address} did not let this process in ({why}): Ray's own "
                "settings, such as RAY_AUTH_MODE, must be here as they are there."
            ) from None


def _check_answers(address: str) -> None:
    """Ray itself would wait a minute and more."""
    try:
        parts = urlsplit(address if "://" in address else f"ray://{address}")
        place = parts.hostname or "", parts.port or 0
    except ValueError:
        place = "", 0
    if not all(place):
        raise ValueError(
            f"{address} is no address of a cluster: give host:port, ray://host:port or auto."
        )
    try:
        with socket.create_connection(place, PATIENCE) as line:
            line.settimeout(PATIENCE)
            line.sendall(HELLO)
            answer = b"" if _is_secret() else line.recv(4)
    except OSError:
        raise ValueError(_nobody(address)) from None
    if answer[3:] != b"\x04" and not _is_secret():  # the kind of its first frame: settings
        raise ValueError(_nobody(address))


def _is_secret() -> bool:
    """Whether Ray speaks TLS, which is left to it."""
    return os.environ.get("RAY_USE_TLS", "0") not in ("", "0")


def _nobody(address: str) -> str:
    return (
        f"No Ray cluster answers at {address}: start one there (ray start --head), or leave it out."
    )


__all__ = ["OnRay", "connected"]
