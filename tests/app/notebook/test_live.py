"""A page inside a notebook: the right page, and a server that is started once."""

import contextlib
import threading
from urllib.parse import parse_qs, urlsplit

import pytest

import sims
from app.explorer import Explorer
from app.notebook import live

LINEAR = "saddle_to_saddle/linear_network"
SERVER = "https://lmx.example/below/"


def test_a_widget_is_a_frame_of_the_page_with_its_settings():
    made = sims.live(LINEAR, preset="staircase", seed=3, alpha=1e-5, server=SERVER, height=500)
    address = urlsplit(made.address)
    assert address.netloc + address.path == "lmx.example/below/saddle_to_saddle-linear_network"
    query = parse_qs(address.query)
    assert float(query["alpha"][0]) == 1e-5
    assert query["seed"] == ["3"]
    html = made._repr_html_()
    assert html.startswith("<iframe")
    assert "height:500px" in html
    assert "<script" not in html


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"alpha": -1}, "alpha = -1 is not allowed"),
        ({"preset": "none"}, "none"),
        ({"height": 3}, "height = 3 is not allowed: give 200 to 4000 pixels"),
        ({"data": ([[0, 1], [1, 0], [2, 2], [3, 1]], [0, 1, 0, 1])}, "has no data of yours"),
    ],
)
def test_what_no_page_takes_is_refused_before_anything_is_served(settings, words):
    with pytest.raises(ValueError, match=words):
        sims.live(LINEAR, **settings)


def test_two_threads_that_ask_at_once_get_one_server(monkeypatch):
    begun, go = [], threading.Event()

    @contextlib.contextmanager
    def started(device, options):
        begun.append((device, options))
        assert go.wait(20)
        yield Explorer("http://localhost:1/", 1)

    monkeypatch.setattr(live, "started", started)
    served = live._Served()
    urls: list[str] = []
    threads = [threading.Thread(target=lambda: urls.append(served.url("cpu"))) for _ in range(3)]
    for thread in threads:
        thread.start()
    go.set()
    for thread in threads:
        thread.join(20)
    assert urls == ["http://localhost:1/"] * 3
    assert len(begun) == 1
    assert "--frame-parents" in begun[0][1]


def test_a_server_that_does_not_start_says_why_in_one_sentence(monkeypatch):
    with pytest.raises(RuntimeError, match=r"The explorer did not start\..*no device"):
        live._Served().url("no device")
