"""Where pages take data of one's own, and what a file that is none does to them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from app import network
from app.page import upload
from sims.core import own_data

TABLE = b"a,b,y\n1,2,0\n2,1,1\n3,5,0\n4,4,1\n"


@pytest.mark.parametrize(
    ("served", "word", "taken"),
    [
        (network.LOCALHOST, "", True),
        ("127.0.0.1", "", True),
        (network.EVERYWHERE, "", False),
        ("192.168.0.7", "", False),
        ("", "", False),
        (network.EVERYWHERE, "1", True),
    ],
)
def test_only_the_pages_of_ones_own_machine_take_data_unless_others_may(
    monkeypatch: pytest.MonkeyPatch, served: str, word: str, taken: bool
) -> None:
    monkeypatch.setattr(network, "_host", served)
    monkeypatch.setenv(upload.ALLOW, word)
    assert upload.is_allowed() == taken


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    state: dict[str, Any] = {"data": "digits"}
    monkeypatch.setattr(upload.st, "session_state", state)
    return state


def uploaded(session: dict[str, Any], name: str, content: bytes) -> None:
    file = SimpleNamespace(name=name, getvalue=lambda: content)
    session[upload.FIELD_KEY] = file
    upload._taken("data")


def test_a_table_becomes_the_value_of_the_knob_and_stays_a_choice(session: dict[str, Any]) -> None:
    uploaded(session, "mine.csv", TABLE)
    assert own_data.of(session["data"]).features == 2
    first = session["data"]
    uploaded(session, "other.csv", TABLE.replace(b"5", b"6"))
    assert upload.given() == [first, session["data"]]
    uploaded(session, "mine.csv", TABLE)
    assert session["data"] == first
    assert len(upload.given()) == 2


def test_what_is_no_data_leaves_the_knob_and_says_why(session: dict[str, Any]) -> None:
    uploaded(session, "mine.csv", TABLE.replace(b"5", b"five"))
    assert session["data"] == "digits"
    assert session[upload.REFUSED_KEY].startswith("mine.csv is 'five' in row 4, column 2")
    uploaded(session, "mine.csv", TABLE)
    assert upload.REFUSED_KEY not in session
