import posixpath
import re

import pytest

from app.live import component
from app.live.component import ASSETS, VERSION

SCRIPTS = [name for name in ASSETS if name.endswith(".js")]


def source(name: str) -> str:
    return ASSETS[name].read_text(encoding="utf-8")


def test_the_loader_asks_for_the_entry_of_this_version():
    assert f"lmx/{VERSION}/${{name}}" in component._LOADER
    assert '?? "live.js"' in component._LOADER
    assert "live.js" in ASSETS
    assert "live.css" in ASSETS


def test_the_version_is_a_digest_of_what_is_served():
    assert re.fullmatch(r"[0-9a-f]{12}", VERSION)
    assert component._version() == VERSION


def imports(name: str) -> list[tuple[str, str]]:
    """(names, asset) of every import of a module, its address resolved as a browser does."""
    found = re.findall(r'^import \{([^}]+)\} from "(\.[^"]+)"', source(name), re.MULTILINE)
    folder = posixpath.dirname(name)
    return [(names, posixpath.normpath(posixpath.join(folder, path))) for names, path in found]


def test_every_module_is_served_and_imported_from_the_entries():
    rooms = ["room/open.js", "room/student.js", "room/wall.js"]
    reached, ahead = set(), ["live.js", "opening.js", "connection.js", *rooms]
    while ahead:
        name = ahead.pop()
        if name not in reached:
            reached.add(name)
            ahead += [module for _, module in imports(name)]
    assert reached == set(SCRIPTS)


@pytest.mark.parametrize("name", SCRIPTS)
def test_every_imported_name_is_exported(name):
    for names, module in imports(name):
        exported = re.findall(r"export (?:async )?(?:function|class|const) (\w+)", source(module))
        assert {n.strip() for n in names.split(",") if n.strip()} <= set(exported)


@pytest.mark.parametrize("name", ASSETS)
def test_nothing_is_fetched_from_elsewhere(name):
    addresses = re.findall(r"https?://[\w./-]+", source(name))
    assert {a for a in addresses if not a.startswith("http://www.w3.org/")} == set()


@pytest.mark.parametrize("name", ASSETS)
def test_colours_come_from_the_palette(name):
    assert re.findall(r"#[0-9a-fA-F]{6}\b", source(name)) == []


@pytest.mark.parametrize("name", ASSETS)
def test_a_file_has_at_most_400_lines(name):
    assert len(source(name).splitlines()) <= 400


def test_no_text_is_smaller_than_the_floor():
    sizes = [float(s) for s in re.findall(r"font(?:-size)?:[^;{]*?([\d.]+)px", source("live.css"))]
    assert sizes
    assert min(sizes) >= 13


def test_a_message_that_is_said_again_is_obeyed_once():
    obeyed = []

    def answer(token, viewer, messages):
        obeyed.append([(token, viewer, m["type"]) for m in messages])
        return [{"type": "status"}], [b"frame"]

    sent = {"token": "a", "viewer": "v", "messages": [{"type": "step", "n": 4}]}
    first = component._reply(sent, None, answer)
    assert (first["taken"], first["frames"]) == (4, ["ZnJhbWU="])
    second = component._reply(sent, first, answer)
    assert second["n"] == first["n"] + 1
    assert second["taken"] == 4
    other = component._reply({**sent, "viewer": "w"}, second, answer)
    assert other["taken"] == 4
    assert obeyed == [[("a", "v", "step")], [], [("a", "w", "step")]]


def test_what_pages_without_a_server_need_is_not_served():
    assert not [name for name in ASSETS if name.startswith("recorded/")]
    assert list((component._HERE / "recorded").glob("*.js"))
