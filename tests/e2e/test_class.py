"""A class: a teacher prepares a link, and a student opens it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.driving import LONG, live, new_job, opened, query_of, root, state

pytestmark = pytest.mark.e2e
ADDRESS = "/saddle_to_saddle-matrix_completion"


def test_a_prepared_link_opens_locked_and_waits_for_a_guess(page: Page) -> None:
    opened(page, ADDRESS)
    page.get_by_role("button", name="For class", exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Phones cannot reach this address")
    link = dialog.get_by_test_id("stCode").inner_text().strip()
    room = dialog.get_by_role("link", name="Open a room with this").get_attribute("href") or ""
    assert re.search(r"/room#open=saddle_to_saddle-matrix_completion%3Flock%3D", room)
    opened(page, link)
    expect(page.locator("[data-locked]")).to_contain_text("Locked for class: every knob, seed")
    expect(live(page)).to_have_attribute("data-guessing", "on")
    expect(page.locator("[data-testid=stSidebar] input:enabled[type=number]")).to_have_count(0)
    expect(page.locator("[data-action=guess-first]")).to_be_disabled()
    page.keyboard.press("g")
    page.click("[data-action=run]")
    expect(page.locator(".banner.notice")).to_contain_text("Put your guess into the picture first")
    state(page, "ready")
    expect(live(page)).to_have_attribute("data-guessing", "on")


def test_a_lock_survives_what_the_page_and_the_reader_do(page: Page) -> None:
    opened(page, f"{ADDRESS}?lock=eta:auto;seed:3&panels=loss&eta=0.5")
    said = page.get_by_role("alert")
    expect(said).to_contain_text("eta is locked at auto by this link.")
    page.wait_for_url(lambda url: "eta=0.5" not in url)
    old = root(page, "run")
    field = page.locator("[data-testid=stSidebar] [class*=st-key-seeds] input")
    field.fill("2")
    field.press("Enter")
    new_job(page, old)
    page.wait_for_url(re.compile("seeds=2"))
    assert query_of(page)["lock"] == ["eta:auto;seed:3"]
    page.reload()
    page.wait_for_selector('.lmx[data-state="ready"]', timeout=LONG)
    expect(page.locator("[data-locked]")).to_contain_text("Locked for class:")
    expect(page.locator("[data-panel]")).to_have_count(1)
    page.get_by_role("link", name="Open the free page").click()
    page.wait_for_url(lambda url: "lock=" not in url)
    page.wait_for_selector('.lmx[data-state="ready"]', timeout=LONG)
    assert query_of(page)["seeds"] == ["2"]
    assert query_of(page)["seed"] == ["3"]
    expect(page.locator("[data-locked]")).to_have_count(0)
    page.go_back()
    expect(page.locator("[data-locked]")).to_be_visible(timeout=LONG)
