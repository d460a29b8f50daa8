"""Fields and the address: what is typed, what is refused, and what the address says of it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.driving import LONG, new_job, no_traceback, opened, query_of, root

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
LINEAR = "/saddle_to_saddle-linear_network"


def test_what_is_refused_stays_at_its_field_and_not_in_the_address(page: Page) -> None:
    opened(page, LINEAR + "?spectrum=5,2&d_in=999")
    page.wait_for_url(lambda url: "d_in" not in url)
    for knob, word, bad in (("spectrum", "Singular values", "5,,1"), ("d_in", "Inputs", "999")):
        field = page.locator(f"input[aria-label^='{word}']").first
        field.fill(bad)
        field.press("Enter")
        said = page.get_by_test_id("stSidebar").get_by_text(f"{knob} = {bad} is not allowed")
        expect(said).to_be_visible()
        page.wait_for_function("bad => !decodeURIComponent(location.search).includes(bad)", arg=bad)
        assert query_of(page) == {"spectrum": ["5,2"]}
        assert field.input_value() == bad


def typed(page: Page, word: str, text: str) -> None:
    """Write into the field of that name."""
    field = page.locator(f"input[aria-label^='{word}']").first
    field.fill(text)
    field.press("Enter")


def test_a_refused_combination_leaves_the_address_until_it_is_one(page: Page) -> None:
    opened(page, LINEAR + "?init=aligned")
    job = root(page, "run")
    typed(page, "Hidden width", "2")
    page.get_by_text("at least the number of modes").first.wait_for()
    page.wait_for_url(lambda url: "width" not in url)
    assert query_of(page) == {"init": ["aligned"]}
    assert page.locator("input[aria-label^='Hidden width']").first.input_value() == "2"
    typed(page, "Singular values", "3,1")
    new_job(page, job)
    page.wait_for_url(re.compile("width=2"))
    assert query_of(page) == {"init": ["aligned"], "width": ["2"], "spectrum": ["3,1"]}


def test_a_decimal_comma_is_read_as_a_point_and_said(page: Page) -> None:
    opened(page, LINEAR)
    job = root(page, "run")
    rate = page.locator("input[aria-label^='Learning rate']").first
    rate.click()
    page.keyboard.type("0,001")
    assert rate.input_value() == "0.001"
    said = rate.evaluate("field => field.validationMessage")
    assert said == "A comma is read as the decimal point."
    page.keyboard.press("Enter")
    new_job(page, job)
    assert query_of(page) == {"eta": ["0.001"]}
    rate.blur()
    assert rate.evaluate("field => field.validationMessage") == ""


AMBIGUOUS = "1,000 could mean 1.000 or 1000: write one of these."
MESSAGE = "field => field.validationMessage"


def written_by_keys(page: Page, word: str, keys: str) -> Locator:
    """The field of that name, emptied and then written key by key."""
    field = page.locator(f"input[aria-label^='{word}']").first
    field.focus()
    field.press("ControlOrMeta+a")
    field.press("Delete")
    page.keyboard.type(keys)
    return field


def test_a_typed_comma_that_may_part_thousands_is_not_taken(page: Page) -> None:
    opened(page, LINEAR)
    job = root(page, "run")
    rate = page.locator("input[aria-label^='Learning rate']").first
    before = rate.input_value()
    written_by_keys(page, "Learning rate", "1,000")
    assert rate.evaluate(MESSAGE) == AMBIGUOUS
    rate.press("Enter")
    assert rate.evaluate(MESSAGE) == AMBIGUOUS
    page.keyboard.press("Tab")
    expect(rate).to_have_value(before)
    assert query_of(page) == {}
    assert root(page, "run") == job
    written_by_keys(page, "Learning rate", "1,0005")
    assert rate.evaluate(MESSAGE) == ""
    written_by_keys(page, "Learning rate", "0,004")
    rate.press("Enter")
    new_job(page, job)
    assert query_of(page) == {"eta": ["0.004"]}


def test_of_a_typed_fraction_nothing_goes_into_a_field_for_a_whole_number(page: Page) -> None:
    opened(page, LINEAR)
    job = root(page, "run")
    for fraction in ("2.5", "2,5"):
        seeds = written_by_keys(page, "Seeds", fraction)
        assert "a whole number" in seeds.evaluate(MESSAGE)
        assert seeds.input_value() == "2"
        seeds.press("Tab")
        expect(seeds).to_have_value("1")
    assert root(page, "run") == job
    written_by_keys(page, "Seeds", "2.5").press("Backspace")
    page.keyboard.type("3")
    seeds.press("Enter")
    new_job(page, job)
    assert query_of(page) == {"seeds": ["3"]}


def pasted(page: Page, field: Locator, text: str) -> str:
    """What a field for a number says when a text is pasted into it."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    field.focus()
    field.press("ControlOrMeta+a")
    field.press("Delete")
    page.evaluate("text => navigator.clipboard.writeText(text)", text)
    field.press("ControlOrMeta+v")
    return field.evaluate("field => field.validationMessage")


def test_a_pasted_comma_that_may_part_thousands_is_refused_in_a_sentence(page: Page) -> None:
    opened(page, LINEAR)
    rate = page.locator("input[aria-label^='Learning rate']").first
    assert pasted(page, rate, "1,000") == AMBIGUOUS
    assert rate.input_value() == ""
    assert pasted(page, rate, "1,5e-3") == "A comma is read as the decimal point."
    assert rate.input_value() == "1.5e-3"


@pytest.mark.parametrize("name", ["Hidden width", "Seeds"])
def test_a_field_for_a_whole_number_takes_no_fraction(page: Page, name: str) -> None:
    opened(page, LINEAR)
    field = page.locator(f"input[aria-label^='{name}']").first
    for fraction in ("2.5", "2,5", "1,000"):
        assert "a whole number" in pasted(page, field, fraction)
        assert field.input_value() == ""
    pasted(page, field, "12")
    assert field.input_value() == "12"


def test_a_combination_that_cannot_run_keeps_the_page_alive(page: Page) -> None:
    page.goto(LINEAR + "?init=aligned&width=2")
    page.get_by_text("at least the number of modes").wait_for(timeout=LONG)
    no_traceback(page)
