"""The ledger's page: what it says of records, of none, and of those that it cannot read."""

from __future__ import annotations

import dataclasses
import re
from html import unescape
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from app import share
from app.assets import asset
from app.page import ledger_details
from app.page.experiment import url_path
from sims import api, testing
from sims.core import ledger
from sims.core.experiment import Experiment
from sims.core.price import everyday
from sims.core.registry import find

VALLEY = find(asset("guide/template.py"))
SHIPPED = sorted(asset("ledger").glob("*.json"))
MOST_BYTES = 200_000


def too_fast(params, task, schedule):
    """The loss is forgotten a fifth too soon."""
    lam, t = task["curvature"], schedule.record_times
    return {"loss": 0.5 * np.sum(lam * np.exp(-2.4 * lam * t[:, None]), axis=1)}


RIGHT = dataclasses.replace(VALLEY, name="law/right", title="A right theory")
WRONG = dataclasses.replace(
    VALLEY,
    name="law/wrong",
    title="A wrong theory",
    predict=too_fast,
    claims=tuple(claim for claim in VALLEY.claims if claim.name == "loss"),
    presets=(dataclasses.replace(VALLEY.presets[0], verdicts={"loss": "lands"}, lands=()),),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger of both."""
    made = tmp_path_factory.mktemp("ledger")
    for experiment in (RIGHT, WRONG):
        ledger.written(testing.ledger(experiment, 3, seed=2), made)
    return made


@pytest.fixture
def opened(folder: Path, monkeypatch: pytest.MonkeyPatch):
    """Opens the page of a ledger of these experiments."""

    def found(name: str) -> Path:
        path = folder / name.removeprefix("ledger/")
        if not path.exists():
            raise FileNotFoundError(name)
        return path

    def page(*experiments: Experiment) -> AppTest:
        monkeypatch.setattr("app.page.ledger.asset", found)
        monkeypatch.setattr("sims.api.experiments", lambda: list(experiments))
        test = AppTest.from_function(script, default_timeout=60).run()
        assert not test.exception, [e.value for e in test.exception]
        return test

    return page


def script() -> None:
    from app.page import ledger

    ledger.show()


def words(test: AppTest) -> str:
    """All that a page says, tables without their marks."""
    parts = [one.proto.body for one in test.get("html")]
    parts += [one.value for one in (*test.markdown, *test.subheader)]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", part)) for part in parts)


def links(test: AppTest) -> list[str]:
    bodies = " ".join(one.proto.body for one in test.get("html"))
    return [unescape(found) for found in re.findall(r'href="([^"]+)"', bodies)]


def row_of(test: AppTest, title: str) -> list[str]:
    """The cells of an experiment's line."""
    bodies = " ".join(one.proto.body for one in test.get("html"))
    (row,) = [r for r in re.findall(r"<tr.*?</tr>", bodies) if f">{title}</a>" in r]
    return [unescape(re.sub(r"<[^>]+>", " ", cell)).strip() for cell in re.split("</t[dh]>", row)]


def test_a_line_says_what_a_record_came_to(opened, folder: Path):
    line = ledger.read(folder / "law-right.json").line
    cells = row_of(opened(RIGHT), "A right theory")
    assert cells[2:6] == [
        str(line.lands + line.departs), str(line.lands), str(line.departs), "0",
    ]  # fmt: skip
    assert cells[7] == f"{line.caught} of {line.tried}"
    assert cells[9:11] == [f"{line.presets} of {line.presets}", f"0 of {line.controls_caught}"]
    assert line.date in cells[11]


def test_a_ledger_without_a_surprise_says_so(opened):
    assert "No surprise" in words(opened(RIGHT))


def test_every_surprise_is_listed_with_its_link_and_what_replays_it(opened, folder: Path):
    found = ledger.read(folder / "law-wrong.json").surprises
    test = opened(RIGHT, WRONG)
    assert {bool(one.preset) for one in found} == {True, False}
    assert f"{len(found)} surprises" in words(test)
    for one in found:
        assert one.command in " ".join(words(test).split())
        address = ledger_details.address(WRONG, one.preset, one.values)
        assert address in links(test)
        if not one.preset:
            query = dict(parse_qsl(urlsplit(address).query))
            values, counts, refused = share.read(WRONG, query)
            assert (values | {"seed": counts["seed"]}, refused) == (one.values, [])


def test_an_experiment_without_a_record_says_how_one_is_made(opened):
    bare = dataclasses.replace(VALLEY, name="law/bare", title="Bare")
    test = opened(RIGHT, bare)
    assert row_of(test, "Bare")[1] == "No record yet: lmx check law/bare --ledger FOLDER makes one."


def test_a_ledger_without_any_record_is_a_page_all_the_same(opened):
    test = opened(dataclasses.replace(VALLEY, name="law/bare", title="Bare"))
    assert "No surprise" not in words(test)
    assert "In detail" not in words(test)


def test_a_record_of_another_format_is_one_sentence_in_its_line(opened, folder: Path):
    old = dataclasses.replace(VALLEY, name="law/old", title="Old")
    (folder / "law-old.json").write_text('{"format": 0}', "utf-8")
    sentence = "law-old.json is a record of format 0, where 1 is read: write it anew."
    assert row_of(opened(RIGHT, old), "Old")[1] == sentence


def test_details_are_sent_once_they_are_opened(opened, monkeypatch: pytest.MonkeyPatch):
    test = opened(RIGHT, WRONG)
    assert not test.tabs
    monkeypatch.setattr("streamlit.expander", lambda *_, **__: _Open())
    test = opened(RIGHT, WRONG)
    said = words(test)
    assert [tab.label for tab in test.tabs[:3]] == [
        "Random settings (3)", "Presets (3)", "Controls (6)",
    ]  # fmt: skip
    assert "Large steps" in said
    assert "otherwise than stated" in said
    assert "caught" in said
    assert "seed = " in said.replace("\xa0", " ")


class _Open:
    """An expander that is open."""

    open = True

    def __enter__(self) -> None:
        return None

    def __exit__(self, *_: object) -> None:
        return None


@pytest.mark.parametrize("path", SHIPPED, ids=lambda p: p.stem)
def test_a_shipped_record_is_read_and_every_link_of_it_is_taken(path: Path):
    record = ledger.read(path)
    experiment = api.experiment(record.experiment)
    assert path.name == ledger.file_name(experiment.name)
    assert path.stat().st_size < MOST_BYTES
    assert [preset.preset for preset in record.presets] == [p.id for p in everyday(experiment)]
    for one in record.settings.outcomes:
        address = ledger_details.address(experiment, "", one.values)
        page, _, query = address.partition("?")
        assert page == url_path(experiment)
        values, counts, refused = share.read(experiment, dict(parse_qsl(query)))
        assert refused == []
        assert values | {"seed": counts["seed"]} == one.values
