"""The live part of a page without its drawing: one job over `/live/{token}`, played to its end.

It says what app/live/browser/session/session.js says, when the page would say it.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Mapping
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.typing import Origin

from app.bench.page import PATIENCE
from app.bench.visit import FINAL, Seen
from app.live.server.frames import unpack

RUN_SECONDS = 8.0
"""How long a whole run plays at pace 1."""
TOUCH_PLAYING, TOUCHES_A_SECOND = 0.25, 4
LONGEST_TICK = 0.5
UNKNOWN_TOKEN = 4404
AGAIN_AFTER = 0.25
"""Seconds until a socket that closed is opened again."""


class Playback:
    """Which row is on screen, whatever the server has finished already."""

    def __init__(self, pace: float | None) -> None:
        self.pace, self.rows_total = pace, 0
        self.head, self.playing, self._at = 0.0, False, 0.0

    @property
    def rate(self) -> float | None:
        """Rows a second; None plays everything there is."""
        return None if self.pace is None else self.pace * max(self.rows_total, 1) / RUN_SECONDS

    def start(self, now: float) -> None:
        """Press Run."""
        self.playing, self._at = True, now

    def tick(self, now: float, held: int) -> int:
        """Move on to that time; returns the row on screen."""
        if self.playing:
            seconds = min(LONGEST_TICK, now - self._at)
            self.head = held if self.rate is None else min(held, self.head + self.rate * seconds)
        self._at = now
        return int(self.head)


class Live:
    """One page's live part; writes what happens to it into `seen`."""

    def __init__(self, base: str, seen: Seen) -> None:
        """`base` is the address of the explorer."""
        self.base, self.seen = base, seen
        self.token = ""
        self.known, self.changed = asyncio.Event(), asyncio.Event()
        self.gone = asyncio.Event()
        self.socket: ClientConnection | None = None
        self.wanted = False
        self._left: set[str] = set()
        self._forget()

    def _forget(self) -> None:
        self.fresh, self.complete, self.failed = True, False, False
        self.rows, self.shots = [0, 0], [set[int](), set[int]()]
        self.playback = Playback(self.seen.visit.pace)
        self.seen.state = ""

    @property
    def is_ready(self) -> bool:
        """Whether its prediction is whole, so that Run means what it says."""
        return not self.fresh and self.complete and self.seen.state not in ("", "predicting")

    @property
    def is_over(self) -> bool:
        """Whether the verdicts are on screen, or never will be."""
        ended = self.seen.state in FINAL and self.seen.has_verdicts
        return self.failed or (ended and self._row() >= self.rows[0] > 0)

    # Which job

    def show(self, token: str) -> None:
        """The job Streamlit names; one that the socket has led away from is old news."""
        if token != self.token and token not in self._left:
            self._follow(token)

    def _follow(self, token: str, *, stay: bool = False) -> None:
        """Change over to another job, on this socket or with `stay` false on a new one."""
        self.token = token
        self.seen.tokens.append(token)
        self._forget()
        self.known.set()
        if not stay and self.socket is not None:
            self._close(self.socket)

    def _close(self, socket: ClientConnection) -> None:
        self._closing = asyncio.create_task(socket.close())

    async def watch(self) -> None:
        """Hold a socket to whatever job is shown, for ever."""
        await self.known.wait()
        while True:
            token = self.token
            try:
                async with self._connection() as self.socket:
                    if self.token == token:  # no other was named while it opened
                        await self._greet()
                        async for data in self.socket:
                            await self._take(data)
            except ConnectionClosed:
                pass  # its code says why
            except (OSError, WebSocketException, TimeoutError) as error:
                self.seen.trouble.append(f"live socket: {type(error).__name__}")
            socket, self.socket = self.socket, None
            if self.token == token:
                await self._lost(None if socket is None else socket.close_code)

    async def _greet(self) -> None:
        """Say what is held; a run that a broken socket stopped goes on."""
        shots = [len(found) for found in self.shots]
        await self._say(type="hello", view=not self.fresh, rows=self.rows, snapshots=shots)
        if not self.fresh:
            await self._say(type="pace", rows_per_second=self.playback.rate)
            if self.playback.playing and self.seen.state not in FINAL:
                await self._say(type="run")

    def _connection(self) -> connect:
        return connect(
            f"{self.base.replace('http', 'ws', 1)}/live/{self.token}",
            origin=Origin(self.base),
            compression=None,
            max_size=None,
            open_timeout=PATIENCE,
            ping_interval=None,
            proxy=None,
        )

    async def _lost(self, code: int | None) -> None:
        """The socket closed unasked; ask for a new job if the server no longer knows this one."""
        if code == UNKNOWN_TOKEN:
            self.seen.trouble.append("the job was gone")
            self.wanted = self.playback.playing
            self.known.clear()
            self.gone.set()
            await self.known.wait()
            return
        if code is not None:
            self.seen.trouble.append(f"live socket closed with {code}")
        await asyncio.sleep(AGAIN_AFTER)

    # What arrives

    async def _say(self, **message: Any) -> None:
        if self.socket is not None:
            await self.socket.send(json.dumps(message))

    async def _take(self, data: str | bytes) -> None:
        if isinstance(data, bytes):
            await self._take_frame(data)
        else:
            await self._take_message(json.loads(data))
        self.changed.set()

    async def _take_message(self, message: Mapping[str, Any]) -> None:
        seen, now = self.seen, time.monotonic()
        if message["type"] == "view":
            self.complete = message["complete"]
            is_new, self.fresh = self.fresh, False
            if is_new or message["rows_total"] != self.playback.rows_total:
                self.playback.rows_total = message["rows_total"]
                await self._say(type="pace", rows_per_second=self.playback.rate)
            if is_new:
                await self._say(type="painted", run=self.token)
            seen.view = seen.view or now
        elif message["type"] == "status":
            self._enter(message["state"], message["message"])
        elif message["type"] == "judgement":
            seen.has_verdicts = True
        elif message["type"] == "moved":
            self._left.add(self.token)
            self._follow(message["token"], stay=message["stay"])
        if self.is_ready:
            seen.ready = seen.ready or now
            if self.wanted:
                self.wanted = False
                await self.run()

    def _enter(self, state: str, words: str = "") -> None:
        self.seen.state = state
        if state in FINAL:
            self._computed(time.monotonic())
        if state == "failed" and not self.failed:
            self.failed = True
            self.seen.trouble.append(f"failed: {words}")

    def _computed(self, now: float) -> None:
        self.seen.computed = self.seen.computed or now

    async def _take_frame(self, data: bytes) -> None:
        frame, seen, now = unpack(data), self.seen, time.monotonic()
        header = frame.header
        if self.fresh or header["run"] != self.token:
            return
        source = header["source"]
        if header["start"] <= self.rows[source]:
            self.rows[source] = max(self.rows[source], header["start"] + header["rows"])
        self.shots[source] |= {entry["k"] for entry in header["snapshots"]}
        await self._say(
            type="ack",
            run=self.token,
            source=source,
            rows=self.rows[source],
            snapshots=len(self.shots[source]),
            head=self._row(),
        )
        if self.rows[0] >= self.playback.rows_total:
            self._computed(now)
        seen.frames += 1
        seen.bytes += len(data)
        if source == 0 and header["rows"]:
            seen.first_rows = seen.first_rows or now
            seen.frame_times.append(now)
            seen.steps.append(float(frame.step[-1]))
        if header["state"] != seen.state and seen.state not in FINAL:
            self._enter(header["state"])

    # What the reader does

    async def when(self, holds: Callable[[], bool]) -> None:
        """Wait until that holds; it is looked at whenever something has changed."""
        while not holds():
            await self.changed.wait()
            self.changed.clear()

    async def run(self) -> None:
        """Press Run."""
        now = time.monotonic()
        self.seen.pressed = self.seen.pressed or now
        self.playback.start(now)
        await self._say(type="pace", rows_per_second=self.playback.rate)
        await self._say(type="run")

    def _row(self) -> int:
        return self.playback.tick(time.monotonic(), self.rows[0])

    async def touch(self) -> None:
        """Say that the page is looked at, for ever: more often while it plays."""
        count = 0
        while True:
            await asyncio.sleep(TOUCH_PLAYING)
            count += 1
            if self.playback.playing or count % TOUCHES_A_SECOND == 0:
                try:
                    await self._say(type="touch", head=0 if self.fresh else self._row())
                except WebSocketException:
                    continue  # it is about to be opened again
            self.changed.set()
