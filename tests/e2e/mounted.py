"""The live part alone in a browser: the test speaks for the server and for Python."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import numpy as np
from playwright.sync_api import Page, Route, WebSocketRoute

from app.figures import style
from app.live.component import ASSETS
from app.live.server.frames import pack
from tests.app.live.browser.schema import misfits

ADDRESS = "http://lmx.test"
SERVED = "/lmx/here/"
TYPES = {".js": "text/javascript", ".css": "text/css"}
MOUNT = """async () => {
    const shadow = document.querySelector("#host").attachShadow({mode: "open"});
    const live = await import("/lmx/here/live.js");
    window.told = [];
    window.seen = 0;
    window.sent = () => window.told.filter(([name]) => name === "send").map(([, value]) => value);
    const tell = (name, value) => window.told.push([name, structuredClone(value)]);
    window.give = data => {
        live.default({parentElement: shadow, data, setStateValue: tell, setTriggerValue: tell});
        if (data.reply) window.seen = window.sent().length;
    };
}"""
LISTEN = """root => {
    window.heard = [];
    const voice = root.querySelector("[aria-live]");
    new MutationObserver(() => window.heard.push(voice.textContent))
        .observe(voice, {childList: true, characterData: true, subtree: true});
}"""
EMPTY = """<!doctype html>
<div data-testid="stApp" data-test-script-state="notRunning"><button id="outside">knob</button>
<div id="host"></div></div>"""
TURN = "state => document.querySelector('[data-testid=stApp]').dataset.testScriptState = state"
NO_LIVE_SOCKETS = """(() => {
    const Real = window.WebSocket;
    window.WebSocket = new Proxy(Real, {construct: (_, [address, ...rest]) =>
        new Real(String(address).includes("/live/") ? "ws://127.0.0.1:1/" : address, ...rest)});
})()"""
"""Sockets of the live channel close with 1006 before they open."""


def view(rows: int = 10, **more: Any) -> dict[str, Any]:
    """A prediction with nothing in it."""
    clock = {"end_time": 1.0, "end_step": 100, "scale": "linear"}
    clock |= {"time_word": "time", "step_word": "step"}
    lists = "panels", "tiles", "events", "legend", "claims", "assumptions", "warnings", "links"
    known = {"rows_total": rows, "complete": True, "progress": 1.0, "clock": clock, "seeds": 1}
    words = {"falsifier": "", "hash": "0" * 64, "stem": "run", "provenance": "seed 0"}
    device = {"device": "cpu", "dtype": "float64", "duration_steps": 100, "cost": {}, "asked": None}
    return {"type": "view", **{name: [] for name in lists}, **known, **words, **device, **more}


def status(state: str, **more: Any) -> dict[str, Any]:
    known = {"type": "status", "state": state, "message": "", "refused": False, "progress": 0.5}
    return {**known, "stopped_at": None, "cost": {}, "queue": None, "revision": 0, **more}


def judgement() -> dict[str, Any]:
    """No claims, and so no verdicts."""
    empty: dict[str, Any] = {name: [] for name in ("claims", "tiles", "axes")}
    return {
        "type": "judgement",
        "headline": "",
        "falsifier": "",
        **empty,
        "alts": {},
        "answered": None,
    }


def frame(token: str, start: int, rows: int) -> bytes:
    """That many rows of a run that has no columns but its clock."""
    steps = np.arange(start, start + rows) * 10.0
    header = {"run": token, "source": 0, "start": start, "snapshots": []}
    header |= {"columns": ["step", "time"], "state": "running", "error": ""}
    return pack(header, steps, steps / 100, np.empty((0, rows)))


class Mounted:
    """A page that holds nothing but the live part; its sockets and its Python are the test's."""

    def __init__(self, page: Page, *, sockets: bool = True) -> None:
        self.page = page
        self.sockets: list[WebSocketRoute] = []
        self.said: list[dict[str, Any]] = []
        page.route(f"{ADDRESS}/**", self._serve)
        if sockets:
            page.route_web_socket("ws://lmx.test/live/*", self._opened)
        else:
            page.add_init_script(NO_LIVE_SOCKETS)
        page.goto(ADDRESS)
        page.evaluate(MOUNT)

    def _serve(self, route: Route) -> None:
        name = urlsplit(route.request.url).path.removeprefix(SERVED).lstrip("/")
        if name == "":
            route.fulfill(body=EMPTY, content_type="text/html")
        elif name == "lmx/plotly.js":
            route.fulfill(body="window.Plotly = {purge() {}}", content_type=TYPES[".js"])
        elif name in ASSETS:
            route.fulfill(body=ASSETS[name].read_bytes(), content_type=TYPES[ASSETS[name].suffix])
        else:
            route.fulfill(status=404, body="")

    def _opened(self, socket: WebSocketRoute) -> None:
        self.sockets.append(socket)
        socket.on_message(lambda text: self.said.append(json.loads(text)))

    def give(self, token: str, reply: Mapping[str, Any] | None = None, **page: Any) -> None:
        """What Python gives the component at a turn."""
        palette = {mode: style.palette(mode) for mode in style.MODES}
        data = {"token": token, "page": {"palette": palette, **page}, "reply": reply}
        self.page.evaluate("data => window.give(data)", data)
        self.page.wait_for_selector(".lmx")
        if not self.page.evaluate("Boolean(window.heard)"):
            self.page.locator(".lmx").evaluate(LISTEN)

    def send(self, *messages: Mapping[str, Any] | bytes) -> None:
        """What the server sends over the newest socket, once the browser has said hello on it."""
        while len(self.greetings) < len(self.sockets) or not self.sockets:
            self.page.wait_for_timeout(20)
        for message in messages:
            if isinstance(message, bytes):
                self.sockets[-1].send(message)
            else:
                assert misfits("Answer", message) == []
                self.sockets[-1].send(json.dumps(message))

    @property
    def greetings(self) -> list[dict[str, Any]]:
        return [message for message in self.said if message["type"] == "hello"]

    def turn(self, state: str) -> None:
        """Whether Streamlit is in the middle of a turn: "running" or "notRunning"."""
        self.page.evaluate(TURN, state)

    def told(self, name: str) -> list[Any]:
        """What the component has told Python under that name, settled."""
        self.page.wait_for_timeout(300)
        return [value for key, value in self.page.evaluate("window.told") if key == name]

    def asked(self, count: int = 1) -> dict[str, Any]:
        """The newest question to Python, once there were that many since it last answered."""
        self.page.wait_for_function(
            "count => window.sent().length >= window.seen + count", arg=count
        )
        question = self.page.evaluate("window.sent().at(-1)")
        assert misfits("Sent", question) == []
        return question

    def heard(self) -> list[str]:
        """What a screen reader was given to read."""
        return self.page.evaluate("window.heard")


def reply(
    question: Mapping[str, Any], n: int, *answers: Mapping[str, Any] | bytes
) -> dict[str, Any]:
    """Python's answer to a question, as the component's data carry it."""
    taken = max((message["n"] for message in question["messages"]), default=0)
    return {
        "n": n,
        "viewer": question["viewer"],
        "token": question["token"],
        "taken": taken,
        "messages": [one for one in answers if not isinstance(one, bytes)],
        "frames": [b64encode(one).decode() for one in answers if isinstance(one, bytes)],
    }
