"""What a notebook keeps of a run: nothing that is cleaned away when it is opened again."""

import base64
import re
from html.parser import HTMLParser

import pytest

import sims
from app.notebook import display

KEPT = {"div", "p", "img", "table", "tr", "th", "td", "span", "sub", "sup", "code"}
MOST = 1_000_000
ONE_NEURON = "lazy_rich/one_neuron"


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.addresses: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href")]


def read(html: str) -> _Tags:
    made = _Tags()
    made.feed(html)
    return made


@pytest.fixture(scope="module")
def run():
    return sims.run(ONE_NEURON, device="cpu")


def test_a_run_is_words_tables_and_one_picture_that_asks_for_nothing(run):
    html = run._repr_html_()
    found = read(html)
    assert found.tags <= KEPT
    (picture,) = found.addresses
    assert picture.startswith("data:image/svg+xml;base64,")
    drawn = base64.b64decode(picture.partition(",")[2]).decode()
    assert drawn.rstrip().endswith("</svg>")
    assert "<script" not in drawn
    assert len(html) < MOST


def test_every_claim_has_its_verdict_and_its_reason(run):
    html = run._repr_html_()
    verdicts = run["claims"]["verdict"].values.tolist()
    shown = re.findall("[●◆⬣◌] (lands|departs|surprise|not judged)", html)
    assert sorted(shown) == sorted(verdicts)
    departed = sims.run("saddle_to_saddle/linear_network", preset="lazy_start", device="cpu")
    claims = departed["claims"].to_dataset()
    reasons = claims["reason"].values[claims["verdict"].values == "departs"]
    words = re.sub(r"<[^>]+>", "", departed._repr_html_())
    assert reasons.size
    assert all(str(reason).split(" ")[0] in words for reason in reasons)


def test_hash_time_device_and_the_command_are_named(run):
    html = run._repr_html_()
    assert run.attrs["prediction_sha256"][:16] in html
    assert run.attrs["predicted_at"][:19].replace("T", " ") in html
    assert f"lmx run {ONE_NEURON}" in html
    assert "trained on the cpu" in html


def test_a_prediction_says_nothing_of_a_run():
    html = sims.predict(ONE_NEURON)._repr_html_()
    assert "trained on" not in html
    assert not re.search("[●◆⬣◌]", html)


def test_a_sweep_says_at_how_many_points_each_claim_landed():
    swept = sims.sweep(ONE_NEURON, {"angle": "30,60"}, device="cpu")
    html = swept._repr_html_()
    assert "2 of 2 points" in html
    assert f"lmx sweep {ONE_NEURON} --over angle=30:60:2" in html


def test_a_picture_of_too_many_strokes_is_one_of_dots(run, monkeypatch):
    monkeypatch.setattr(display, "MOST_VECTORS", 1000)
    (picture,) = read(run._repr_html_()).addresses
    assert picture.startswith("data:image/png;base64,")


def test_questions_and_reasons_are_words_not_markup(run, monkeypatch):
    monkeypatch.setattr(display, "named", lambda _: "<script>alert(1)</script>")
    assert read(run._repr_html_()).tags <= KEPT
