"""The live part alone in a real Chromium: what it says and asks, message by message."""

from __future__ import annotations

import itertools

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.mounted import ADDRESS, Mounted, frame, judgement, reply, status, view

pytestmark = pytest.mark.e2e
RESTARTED = "The server was restarted: press Run again."


def kinds(question: dict) -> list[str]:
    return [message["type"] for message in question["messages"]]


def words(page: Page, text: str) -> None:
    expect(page.locator(".status .words")).to_have_text(text)


def notice(page: Page, text: str | None) -> None:
    shown = page.locator(".notice")
    if text is None:
        expect(shown).to_have_count(0)
    else:
        expect(shown).to_have_text(text)


def ran(part: Mounted, token: str = "a") -> None:
    """A run of three rows is on the page."""
    part.send(view(), status("ready"))
    part.page.click("[data-action=run]")
    part.send(status("running"), frame(token, 0, 3))
    expect(part.page.locator(".lmx")).to_have_attribute("data-rows", "3")


# The place in line


def test_a_place_in_line_stands_for_the_seconds_of_a_prediction(part: Mounted):
    part.give("a")
    part.send(status("predicting", queue={"place": 3, "wait": 12.3}))
    words(part.page, "number 3 in line, about 12 s")
    node = part.page.locator(".status .words").element_handle()
    part.send(status("predicting", queue={"place": 2, "wait": 200}))
    words(part.page, "number 2 in line, about 3 min")
    assert part.page.evaluate("node => node.isConnected", node)
    assert part.heard() == ["number 3 in line, about 12 s"]
    part.send(status("predicting", queue=None), view(), status("ready"))
    words(part.page, "")


def test_a_run_that_waits_for_its_first_row_says_its_place(part: Mounted):
    part.give("a")
    part.send(view(), status("ready"))
    part.page.click("[data-action=run]")
    part.send(status("running", queue={"place": 1, "wait": 4.6}))
    words(part.page, "running; number 1 in line, first curve in about 5 s")
    part.send(frame("a", 0, 3))
    words(part.page, "running")
    assert part.heard() == ["running", "number 1 in line, about 5 s"]


# What Python did not know when it drew the page


def test_python_is_told_once_that_what_it_awaits_has_arrived(part: Mounted):
    part.give("a", awaiting=True)
    assert part.told("arrived") == []
    part.send(view(), status("ready"))
    assert part.told("arrived") == ["a"]
    part.give("a", awaiting=True)
    part.send(view(), status("ready"))
    assert part.told("arrived") == ["a"]


def test_a_view_may_be_there_before_python_names_its_job(part: Mounted):
    part.give("a")
    part.send(view(), status("ready"))
    part.send({"type": "moved", "token": "b", "stay": True}, view(), status("ready"))
    expect(part.page.locator(".lmx")).to_have_attribute("data-state", "ready")
    part.give("b", awaiting=True)
    assert part.told("arrived") == ["b"]


def test_a_page_drawn_with_everything_known_is_not_drawn_again(part: Mounted):
    part.give("a")
    part.send(view(), status("ready"))
    assert part.told("arrived") == []


def test_a_turn_that_began_before_a_preset_was_picked_does_not_take_it_back(part: Mounted):
    known = [{"id": i, "title": i, "look_for": "", "kind": "lands", "beside": ""} for i in "xyz"]
    row = part.page.locator(".presets")

    def drawn(active: str, heard: int | None) -> None:
        told = {"presets": known, "active": active, "unnamed": "", "beside": None}
        part.give("a", presets=told, heard=heard)

    drawn("x", None)
    part.page.keyboard.press("]")
    drawn("x", None)
    expect(row).to_have_attribute("data-active", "y")
    part.page.keyboard.press("]")
    first, second = part.told("preset")
    assert [first["value"], second["value"]] == ["y", "z"]
    drawn("y", first["n"])
    expect(row).to_have_attribute("data-active", "z")
    drawn("x", second["n"])
    expect(row).to_have_attribute("data-active", "x")


@pytest.mark.parametrize("awaiting", [True, False])
def test_python_is_told_of_a_refusal(part: Mounted, awaiting: bool):
    part.give("a", awaiting=awaiting)
    part.send(status("failed", message="alpha is too large.", refused=True))
    notice(part.page, "alpha is too large.")
    assert part.told("arrived") == ["a"]


def test_python_is_told_nothing_in_the_middle_of_a_turn(part: Mounted):
    part.turn("running")
    part.give("a", awaiting=True)
    part.send(view(), status("ready"))
    assert part.told("arrived") == []
    part.turn("notRunning")
    assert part.told("arrived") == ["a"]


def test_run_pressed_while_other_settings_are_on_their_way_is_theirs(part: Mounted):
    part.give("a")
    ran(part)
    part.send(judgement(), status("done"))
    expect(part.page.locator(".lmx")).to_have_attribute("data-state", "done")
    part.send({"type": "moved", "token": "b", "stay": True})
    expect(part.page.locator(".lmx")).to_have_attribute("data-state", "loading")
    part.page.click("[data-action=run]")
    part.send(view(), status("ready"))
    expect(part.page.locator(".lmx")).to_have_attribute("data-state", "running")
    assert "reset" not in [message["type"] for message in part.said]


# A server that was restarted


def test_a_restarted_server_is_said_until_run_is_pressed(part: Mounted):
    part.give("a", server="one")
    ran(part)
    part.give("b", server="two")
    notice(part.page, RESTARTED)
    part.send(view(), status("ready"))
    expect(part.page.locator(".lmx")).to_have_attribute("data-state", "ready")
    notice(part.page, RESTARTED)
    part.page.click("[data-action=run]")
    notice(part.page, None)
    assert RESTARTED in part.heard()


def test_the_words_go_with_the_next_job_of_the_readers(part: Mounted):
    part.give("a", server="one")
    ran(part)
    part.give("b", server="two")
    part.send(view(), status("ready"))
    part.give("b", server="two")
    notice(part.page, RESTARTED)
    part.give("c", server="two")
    part.send(view(), status("ready"))
    notice(part.page, None)


def test_where_nothing_had_run_a_restart_is_not_mentioned(part: Mounted):
    part.give("a", server="one")
    part.send(view(), status("ready"))
    part.give("b", server="two")
    part.send(view(), status("ready"))
    notice(part.page, None)


def test_a_run_that_was_asked_for_is_not_begun_by_itself_after_a_restart(part: Mounted):
    part.give("a", server="one")
    part.page.wait_for_selector("[data-action=run]:enabled")
    part.page.click("[data-action=run]")
    part.give("b", server="two")
    part.send(view(), status("ready"))
    notice(part.page, RESTARTED)
    expect(part.page.locator(".lmx")).to_have_attribute("data-state", "ready")


def test_where_nothing_is_claimed_that_is_said_and_no_table_is_shown(part: Mounted):
    said, page = "No claim is judged here", part.page
    part.give("a")
    ran(part)
    expect(page.locator("#claims")).to_have_text(said)
    expect(page.locator(".claims table")).to_be_hidden()
    part.send(judgement() | {"headline": said}, status("done"))
    expect(page.locator(".status")).to_have_text(said)
    expect(page.locator(".claims table")).to_be_hidden()


def test_a_finished_picture_outlives_the_server_and_runs_again_when_asked(part: Mounted):
    part.give("a", server="one")
    ran(part)
    part.send(judgement(), status("done"))
    expect(part.page.locator(".lmx")).to_have_attribute("data-state", "done")
    part.sockets[-1].close(code=1012)
    while len(part.sockets) < 2:
        part.page.wait_for_timeout(20)
    part.sockets[-1].close(code=4404)
    notice(part.page, RESTARTED)
    expect(part.page.locator(".lmx")).to_have_attribute("data-state", "done")
    assert part.told("lost") == []
    part.page.click("[data-action=run]")
    notice(part.page, None)
    assert part.told("lost") == ["a"]
    part.give("b", server="two")
    part.send(view(), status("ready"))
    expect(part.page.locator(".lmx")).to_have_attribute("data-state", "running")
    notice(part.page, None)


def test_a_job_that_was_dropped_is_begun_again_without_a_word(part: Mounted):
    part.give("a", server="one")
    ran(part)
    part.sockets[-1].close(code=4404)
    part.page.wait_for_function("window.told.some(([name]) => name === 'lost')")
    part.give("b", server="one")
    part.send(view(), status("ready"))
    expect(part.page.locator(".lmx")).to_have_attribute("data-state", "running")
    notice(part.page, None)


# Files


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"status": 404}, RESTARTED),
        ({"status": 502}, "The server cannot be reached; try again."),
        (None, "The server cannot be reached; try again."),
    ],
)
def test_a_file_that_does_not_come_is_said(part: Mounted, answer: dict | None, words: str):
    part.give("a", server="one")
    ran(part)
    files = f"{ADDRESS}/files/a/run.nc"
    part.page.route(files, lambda route: route.fulfill(**answer) if answer else route.abort())
    if words == RESTARTED:
        part.sockets[-1].close(code=1012)
        while len(part.sockets) < 2:
            part.page.wait_for_timeout(20)
        part.sockets[-1].close(code=4404)
        notice(part.page, RESTARTED)
    part.page.click("[data-action=nc]")
    notice(part.page, words)


def test_a_file_has_the_servers_name_and_the_link_its_address(part: Mounted):
    part.give("a")
    ran(part)
    files = f"{ADDRESS}/files/a/run.csv"
    named = {"Content-Disposition": 'attachment; filename="linear-network-1.csv"'}
    part.page.route(files, lambda route: route.fulfill(body="seed,", headers=named))
    link = part.page.locator("[data-action=csv]")
    assert link.get_attribute("href") == files
    assert link.get_attribute("download") is not None
    with part.page.expect_download() as download:
        link.click()
    assert download.value.suggested_filename == "linear-network-1.csv"
    assert download.value.path().read_text("utf-8") == "seed,"
    notice(part.page, None)


# The polled way


def test_a_hello_goes_first_and_rows_come_by_way_of_python(polled: Mounted):
    question = polled.asked()
    assert kinds(question)[:1] == ["hello"]
    polled.give("a", reply(question, 7, view(), status("ready")))
    expect(polled.page.locator(".lmx")).to_have_attribute("data-state", "ready")
    words(polled.page, "no live connection here: the picture follows twice a second")
    polled.page.click("[data-action=run]")
    answers = itertools.count(8)
    while "run" not in kinds(question := polled.asked()):  # asked by the clock before the click
        polled.give("a", reply(question, next(answers)))
    assert "hello" not in kinds(question)
    polled.give("a", reply(question, next(answers), status("running"), frame("a", 0, 3)))
    expect(polled.page.locator(".lmx")).to_have_attribute("data-rows", "3")
    words(polled.page, "running")


def test_what_no_reply_names_as_taken_is_said_again(polled: Mounted):
    first = polled.asked()
    polled.give("a", {**reply(first, 7, view(), status("ready")), "taken": 0})
    second = polled.asked()
    assert first["messages"][0] in second["messages"]
    polled.give("a", reply(second, 8))
    assert "hello" not in kinds(polled.asked())
    assert first["viewer"] == second["viewer"]


def test_a_question_without_an_answer_is_asked_again(polled: Mounted):
    again = polled.asked(2)
    assert "hello" in kinds(again)


def test_after_a_lost_reply_the_browser_tells_what_it_holds(polled: Mounted):
    polled.give("a", reply(polled.asked(), 7, view(), status("ready")))
    polled.give("a", reply(polled.asked(), 8, status("running"), frame("a", 0, 3)))
    polled.give("a", reply(polled.asked(), 10, frame("a", 6, 2)))
    hello = next(m for m in polled.asked()["messages"] if m["type"] == "hello")
    assert hello["view"] is True
    assert hello["rows"][0] == 3


def test_no_question_falls_into_the_turn_of_a_knob(polled: Mounted):
    polled.give("a", reply(polled.asked(), 7, view(), status("ready")))
    polled.asked()
    polled.page.click("#outside")
    polled.turn("running")
    count = len(polled.told("send"))
    polled.page.wait_for_timeout(1500)
    assert len(polled.told("send")) == count
    polled.turn("notRunning")
    polled.give("b")
    polled.page.wait_for_function("window.sent().at(-1).token === 'b'")


def test_a_reply_is_taken_once_and_only_by_who_asked(polled: Mounted):
    answered = reply(polled.asked(), 7, view(), status("ready"))
    polled.give("a", {**answered, "viewer": "another"})
    expect(polled.page.locator(".lmx")).to_have_attribute("data-state", "loading")
    polled.give("a", answered)
    expect(polled.page.locator(".lmx")).to_have_attribute("data-state", "ready")
    polled.give("a", {**answered, "messages": [status("failed", message="no")]})
    expect(polled.page.locator(".lmx")).to_have_attribute("data-state", "ready")


@pytest.mark.parametrize("stay", [True, False])
def test_a_reply_may_lead_to_another_job(polled: Mounted, stay: bool):
    polled.give("a", reply(polled.asked(), 7, view(), status("ready")))
    moved = {"type": "moved", "token": "b", "stay": stay}
    new = [view(rows=20), status("ready")] if stay else []
    polled.give("a", reply(polled.asked(), 8, status("running"), moved, *new))
    expect(polled.page.locator(".lmx")).to_have_attribute("data-run", "b")
    expect(polled.page.locator(".lmx")).to_have_attribute(
        "data-state", "ready" if stay else "loading"
    )
    question = polled.asked()
    assert question["token"] == "b"
    assert kinds(question)[0] == "hello"
    polled.give("a", reply(question, 9, view(rows=20), status("ready")))
    expect(polled.page.locator(".lmx")).to_have_attribute("data-state", "ready")


def test_a_job_that_is_gone_is_asked_of_python(polled: Mounted):
    polled.give("a", reply(polled.asked(), 7, view(), status("ready")))
    polled.give("a", reply(polled.asked(), 8, {"type": "gone"}))
    assert polled.told("lost") == ["a"]
    polled.give("b")
    question = polled.asked()
    assert question["token"] == "b"
    polled.give("b", reply(question, 9, view(), status("ready")))
    expect(polled.page.locator(".lmx")).to_have_attribute("data-state", "ready")


def test_sockets_that_opened_once_are_waited_for(part: Mounted):
    part.give("a")
    part.send(view(), status("ready"))
    for count in range(2, 7):
        part.sockets[-1].close(code=1012)
        while len(part.sockets) < count:
            part.page.wait_for_timeout(20)
    assert part.told("fallback") == []
    assert part.greetings[-1]["view"] is True
