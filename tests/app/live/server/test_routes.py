"""What is imported before the first page is drawn."""

import subprocess
import sys
from pathlib import Path

import pytest
import streamlit.delta_generator

ROOT = Path(__file__).resolve().parents[4]
PLAIN = {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"}
LOADED = """
import gc, sys
from app.live.server import routes
routes.load()
from sims import api
print(api.phenomena() and [name for name in {names} if name in sys.modules])
print(gc.isenabled(), gc.get_freeze_count() > 100_000)
"""


@pytest.fixture(scope="module")
def said():
    heavy = ("diffrax", "flax", "optax", "scipy", "sklearn")
    script = LOADED.replace("{names}", repr(heavy))
    found = subprocess.run(
        [sys.executable, "-c", script], cwd="/", env=PLAIN, capture_output=True, text=True,
        timeout=100, check=True,
    )  # fmt: skip
    return found.stdout.splitlines()


def test_no_page_waits_for_a_package_that_only_some_runs_need(said):
    assert said[0] == "[]"


def test_what_is_imported_is_searched_for_garbage_neither_then_nor_later(said):
    assert said[1] == "True True"


def test_streamlit_still_asks_once_whether_it_was_started_from_a_prompt():
    assert isinstance(streamlit.delta_generator._use_warning_has_been_displayed, bool)
