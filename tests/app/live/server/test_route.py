import asyncio
import errno
import json
import time
from contextlib import contextmanager
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from app.bench.loop import finished
from app.live.server import route, routes
from app.live.server.files import stats
from app.live.server.frames import unpack
from app.live.server.hub import Hub

ORIGIN = {"origin": "http://testserver"}
HELLO = {"type": "hello", "view": False, "rows": [0, 0], "snapshots": [0, 0]}


@pytest.fixture
def client(live_hub: Hub, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(
        "app.live.server.housekeeping.PAUSE_AFTER", 100.0
    )  # these browsers touch too rarely
    app = Starlette(routes=routes.routes())
    app.state.hub = live_hub
    with TestClient(app) as made:
        yield made


def wait_for(condition, timeout=20.0):
    end = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.01)


class Browser:
    """The browser's side of a socket."""

    def __init__(self, socket):
        self.socket, self.rows, self.snapshots, self.kinds, self.state = socket, 0, 0, [], ""
        self.moved = ""

    def say(self, kind, **message):
        self.socket.send_text(json.dumps({"type": kind, **message}))

    def hear(self):
        """One message; frames are kept and acknowledged."""
        message = self.socket.receive()
        if message["type"] == "websocket.close":
            raise WebSocketDisconnect(message["code"])
        if message.get("text") is not None:
            found = json.loads(message["text"])
            self.kinds.append(found["type"])
            self.state = found.get("state", self.state)
            self.moved = found.get("token", self.moved)
            return found
        frame = unpack(message["bytes"])
        assert frame.header["start"] <= self.rows
        self.kinds.append("frame")
        self.rows = max(self.rows, frame.header["start"] + frame.header["rows"])
        self.snapshots += len(frame.header["snapshots"])
        held = {"source": 0, "rows": self.rows, "snapshots": self.snapshots, "head": self.rows}
        self.say("ack", **held)
        return frame

    def until(self, condition, most=400):
        for _ in range(most):
            if condition():
                return
            self.hear()
        raise AssertionError(f"never happened; heard {self.kinds}")


@contextmanager
def browser(client, token, hello=HELLO):
    with client.websocket_connect(f"/live/{token}", headers=ORIGIN) as socket:
        made = Browser(socket)
        socket.send_text(json.dumps(hello))
        yield made


def submit(hub, **values):
    return hub.submit("me", "toy/growth", values, seeds=2)


def test_a_browser_gets_view_frames_and_judgement(client, live_hub: Hub):
    token = submit(live_hub)
    with browser(client, token) as reader:
        reader.until(lambda: reader.state == "ready")
        reader.say("pace", rows_per_second=30)
        reader.say("run")
        reader.until(lambda: "judgement" in reader.kinds and reader.rows == 241)
        assert reader.kinds.index("view") < reader.kinds.index("frame")
        reader.until(lambda: reader.state == "done")


def test_hello_says_what_is_held_and_the_rest_follows(client, live_hub: Hub):
    token = submit(live_hub)
    with browser(client, token) as reader:
        reader.until(lambda: reader.state == "ready")
        reader.say("run")
        reader.until(lambda: reader.rows == 241)
    with browser(client, token, {**HELLO, "rows": [200, 0], "snapshots": [31, 0]}) as reader:
        reader.rows = 200
        reader.until(lambda: reader.rows == 241)
        assert reader.kinds.count("frame") == 1
        assert "view" in reader.kinds


def test_what_a_browser_has_painted_is_noted_of_that_job_only(client, live_hub: Hub):
    token = submit(live_hub)
    with browser(client, token) as reader:
        reader.until(lambda: reader.state == "ready")
        reader.say("painted", run="another")
        reader.say("pace", rows_per_second=30)
        wait_for(lambda: live_hub.job(token).state.pace == 30)
        assert not live_hub.job(token).state.painted
        reader.say("painted", run=token)
        wait_for(lambda: live_hub.job(token).state.painted)


def test_a_knob_that_is_told_of_leads_to_its_job_over_the_same_socket(client, live_hub: Hub):
    token = submit(live_hub)
    with browser(client, token) as reader:
        reader.until(lambda: reader.state == "ready")
        reader.say("knob", knob="eta", value="0.004")
        reader.until(lambda: reader.moved)
        assert reader.moved == submit(live_hub, eta=0.004)
        reader.socket.send_text(json.dumps(HELLO))
        reader.until(lambda: reader.kinds.count("view") >= 2 and reader.state == "ready")


def test_a_knob_that_is_refused_is_said_to_lead_nowhere(client, live_hub: Hub):
    token = submit(live_hub)
    with browser(client, token) as reader:
        reader.until(lambda: reader.state == "ready")
        reader.say("knob", knob="eta", value="fast")
        reader.until(lambda: "unmoved" in reader.kinds)
        assert not reader.moved
        reader.say("run")
        reader.until(lambda: reader.state == "done")


def test_a_frame_that_is_not_acknowledged_is_sent_again(client, live_hub: Hub, monkeypatch):
    monkeypatch.setattr(route, "UNACKNOWLEDGED", 0.2)
    token = submit(live_hub)
    with browser(client, token) as reader:
        reader.until(lambda: reader.state == "ready")
        reader.say("run")
        starts = []
        while len(starts) < 3:
            message = reader.socket.receive()
            if message.get("bytes") is not None:
                starts.append(unpack(message["bytes"]).header["start"])
        assert starts == [0, 0, 0]


def test_reset_moves_the_browser_to_a_new_token(client, live_hub: Hub):
    token = submit(live_hub)
    with browser(client, token) as reader:
        reader.until(lambda: reader.state == "ready")
        reader.say("reset")
        reader.until(lambda: reader.moved)
    assert reader.moved != token
    with browser(client, reader.moved) as again:
        again.until(lambda: again.state == "ready")


def test_a_browser_is_led_to_the_job_that_took_the_place_of_its_own(client, live_hub: Hub):
    left = submit(live_hub)
    with browser(client, left) as reader:
        reader.until(lambda: "view" in reader.kinds)
        token = submit(live_hub, eta=0.25)
        reader.until(lambda: reader.moved)
        assert reader.moved == token
        kinds = len(reader.kinds)
        reader.until(lambda: "view" in reader.kinds[kinds:])
        assert stats(live_hub)["attached"] == 1
        reader.say("ack", run="gone", source=0, rows=9, snapshots=0, head=9)
        reader.say("reset", run="gone")
        reader.say("run")
        reader.until(lambda: reader.state == "done")
        assert reader.rows == live_hub.job(token).forecast.total_rows
    with browser(client, left) as late:
        late.until(lambda: late.moved)
        assert late.moved == token


def test_a_browser_of_another_experiment_is_not_led_anywhere(client, live_hub: Hub):
    with browser(client, submit(live_hub)) as reader:
        reader.until(lambda: "view" in reader.kinds)
        live_hub.submit("me", "toy/other", {})
        with pytest.raises(WebSocketDisconnect):
            reader.until(lambda: reader.moved)


@pytest.mark.parametrize("headers", [{"origin": "http://elsewhere.example"}, {}])
def test_another_origin_is_refused(client, live_hub: Hub, headers):
    token = submit(live_hub)
    with (
        pytest.raises(WebSocketDisconnect) as refusal,
        client.websocket_connect(f"/live/{token}", headers=headers),
    ):
        pass
    assert refusal.value.code == 1008


def test_an_unknown_token_is_told_so(client):
    with client.websocket_connect("/live/nobody", headers=ORIGIN) as socket:
        assert socket.receive()["code"] == route.UNKNOWN_TOKEN


def test_an_oversized_message_ends_the_connection(client, live_hub: Hub):
    with client.websocket_connect(f"/live/{submit(live_hub)}", headers=ORIGIN) as socket:
        socket.send_text(" " * (route.MOST_MESSAGE + 1))
        while (message := socket.receive())["type"] != "websocket.close":
            pass
        assert message["code"] == 1009


@pytest.mark.parametrize(
    "text", ["", "no json", "[1]", '{"type": "dance"}', '{"type":"ack","rows":-1}']
)
def test_nonsense_is_ignored(client, live_hub: Hub, text):
    with client.websocket_connect(f"/live/{submit(live_hub)}", headers=ORIGIN) as socket:
        socket.send_text(text)
        reader = Browser(socket)
        socket.send_text(json.dumps(HELLO))
        reader.until(lambda: reader.state == "ready")


def test_nothing_is_left_five_seconds_after_the_tab_closed(client, live_hub: Hub):
    token = submit(live_hub, steps=9_000_000, heavy=40)
    with browser(client, token) as reader:
        reader.until(lambda: reader.state == "ready")
        reader.say("run")
        reader.until(lambda: reader.rows > 0)
    start = time.monotonic()
    wait_for(lambda: stats(live_hub)["jobs"] == 0, 5)
    assert time.monotonic() - start < 5
    assert stats(live_hub)["listeners"] == stats(live_hub)["attached"] == 0


class Vanished:
    """A browser whose connection broke: whoever sends finds out, whoever listens hears later."""

    def __init__(self, token: str):
        self.path_params, self.sent = {"token": token}, asyncio.Event()
        self.heard = iter([json.dumps(HELLO)])

    async def receive_text(self):
        text = next(self.heard, None)
        if text is not None:
            return text
        await self.sent.wait()
        raise RuntimeError('WebSocket is not connected. Need to call "accept" first.')

    async def send_text(self, _text):
        self.sent.set()
        raise WebSocketDisconnect(1006)

    send_bytes = send_text

    async def close(self, _code):
        raise RuntimeError('Cannot call "send" once a close message has been sent.')


def test_a_browser_that_vanishes_leaves_no_word_in_the_log(live_hub: Hub, caplog):
    token = submit(live_hub)
    wait_for(lambda: live_hub.job(token).stage == "ready")

    async def watched():
        browser: Any = Vanished(token)
        await asyncio.wait_for(route.Socket(browser, live_hub).serve(), 20)
        assert browser.sent.is_set()

    finished(watched())
    assert not caplog.records


def test_files_are_attachments_of_their_kind(client, live_hub: Hub):
    token = submit(live_hub)
    wait_for(lambda: live_hub.job(token).forecast.is_whole)
    for kind, start in (("nc", b"\x89HDF"), ("json", b"{"), ("csv", b"seed,")):
        answer = client.get(f"/files/{token}/run.{kind}")
        assert answer.status_code == 200
        assert answer.content.startswith(start)
        named = live_hub.job(token).forecast.settings[0].stem
        assert f'filename="{named}.{kind}"' in answer.headers["content-disposition"]
    early = client.get(f"/files/{token}/run.html")
    assert (early.status_code, early.text) == (
        409,
        "This run is not over; its page can be kept then.",
    )
    assert client.get(f"/files/{token}/run.exe").status_code == 404
    assert client.get("/files/nobody/run.nc").status_code == 404


def test_modules_are_kept_for_ever_under_their_version_only(client):
    from app.live.component import VERSION

    kept = client.get(f"/lmx/{VERSION}/live.js")
    assert kept.headers["content-type"].startswith("text/javascript")
    assert "immutable" in kept.headers["cache-control"]
    plain = client.get("/lmx/live.js")
    assert plain.headers["cache-control"] == "no-cache"
    again = client.get("/lmx/live.js", headers={"if-none-match": plain.headers["etag"]})
    assert again.status_code == 304
    assert client.get("/lmx/hub.py").status_code == 404


def test_modules_in_folders_are_served_and_nothing_beside_them(client):
    from app.live.component import VERSION

    session = client.get(f"/lmx/{VERSION}/session/session.js")
    assert "export class Session" in session.text
    assert "immutable" in session.headers["cache-control"]
    for path in ("session", "session/", "session/session.js/", "session/../../component.py"):
        assert client.get(f"/lmx/{VERSION}/{path}").status_code == 404
    assert client.get(f"/lmx/{VERSION}/%2e%2e/component.py").status_code == 404


def test_polling_carries_the_same_messages(live_hub: Hub, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(route, "hub", lambda: live_hub)
    token = submit(live_hub)
    wait_for(lambda: live_hub.job(token).stage == "ready" and live_hub.job(token).drawing)
    texts, frames = route.answer(token, "page", [HELLO, {"type": "run"}])
    assert [t["type"] for t in texts][:1] == ["view"]
    rows = 0
    for _ in range(100):
        for data in frames:
            header = unpack(data).header
            assert header["start"] <= rows
            rows = max(rows, header["start"] + header["rows"])
        if rows == 241:
            break
        time.sleep(0.05)
        held = {"type": "ack", "source": 0, "rows": rows, "snapshots": 0, "head": rows}
        _, frames = route.answer(token, "page", [held])
    assert rows == 241
    assert route.answer("nobody", "page", []) == ([{"type": "gone"}], [])


def test_a_full_disk_is_said_in_a_sentence_and_the_rest_goes_on(
    client, live_hub: Hub, monkeypatch: pytest.MonkeyPatch
):
    token = submit(live_hub)
    wait_for(lambda: live_hub.job(token).forecast.is_whole)

    def full(*_args):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("app.live.server.files.to_bytes", full)
        answer = client.get(f"/files/{token}/run.nc")
        assert answer.status_code == 507
        assert answer.text == (
            "The server cannot write the file (No space left on device); try again later."
        )
    assert client.get(f"/files/{token}/run.nc").status_code == 200


def test_an_event_loop_blocked_for_five_seconds_loses_nothing(client, live_hub: Hub):
    token = submit(live_hub, steps=9_000_000, heavy=40)
    with browser(client, token) as reader:
        reader.until(lambda: reader.state == "ready")
        reader.say("run")
        reader.until(lambda: reader.rows > 0)
        client.portal.call(time.sleep, 5)
        assert live_hub.job(token).stage == "running"
        known = reader.rows
        reader.until(lambda: reader.rows > known + 1)
