"""Simulated students of a room, and its wall, in a process of their own.

`python -m app.bench.students` reads the plan from its input and prints what was seen, as JSON.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
import urllib.request
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlsplit

from app.bench.load import allow_sockets
from app.bench.loop import finished

PREPARED_WITHIN = 300.0
"""Seconds in which a server that has just started computes the question's run."""
PATIENCE = 60.0
"""Seconds after which what has not come is lost."""
GUESSES = 1000
"""Guesses are so many parts of the axis, each its own."""


@dataclass(frozen=True)
class Plan:
    """So many students who join and guess evenly over some seconds, in a room with that link."""

    url: str
    link: str
    count: int
    seconds: float


@dataclass
class Student:
    """What one of them saw, in seconds of one clock; None where it never came.

    `starts` is when its picture begins to move: as the server said, or when the run was there.
    """

    joined: float | None = None
    asked: float | None = None
    guessed: float | None = None
    on_wall: float | None = None
    told: float | None = None
    fetched: float | None = None
    starts: float | None = None
    rank: int | None = None
    bytes: int = 0
    trouble: str = ""


@dataclass
class Lesson:
    """What all of them saw; `began` and `pressed` are moments, `cores` what they took."""

    students: list[Student]
    began: float = 0.0
    pressed: float = 0.0
    cores: float = 0.0
    rows: int = 0


async def lesson(plan: Plan) -> Lesson:
    """A room from its opening to its results."""
    from websockets.asyncio.client import connect
    from websockets.typing import Origin

    room = json.loads(_posted(plan.url, "/room", {"links": [plan.link]}))
    socket = f"{plan.url.replace('http', 'ws', 1)}/room/{room['code']}/live"

    def connected() -> Any:
        return connect(
            socket, origin=Origin(_origin(plan.url)), max_size=None, open_timeout=PATIENCE
        )

    seen = Lesson([Student() for _ in range(plan.count)])
    numbers: dict[int, Student] = {}
    async with connected() as wall:
        secret = {"type": "wall", "secret": room["secret"], "address": f"{plan.url}/"}
        await wall.send(json.dumps(secret))
        async with asyncio.timeout(PREPARED_WITHIN):
            await _until_prepared(wall)
        seen.began = time.monotonic()
        busy = time.process_time()
        at_work = [
            asyncio.create_task(_attend(one, plan, connected, numbers, i, room["code"]))
            for i, one in enumerate(seen.students)
        ]
        try:
            async with asyncio.timeout(plan.seconds + PATIENCE):
                await _until_all_guessed(wall, numbers, plan.count)
        except TimeoutError:
            pass
        seen.pressed = time.monotonic()
        await wall.send(json.dumps({"type": "run"}))
        await asyncio.gather(*at_work)
        seen.cores = (time.process_time() - busy) / (time.monotonic() - seen.began)
        table = _posted(plan.url, f"/room/{room['code']}/results.csv", {"secret": room["secret"]})
        seen.rows = len(table.decode().splitlines()) - 1
        await wall.send(json.dumps({"type": "end"}))
    return seen


async def _until_prepared(wall: Any) -> None:
    async for text in wall:
        message = json.loads(text)
        if message["type"] == "room" and message["questions"][0]["state"] == "failed":
            raise RuntimeError(message["questions"][0]["words"])
        if message["type"] == "room" and message["questions"][0]["state"] == "ready":
            return


async def _until_all_guessed(wall: Any, numbers: dict[int, Student], count: int) -> None:
    """Note when each guess comes to the wall."""
    there = 0
    async for text in wall:
        message, now = json.loads(text), time.monotonic()
        for number, _guess in message["all"] if message["type"] == "guesses" else ():
            if number in numbers and numbers[number].on_wall is None:
                numbers[number].on_wall = now
                there += 1
        if there == count:
            return


async def _attend(
    seen: Student, plan: Plan, connected: Any, numbers: dict[int, Student], place: int, code: str
) -> None:
    """One student, from joining to the rank."""
    try:
        await asyncio.sleep(plan.seconds * place / plan.count)
        async with connected() as socket, asyncio.timeout(plan.seconds + 2 * PATIENCE):
            await socket.send(json.dumps({"type": "join", "key": None}))
            await _follow(seen, plan, socket, numbers, code)
    except Exception as error:
        seen.trouble = f"{type(error).__name__}: {error}"


async def _follow(
    seen: Student, plan: Plan, socket: Any, numbers: dict[int, Student], code: str
) -> None:
    number = 0
    async for text in socket:
        message, now = json.loads(text), time.monotonic()
        seen.bytes += len(text)
        if message["type"] == "joined":
            seen.joined = now
            number = message["number"]
            numbers[number] = seen
        elif message["type"] == "question":
            seen.asked, seen.guessed = now, time.monotonic()
            guess = _guess(message["view"], number)
            await socket.send(json.dumps({"type": "guess", "question": 0, "guess": guess}))
        elif message["type"] == "refused":
            seen.trouble = message["words"]
        elif message["type"] == "start":
            seen.told = now
            path = f"/room/{code}/run/{message['run']}"
            seen.bytes += await asyncio.to_thread(_fetched, plan.url, path)
            seen.fetched = time.monotonic()
            seen.starts = max(seen.fetched, now + message["in"])
        elif message["type"] == "results":
            seen.rank = message["rank"]
            return


def _guess(view: Any, number: int) -> str:
    """A place on the axis that is asked about, another one for each student."""
    asked = view["asked"]
    panel = next(one for one in view["panels"] if one["id"] == asked["panel"])
    axis = panel["figure"]["layout"]["xaxis" if asked["kind"] == "time" else "yaxis"]
    low, high = axis["range"]
    place = low + (high - low) * (0.05 + 0.9 * (number % GUESSES) / GUESSES)
    return f"{10.0**place if axis.get('type') == 'log' else place:.4g}"


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _posted(url: str, path: str, body: object) -> bytes:
    headers = {"Origin": _origin(url), "Content-Type": "application/json"}
    request = urllib.request.Request(url + path, json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
        return answer.read()


def _fetched(url: str, path: str) -> int:
    with urllib.request.urlopen(url + path, timeout=PATIENCE) as answer:
        return len(answer.read())


def main() -> None:
    """Hold the lesson of the plan on stdin."""
    allow_sockets()
    plan = Plan(**json.load(sys.stdin))
    print(json.dumps(asdict(finished(lesson(plan)))))


if __name__ == "__main__":
    main()
