"""What stands behind the routes of the live channel: the socket, and polling.

One frame is in flight at a time; what a slow browser missed goes merged into the next. Frames say
where they begin, so that losing or repeating one does no harm.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any

import anyio
from anyio.abc import TaskGroup
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.websockets import WebSocket, WebSocketDisconnect

from app.live.messages.encoding import json_text
from app.live.server import ahead
from app.live.server.hub import Hub, Unknown, hub
from app.live.server.job import Cursor
from app.live.server.origin import same_origin

log = logging.getLogger("lmx")

MOST_MESSAGE = 4096
"""Characters a browser's message may have."""
BEAT = 0.25
"""Seconds between two beats of the event loop."""
FRAME_GAP = 0.04
"""Seconds between two frames."""
UNACKNOWLEDGED = 5.0
"""Seconds after which a frame counts as lost."""
UNKNOWN_TOKEN = 4404
NO_TEXT, TOO_LONG = 1003, 1009
PARTING = 2.0
"""Seconds a browser gets to leave a job that is gone, before its socket is closed."""
FASTEST = 1e9
"""Rows a second that no run reaches."""
MOST_POLLED = 1024
MOST_POLLED_FRAMES = 8

CLOSED = (WebSocketDisconnect, RuntimeError)
"""What a closed socket raises: in the task that finds it closed, and in the other one."""


# What a browser says


def handle_message(owner: Hub, token: str, cursor: Cursor, message: Mapping[str, Any]) -> list[str]:
    """Apply one message of a browser; returns the messages it is answered with at once.

    Raises:
        Unknown: the job was dropped.
    """
    kind = message.get("type")
    if kind == "hello":
        _held_from(cursor, message)
    elif kind == "ack":
        if message.get("run", token) != token:
            return []
        _acknowledge(cursor, message)
        owner.control(token, "head", _count(message.get("head")))
    elif kind == "painted":
        if message.get("run", token) == token:
            owner.control(token, "painted")
    elif kind == "touch":
        owner.control(token, "head", _count(message.get("head")))
    elif kind == "pace":
        owner.control(token, "pace", _rate(message.get("rows_per_second")))
    elif kind in ("run", "pause", "step", "cancel"):
        owner.control(token, kind)
    elif kind == "reset" and message.get("run", token) == token:
        return [moved(owner.control(token, "reset"))]
    return []


def moved(token: str, *, stay: bool = False) -> str:
    """The message that leads a browser to another job; with `stay` on the same socket."""
    return json_text({"type": "moved", "token": token, "stay": stay})


def _rate(value: Any) -> float | None:
    """A pace from outside; whatever is none is the fastest."""
    return float(value) if isinstance(value, (int, float)) and 0 < value < FASTEST else None


def _count(value: Any) -> int:
    """A row count from outside; whatever is none counts as 0."""
    return int(value) if isinstance(value, (int, float)) and 0 <= value < 1e9 else 0


def _held_from(cursor: Cursor, message: Mapping[str, Any]) -> None:
    for name in ("rows", "snapshots"):
        held = message.get(name)
        if isinstance(held, list):
            setattr(cursor, name, [*(_count(v) for v in held[:2]), 0, 0][:2])
    cursor.view, cursor.status, cursor.judged = 0, "", False
    cursor.late = [False, False]
    cursor.in_flight = False


def _acknowledge(cursor: Cursor, message: Mapping[str, Any]) -> None:
    source = 1 if message.get("source") == 1 else 0
    cursor.rows[source] = _count(message.get("rows"))
    cursor.snapshots[source] = _count(message.get("snapshots"))
    cursor.in_flight = False


def parsed(text: str) -> Mapping[str, Any]:
    """A message as a mapping; anything else is an empty one."""
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


UNMOVED = json_text({"type": "unmoved"})
"""The message to a browser that a knob it has told of leads to no other job, or not from here."""


# The socket


class Socket:
    """One browser watching one job."""

    def __init__(self, websocket: WebSocket, owner: Hub) -> None:
        """The connection is accepted already."""
        self.websocket, self.hub = websocket, owner
        self.token: str = websocket.path_params["token"]
        self.cursor = Cursor()
        self.greeted = False
        self.code = UNKNOWN_TOKEN
        self.news = asyncio.Event()
        self.sent_at = 0.0
        self._loop = asyncio.get_running_loop()

    def wake(self) -> None:
        """Called from any thread when the job has something new."""
        if self.news.is_set():
            return
        with contextlib.suppress(RuntimeError):  # the loop is closed: the server is going down
            self._loop.call_soon_threadsafe(self.news.set)

    async def serve(self) -> None:
        """Listen and talk until the browser leaves or the job is gone."""
        try:
            self.hub.attach(self.token, self.wake)
        except Unknown:
            if self.hub.successor(self.token) is None:
                await self.websocket.close(UNKNOWN_TOKEN)
                return
        try:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(self._until_it_leaves, tasks)
                tasks.start_soon(self._until_the_job_is_gone, tasks)
        except* Exception as failed:
            log.error("a live socket failed", exc_info=failed)
        finally:
            self.hub.detach(self.token, self.wake)
        with contextlib.suppress(*CLOSED):
            await self.websocket.close(self.code)

    async def _until_it_leaves(self, tasks: TaskGroup) -> None:
        await self.listen()
        tasks.cancel_scope.cancel()

    async def _until_the_job_is_gone(self, tasks: TaskGroup) -> None:
        await self.talk()
        await anyio.sleep(PARTING)
        tasks.cancel_scope.cancel()

    async def listen(self) -> None:
        """Obey the browser's messages until it leaves, or says what ends the connection."""
        while True:
            try:
                text = await self.websocket.receive_text()
            except CLOSED:
                return
            except KeyError:  # a binary message
                self.code = NO_TEXT
                return
            if len(text) > MOST_MESSAGE:
                self.code = TOO_LONG
                return
            message = parsed(text)
            if message.get("type") == "knob":
                turned = await run_in_threadpool(ahead.obey, self.hub, self.token, message)
                if not turned and not await self._sent(UNMOVED):
                    return
                continue
            for reply in self._handled(message):
                if not await self._sent(reply):
                    return
            self.greeted = True
            self.news.set()

    def _handled(self, message: Mapping[str, Any]) -> list[str]:
        try:
            return handle_message(self.hub, self.token, self.cursor, message)
        except Unknown:
            return []

    async def talk(self) -> None:
        """Send what the browser lacks, whenever there is news."""
        while True:
            await self._wait_for_news()
            if not self.greeted:
                continue
            if self.cursor.in_flight and time.monotonic() - self.sent_at >= UNACKNOWLEDGED:
                self.cursor.in_flight = False
            try:
                texts, frame = self.hub.read(self.token, self.cursor)
            except Unknown:
                if not await self._moved_on():
                    return
                continue
            for text in texts:
                if not await self._sent(text):
                    return
            if frame is not None:
                self.cursor.in_flight, self.sent_at = True, time.monotonic()
                if not await self._sent(frame):
                    return
                self._loop.call_later(UNACKNOWLEDGED + 0.01, self.news.set)

    async def _sent(self, message: str | bytes) -> bool:
        """Whether the browser was still there to send it to."""
        try:
            if isinstance(message, str):
                await self.websocket.send_text(message)
            else:
                await self.websocket.send_bytes(message)
        except CLOSED:
            return False
        return True

    async def _moved_on(self) -> bool:
        """Whether the page shows another job by now, which this socket then watches."""
        successor = self.hub.successor(self.token)
        if successor is None:
            return False
        try:
            self.hub.attach(successor, self.wake)
        except Unknown:
            return False
        self.token, self.cursor = successor, Cursor()
        if not await self._sent(moved(successor, stay=True)):
            return False
        self.news.set()
        return True

    async def _wait_for_news(self) -> None:
        pause = self.sent_at + FRAME_GAP - time.monotonic()
        if pause > 0:
            await anyio.sleep(pause)
        await self.news.wait()
        self.news.clear()


async def live(websocket: WebSocket) -> None:
    """The endpoint `/live/{token}`."""
    if not same_origin(websocket.headers):
        await websocket.close(1008)
        return
    await websocket.accept()
    owner = hub_of(websocket)
    _keep_beating(websocket, owner)
    await Socket(websocket, owner).serve()


def _keep_beating(websocket: WebSocket, owner: Hub) -> None:
    """Let the hub hear that the event loop is alive; while it is not, no browser can be heard."""

    async def beating() -> None:
        while True:
            owner.housekeeping.beat()
            await anyio.sleep(BEAT)

    state = websocket.app.state
    if not hasattr(state, "beating") or state.beating.done():
        state.beating = asyncio.create_task(beating(), name="lmx-beat")


def hub_of(connection: WebSocket | Request) -> Hub:
    """The hub behind a request."""
    return getattr(connection.app.state, "hub", None) or hub()


# Polling, where no socket opens

_polled: OrderedDict[str, tuple[str, Cursor]] = OrderedDict()
_polling = threading.Lock()


def answer(
    token: str, viewer: str, messages: Sequence[Mapping[str, Any]]
) -> tuple[list[Any], list[bytes]]:
    """What the socket would have carried since the last call, as (text messages, frames).

    Called on Streamlit's threads. Each viewer, a browser's page, has a cursor of its own; two
    pages that show the same job do not take each other's rows.
    """
    owner = hub()
    with _polling:
        known, cursor = _polled.pop(viewer, ("", Cursor()))
        if known != token:
            cursor = Cursor()
        _polled[viewer] = (token, cursor)
        while len(_polled) > MOST_POLLED:
            _polled.popitem(last=False)
    texts: list[str] = []
    frames: list[bytes] = []
    try:
        owner.touch(token)
        for message in messages:
            texts += handle_message(owner, token, cursor, message)
        while len(frames) < MOST_POLLED_FRAMES:
            new, frame = owner.read(token, cursor)
            texts += new
            if frame is None:
                break
            frames.append(frame)
            _take_for_granted(cursor, frame)
    except Unknown:
        if not texts:
            successor = owner.successor(token)
            texts.append(GONE if successor is None else moved(successor))
    return [json.loads(text) for text in texts], frames


GONE = json_text({"type": "gone"})
"""The message to a polling browser whose job there is no more."""


def _take_for_granted(cursor: Cursor, frame: bytes) -> None:
    """Count a frame as held; the browser's next message puts it right if it was lost."""
    from app.live.server.frames import unpack

    header = unpack(frame).header
    source = header["source"]
    cursor.rows[source] = header["start"] + header["rows"]
    shots = [entry["k"] + 1 for entry in header["snapshots"]]
    cursor.snapshots[source] = max([cursor.snapshots[source], *shots])
