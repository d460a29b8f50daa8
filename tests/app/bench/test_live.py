"""The live part of a reader without a browser, against a server that says what it is told."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import numpy as np
import pytest
from websockets.asyncio.server import ServerConnection, serve

from app.bench.live import Live, Playback
from app.bench.loop import finished
from app.bench.page import announced
from app.bench.visit import Seen, Visit
from app.live.server.frames import pack

VIEW = {"type": "view", "complete": True, "rows_total": 4}
JUDGEMENT = {"type": "judgement"}


def status(state: str) -> dict[str, Any]:
    return {"type": "status", "state": state, "message": "", "progress": 1.0}


def frame(token: str, rows: int, state: str = "running") -> bytes:
    header = {"run": token, "source": 0, "state": state, "start": 0, "snapshots": []}
    steps = np.arange(1.0, rows + 1)
    return pack({**header, "columns": ["step", "time"]}, steps, steps, np.zeros((0, rows)))


def watched(
    answer: Callable[[ServerConnection, list[dict[str, Any]]], Awaitable[None]],
    act: Callable[[Live], Awaitable[None]],
    pace: float | None = None,
) -> tuple[Seen, list[dict[str, Any]]]:
    """What a reader saw of a server that gives each socket that answer, and what it was told."""
    seen, heard = Seen(Visit("a/b", pace=pace)), []

    async def whole() -> None:
        async with serve(lambda socket: answer(socket, heard), "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            live = Live(f"http://127.0.0.1:{port}", seen)
            tasks = [asyncio.create_task(work) for work in (live.watch(), live.touch())]
            live.show("first")
            async with asyncio.timeout(20):
                await act(live)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    finished(whole())
    return seen, heard


async def say(socket: ServerConnection, *messages: dict[str, Any]) -> None:
    for message in messages:
        await socket.send(json.dumps(message))


async def hear(socket: ServerConnection, heard: list[dict[str, Any]], kind: str) -> None:
    """Take messages until one of that kind has come."""
    async for text in socket:
        heard.append(json.loads(text))
        if heard[-1]["type"] == kind:
            return


def token_of(socket: ServerConnection) -> str:
    assert socket.request is not None
    return socket.request.path.rpartition("/")[2]


def test_a_run_is_watched_to_its_verdicts() -> None:
    async def answer(socket: ServerConnection, heard: list[dict[str, Any]]) -> None:
        await say(socket, VIEW, status("ready"))
        await hear(socket, heard, "run")
        await socket.send(frame("first", 4))
        await say(socket, status("done"), JUDGEMENT)
        await socket.wait_closed()

    async def act(live: Live) -> None:
        await live.when(lambda: live.is_ready)
        await live.run()
        await live.when(lambda: live.is_over)

    seen, heard = watched(answer, act)
    assert heard[0] == {"type": "hello", "view": False, "rows": [0, 0], "snapshots": [0, 0]}
    assert (seen.state, seen.has_verdicts, seen.trouble) == ("done", True, [])
    assert (seen.steps, seen.frames) == ([4.0], 1)
    assert seen.computed is not None


def test_another_job_is_followed_on_the_same_socket() -> None:
    async def answer(socket: ServerConnection, _heard: list[dict[str, Any]]) -> None:
        await say(socket, VIEW, status("ready"))
        await say(socket, {"type": "moved", "token": "second", "stay": True})
        await socket.send(frame("first", 4))
        await say(socket, VIEW, status("ready"))
        await socket.wait_closed()

    async def act(live: Live) -> None:
        await live.when(lambda: live.token == "second" and live.is_ready)
        live.show("first")  # what Streamlit still says of a job that the socket has led away from

    seen, _ = watched(answer, act)
    assert seen.tokens == ["first", "second"]
    assert (seen.frames, seen.trouble) == (0, [])


def test_a_job_that_is_gone_is_trouble_and_asked_for_anew() -> None:
    async def answer(socket: ServerConnection, heard: list[dict[str, Any]]) -> None:
        await say(socket, VIEW, status("ready"))
        await hear(socket, heard, "run")
        if token_of(socket) == "first":
            await socket.close(4404)
            return
        await socket.send(frame("second", 4))
        await socket.wait_closed()

    async def act(live: Live) -> None:
        await live.when(lambda: live.is_ready)
        await live.run()
        await live.gone.wait()
        live.show("second")
        await live.when(lambda: live.rows[0] == 4)

    seen, heard = watched(answer, act)
    assert seen.trouble == ["the job was gone"]
    assert seen.tokens == ["first", "second"]
    assert [m["type"] for m in heard].count("run") == 2


def test_a_socket_that_breaks_is_opened_again_and_the_run_goes_on() -> None:
    async def answer(socket: ServerConnection, heard: list[dict[str, Any]]) -> None:
        told = len(heard)
        await hear(socket, heard, "hello")
        await say(socket, VIEW, status("ready"))
        await hear(socket, heard, "run")
        if not told:
            await socket.send(frame("first", 2))
            await hear(socket, heard, "ack")
            await socket.close(1011)
            return
        await socket.send(frame("first", 4))
        await socket.wait_closed()

    async def act(live: Live) -> None:
        await live.when(lambda: live.is_ready)
        await live.run()
        await live.when(lambda: live.rows[0] == 4)

    seen, heard = watched(answer, act)
    assert seen.trouble == ["live socket closed with 1011"]
    hellos = [m for m in heard if m["type"] == "hello"]
    assert [m["rows"] for m in hellos] == [[0, 0], [2, 0]]


def test_the_head_plays_in_real_time_and_never_past_what_is_held() -> None:
    played = Playback(1.0)
    played.rows_total = 80
    played.start(0.0)
    assert [played.tick(t / 10, 80) for t in range(1, 4)] == [1, 2, 3]
    assert played.tick(0.5, 4) == 4
    assert played.tick(100.0, 80) == 9
    fastest = Playback(None)
    fastest.start(0.0)
    assert fastest.tick(0.1, 70) == 70


@pytest.mark.parametrize("name", ["./lmx/1/live.js", "./static/js/index.js"])
def test_a_page_announces_its_files(name: str) -> None:
    head = "link: <./lmx/1/live.js>; rel=modulepreload, <./lmx/1/bar.js>; rel=modulepreload"
    body = b'<script src="./static/js/index.js"></script><script src="https://other/a.js"></script>'
    found = announced("http://here:1/page", head, body)
    assert name.replace(".", "http://here:1", 1) in found
    assert len(found) == 3
