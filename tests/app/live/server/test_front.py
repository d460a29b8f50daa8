"""Streamlit's files, as they are answered here."""

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from app.live.server.front import Front, files


async def behind(request):
    return PlainTextResponse("Streamlit's own answer")


@pytest.fixture(scope="module")
def client():
    app = Starlette(
        routes=[Route("/{path:path}", behind)],
        middleware=[Middleware(Front)],
    )
    with TestClient(app) as made:
        yield made


KINDS = {"js": "text/javascript", "css": "text/css", "woff2": "font/woff2"}


@pytest.mark.parametrize("ending", KINDS)
def test_a_file_of_the_front_end_is_answered_whole_and_kept(client, ending):
    name = next(name for name in files() if name.endswith(f".{ending}"))
    answer = client.get(name)
    assert answer.content == files()[name].read_bytes()
    assert answer.headers["content-type"].startswith(KINDS[ending])
    assert "immutable" in answer.headers["cache-control"]


@pytest.mark.parametrize("name", ["range", "if-none-match", "if-modified-since"])
def test_a_request_for_less_than_a_whole_file_is_streamlits(client, name):
    path = next(iter(files()))
    assert client.get(path, headers={name: "bytes=0-9"}).text == "Streamlit's own answer"


@pytest.mark.parametrize(
    "path",
    ["/", "/index.html", "/static/", "/static/js/none.js", "/explorer/static/js/x.js",
     "/static/js/..%2f..%2findex.html", "/static/..%5c..%5c__init__.py"],
)  # fmt: skip
def test_whatever_else_is_asked_for_is_streamlits(client, path):
    assert client.get(path).text == "Streamlit's own answer"


def test_a_file_is_sent_only_to_a_get(client):
    path = next(iter(files()))
    assert client.post(path).status_code == 405
