"""The ASGI application: Streamlit's page with the live channel beside it.

Served by `lmx` (see `serve`), by `streamlit run app/server.py`, or by any ASGI server.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sys
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from starlette.middleware import Middleware
from streamlit import get_option
from streamlit.starlette import App

from app import addresses, corrected, framed, network, settings
from app.live.server import assets, front, routes

log = logging.getLogger("lmx")

MAIN = Path(__file__).resolve().parent / "main.py"
PING = 10.0
"""Seconds between two pings of a socket, and until a silent one counts as lost."""


ANSWERING = 0.1
"""Seconds after which the server surely answers, and its imports hold up no browser."""


def warm_up() -> None:
    """Import what pages need and compile the default runs, so that a first visit is quick."""
    routes.load()
    from app.live.server.hub import hub
    from app.live.server.warm_up import warm
    from sims import api
    from sims.core import compilation

    compilation.use_persistent_cache()
    assets.prepare()
    for experiment in api.experiments():
        try:
            warm(hub(), experiment.name)
        except Exception:
            log.exception("warm-up of %s failed", experiment.name)


@contextlib.asynccontextmanager
async def lifespan(_app: App) -> AsyncIterator[None]:
    """Warm up on a background thread once serving; end the hub's threads afterwards."""
    warming = threading.Thread(target=warm_up, name="lmx-warm-up", daemon=True)
    asyncio.get_running_loop().call_later(ANSWERING, warming.start)
    end_watching = _watching()
    try:
        yield
    finally:
        end_watching()
        if "app.live.server.hub" in sys.modules:
            from app.live.server.hub import hub

            hub().close()
        if "app.room.register" in sys.modules:
            from app.room.register import rooms

            rooms().close()


def _watching() -> Callable[[], None]:
    """Reload files that are saved, and tell the pages that show them; the function that ends it.

    Whoever opened a file has imported the registry: without one, nothing is imported here.
    """
    if "sims.core.registry" not in sys.modules:
        return lambda: None
    from app.live.server.hub import hub
    from app.live.server.saved import Saved
    from sims.core.registry import registry

    saved = Saved(registry, lambda name: hub().renewed(name))
    saved.start()
    return saved.close


def has_live_part(path: str) -> bool:
    """Whether that address is home, or an experiment's: phenomenon and name, with a hyphen."""
    page = path.rpartition("/")[2]
    return page in ("", "home") or ("-" in page and "." not in page and page not in addresses.WORDS)


def has_stage(path: str) -> bool:
    """Whether that address is an experiment's, whose stage can stand alone."""
    return has_live_part(path) and path.rpartition("/")[2] not in ("", "home")


def is_of_a_room(path: str) -> bool:
    """Whether that address is a room's page, which Streamlit has no part in."""
    return addresses.ROOM in path.split("/")


def base_path() -> str:
    """The folder of the host that Streamlit is told to serve in, without slashes."""
    return str(get_option("server.baseUrlPath") or "").strip("/")


settings.leave_out_others(MAIN.parent)
BASE = base_path()
app = App(
    MAIN,
    routes=routes.routes(BASE),
    lifespan=lifespan,
    middleware=[
        Middleware(front.Front),
        Middleware(framed.Framed, has_stage=has_stage),
        Middleware(corrected.Corrected, base=BASE),
        Middleware(assets.Announced, is_live=has_live_part, is_whole=is_of_a_room),
    ],
)


def serve(
    host: str = network.LOCALHOST,
    port: int = 8501,
    *,
    on_ready: Callable[[int], None] | None = None,
) -> None:
    """Serve until interrupted; `on_ready` gets the port once the server answers.

    Raises:
        OSError: it cannot listen there; one sentence.
        KeyboardInterrupt: Ctrl-C, after everything is closed.
    """
    import uvicorn

    bound = network.listening(host, port)
    network.serve_at(host)
    number = bound[0].getsockname()[1]
    config = uvicorn.Config(
        app,
        access_log=False,
        log_level="warning",
        ws="websockets-sansio",
        ws_ping_interval=PING,
        ws_ping_timeout=PING,
        ws_per_message_deflate=False,
        timeout_graceful_shutdown=2,
    )
    server = uvicorn.Server(config)
    if on_ready is not None:
        _once_started(server, lambda: on_ready(number))
    server.run(sockets=bound)


def _once_started(server, call: Callable[[], None]) -> None:
    """Call from a thread as soon as the server accepts connections."""

    def wait() -> None:
        import time

        while not server.started and not server.should_exit:
            time.sleep(0.01)
        if server.started:
            call()

    threading.Thread(target=wait, name="lmx-ready", daemon=True).start()
