"""Many browsers at once, without browsers: how the channel behaves under load.

`crowd` serves the live routes from this process and lets another one play the browsers, so that
what is measured here is the server alone.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import websockets

from app.live.server import frames
from app.live.server.hub import Hub

TOUCH_EVERY = 0.5


@dataclass(frozen=True)
class Report:
    """What `crowd` measured; rates are a second, CPU is that of the thread serving sockets."""

    clients: int
    seconds: float
    fairness: float
    steps_per_second: float
    slowest_frames_per_second: float
    bytes_per_frame: float
    cpu_ms_per_frame: float
    first_rows_seconds: float
    left_over: Mapping[str, int]


async def browser(url: str, seconds: float, rate: float | None = None) -> dict[str, Any]:
    """One client for so long: says hello, runs, acknowledges; returns what it received."""
    found = {"frames": 0, "bytes": 0, "rows": 0, "first_rows": None, "state": ""}
    origin = urlsplit(url)._replace(scheme="http", path="").geturl()
    async with websockets.connect(url, origin=websockets.Origin(origin), max_size=None) as socket:

        async def say(**message: Any) -> None:
            await socket.send(json.dumps(message))

        await say(type="hello", view=False, rows=[0, 0], snapshots=[0, 0])
        await say(type="pace", rows_per_second=rate)
        await say(type="run")
        start = time.perf_counter()
        end = start + seconds
        touched, snapshots = start, 0
        while (now := time.perf_counter()) < end:
            if now - touched > TOUCH_EVERY:
                touched = now
                await say(type="touch", head=found["rows"])
            try:
                data = await asyncio.wait_for(socket.recv(), TOUCH_EVERY)
            except TimeoutError:
                continue
            if isinstance(data, str):
                found["state"] = json.loads(data).get("state", found["state"])
                continue
            header = frames.unpack(data).header
            found["frames"] += 1
            found["bytes"] += len(data)
            found["rows"] = max(found["rows"], header["start"] + header["rows"])
            snapshots = max([snapshots, *(s["k"] + 1 for s in header["snapshots"])])
            if found["first_rows"] is None and found["rows"]:
                found["first_rows"] = time.perf_counter() - start
            held = {"source": 0, "rows": found["rows"], "snapshots": snapshots}
            await say(type="ack", head=found["rows"], **held)
    return found


async def browsers(urls: Sequence[str], seconds: float, rate: float | None) -> list[dict[str, Any]]:
    """Several clients at once."""
    return await asyncio.gather(*(browser(url, seconds, rate) for url in urls))


@contextmanager
def served(hub: Hub) -> Iterator[tuple[str, asyncio.AbstractEventLoop]]:
    """The live routes on a free port of this machine: their address and their event loop."""
    import uvicorn
    from starlette.applications import Starlette

    from app.live.server.routes import routes

    app = Starlette(routes=routes())
    app.state.hub = hub
    config = uvicorn.Config(
        app, port=0, log_level="error", ws="websockets-sansio", ws_per_message_deflate=False
    )
    server = uvicorn.Server(config)
    loops: list[asyncio.AbstractEventLoop] = []

    async def run() -> None:
        loops.append(asyncio.get_running_loop())
        await server.serve()

    thread = threading.Thread(target=lambda: asyncio.run(run()), name="lmx-load", daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"ws://127.0.0.1:{port}", loops[0]
    finally:
        server.should_exit = True
        thread.join(timeout=5)


def _cpu_of(loop: asyncio.AbstractEventLoop) -> float:
    """CPU seconds of the thread a loop runs on."""

    async def now() -> float:
        return time.thread_time()

    return asyncio.run_coroutine_threadsafe(now(), loop).result(timeout=10)


def prepared_jobs(
    hub: Hub, experiment: str, values: Mapping[str, Any], clients: int, timeout: float = 120.0
) -> list[str]:
    """Tokens of jobs that are predicted and compiled, one owner each, seeds 0, 1, ..."""
    tokens = [
        hub.submit(f"load-{i}", experiment, values, seed=i, device="cpu") for i in range(clients)
    ]
    end = time.monotonic() + timeout
    while any(_is_getting_ready(hub, t) for t in tokens) and time.monotonic() < end:
        for token in tokens:
            hub.touch(token)
        time.sleep(0.05)
    return tokens


def _is_getting_ready(hub: Hub, token: str) -> bool:
    job = hub.job(token)
    unready = any(s.run is None for s in job.sides) or not job.view_version
    return job.state != "failed" and unready


def crowd(
    experiment: str,
    values: Mapping[str, Any],
    *,
    clients: int = 16,
    seconds: float = 10.0,
    rate: float | None = None,
    hub: Hub | None = None,
) -> Report:
    """Let so many clients watch one run each.

    `values` should make a run longer than `seconds`; `rate` is the pace, rows a second.
    """
    own = hub or Hub()
    with served(own) as (address, loop):
        tokens = prepared_jobs(own, experiment, values, clients)
        command = [sys.executable, "-m", "app.bench.load", str(seconds), str(rate or 0)]
        urls = [f"{address}/live/{t}" for t in tokens]
        child = subprocess.Popen([*command, *urls], stdout=subprocess.PIPE, text=True)
        steps, cpu_per_frame = _watched(own, tokens, child, loop, seconds)
        found = json.loads(child.communicate(timeout=60)[0])
        frames = max(1, sum(f["frames"] for f in found))
        left = _left_over(own)
    if hub is None:
        own.close()
    firsts = [f["first_rows"] for f in found if f["first_rows"] is not None]
    return Report(
        clients=clients,
        seconds=seconds,
        fairness=min(steps) / max(1, *steps),
        steps_per_second=sum(steps) / seconds,
        slowest_frames_per_second=min(f["frames"] for f in found) / seconds,
        bytes_per_frame=sum(f["bytes"] for f in found) / frames,
        cpu_ms_per_frame=1000 * cpu_per_frame,
        first_rows_seconds=sorted(firsts)[len(firsts) // 2] if firsts else float("nan"),
        left_over=left,
    )


def _watched(
    hub: Hub,
    tokens: Sequence[str],
    child: subprocess.Popen[str],
    loop: asyncio.AbstractEventLoop,
    seconds: float,
) -> tuple[list[int], float]:
    """Steps each job had done when all clients were last there, and CPU seconds per frame.

    CPU is counted from when every client has rows to the last frame: connecting, the first view and
    what an idle server does afterwards are no frames.
    """
    steps, start, per_frame, sent = [0] * len(tokens), None, float("nan"), 0
    end = time.monotonic() + seconds + 30
    while child.poll() is None and time.monotonic() < end:
        stats = hub.stats()
        if stats["attached"] == len(tokens):
            steps = [stats["steps"].get(t, 0) for t in tokens]
            now = _cpu_of(loop), stats["frames"]
            if start is None and all(stats["rows"].get(t) for t in tokens):
                start = now
            elif start is not None and now[1] > max(sent, start[1]):
                per_frame = (now[0] - start[0]) / (now[1] - start[1])
            sent = now[1]
        time.sleep(0.2)
    return steps, per_frame


def _left_over(hub: Hub, within: float = 5.0) -> dict[str, int]:
    """Jobs, sockets and listeners still there some seconds after every client left."""
    end = time.monotonic() + within
    while time.monotonic() < end:
        stats = hub.stats()
        if not stats["jobs"]:
            break
        time.sleep(0.1)
    stats = hub.stats()
    return {name: stats[name] for name in ("jobs", "attached", "listeners")}


if __name__ == "__main__":
    wanted = float(sys.argv[2]) or None
    print(json.dumps(asyncio.run(browsers(sys.argv[3:], float(sys.argv[1]), wanted))))
