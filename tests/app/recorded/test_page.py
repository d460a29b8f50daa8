"""What stands around the live part of a page without a server."""

from __future__ import annotations

import dataclasses
import re

import pytest

from app.recorded.page import Around, alone, formula, page
from app.recorded.recording import Recording
from sims import api
from tests.app.recorded.conftest import CHEAP

EXPERIMENT = api.experiment(CHEAP)
MOST = 3_000_000


@pytest.mark.parametrize("experiment", api.experiments(), ids=lambda experiment: experiment.name)
def test_every_law_is_drawn_without_a_word_of_tex_left(experiment) -> None:
    made = [formula(piece) for piece in re.split(r"\\q?quad", experiment.law)]
    assert all(piece.startswith("<math") for piece in made)
    assert not re.search(r"\\[a-z]", re.sub(r"<[^>]*>", " ", "".join(made)))


def test_a_page_is_one_small_file_that_names_nothing_to_fetch(recording: Recording) -> None:
    made = alone(recording, EXPERIMENT)
    assert len(made.encode()) <= MOST
    markup = re.sub(r"<script.*?</script>", "", made, flags=re.DOTALL)
    assert not re.search(r"<(link|img|iframe)\b|\bsrc=|@import|url\(", markup)
    assert re.findall(r'href="([^"]+)"', markup) == [EXPERIMENT.sources[0].url]


def test_question_law_settings_command_and_provenance_are_there_without_a_script(
    recording: Recording,
) -> None:
    values = {**recording.about.values, "alpha": 0.01}
    about = dataclasses.replace(recording.about, values=values, preset="")
    made = page(about, EXPERIMENT, Around(), ())
    assert f"<h1>{EXPERIMENT.question}</h1>" in made
    assert "<math" in made
    assert "Initial scale" in made
    assert "= 0.01" in made
    assert f"lmx run {CHEAP} --set alpha=0.01 --seed 0 --seeds 1" in made
    assert about.hash in made
    assert about.provenance in made


def test_a_server_that_is_named_is_led_to_with_every_knob(recording: Recording) -> None:
    made = page(recording.about, EXPERIMENT, Around(server="https://lmx.example/t/"), ())
    address = "https://lmx.example/t/saddle_to_saddle-matrix_completion?size=16&amp;rank=2"
    assert f'href="{address}' in made
    assert "https://" not in page(recording.about, EXPERIMENT, Around(), ()).replace(
        EXPERIMENT.sources[0].url, ""
    )


def test_presets_are_listed_where_more_than_one_has_a_page(recording: Recording) -> None:
    first, second = (preset.id for preset in EXPERIMENT.presets[:2])
    alone_ = page(recording.about, EXPERIMENT, Around(pages={first: "a.html"}), ())
    both = page(recording.about, EXPERIMENT, Around(pages={first: "a.html", second: "b.html"}), ())
    assert '"presets":{"presets":[],' in alone_
    assert "b.html" in both
    assert EXPERIMENT.preset(second).title in both
