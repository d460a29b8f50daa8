"""Ten thousand messages to `/live`, of every kind: none leaves a traceback, none takes a worker."""

import json
import logging
import os

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from app.live.server import route, routes
from app.live.server.files import stats
from app.live.server.frames import unpack
from app.live.server.hub import Hub

EXAMPLES = 250 if os.environ.get("CI") else 100
EACH = 20
"""Messages of an example."""
ORIGIN = {"origin": "http://testserver"}
CLOSED = {1000, 1003, 1008, 1009, route.UNKNOWN_TOKEN}

NUMBERS = st.one_of(
    st.integers(), st.floats(), st.just(10**400), st.just(-1), st.just(0), st.just(241)
)
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), NUMBERS, st.text(max_size=20)),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)
KINDS = st.one_of(
    st.sampled_from(
        [
            "hello",
            "ack",
            "touch",
            "pace",
            "painted",
            "run",
            "pause",
            "step",
            "cancel",
            "reset",
            "moved",
            "",
        ]
    ),
    VALUES,
)
FIELDS = st.sampled_from(
    ["rows", "snapshots", "head", "source", "run", "rows_per_second", "view", "n", "token"]
)
MESSAGES = st.builds(
    lambda kind, rest: {**rest, "type": kind}, KINDS, st.dictionaries(FIELDS, VALUES, max_size=5)
)
TEXTS = st.one_of(
    MESSAGES.map(json.dumps),
    VALUES.map(json.dumps),
    st.text(max_size=200),
    st.integers(1, 3).map(lambda n: "x" * (n * route.MOST_MESSAGE)),
)
SENT = st.one_of(TEXTS, TEXTS, TEXTS, TEXTS, st.binary(max_size=40))
TOKENS = st.sampled_from(["own", "own", "own", "own", "other", "nobody", "../../etc", "%00"])


@pytest.fixture(scope="module")
def hub(toy_experiment):
    made = Hub(lookup=lambda _name: toy_experiment)
    yield made
    made.close()


@pytest.fixture(scope="module")
def client(hub: Hub):
    app = Starlette(routes=routes.routes())
    app.state.hub = hub
    with TestClient(app) as made:
        yield made


def said(client, token, sent):
    """Send everything over one socket; the code it was closed with."""
    try:
        with client.websocket_connect(f"/live/{token}", headers=ORIGIN) as socket:
            for message in sent:
                if isinstance(message, bytes):
                    socket.send_bytes(message)
                else:
                    socket.send_text(message)
    except WebSocketDisconnect as closed:
        return closed.code
    return 1000


@pytest.mark.filterwarnings("ignore:Do not use the `random` module")  # another thread does
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    print_blob=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(SENT, min_size=EACH, max_size=EACH), TOKENS, st.booleans())
def test_whatever_is_sent_is_answered_ignored_or_closed_with_a_code(
    client, hub: Hub, caplog, sent, whose, replayed
):
    tokens = {name: hub.submit(name, "toy/growth", {"steps": 240}) for name in ("own", "other")}
    token = tokens.get(whose, whose.replace("/", "%2F"))
    code = said(client, token, sent * (2 if replayed else 1))
    assert code in CLOSED
    assert not [r for r in caplog.records if r.levelno >= logging.ERROR], caplog.text
    found = stats(hub)
    assert found["workers"] == len(hub.scheduler._workers)
    assert found["jobs"] <= 4


def test_after_all_that_a_reader_is_served(client, hub: Hub):
    token = hub.submit("after", "toy/growth", {"steps": 240, "eta": 0.02})
    with client.websocket_connect(f"/live/{token}", headers=ORIGIN) as socket:
        socket.send_text(json.dumps({"type": "hello", "rows": [0, 0], "snapshots": [0, 0]}))
        socket.send_text(json.dumps({"type": "run"}))
        state = ""
        while state not in ("done", "failed"):
            message = socket.receive()
            if message.get("text"):
                state = json.loads(message["text"]).get("state", state)
            elif message.get("bytes"):
                header = unpack(message["bytes"]).header
                held = {"source": 0, "rows": header["start"] + header["rows"], "snapshots": 99}
                socket.send_text(json.dumps({"type": "ack", "head": 241, **held}))
        assert state == "done"
