"""Rooms whose questions are made up, and which compute when the test says so."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from app.live.server import routes
from app.live.server.recipe import Recipe
from app.room.preparing import Preparing
from app.room.question import Played, Question, Shown
from app.room.register import Rooms
from app.room.results import Axes

HOST = "testserver"
ORIGIN = {"origin": f"http://{HOST}"}
LINK = "saddle_to_saddle-linear_network?guess=first"
ASKED = {
    "kind": "time", "panel": "loss", "words": "When?", "places": [], "log_x": False, "log_y": False,
    "height": 1.0,
}  # fmt: skip
ANSWERED = {"theory": 2.0, "run": 2.5, "theory_text": "2.0", "run_text": "2.5"}
SHOWN = Shown('{"type":"view"}', '{"question":"?"}', ASKED, Axes(across=(0.0, 10.0)))
PLAYED = Played(b"packed", ANSWERED)


def question(title: str = "When?") -> Question:
    return Question(title, Recipe("toy/growth", {}))


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Browser:
    """A browser's side of a room's socket."""

    def __init__(self, socket: Any) -> None:
        self.socket = socket
        self.heard: list[dict[str, Any]] = []

    def say(self, kind: str, **message: Any) -> None:
        self.socket.send_text(json.dumps({"type": kind, **message}))

    def hear(self, kind: str, **wanted: Any) -> dict[str, Any]:
        """The next message of that sort which says that; others are passed over."""
        while True:
            message = self.socket.receive_json()
            self.heard.append(message)
            if message["type"] == kind and wanted.items() <= message.items():
                return message

    def closed(self) -> int:
        """The code it is closed with, after whatever else comes."""
        while True:
            message = self.socket.receive()
            if message["type"] == "websocket.close":
                return message["code"]
            self.heard.append(json.loads(message["text"]))


class Class:
    """A room with its wall and its students, whose questions a test computes one by one."""

    def __init__(self, client: TestClient, rooms: Rooms, code: str, secret: str) -> None:
        self.client, self.rooms, self.code, self.secret = client, rooms, code, secret

    def connected(self) -> Any:
        return self.client.websocket_connect(f"/room/{self.code}/live", headers=ORIGIN)

    def student(self, socket: Any, key: str | None = None) -> tuple[Browser, dict[str, Any]]:
        made = Browser(socket)
        made.say("join", key=key)
        return made, made.hear("joined")

    def wall(self, socket: Any) -> Browser:
        made = Browser(socket)
        made.say("wall", secret=self.secret, address=f"http://{HOST}/")
        made.hear("opened")
        return made

    def compute(self) -> None:
        """The next question, on this thread; the room has heard of it by then."""
        assert self.rooms.preparing.step()
        assert self.client.portal is not None
        self.client.portal.call(lambda: None)

    @property
    def value(self) -> Any:
        return self.rooms._open[self.code].room


def prepare(
    _question: Question, told: Callable[[Any], None], progress: Callable[[float], None]
) -> None:
    told(SHOWN)
    progress(0.5)
    told(PLAYED)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def rooms(clock: Clock) -> Rooms:
    return Rooms(clock, Preparing(prepare, threads=False))


@pytest.fixture
def client(rooms: Rooms) -> Iterator[TestClient]:
    app = Starlette(routes=routes.routes())
    app.state.rooms = rooms
    with TestClient(app, base_url=f"http://{HOST}") as made:
        yield made


@pytest.fixture
def opened(client: TestClient, rooms: Rooms) -> Callable[..., Class]:
    """A room that was opened over the server's own door."""

    def made(questions: int = 1, title: str = "") -> Class:
        body = {"links": [LINK] * questions, "title": title}
        answer = client.post("/room", json=body, headers=ORIGIN)
        assert answer.status_code == 200, answer.text
        return Class(client, rooms, **answer.json())

    return made
