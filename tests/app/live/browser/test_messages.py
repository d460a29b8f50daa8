"""The messages of the server and those of a browser, against the browser's declaration of both."""

import json

import pytest

from app.live import component
from app.live.messages.encoding import json_text
from app.live.server import route
from app.live.server.frames import unpack
from app.live.server.hub import Hub
from app.live.server.job import Cursor
from tests.app.live.browser.schema import misfits
from tests.app.live.server.readers import settle

SETTINGS = {
    "one": {"seeds": 2},
    "compared": {"compare": {"eta": 0.02}},
    "stopped": {"values": {"eta": 5.0}},
    "swept": {"over": {"eta": "0.001:0.02:4"}},
    "map": {"over": {"eta": "0.001:0.02:3", "heavy": "0:2:2"}},
}

EXPERIMENTS = "neural_collapse/free_features", "lazy_rich/two_layer_network"
"""One with a picture that can be turned, one with two time axes."""


def conversation(hub: Hub, experiment: str, *, values=None, **asked):
    """(messages, headers of frames) of a run from its first view to its verdicts."""
    token = hub.submit("me", experiment, values or {}, **asked)
    settle(hub)
    cursor = Cursor()
    texts, headers = [*hub.read(token, cursor)[0]], []
    hub.control(token, "run")
    settle(hub)
    for _ in range(200):
        said, data = hub.read(token, cursor)
        texts += said
        if data is None:
            break
        header = unpack(data).header
        headers.append(header)
        source = header["source"]
        cursor.rows[source] = header["start"] + header["rows"]
        cursor.snapshots[source] += len(header["snapshots"])
    return [json.loads(text) for text in texts], headers


@pytest.mark.parametrize("name", SETTINGS)
def test_every_message_of_a_run_fits_the_browsers_declaration(still_hub: Hub, name: str):
    messages, headers = conversation(still_hub, "toy/growth", **SETTINGS[name])
    kinds = {message["type"] for message in messages}
    assert kinds == {"view", "status", "judgement"}
    assert headers
    assert [wrong for message in messages for wrong in misfits("Answer", message)] == []
    assert [wrong for header in headers for wrong in misfits("Header", header)] == []
    assert ("compared" in json_text(messages[-1])) == (name == "compared")


def test_the_scrubber_of_a_sweep_begins_at_its_first_point(still_hub: Hub):
    (view, *_), _ = conversation(still_hub, "toy/growth", **SETTINGS["swept"])
    clock = view["clock"]
    assert (clock["scale"], clock["first_time"], clock["end_time"]) == ("log", 0.001, 0.02)


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_the_view_of_an_experiment_fits_the_browsers_declaration(name: str):
    hub = Hub(threads=False)
    token = hub.submit("me", name, {})
    settle(hub)
    view = json.loads(hub.read(token, Cursor())[0][0])
    hub.close()
    assert misfits("View", view) == []
    assert view["panels"]


def test_what_leads_elsewhere_fits_the_browsers_declaration():
    assert misfits("Answer", json.loads(route.moved("a", stay=True))) == []
    assert misfits("Answer", json.loads(route.GONE)) == []
    assert misfits("Answer", json.loads(route.UNMOVED)) == []


def test_a_reply_of_python_fits_the_browsers_declaration():
    sent = {"token": "a", "viewer": "v", "messages": [{"type": "step", "n": 4}]}
    assert misfits("Sent", sent) == []
    gone = {"type": "gone"}
    reply = component._reply(sent, None, lambda *_: ([gone], [b"frame"]))
    assert misfits("Reply", reply) == []


@pytest.mark.parametrize(
    ("message", "wrong"),
    [
        ({"type": "moved", "token": "a"}, ".stay: missing in Moved"),
        ({"type": "moved", "token": "a", "stay": 1}, ".stay: 1 is no boolean"),
        ({"type": "moved", "token": "a", "stay": True, "to": 1}, ".to: not in Moved"),
        ({"type": "gone", "token": None}, ".token: not in Gone"),
    ],
)
def test_a_message_that_differs_from_its_declaration_is_named(message, wrong: str):
    name = message["type"].capitalize()
    assert misfits(name, message) == [wrong]
