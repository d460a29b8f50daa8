"""One browser in a room: a student's phone or a wall, over its WebSocket.

What it lacks is made up when it can take it, from the room as it is then: a slow phone gets the
newest state, and nothing waits for it in a queue.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
from collections.abc import Mapping
from typing import Any, TypeGuard

import anyio
from anyio.abc import TaskGroup
from starlette.concurrency import run_in_threadpool
from starlette.websockets import WebSocket

from app.live.server.route import CLOSED, MOST_MESSAGE, NO_TEXT, TOO_LONG, parsed
from app.room import messages, state
from app.room.join import Join
from app.room.limits import Bucket, network_of
from app.room.open_room import OpenRoom
from app.room.question import question_of
from app.room.results import taken

MOST_AT_ONCE, MOST_A_SECOND = 20, 10.0
"""Messages of one browser that are obeyed."""
EXCESS = 0.02
"""Seconds until the next message is read of a browser that sends too many."""
GREETING = 20.0
"""Seconds in which a browser has to say who it is."""
MOST_CONNECTIONS = 900
MOST_KEY = 64

FORBIDDEN, GONE = 4403, 4404
TOO_LONG_WORDS = f"A message may have at most {MOST_MESSAGE} characters."
TOO_MANY = (
    f"At most {MOST_A_SECOND:.0f} messages a second are read from one browser: of what came faster "
    "the last guess counts."
)
FULL = f"This room is full: {state.MOST_STUDENTS} students are in it."
CROWDED = "Too many browsers are connected to this room: close some and try again."
WRONG_SECRET = "This is not the link of this room's lecturer."
GREET = "This browser has to join the room first."
UNREADABLE = "This message cannot be read here."
NOT_YOURS = "Only the lecturer can do this."
NOT_NOW = "This question takes no guesses now."
NOTHING_ASKED = "There is nothing to guess in this question."
NO_QUESTION = "There is no such question."
SHOWN = "This question is shown now: go to another one first."
MANY_QUESTIONS = f"A room has at most {state.MOST_QUESTIONS} questions: leave one out first."
UNCOMPUTABLE = "The run of this question could not be computed."


class Browser:
    """One that is connected; the event loop's alone."""

    def __init__(self, websocket: WebSocket, room: OpenRoom, join: Join, source: str = "") -> None:
        """The connection is accepted already; `source` is the address it comes from."""
        self.websocket, self.room, self.join = websocket, room, join
        self.network = network_of(source)
        self.key, self.wall = "", False
        self.news = asyncio.Event()
        self.code = 1000
        self._bucket = Bucket(MOST_AT_ONCE, MOST_A_SECOND, room.clock)
        self._replies: dict[str, str] = {}
        self._kept: Mapping[str, Any] | None = None
        self._warned = False
        self._told_room: dict[str, Any] = {}
        self._told_question: object = None
        self._told_guesses: tuple[int, Mapping[int, str]] = (-1, {})
        self._told_start: object = None
        self._told_results: object = None

    @property
    def student(self) -> int | None:
        """Its number, where it is a student's."""
        return self.room.room.students.get(self.key)

    @property
    def greeted(self) -> bool:
        """Whether it has said who it is."""
        return self.wall or self.student is not None

    async def serve(self) -> None:
        """Listen and talk until it leaves or the room has ended."""
        if self.room.connections >= MOST_CONNECTIONS:
            await self._sent(messages.refused(CROWDED))
            with contextlib.suppress(*CLOSED):
                await self.websocket.close(FORBIDDEN)
            return
        self.room.connections += 1
        try:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(self._until_it_leaves, tasks)
                tasks.start_soon(self._until_it_ends, tasks)
                tasks.start_soon(self._until_it_is_late, tasks)
        finally:
            self.room.connections -= 1
            self.room.detach(self.news.set)
        with contextlib.suppress(*CLOSED):
            await self.websocket.close(self.code)

    async def _until_it_leaves(self, tasks: TaskGroup) -> None:
        last = await self._listen()
        if last:
            await self._sent(messages.refused(last))
        tasks.cancel_scope.cancel()

    async def _until_it_ends(self, tasks: TaskGroup) -> None:
        await self._talk()
        tasks.cancel_scope.cancel()

    async def _until_it_is_late(self, tasks: TaskGroup) -> None:
        await anyio.sleep(GREETING)
        if not self.greeted:
            self.code = FORBIDDEN
            await self._sent(messages.refused(GREET))
            tasks.cancel_scope.cancel()

    # Listening

    async def _listen(self) -> str:
        """Obey its messages; what it is told last, where it said what ends the connection."""
        while True:
            try:
                text = await self.websocket.receive_text()
            except CLOSED:
                return ""
            except KeyError:  # a binary message
                self.code = NO_TEXT
                return UNREADABLE
            if len(text) > MOST_MESSAGE:
                self.code = TOO_LONG
                return TOO_LONG_WORDS
            message = parsed(text)
            if not self._bucket.take():
                self._keep(message)
                await anyio.sleep(EXCESS)
                continue
            refused = await self._obeyed(message)
            if not self.greeted and refused:
                self.code = FORBIDDEN
                return refused
            if refused:
                self._reply("refused", messages.refused(refused))

    def _keep(self, message: Mapping[str, Any]) -> None:
        """Of guesses that come too fast the last one counts, as soon as one more is allowed."""
        if not self._warned:
            self._warned = True
            self._reply("warned", messages.refused(TOO_MANY))
        if message.get("type") != "guess":
            return
        if self._kept is None:
            asyncio.get_running_loop().call_later(self._bucket.wait, self._obey_kept)
        self._kept = message

    def _obey_kept(self) -> None:
        message, self._kept = self._kept, None
        if message is None:
            return
        self._bucket.take()
        if refused := self._guessed(message):
            self._reply("refused", messages.refused(refused))

    async def _obeyed(self, message: Mapping[str, Any]) -> str:
        """Do what a message says; why not, in one sentence, or ""."""
        if self.room.room.ended:  # since it was found
            self.news.set()
            return ""
        kind = message.get("type")
        if kind == "join":
            return self._joined(message.get("key"))
        if kind == "wall":
            return self._opened(message)
        if not self.greeted:
            return GREET
        if kind == "guess":
            self._kept = None
            return self._guessed(message)
        if kind not in ("question", "run", "ask", "leave_out", "end"):
            return UNREADABLE
        if not self.wall:
            return NOT_YOURS
        if kind == "ask":
            return await self._asked(message.get("link"))
        return self._steered(kind, message)

    def _joined(self, key: object) -> str:
        if self.greeted:
            return UNREADABLE
        known = isinstance(key, str) and len(key) <= MOST_KEY and key in self.room.room.students
        self.key = str(key) if known else secrets.token_urlsafe(16)
        if not known:
            self.room.post(state.Join(self.key))
        number = self.student
        if number is None:
            return FULL
        self.room.attach(self.news.set, self.network, wall=False)
        self._reply("joined", messages.joined(self.key, number))
        return ""

    def _opened(self, message: Mapping[str, Any]) -> str:
        secret = message.get("secret")
        if self.greeted:
            return UNREADABLE
        if not isinstance(secret, str) or not self.room.is_secret(secret):
            return WRONG_SECRET
        self.wall = True
        self.join = self.join.seen_from(message.get("address"))
        self.room.attach(self.news.set, self.network, wall=True)
        self._reply("joined", messages.OPENED)
        return ""

    def _guessed(self, message: Mapping[str, Any]) -> str:
        value, student = self.room.room, self.student
        if student is None:
            return NOT_NOW
        text, at = message.get("guess"), message.get("question")
        if not isinstance(text, str) or not _is_place(at):
            return UNREADABLE
        if at != value.at or value.phase != "asking" or value.here.shown is None:
            return NOT_NOW
        shown = value.here.shown
        if shown.asked is None:
            return NOTHING_ASKED
        try:
            guess = taken(text, shown.asked, shown.axes)
        except ValueError as error:
            return str(error)
        self.room.post(state.Guessed(student, at, guess))
        self._reply("taken", messages.taken(at, guess))
        return ""

    def _steered(self, kind: str, message: Mapping[str, Any]) -> str:
        value = self.room.room
        if kind == "end":
            self.room.end()
        elif kind == "run":
            if value.here.progress == "failed" and value.here.played is None:
                return UNCOMPUTABLE
            self.room.press()
        else:
            to = message.get("to" if kind == "question" else "at")
            if not _is_place(to) or to not in value.listed:
                return NO_QUESTION
            if kind == "question":
                self.room.post(state.Turn(to))
            elif to == value.at:
                return SHOWN
            else:
                self.room.post(state.LeaveOut(to))
        return ""

    async def _asked(self, link: object) -> str:
        if not isinstance(link, str):
            return UNREADABLE
        try:
            question = await run_in_threadpool(question_of, link)
        except ValueError as error:
            return str(error)
        before = len(self.room.room.posed)
        self.room.post(state.Ask(question))
        return "" if len(self.room.room.posed) > before else MANY_QUESTIONS

    def _reply(self, name: str, text: str) -> None:
        """Something only this browser is told; of each sort the last one."""
        self._replies[name] = text
        self.news.set()

    # Talking

    async def _talk(self) -> None:
        while True:
            await self.news.wait()
            self.news.clear()
            while text := self._lacks():
                if not await self._sent(text):
                    return
            if self.room.room.ended:
                self.code = GONE
                return

    def _lacks(self) -> str:
        """The next message that makes up for what it has not been told; "" if that is all."""
        for name in list(self._replies):
            return self._replies.pop(name)
        value = self.room.room
        if value.ended:
            if self._told_room.get("phase") == "ended":
                return ""
            self._told_room = {"phase": "ended"}
            return messages.ended(value.ended)
        if not self.greeted:
            return ""
        return (
            self._lacks_room(value)
            or self._lacks_question(value)
            or self._lacks_guesses(value)
            or self._lacks_run(value)
        )

    def _lacks_room(self, value: state.Room) -> str:
        seen = messages.room(value, self.room.code, self.room.title)
        if self.wall:
            seen |= messages.for_wall(value, self.join.addresses, self.join.hint)
        if seen == self._told_room:
            return ""
        self._told_room = seen
        left = max(0, round(self.room.ends_at - self.room.clock()))
        return json.dumps({**seen, "ends_in": left}, separators=(",", ":"))

    def _lacks_question(self, value: state.Room) -> str:
        key = (value.at, value.here.shown)
        if value.here.shown is None or key == self._told_question:
            return ""
        self._told_question, self._told_start, self._told_results = key, None, None
        yours = None if self.student is None else value.here.guesses.get(self.student)
        return messages.question(value, yours)

    def _lacks_guesses(self, value: state.Room) -> str:
        at, told = self._told_guesses
        given = value.here.guesses
        if not self.wall or value.here.shown is None or (at == value.at and told is given):
            return ""
        self._told_guesses = (value.at, given)
        if at != value.at:
            return messages.guesses(value.at, given, whole=True)
        new = {one: text for one, text in given.items() if told.get(one) != text}
        return messages.guesses(value.at, new, whole=False)

    def _lacks_run(self, value: state.Room) -> str:
        here = value.here
        if here.starts is None or here.shown is None:
            return ""
        if self._told_start != here.name:
            self._told_start = here.name
            return messages.start(value, self.room.clock())
        if self._told_results != here.name:
            self._told_results = here.name
            return messages.results(value.at, self.room.results, self.student)
        return ""

    async def _sent(self, text: str) -> bool:
        """Whether it was still there to send it to."""
        try:
            await self.websocket.send_text(text)
        except CLOSED:
            return False
        return True


def _is_place(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1000
