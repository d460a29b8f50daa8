"""The routes of the live channel; what stands behind them is imported while the page loads."""

from __future__ import annotations

import functools
import gc
import importlib
import threading
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.routing import BaseRoute, Route, WebSocketRoute

from app.live.server import assets

LOADED = (
    "app.live.server.route",
    "app.live.server.downloads",
    "app.page.experiment",
    "app.figures.views",
    "plotly.graph_objects",
)
_loading = threading.Lock()
_opened = threading.Event()


def load() -> None:
    """Import all that pages and their live parts need; whoever comes second waits.

    Two threads that import parts of it by themselves could each wait for what the other has begun.
    """
    with _loading:
        if not _opened.is_set():
            _load()
        _opened.set()


def _load() -> None:
    """Import it while nothing is collected: nearly all of it stays, and the search takes a fifth.

    What is there by then is never searched again, which a reader would feel as a pause.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        for name in LOADED:
            importlib.import_module(name)
        importlib.import_module("sims.api").phenomena()
    finally:
        if was_on:
            gc.enable()
    gc.freeze()
    from streamlit import delta_generator

    # It would look through every module for whether it was started from a prompt.
    delta_generator._use_warning_has_been_displayed = True


def opened() -> bool:
    """Whether all that has been imported."""
    return _opened.is_set()


def _behind(module: str, name: str) -> Callable[[Any], Awaitable[Any]]:
    """The endpoint of that name in a module of the app."""

    async def endpoint(connection: Any) -> Any:
        if not opened():
            await run_in_threadpool(load)
        return await getattr(importlib.import_module(f"app.{module}"), name)(connection)

    return endpoint


def _of_rooms(top: str, get: Callable[..., Route]) -> list[BaseRoute]:
    def post(path: str, name: str) -> Route:
        return Route(path, _behind("room.endpoints", name), methods=["POST"])

    return [
        get(top, _behind("room.endpoints", "entrance")),
        post(top, "open_room"),
        get(f"{top}/", _behind("room.endpoints", "within")),
        get(f"{top}/{{code}}", _behind("room.endpoints", "student")),
        get(f"{top}/{{code}}/wall", _behind("room.endpoints", "wall")),
        get(f"{top}/{{code}}/qr.svg", _behind("room.endpoints", "code_image")),
        get(f"{top}/{{code}}/run/{{name}}", _behind("room.endpoints", "run")),
        post(f"{top}/{{code}}/results.csv", "results"),
        WebSocketRoute(f"{top}/{{code}}/live", _behind("room.endpoints", "live")),
    ]


def routes(base: str = "") -> list[BaseRoute]:
    """Every route of the live channel, beneath the folder `base` of the host."""
    above = f"/{base}" if base else ""
    get: Callable[..., Route] = functools.partial(Route, methods=["GET"])
    return [
        WebSocketRoute(f"{above}/live/{{token}}", _behind("live.server.route", "live")),
        get(f"{above}/files/{{token}}/run.{{kind}}", _behind("live.server.downloads", "file")),
        get(f"{above}/files/{{token}}/{{page}}.pdf", _behind("live.server.downloads", "handout")),
        get(f"{above}/room", _behind("room.endpoints", "entrance")),
        *_of_rooms(f"{above}/room", get),
        get(f"{above}/lmx/plotly.js", assets.plotly_js),
        get(f"{above}/lmx/{{version}}/{{name:path}}", assets.asset),
        get(f"{above}/lmx/{{name}}", assets.asset),
    ]
