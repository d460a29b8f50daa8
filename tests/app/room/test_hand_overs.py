"""Where the preparing thread, the loop and browsers hand over: nothing is lost or left behind."""

import asyncio
import json
import threading
from typing import Any

import pytest
from starlette.websockets import WebSocketDisconnect

from app.bench.loop import finished
from app.live.server import handover
from app.room import preparing, state
from app.room.join import Join
from app.room.open_room import OpenRoom
from app.room.preparing import FAILED, Preparing
from app.room.register import Rooms
from app.room.socket import Browser
from tests.app.room.conftest import PLAYED, SHOWN, Class, Clock, prepare, question

PATIENCE = 20.0


class Gate:
    """Holds the preparing thread at its first hand-over until the test lets go."""

    def __init__(self) -> None:
        self.reached, self.open = threading.Event(), threading.Event()

    def __call__(self, name: str) -> None:
        if name == "a question is prepared" and not self.reached.is_set():
            self.reached.set()
            assert self.open.wait(PATIENCE)


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Gate:
    made = Gate()
    monkeypatch.setattr(handover, "delay", made)
    return made


async def until(condition: Any) -> None:
    async with asyncio.timeout(PATIENCE):
        while not condition():
            await asyncio.sleep(0.002)


def with_thread(check: Any, prepared: Any = prepare) -> None:
    """Check on an event loop, with rooms whose questions a thread of their own computes."""

    async def checked() -> None:
        rooms = Rooms(Clock(), Preparing(prepared))
        try:
            await check(rooms)
        finally:
            rooms.close()

    finished(checked())


def opened(rooms: Rooms, questions: int = 1) -> OpenRoom:
    return rooms.open([question(str(n)) for n in range(questions)], "", "here")


def progress_of(room: OpenRoom) -> list[str]:
    return [posed.progress for posed in room.room.posed]


def test_a_room_that_ends_while_its_question_is_prepared_hears_no_more_of_it(gate: Gate):
    async def check(rooms: Rooms) -> None:
        first, second = opened(rooms, 2), opened(rooms)
        await until(gate.reached.is_set)
        first.end()
        gate.open.set()
        await until(lambda: progress_of(second) == ["ready"])
        assert [posed.shown for posed in first.room.posed] == [None, None]

    with_thread(check)


def test_a_question_that_is_left_out_while_it_is_prepared_is_left(gate: Gate):
    async def check(rooms: Rooms) -> None:
        room = opened(rooms, 3)
        room.post(state.Turn(1))
        await until(gate.reached.is_set)
        at = progress_of(room).index("computing")
        room.post(state.Turn(2))
        room.post(state.LeaveOut(at))
        gate.open.set()
        others = [n for n in range(3) if n != at]
        await until(lambda: all(progress_of(room)[n] == "ready" for n in others))
        assert room.room.posed[at].played is None

    with_thread(check)


def test_a_run_that_was_pressed_early_starts_when_its_thread_is_done(gate: Gate):
    async def check(rooms: Rooms) -> None:
        room = opened(rooms)
        await until(gate.reached.is_set)
        room.press()
        assert (room.room.phase, room.room.awaited) == ("preparing", True)
        gate.open.set()
        await until(lambda: room.room.phase == "running")
        assert room.room.here.starts == room.clock() + state.COUNTDOWN

    with_thread(check)


def test_rooms_take_turns_and_what_is_shown_comes_first(gate: Gate):
    order: list[tuple[str, str]] = []

    def noted(asked: Any, told: Any, progress: Any) -> None:
        order.append((threading.current_thread().name, asked.title))
        prepare(asked, told, progress)

    async def check(rooms: Rooms) -> None:
        first = opened(rooms, 3)
        await until(gate.reached.is_set)
        second = opened(rooms, 1)
        first.post(state.Turn(2))
        gate.open.set()
        await until(
            lambda: progress_of(first) == ["ready"] * 3 and progress_of(second) == ["ready"]
        )

    with_thread(check, noted)
    assert [title for _, title in order] == ["0", "2", "0", "1"]
    assert {name for name, _ in order} == {"lmx-rooms"}


def test_a_question_that_fails_says_so_and_the_next_one_is_prepared(caplog):
    def failing(asked: Any, told: Any, progress: Any) -> None:
        if asked.title == "0":
            raise ValueError("These settings cannot be.")
        if asked.title == "1":
            raise ZeroDivisionError
        prepare(asked, told, progress)

    async def check(rooms: Rooms) -> None:
        room = opened(rooms, 3)
        await until(lambda: progress_of(room) == ["failed", "failed", "ready"])
        words = [posed.words for posed in room.room.posed]
        assert words == ["These settings cannot be.", FAILED, ""]

    with_thread(check, failing)
    assert "a question of a room failed" in caplog.text


def test_a_question_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(preparing, "LONGEST", -1.0)

    async def check(rooms: Rooms) -> None:
        room = opened(rooms)
        await until(lambda: progress_of(room) == ["failed"])
        assert room.room.here.words == preparing.TOO_LONG
        assert room.room.phase == "asking"

    with_thread(check)


def test_closing_ends_the_thread(gate: Gate):
    async def check(rooms: Rooms) -> None:
        opened(rooms, 5)
        await until(gate.reached.is_set)
        thread = rooms.preparing._thread
        rooms.close()
        gate.open.set()
        await until(lambda: thread is not None and not thread.is_alive())

    with_thread(check)


def test_a_student_who_loses_the_network_at_the_press_gets_the_same_start(opened):
    room: Class = opened()
    room.compute()
    with room.connected() as one:
        wall = room.wall(one)
        with room.connected() as two:
            student, joined = room.student(two)
            student.say("guess", question=0, guess="3")
            student.hear("taken")
            wall.say("run")
        name = wall.hear("start")["run"]
        with room.connected() as two:
            student, again = room.student(two, key=joined["key"])
            assert again["number"] == joined["number"]
            assert student.hear("question")["yours"] == "3"
            assert student.hear("start")["run"] == name
            assert student.hear("results")["rank"] == 1


# A browser that stops reading


class Slow:
    """A WebSocket whose browser takes nothing in until it is let go, and then everything."""

    def __init__(self, *messages: dict[str, Any]) -> None:
        self.incoming: asyncio.Queue[str | None] = asyncio.Queue()
        for message in messages:
            self.incoming.put_nowait(json.dumps(message))
        self.sent: list[dict[str, Any]] = []
        self.reads = asyncio.Event()
        self.closed = False

    async def receive_text(self) -> str:
        text = await self.incoming.get()
        if text is None:
            raise WebSocketDisconnect(1006)
        return text

    async def send_text(self, text: str) -> None:
        if self.closed:
            raise WebSocketDisconnect(1006)
        self.sent.append(json.loads(text))
        await self.reads.wait()

    async def close(self, _code: int = 1000) -> None:
        self.closed = True


def browser(socket: Any, room: OpenRoom) -> Browser:
    return Browser(socket, room, Join(room.code, {"host": "testserver"}, ""))


def still() -> tuple[Rooms, OpenRoom]:
    rooms = Rooms(Clock(), Preparing(threads=False))
    room = opened(rooms)
    room.post(state.Show(0, SHOWN))
    return rooms, room


def test_a_slow_wall_gets_the_newest_state_and_no_queue():
    async def check() -> None:
        _, room = still()
        socket = Slow({"type": "wall", "secret": room.secret})
        serving = asyncio.create_task(browser(socket, room).serve())
        await until(lambda: len(socket.sent) == 1)
        for n in range(1, 301):
            room.post(state.Join(str(n)))
            room.post(state.Guessed(n, 0, str(n / 100)))
        room.post(state.Compute(0, PLAYED, "", 0.0))
        room.press()
        socket.reads.set()
        await until(lambda: socket.sent[-1]["type"] == "results")
        kinds = [message["type"] for message in socket.sent]
        assert kinds == ["opened", "room", "question", "guesses", "start", "results"]
        assert len(socket.sent[3]["all"]) == 300
        socket.incoming.put_nowait(None)
        await serving

    finished(check())


def test_a_slow_phone_holds_up_nobody():
    async def check() -> None:
        _, room = still()
        slow, quick = Slow({"type": "join"}), Slow({"type": "join"})
        quick.reads.set()
        both = [asyncio.create_task(browser(one, room).serve()) for one in (slow, quick)]
        await until(lambda: slow.sent and quick.sent)
        room.post(state.Compute(0, PLAYED, "", 0.0))
        room.press()
        await until(lambda: quick.sent[-1]["type"] == "results")
        assert len(slow.sent) == 1
        room.end()
        await both[1]
        assert quick.sent[-1]["type"] == "ended"
        slow.reads.set()
        await both[0]
        assert [m["type"] for m in slow.sent][-1] == "ended"

    finished(check())


@pytest.mark.parametrize("said", [{"type": "join"}, {"type": "wall", "secret": "?"}])
def test_who_comes_in_as_the_room_ends_is_told_so(said):
    async def check() -> None:
        _, room = still()
        socket = Slow()
        socket.reads.set()
        serving = asyncio.create_task(browser(socket, room).serve())
        await until(lambda: room.connections == 1)
        room.end()
        socket.incoming.put_nowait(json.dumps(said))
        await serving
        assert [message["type"] for message in socket.sent] == ["ended"]

    finished(check())


def test_a_socket_that_breaks_in_the_middle_of_a_message_leaves_the_room():
    async def check() -> None:
        _, room = still()
        socket = Slow({"type": "join"})
        serving = asyncio.create_task(browser(socket, room).serve())
        await until(lambda: socket.sent)
        socket.closed = True
        socket.reads.set()
        await serving
        assert room.connections == 0
        assert not room._students
        room.press()

    finished(check())
