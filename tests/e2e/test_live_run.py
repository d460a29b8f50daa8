"""One page from the first prediction to the file of its run, in a real Chromium."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from sims import api
from tests.e2e.driving import (
    FINAL,
    LONG,
    READY,
    at_pace,
    curves,
    hashed,
    live,
    new_job,
    no_traceback,
    opened,
    pick,
    query_of,
    root,
    rows,
    rows_above,
    run_to_the_end,
    state,
    verdicts,
)

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
EXPERIMENT = api.experiment("saddle_to_saddle/linear_network")
LINEAR = "/saddle_to_saddle-linear_network"
WATCH = """root => {
    window.seen = [];
    new MutationObserver(() => window.seen.push({
        run: root.dataset.run, state: root.dataset.state, blank: root.classList.contains("blank"),
        panels: root.querySelectorAll("[data-panel]").length,
    })).observe(root, {attributes: true});
}"""


def test_the_staircase_lands_on_the_page(page: Page) -> None:
    opened(page, LINEAR)
    run_to_the_end(page)
    stated = EXPERIMENT.preset("staircase").verdicts
    shown = verdicts(page)
    assert shown == dict(stated)
    assert len(shown) == 7
    expect(live(page).locator("#claims")).to_have_text("All seven claims land")
    expect(live(page).get_by_text("bar under an error has a log scale")).to_be_visible()
    assert page.locator("[data-tile]").first.inner_text().count("measured") == 1


def test_the_prediction_is_drawn_before_any_run(page: Page) -> None:
    opened(page, LINEAR)
    assert "none yet" in live(page).inner_text()
    assert "log scale" not in live(page).inner_text()
    assert hashed(page)
    drawn = curves(page)
    assert sum("theory" in kinds for kinds in drawn) >= 4
    assert not any({"run", "band"} & set(kinds) for kinds in drawn)


def test_pause_step_and_scrub(page: Page) -> None:
    opened(page, LINEAR)
    at_pace(page, "1×")
    state(page, "running")
    rows_above(page, 5)
    page.click("[data-action=run]")
    state(page, "paused")
    held = rows(page)
    assert 5 < held < 240
    page.click("[data-action=step]")
    rows_above(page, held)
    assert rows(page) == held + 1
    scrub = page.locator("[data-action=scrub]")
    before = scrub.input_value()
    scrub.focus()
    page.keyboard.press("Home")
    assert int(scrub.input_value()) < int(before)
    assert rows(page) == held + 1


def says_paused(message: str | bytes) -> bool:
    if isinstance(message, bytes):
        return False
    said = json.loads(message)
    return said["type"] == "status" and said["state"] == "paused"


def test_pause_stops_the_computing_too(page: Page) -> None:
    with page.expect_websocket(lambda socket: "/live/" in socket.url) as found:
        opened(page, LINEAR)
    at_pace(page, "0.5×")
    rows_above(page, 3)
    with found.value.expect_event("framereceived", says_paused):
        page.click("[data-action=run]")
    state(page, "paused")
    assert rows(page) < 240
    assert not page.request.get(f"/files/{root(page, 'run')}/run.json").json()["groups"].get("run")


def test_reset_gives_a_fresh_run_of_the_same_prediction(page: Page) -> None:
    opened(page, LINEAR)
    run_to_the_end(page)
    old, said = root(page, "run"), hashed(page)
    page.click("[data-action=reset]")
    new_job(page, old)
    assert rows(page) == 0
    assert hashed(page) == said


def test_keys_step_run_and_toggle_the_theory(page: Page) -> None:
    opened(page, LINEAR)
    page.select_option("[data-action=pace]", label="Fastest")
    page.locator("h1").click()
    page.keyboard.press("ArrowRight")
    rows_above(page, 0)
    assert rows(page) == 1
    page.keyboard.press("Space")
    page.wait_for_selector(FINAL, timeout=LONG)
    assert "theory" in curves(page, "loss")[0]
    page.keyboard.press("t")
    expect(live(page)).to_have_attribute("data-theory", "off")
    assert "theory" not in curves(page, "loss")[0]
    page.keyboard.press("t")
    expect(live(page)).to_have_attribute("data-theory", "on")
    assert "theory" in curves(page, "loss")[0]


def test_a_moved_knob_gives_a_new_prediction_and_the_old_picture_stays_until_then(
    page: Page,
) -> None:
    opened(page, LINEAR)
    assert query_of(page) == {}
    old, said = root(page, "run"), hashed(page)
    live(page).evaluate(WATCH)
    rate = page.locator("[data-testid=stSidebar]").get_by_label(re.compile("^Learning rate")).first
    rate.fill("0.004")
    rate.press("Enter")
    new_job(page, old)
    assert hashed(page) != said
    seen: list[dict[str, Any]] = page.evaluate("window.seen")
    assert any(moment["state"] == "loading" for moment in seen)
    assert all(moment["panels"] >= 4 and not moment["blank"] for moment in seen)
    page.wait_for_url(re.compile("eta="))
    assert query_of(page) == {"eta": ["0.004"]}


def test_a_preset_moves_the_knobs_and_the_address(page: Page) -> None:
    opened(page, LINEAR)
    pick(page, "lazy_start")
    page.wait_for_url(re.compile(r"alpha=1"))
    broken = page.locator("[data-assumption=small_init]")
    assert broken.get_attribute("data-held") == "false"
    assert re.search(r"broken\. [A-Z]", broken.inner_text())
    assert run_to_the_end(page) == "done"
    assert verdicts(page)["mode_strengths"] == "departs"


def test_a_compared_preset_draws_two_runs(page: Page) -> None:
    opened(page, LINEAR)
    pick(page, "lazy_start")
    assert run_to_the_end(page) == "done"
    expect(live(page).locator(".legend")).to_contain_text("run: balanced start")
    assert curves(page, "loss")[0].count("run") == 2


def test_a_permalink_replays_the_same_prediction(page: Page, browser: Browser, server: str) -> None:
    opened(page, LINEAR + "?alpha=1e-3&seed=3&seeds=2")
    page.evaluate(
        """() => { navigator.clipboard.writeText =
            text => { window.copied = text; return Promise.resolve(); }; }"""
    )
    page.click("[data-action=permalink]")
    link = page.wait_for_function("() => window.copied").json_value()
    assert {"v", "seed", "horizon"} <= set(parse_qs(urlsplit(link).query))
    with browser.new_context(base_url=server) as context:
        other = opened(context.new_page(), link if link.startswith("http") else LINEAR + link)
        assert hashed(other) == hashed(page)


def test_a_hand_edited_address_gets_one_plain_sentence_for_each_value(page: Page) -> None:
    refused = {
        "alpha=-1": "alpha = -1 is not allowed",
        "width=1e9": "width = 1e9 is not allowed",
        "spectrum=5,,3": "numbers separated by commas",
        "init=sideways": "random, aligned or lambda_balanced",
        "eta=nan": "eta = nan is not allowed",
        "alhpa=1e-3": "did you mean alpha",
        "seeds=0": "seeds",
    }
    opened(page, f"{LINEAR}?{'&'.join(refused)}")
    said = page.inner_text("[data-testid=stMain]")
    assert [words for words in refused.values() if words not in said] == []
    no_traceback(page)


def test_a_diverging_run_stops_and_says_where(page: Page) -> None:
    opened(page, LINEAR + "?eta=0.7")
    assert run_to_the_end(page) == "stopped"
    assert 1 < rows(page) < 240
    assert "left the finite range" in live(page).inner_text()
    no_traceback(page)


def test_reload_and_switching_pages_keep_working(page: Page) -> None:
    opened(page, LINEAR)
    at_pace(page, "1×")
    rows_above(page, 3)
    page.get_by_role("link", name="Diagonal network").first.click()
    page.wait_for_url(re.compile("diagonal_network"))
    page.wait_for_selector(READY, timeout=LONG)
    page.reload()
    page.wait_for_selector(READY, timeout=LONG)
    no_traceback(page)


def test_a_closed_tab_does_not_disturb_another(page: Page, browser: Browser, server: str) -> None:
    opened(page, LINEAR)
    with browser.new_context(base_url=server) as context:
        other = opened(context.new_page(), LINEAR)
        other.click("[data-action=run]")
    assert run_to_the_end(page) == "done"


def test_the_file_of_a_run_can_be_fetched_and_names_its_hash(page: Page) -> None:
    opened(page, LINEAR)
    run_to_the_end(page)
    answer = page.request.get(f"/files/{root(page, 'run')}/run.json")
    data = json.loads(answer.body())
    assert data["attrs"]["prediction_sha256"].startswith(hashed(page))
    assert set(data["groups"]) == {"task", "prediction", "run", "claims"}
    assert page.request.get(f"/files/{root(page, 'run')}/run.nc").ok


def test_a_sweep_preset_counts_points_and_lands(page: Page) -> None:
    opened(page, LINEAR)
    pick(page, next(p.id for p in EXPERIMENT.presets if p.over is not None))
    measured = live(page).locator(".tile .measured")
    expect(measured).to_have_text(["measured –"] * 4)
    assert run_to_the_end(page) == "done"
    assert rows(page) == 12
    predicted = live(page).locator(".tile .value").all_inner_texts()
    expect(measured).to_have_text([f"measured {words.split()[0]}" for words in predicted])
    assert verdicts(page)["jump_times"] == "lands"
    expect(live(page).locator(".claims .sub")).to_contain_text("12 points")
    page.locator("[data-panel=skill]").scroll_into_view_if_needed()
    curves(page)
    symbols, said = page.locator("[data-panel=skill] .figure").evaluate(
        "figure => { const jumps = figure.data.find(({ name }) => name === 'jump times'); "
        "return [jumps.marker.symbol, jumps.customdata]; }"
    )
    assert symbols == ["circle"] * 12
    assert {(skill, guess, verdict) for skill, _, guess, verdict in said} == {("1", "∞", "lands")}


def test_the_picture_of_a_run_has_it_in_panels_below_the_screen(page: Page) -> None:
    opened(page, LINEAR)
    run_to_the_end(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="SVG", exact=True).click()
    file = page.request.get(f"/files/{root(page, 'run')}/run.json").headers["content-disposition"]
    assert download.value.suggested_filename.removesuffix(".svg") in file
    drawn = download.value.path().read_text("utf-8")
    panels = page.locator("[data-panel]").count()
    with_run = page.locator("[data-panel] .figure").evaluate_all(
        "figures => figures.map(figure => figure.data.filter(trace => "
        "trace.meta?.kind === 'run' && trace.y?.length > 100).length)"
    )
    assert drawn.count('class="main-svg"') >= panels
    assert min(with_run) >= 1


def test_back_brings_the_former_prediction_with_the_former_knobs(page: Page) -> None:
    opened(page, f"{LINEAR}?alpha=1e-6")
    first, old = hashed(page), root(page, "run")
    pick(page, "lazy_start")
    assert hashed(page) != first
    lazy = root(page, "run")
    assert lazy != old
    page.go_back()
    new_job(page, lazy)
    assert hashed(page) == first
    field = page.locator("input[aria-label^='Initial scale']").first
    assert field.input_value() == "0.000001"


WITHOUT_A_VIEW = """(() => {
  window.touches = 0;
  window.WebSocket = class extends WebSocket {
    constructor(...given) {
      super(...given);
      this.addEventListener("message", event => {
        if (typeof event.data === "string" && event.data.includes('"type":"view"'))
          event.stopImmediatePropagation();
      });
    }
    send(data) {
      if (typeof data === "string" && data.includes('"touch"')) window.touches += 1;
      super.send(data);
    }
  };
})()"""


def test_a_page_that_waits_for_its_prediction_keeps_its_job_alive(page: Page) -> None:
    """A job that is not touched for three seconds is given no time, so its page would wait on."""
    page.add_init_script(WITHOUT_A_VIEW)
    page.goto(LINEAR)
    page.wait_for_function("window.touches >= 2", timeout=LONG)
    assert root(page, "state") == "loading"
