"""The whole application, served for real, asked over HTTP and WebSocket."""

import re
import subprocess
import sys
import threading
import time
import tomllib
import urllib.request
from pathlib import Path

import pytest

from app.figures.style import PAGE

ROOT = Path(__file__).resolve().parents[2]
CONFIG = ROOT / "app" / ".streamlit" / "config.toml"

PLAIN = {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"}
"""An environment that knows nothing but where the code is."""

SERVE = """
import sys
from app.server import serve
serve(port=0, on_ready=lambda port: print(f'http://localhost:{port}', flush=True))
"""


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """Address of a server started from another folder."""
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    environment = {
        "PYTHONPATH": str(ROOT),
        "PATH": "/usr/bin:/bin",
        "LMX_CACHE_DIR": str(elsewhere),
    }
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE], cwd=elsewhere, env=environment, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    found: list[str] = []
    assert process.stdout is not None
    reader = threading.Thread(
        target=lambda out: found.append(out.readline().strip()), args=(process.stdout,)
    )
    reader.start()
    reader.join(timeout=60)
    try:
        assert found, "the server never said that it is ready"
        yield found[0]
    finally:
        process.terminate()
        process.communicate(timeout=20)


def fetched(address, path, **headers):
    request = urllib.request.Request(address + path, headers=headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return answer.status, answer.headers, answer.read()


def test_streamlit_answers_beside_our_routes(address):
    assert fetched(address, "/_stcore/health")[2] == b"ok"
    status, headers, body = fetched(address, "/lmx/plotly.js", **{"Accept-Encoding": "gzip"})
    assert status == 200
    assert headers["Content-Encoding"] == "gzip"
    assert 300_000 < len(body) < 600_000
    status, headers, _ = fetched(address, "/lmx/live.js")
    assert headers["Content-Type"].startswith("text/javascript")


def test_a_deep_link_gives_the_page(address):
    status, _, body = fetched(address, "/saddle_to_saddle-linear_network?eta=0.01")
    assert status == 200
    assert b'<div id="root">' in body


@pytest.mark.parametrize("path", ["/", "/home", "/saddle_to_saddle-linear_network"])
def test_a_page_asks_at_once_for_what_its_live_part_will_need(address, path):
    packed = {"Accept-Encoding": "gzip, br"}
    _, headers, body = fetched(address, path, **packed)
    (script,) = re.findall(
        rb'<script defer src="\.(/lmx/plotly.js\?[\d.]+)"></script></head>', body
    )
    assert "immutable" in fetched(address, script.decode())[1]["Cache-Control"]
    assert int(headers["Content-Length"]) == len(body)
    links = [entry.split(">; ") for entry in headers["Link"].replace("<", "").split(", ")]
    assert {how for _, how in links} == {"rel=modulepreload"}
    assert any(path.endswith("/live.js") for path, _ in links)
    for path, _ in links:
        assert fetched(address, path.removeprefix("."))[0] == 200


@pytest.mark.parametrize("path", ["/ledger", "/lmx/live.js", "/_stcore/health"])
def test_what_has_no_live_part_asks_for_nothing(address, path):
    _, headers, body = fetched(address, path)
    assert headers["Link"] is None
    assert b"lmx/plotly.js?" not in body


def test_a_page_of_a_room_is_whole_as_it_is(address):
    _, headers, body = fetched(address, "/room")
    assert headers["Link"] is None
    assert b"connection.js" not in body
    assert b'id="root"' not in body
    assert b'<main id="room"' in body


@pytest.mark.parametrize("path", ["/", "/home", "/saddle_to_saddle-linear_network"])
def test_every_page_can_say_that_its_connection_does_not_open(address, path):
    _, headers, body = fetched(address, path, **{"Accept-Encoding": "gzip"})
    assert int(headers["Content-Length"]) == len(body)
    (script,) = re.findall(rb'<script type="module" async src="\.(/lmx/\w+/connection\.js)">', body)
    assert fetched(address, script.decode())[1]["Content-Type"].startswith("text/javascript")
    _, headers, palette = fetched(address, "/lmx/palette.css")
    assert headers["Content-Type"].startswith("text/css")
    for mode, colours in PAGE.items():
        (rule,) = re.findall(rf"\[data-mode={mode}\] {{(.+)}}", palette.decode())
        assert f"--departs-tint: {colours['departs_tint']};" in rule


def test_an_experiments_id_leads_to_its_page(address):
    request = urllib.request.Request(f"{address}/lazy_rich/two_layer_network?eta=0.1&seed=3")
    with urllib.request.urlopen(request, timeout=30) as answer:
        assert answer.url == f"{address}/lazy_rich-two_layer_network?eta=0.1&seed=3"
        assert b'<div id="root">' in answer.read()


def test_the_server_answers_before_everything_is_imported():
    script = (
        "import sys, app.server; print([n for n in ('jax', 'sims', 'xarray') if n in sys.modules])"
    )
    said = subprocess.run(
        [sys.executable, "-c", script], cwd="/", env=PLAIN, capture_output=True, text=True,
        timeout=60, check=True,
    )  # fmt: skip
    assert said.stdout.strip() == "[]"


def test_the_theme_is_found_whatever_the_working_directory(address):
    pytest.importorskip("websockets")
    wanted = tomllib.loads(CONFIG.read_text())["theme"]["light"]["primaryColor"]
    script = (
        "import app.server, streamlit as st\n"
        "for name in ('theme.light.primaryColor', 'browser.gatherUsageStats'):\n"
        "    print(st.get_option(name))"
    )
    said = subprocess.run(
        [sys.executable, "-c", script], cwd="/", env=PLAIN, capture_output=True, text=True,
        timeout=60, check=True,
    )  # fmt: skip
    assert said.stdout.split() == [wanted, "False"]


def test_another_origin_gets_no_socket(address):
    websockets = pytest.importorskip("websockets.sync.client")
    from websockets.exceptions import InvalidStatus

    url = address.replace("http", "ws") + "/live/nobody"
    with pytest.raises(InvalidStatus):
        websockets.connect(url, origin="http://elsewhere.example")


def test_an_unknown_token_is_closed_with_4404(address):
    websockets = pytest.importorskip("websockets.sync.client")
    from websockets.exceptions import ConnectionClosed

    url = address.replace("http", "ws") + "/live/nobody"
    with websockets.connect(url, origin=address) as socket:
        with pytest.raises(ConnectionClosed) as closed:
            socket.recv(timeout=5)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 4404


@pytest.mark.slow
def test_streamlit_run_serves_the_same_routes(tmp_path):
    command = [
        sys.executable, "-m", "streamlit", "run", str(ROOT / "app" / "server.py"),
        "--server.port", "0", "--server.headless", "true", "--server.address", "127.0.0.1",
    ]  # fmt: skip
    environment = {**PLAIN, "LMX_CACHE_DIR": str(tmp_path)}
    process = subprocess.Popen(
        command, cwd=tmp_path, env=environment, text=True, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        end = time.monotonic() + 60
        address = ""
        while not address and time.monotonic() < end:
            line = process.stdout.readline()
            address = next((w for w in line.split() if w.startswith("http://127.0.0.1")), "")
        assert fetched(address, "/lmx/live.js")[0] == 200
        assert fetched(address, "/_stcore/health")[2] == b"ok"
    finally:
        process.terminate()
        process.communicate(timeout=20)


ASK = """
import app.server, streamlit as st
print(repr(app.server.BASE), st.get_option("theme.base"), st.get_option("server.enableCORS"))
"""


AS_STREAMLIT_RUN = f"""
from streamlit import config
config._main_script_path = {str(ROOT / "app" / "server.py")!r}
config.get_config_options(options_from_flags={{"server.address": "127.0.0.1"}})
"""


@pytest.mark.parametrize("given", ["", AS_STREAMLIT_RUN])
def test_the_settings_of_another_app_in_the_working_folder_are_not_ours(tmp_path, given):
    (tmp_path / ".streamlit").mkdir()
    foreign = '[server]\nenableCORS = false\naddress = "::"\n[theme]\nbase = "dark"\n'
    (tmp_path / ".streamlit" / "config.toml").write_text(foreign)
    said = subprocess.run(
        [sys.executable, "-c", given + ASK], cwd=tmp_path, env=PLAIN, capture_output=True,
        text=True, timeout=60, check=True,
    )  # fmt: skip
    assert said.stdout.split() == ["''", "None", "True"], said.stderr
    assert "may be another app's" not in said.stderr


def test_an_address_that_streamlit_run_took_from_another_apps_settings_is_said(tmp_path):
    (tmp_path / ".streamlit").mkdir()
    foreign = tmp_path / ".streamlit" / "config.toml"
    foreign.write_text('[server]\nbaseUrlPath = "theirs"\nport = 8599\n[theme]\nbase = "dark"\n')
    said = subprocess.run(
        [sys.executable, "-c", AS_STREAMLIT_RUN + ASK], cwd=tmp_path, env=PLAIN,
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert said.stdout.split() == ["'theirs'", "None", "True"]
    assert (
        f"The address follows {foreign} (server.port, server.baseUrlPath), which may be another "
        "app's: give --server.port --server.baseUrlPath, or start lmx.\n"
    ) in said.stderr
