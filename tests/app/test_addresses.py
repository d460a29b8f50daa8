"""Addresses of pages, right and nearly right, before any server."""

import pytest

from app import addresses, corrected
from app.bench.loop import finished
from app.live.server import routes
from sims import api

LINEAR = "saddle_to_saddle-linear_network"


def led(path: str, query: str = "", *, base: str = "", root: str = "") -> str | None:
    """Where an address leads, or None if it is handed on."""
    handed_on: list[str] = []
    sent: list[dict] = []

    async def app(scope, receive, send):
        handed_on.append(scope["path"])

    async def receive():
        return {"type": "http.request"}

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": root + path, "root_path": root}
    scope |= {"query_string": query.encode(), "headers": []}
    finished(corrected.Corrected(app, base)(scope, receive, send))
    if handed_on:
        return None
    assert sent[0]["status"] == 307
    return dict(sent[0]["headers"])[b"location"].decode()


def test_every_page_is_handed_on_by_its_address():
    for experiment in api.experiments():
        assert led("/" + addresses.of(experiment.name)) is None
    for page in ("", *addresses.WORDS):
        assert led("/" + page) is None


@pytest.mark.parametrize(
    ("path", "to"),
    [
        ("/saddle_to_saddle/linear_network", f"../{LINEAR}"),
        ("/Saddle_To_Saddle/Linear_Network", f"../{LINEAR}"),
        ("/saddle-to-saddle/linear-network", f"../{LINEAR}"),
        ("/saddle_to_saddle/linear_network/", f"../../{LINEAR}"),
        (f"/{LINEAR}/", f"../{LINEAR}"),
        (f"/{LINEAR.upper()}", f"./{LINEAR}"),
        ("/Saddle_to_saddle", f"./{LINEAR}"),
        ("/Ledger", "./ledger"),
        ("/Write your own", "./write-your-own"),
        ("/home", "./"),
    ],
)
def test_an_address_that_is_nearly_right_leads_to_its_page(path, to):
    assert led(path) == to
    assert led(path, "eta=0.1&seed=3") == f"{to}?eta=0.1&seed=3"
    assert led("/explorer" + path, base="explorer") == to
    assert led(path, root="/tools/lmx") == to


@pytest.mark.parametrize(
    ("path", "to"),
    [
        ("/foo", "./?lost=foo"),
        ("/foo/bar", "../?lost=foo/bar"),
        ("/foo/bar/baz/", "../../../?lost=foo/bar/baz"),
        ("/a?b&lost=c", "./?lost=a%3Fb%26lost%3Dc"),
        ("//elsewhere/x", "../../?lost=elsewhere/x"),
    ],
)
def test_an_address_of_no_page_leads_home_which_is_told(path, to):
    assert led(path, "eta=0.1") == to


def test_a_very_long_address_is_told_in_part():
    to = led("/" + "x" * 5000)
    assert to is not None
    assert len(to) < 100


@pytest.mark.parametrize(
    "path",
    [
        "/foo/_stcore/health", "/_stcore/stream", "/static/js/index.js", "/lmx/plotly.js",
        "/live/token", "/files/token/run.nc", "/media/abc", "/foo/bar.png", "/auth/login",
        "/room", "/room/", "/room/BCDF", "/room/BCDF/wall",
    ],
)  # fmt: skip
def test_what_is_no_page_is_handed_on(path):
    assert led(path) is None


def test_what_lies_outside_of_the_base_is_handed_on():
    assert led("/saddle_to_saddle/linear_network", base="explorer") is None
    assert led("/explorers/foo", base="explorer") is None


def test_a_right_address_of_what_is_shipped_waits_for_no_import(monkeypatch):
    monkeypatch.setattr(routes, "opened", lambda: False)
    monkeypatch.setattr(routes, "load", lambda: pytest.fail("it was waited for"))
    for experiment in api.experiments():
        assert led("/" + addresses.of(experiment.name)) is None


def test_the_first_folders_of_routes_are_never_pages():
    first = {route.path.split("/")[1] for route in routes.routes()}  # pyright: ignore[reportAttributeAccessIssue]
    assert first <= addresses.ELSEWHERE
    assert not first & {*addresses.pages().values()}
