"""The doors of rooms: opening one, its pages, its results; and who is turned away."""

import json
import re
import socket

import pytest

from app import network
from app.live.component import VERSION
from app.room.endpoints import MOST_BODY
from app.room.join import LOCAL_ONLY
from app.room.register import OPENED_AT_ONCE
from app.room.results import COLUMNS
from tests.app.room.conftest import HOST, LINK, ORIGIN, Class


def refused(answer) -> str:
    words = answer.json()["refused"]
    assert words.endswith(".")
    assert "Traceback" not in words
    return words


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"links": []}, "A room has 1 to 12 questions."),
        ({"links": [LINK] * 13}, "A room has 1 to 12 questions."),
        ({"links": "grokking"}, "cannot be read"),
        ({"links": [7]}, "cannot be read"),
        ({"links": [LINK], "title": 7}, "cannot be read"),
        ({"links": [LINK], "title": "x" * 81}, "at most 80 characters"),
        ({"links": [LINK], "title": "a\nb"}, "at most 80 characters"),
        ([], "cannot be read"),
        ({"links": ["https://elsewhere.example/"]}, "There is no page of an experiment"),
        ({"links": ["http://["]}, "is no link."),
        ({"links": ["x" * 5000]}, "at most 4000 characters"),
        ({"links": [f"{LINK}&eta=nan"]}, "eta = nan is not allowed"),
        ({"links": [f"{LINK}&nonsense=1"]}, "nonsense"),
        ({"links": [LINK, f"{LINK}&seed=-1"]}, "seed = -1 is not allowed"),
    ],
    ids=lambda value: str(value)[:50],
)
def test_what_is_no_room_is_refused_in_one_sentence(client, body, words):
    answer = client.post("/room", json=body, headers=ORIGIN)
    assert answer.status_code == 400
    assert words in refused(answer)


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"nan", b"[" * 60_000])
def test_what_is_no_json_is_refused(client, body):
    assert "cannot be read" in refused(client.post("/room", content=body, headers=ORIGIN))


def test_ten_megabytes_are_refused(client):
    answer = client.post("/room", content=b"x" * 10_000_000, headers=ORIGIN)
    assert (answer.status_code, str(MOST_BODY) in refused(answer)) == (413, True)


@pytest.mark.parametrize("headers", [{}, {"origin": "http://elsewhere.example"}])
def test_pages_of_others_open_no_rooms(client, headers):
    assert client.post("/room", json={"links": [LINK]}, headers=headers).status_code == 403


def test_rooms_are_not_opened_without_end(client):
    body = {"links": [LINK]}
    for _ in range(OPENED_AT_ONCE):
        assert client.post("/room", json=body, headers=ORIGIN).status_code == 200
    answer = client.post("/room", json=body, headers=ORIGIN)
    assert answer.status_code == 429
    assert "wait a minute" in refused(answer)


DATA = re.compile(r'<script type="application/json" id="page">(.*?)</script>', re.DOTALL)
HTML = "text/html; charset=utf-8"


def told(page: str) -> dict:
    found = DATA.search(page)
    assert found is not None
    return json.loads(found[1])


def test_every_page_names_its_module_where_it_lies(opened):
    room: Class = opened()
    for path, up, module in (
        ("/room", "./", "open"),
        (f"/room/{room.code.lower()}", "../", "student"),
        (f"/room/{room.code}/wall", "../../", "wall"),
    ):
        answer = room.client.get(path)
        assert answer.status_code == 200
        assert f'src="{up}lmx/{VERSION}/room/{module}.js"' in answer.text
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert room.secret not in answer.text
        assert set(told(answer.text)["palette"]) == {"light", "dark"}
        assert told(answer.text)["code"] == ("" if module == "open" else room.code)


def test_a_slash_behind_the_room_leads_to_the_same_place(client):
    answer = client.get("/room/", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (307, "../room")


def test_the_entrance_offers_every_experiment_and_its_links_open_a_room(client):
    from sims import api

    menu = told(client.get("/room").text)["menu"]
    every = [one for phenomenon in menu for one in phenomenon["experiments"]]
    assert [one["title"] for one in every] == [one.title for one in api.experiments()]
    links = [every[0]["own"]["link"], *(preset["link"] for preset in every[0]["presets"])]
    body = {"links": links[:12]}
    assert client.post("/room", json=body, headers=ORIGIN).status_code == 200


@pytest.mark.parametrize("path", ["", "/wall", "/qr.svg", "/run/name"])
def test_an_unknown_code_is_told_so(client, path):
    answer = client.get(f"/room/AA<b>{path}")
    assert answer.status_code == 404
    assert "There is no room" in answer.text
    assert "<b>" not in DATA.sub("", answer.text) or answer.headers["content-type"] != HTML


def test_a_room_that_has_ended_is_told_so(opened):
    room: Class = opened()
    room.rooms.find(room.code, "").end()
    answer = room.client.get(f"/room/{room.code}")
    assert answer.status_code == 410
    assert told(answer.text)["words"] == "The lecturer has closed this room."


def test_a_run_is_fetched_by_the_name_that_is_told_at_its_start(opened):
    room: Class = opened()
    room.compute()
    for name in ("", "name", "é", "x" * 500):
        assert room.client.get(f"/room/{room.code}/run/{name}").status_code == 404
    with room.connected() as one:
        wall = room.wall(one)
        wall.say("run")
        answer = room.client.get(f"/room/{room.code}/run/{wall.hear('start')['run']}")
    assert answer.content == b"packed"
    assert answer.headers["content-type"] == "application/octet-stream"
    assert "content-encoding" not in answer.headers


@pytest.mark.parametrize("body", [{}, {"secret": "wrong"}, {"secret": 7}, [], {"secret": "\ud800"}])
def test_results_are_the_lecturers(opened, body):
    room: Class = opened()
    path = f"/room/{room.code}/results.csv"
    content = json.dumps(body).encode()
    answer = room.client.post(path, content=content, headers=ORIGIN)
    assert answer.status_code in (400, 403)
    assert ",".join(COLUMNS) not in answer.text
    assert room.client.get(path).status_code == 405


def test_results_come_as_a_table(opened):
    room: Class = opened()
    body = {"secret": room.secret}
    answer = room.client.post(f"/room/{room.code}/results.csv", json=body, headers=ORIGIN)
    assert answer.headers["content-disposition"] == f'attachment; filename="room-{room.code}.csv"'
    assert answer.text.splitlines() == [",".join(COLUMNS)]


def test_the_code_image_leads_to_this_room_alone(opened):
    room: Class = opened()
    path = f"/room/{room.code}/qr.svg"
    own = f"http://{HOST}/room/{room.code}"
    answer = room.client.get(path, params={"address": own})
    assert answer.status_code == 200
    assert answer.text.startswith("<svg")
    assert "<script" not in answer.text
    for other in (
        "",
        "http://elsewhere.example/room/" + room.code,
        f"http://{HOST}/room",
        "http://[",
    ):
        assert room.client.get(path, params={"address": other}).status_code == 400


@pytest.fixture
def interfaces(monkeypatch):
    def addresses(family: socket.AddressFamily | None = None) -> list[str]:
        return ["10.0.0.7"] if family is not None else ["10.0.0.7", "fd00::7"]

    monkeypatch.setattr(network, "addresses", addresses)


def test_a_lecturer_at_localhost_shows_the_address_of_this_machine(opened, interfaces, monkeypatch):
    monkeypatch.setattr(network, "served_at", lambda: network.EVERY_IPV4)
    room: Class = opened()
    local = {"origin": "http://localhost:8501", "host": "localhost:8501"}
    with room.client.websocket_connect(f"/room/{room.code}/live", headers=local) as one:
        one.send_text(
            json.dumps({"type": "wall", "secret": room.secret, "address": "http://localhost:8501/"})
        )
        one.receive_json()
        seen = one.receive_json()
    address = f"http://10.0.0.7:8501/room/{room.code}"
    assert (seen["join"], seen["hint"]) == ([address], "")
    answer = room.client.get(
        f"/room/{room.code}/qr.svg", params={"address": address}, headers=local
    )
    assert answer.status_code == 200


def test_a_lecturer_whom_no_phone_reaches_is_told_what_to_do(opened, monkeypatch):
    monkeypatch.setattr(network, "served_at", lambda: network.LOCALHOST)
    room: Class = opened()
    local = {"origin": "http://localhost:8501", "host": "localhost:8501"}
    with room.client.websocket_connect(f"/room/{room.code}/live", headers=local) as one:
        one.send_text(json.dumps({"type": "wall", "secret": room.secret}))
        one.receive_json()
        seen = one.receive_json()
    assert (seen["join"], seen["hint"]) == ([], LOCAL_ONLY)
