"""What a recording holds of a run."""

from __future__ import annotations

import gzip
import json
import struct

import numpy as np
import pytest

from app.live.server.frames import unpack
from app.live.server.recipe import Recipe
from app.recorded.recording import Recording, of_preset, recorded, shown_first
from sims import api
from tests.app.live.browser.schema import misfits
from tests.app.recorded.conftest import CHEAP


def test_a_recording_says_what_a_server_would_have_said(recording: Recording) -> None:
    for message in (recording.view, recording.before, recording.after, recording.judgement):
        assert misfits("Answer", message) == []
    assert recording.before["state"] == "ready"
    assert recording.after["state"] == "done"
    assert {claim["verdict"] for claim in recording.judgement["claims"]} == {"lands"}


def test_the_frames_hold_every_row_of_the_run(recording: Recording) -> None:
    tree = api.run(CHEAP, device="cpu")
    first = unpack(recording.frames[0])
    assert first.header["rows"] == recording.view["rows_total"] == tree["run"].sizes["record"]
    np.testing.assert_array_equal(first.step, tree["run"]["step"].values)
    loss = np.asarray(tree["run"]["loss"])[0].astype(np.float32)
    assert any(np.array_equal(column, loss) for column in first.columns)


def test_the_numbers_are_the_records_as_csv(recording: Recording) -> None:
    head, *rows = recording.numbers.decode().splitlines()
    assert head.startswith("seed,step,time,")
    assert len(rows) == recording.view["rows_total"]


def test_what_is_packed_can_be_taken_apart_again(recording: Recording) -> None:
    data = gzip.decompress(recording.packed())
    (length,) = struct.unpack_from("<I", data)
    head = json.loads(data[4 : 4 + length])
    assert head["view"] == recording.view
    assert head["judgement"] == recording.judgement
    rest = data[4 + length :]
    for size, frame in zip(head["frames"], recording.frames, strict=True):
        assert rest[:size] == frame
        rest = rest[size:]
    assert rest == recording.numbers
    assert len(rest) == head["numbers"]


def test_a_page_opens_with_the_preset_that_the_defaults_are() -> None:
    recipe, preset = shown_first(api.experiment("saddle_to_saddle/linear_network"))
    assert preset == "staircase"
    assert recipe.over is None
    assert recipe.compare is None  # beside which nothing could be guessed
    recipe, preset = shown_first(api.experiment("lazy_rich/phase_diagram"))
    assert recipe.over
    assert recipe == of_preset(api.experiment("lazy_rich/phase_diagram"), preset)


def test_settings_that_cannot_be_are_refused_in_one_sentence() -> None:
    with pytest.raises(ValueError, match=r"rank = 99 is not allowed"):
        recorded(Recipe(CHEAP, {"rank": 99}))
