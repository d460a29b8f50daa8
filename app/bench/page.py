"""A page of the explorer as Streamlit's front end opens it: its files, and its own socket.

Streamlit's messages are read until they name the job that the live part is to show.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from collections.abc import Callable, Iterable
from urllib.parse import urljoin, urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

SUBPROTOCOLS = [Subprotocol("streamlit"), Subprotocol("PLACEHOLDER_AUTH_TOKEN")]
"""What Streamlit's front end offers where nobody is logged in."""
BEFORE_THE_SOCKET = ("_stcore/health", "_stcore/host-config")
PATIENCE = 60.0
"""Seconds until an answer that has not come counts as refused, as browsers have it."""
LIVE = "live.js"
"""What draws an experiment; home has a picture of its own, which is nobody's to run."""
MOST_AT_ONCE = 6
"""Connections a browser has open to one host."""
CONTEXT = {
    "timezone": "Europe/Berlin",
    "timezone_offset": -60,
    "locale": "en-GB",
    "is_embedded": False,
    "color_scheme": "light",
}


class Refused(Exception):
    """The server did not answer as it should; the text says where."""


async def got(url: str) -> tuple[str, bytes]:
    """Head and body of what GET answers.

    Raises:
        Refused: no answer, or another than 200.
    """
    parts = urlsplit(url)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    asked = (
        f"GET {path or '/'} HTTP/1.1\r\nHost: {parts.netloc}\r\n"
        "Accept-Encoding: gzip\r\nConnection: close\r\n\r\n"
    )
    try:
        async with asyncio.timeout(PATIENCE):
            reader, writer = await asyncio.open_connection(parts.hostname, parts.port or 80)
            writer.write(asked.encode())
            try:
                answer = await reader.read()
            finally:
                writer.close()
                with contextlib.suppress(OSError):
                    await writer.wait_closed()
    except (OSError, TimeoutError) as error:
        raise Refused(f"GET {parts.path}: {type(error).__name__}") from error
    head, _, body = answer.partition(b"\r\n\r\n")
    if b" 200 " not in head[:16]:
        said = head.split(b"\r\n", 1)[0].removeprefix(b"HTTP/1.1 ").decode("latin-1")
        raise Refused(f"GET {parts.path}: {said}")
    return head.decode("latin-1"), body


def announced(url: str, head: str, body: bytes) -> list[str]:
    """Addresses of the scripts and styles that a page's head and text name, on its own host."""
    named = re.findall(r"<(\./lmx/[^>]+)>; rel=modulepreload", head)
    named += re.findall(r'(?:src|href)="(\./[^"]+\.(?:js|css))"', body.decode("utf-8", "replace"))
    return list(dict.fromkeys(urljoin(url, name) for name in named))


async def with_its_files(url: str) -> None:
    """GET a page and all that it announces, with no more connections than a browser has."""
    head, body = await got(url)
    free = asyncio.Semaphore(MOST_AT_ONCE)

    async def one(address: str) -> None:
        async with free:
            await got(address)

    await asyncio.gather(*map(one, announced(url, head, body)))


def opened(base: str) -> connect:
    """A connection to Streamlit's socket."""
    return connect(
        f"{base.replace('http', 'ws', 1)}/_stcore/stream",
        origin=Origin(base),
        subprotocols=SUBPROTOCOLS,
        compression=None,
        max_size=None,
        open_timeout=PATIENCE,
        ping_interval=None,
        proxy=None,
    )


class Page:
    """Streamlit's socket of one page; tells the token of each job that its live part shows."""

    def __init__(
        self,
        socket: ClientConnection,
        url: str,
        name: str,
        query: str,
        *,
        shown: Callable[[str], None],
        failed: Callable[[str], None],
    ) -> None:
        """`name` is the page's path; `failed` hears of exceptions that Streamlit shows."""
        self.socket, self.url, self.name, self.query = socket, url, name, query
        self._shown, self._failed = shown, failed
        self._hash = ""
        self._timers: dict[str, asyncio.Task[None]] = {}

    async def ask(self, query: str | None = None, *, fragment: str = "") -> None:
        """Have the script run: for the first time, for another query, or a fragment by its clock.

        Another query is asked for as the browser's Back does it, which fills the knobs anew.
        """
        message = BackMsg()
        state = message.rerun_script
        if query is not None:
            self.query, state.is_history_navigation = query, True
        state.query_string, state.page_name, state.page_script_hash = (
            self.query,
            "" if self._hash else self.name,
            self._hash,
        )
        state.fragment_id, state.is_auto_rerun = fragment, bool(fragment)
        for name, value in CONTEXT.items():
            setattr(state.context_info, name, value)
        state.context_info.url = self.url
        await self.socket.send(message.SerializeToString())

    async def listen(self) -> None:
        """Read what Streamlit sends until its socket closes."""
        try:
            async for data in self.socket:
                if isinstance(data, bytes):
                    self._take(ForwardMsg.FromString(data))
        finally:
            self._stop_timers(list(self._timers))

    def _take(self, message: ForwardMsg) -> None:
        kind = message.WhichOneof("type")
        if kind == "new_session":
            if not message.metadata.run.fragment_ids:  # the whole script: it sets its clocks anew
                self._stop_timers(list(self._timers))
        elif kind == "navigation":
            self._hash = message.navigation.page_script_hash
        elif kind == "page_not_found":
            self._failed("Streamlit knows no such page")
        elif kind == "auto_rerun":
            self._repeat(message.auto_rerun.fragment_id, message.auto_rerun.interval)
        elif kind == "stop_auto_rerun":
            self._stop_timers(message.stop_auto_rerun.fragment_ids)
        elif kind == "delta" and message.delta.WhichOneof("type") == "new_element":
            self._take_element(message.delta.new_element)

    def _take_element(self, element: Element) -> None:
        kind = element.WhichOneof("type")
        if kind == "exception":
            self._failed(f"the page shows {element.exception.type}")
        elif kind == "bidi_component":
            component = element.bidi_component
            text = component.json or component.mixed.json
            data = json.loads(text) if text else {}
            if data.get("token") and data.get("module") == LIVE:
                self._shown(data["token"])

    def _repeat(self, fragment: str, seconds: float) -> None:
        """Ask for a fragment again and again, as it wishes."""

        async def asking() -> None:
            while True:
                await asyncio.sleep(seconds)
                await self.ask(fragment=fragment)

        if fragment not in self._timers:
            self._timers[fragment] = asyncio.create_task(asking())

    def _stop_timers(self, fragments: Iterable[str]) -> None:
        for fragment in fragments:
            if fragment in self._timers:
                self._timers.pop(fragment).cancel()
