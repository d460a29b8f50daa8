"""Asynchronous work for callers that are not."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")


def finished(work: Coroutine[Any, Any, T]) -> T:
    """What that work comes to, from any thread.

    It has an event loop and a thread of its own: where Playwright drives a browser, the calling
    thread has a running loop already, and `asyncio.run` would refuse.
    """
    with ThreadPoolExecutor(1, "lmx-loop") as pool:
        return pool.submit(asyncio.run, work).result()
