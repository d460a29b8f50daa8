"""The routes of the live channel; what stands behind them is imported while the page loads."""

from __future__ import annotations

import functools
import importlib
import threading
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.routing import BaseRoute, Route, WebSocketRoute

from app.live import static

_loading = threading.Lock()


def load() -> None:
    """Import all that pages and their live parts need; whoever comes second waits.

    Two threads that import parts of it by themselves could each wait for what the other has begun.
    """
    with _loading:
        for name in ("app.live.route", "app.page", "app.figures.views", "plotly.graph_objects"):
            importlib.import_module(name)


def _behind(name: str) -> Callable[[Any], Awaitable[Any]]:
    """The endpoint of that name in `app.live.route`."""

    async def endpoint(connection: Any) -> Any:
        await run_in_threadpool(load)
        return await getattr(importlib.import_module("app.live.route"), name)(connection)

    return endpoint


def routes() -> list[BaseRoute]:
    """Every route of the live channel."""
    get: Callable[..., Route] = functools.partial(Route, methods=["GET"])
    return [
        WebSocketRoute("/live/{token}", _behind("live")),
        get("/files/{token}/run.{kind}", _behind("file")),
        get("/lmx/plotly.js", static.plotly_js),
        get("/lmx/{version}/{name}", static.asset),
        get("/lmx/{name}", static.asset),
    ]
