"""Every page, home, phone and themes in a real Chromium."""

from __future__ import annotations

from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from sims import api
from sims.core.experiment import Experiment, Phenomenon
from sims.core.study import Study
from tests.e2e.driving import (
    LONG,
    curves,
    live,
    never_sideways,
    new_job,
    no_traceback,
    opened,
    root,
    rows,
    run_to_the_end,
    verdicts,
)

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
EXPERIMENT = api.experiment("saddle_to_saddle/linear_network")
LINEAR = "/saddle_to_saddle-linear_network"
WORDS_WITHIN = 10_000


@pytest.mark.parametrize("phenomenon", api.phenomena(), ids=lambda p: p.name)
def test_every_page_predicts_runs_and_judges(page: Page, phenomenon: Phenomenon) -> None:
    """The pages of a phenomenon one after the other, by their tabs."""
    first, *others = [e for e in phenomenon.experiments if not e.over]
    opened(page, "/" + first.name.replace("/", "-"))
    predicts_runs_and_judges(page, first)
    for experiment in others:
        old = root(page, "run")
        page.get_by_role("link", name=experiment.title, exact=True).first.click()
        page.get_by_role("heading", name=experiment.question).wait_for()
        new_job(page, old)
        predicts_runs_and_judges(page, experiment)


def predicts_runs_and_judges(page: Page, experiment: Experiment) -> None:
    assert rows(page) == 0, experiment.name
    assert page.locator("[data-panel]").count() >= 3, experiment.name
    assert run_to_the_end(page) == "done", experiment.name
    assert rows(page) == len(Study(experiment).setup.schedule.record_steps), experiment.name
    assert "surprise" not in verdicts(page).values(), experiment.name
    no_traceback(page)
    page.set_viewport_size({"width": 390, "height": 844})
    curves(page)
    never_sideways(page)
    page.set_viewport_size({"width": 1440, "height": 1000})


def test_nothing_is_asked_of_another_origin(page: Page, server: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/")
    page.wait_for_selector("h1")
    opened(page, LINEAR)
    run_to_the_end(page)
    own = server.split("//")[1]
    foreign = [u for u in asked if not u.startswith(("data:", "blob:")) and own not in u]
    assert foreign == []


def test_a_phone_never_scrolls_sideways_at_home(phone: Page) -> None:
    phone.goto("/")
    phone.wait_for_selector("h1", timeout=LONG)
    never_sideways(phone)


PAPER = {"light": "rgb(252, 251, 248)", "dark": "rgb(20, 23, 26)"}
ACCENT = {"light": "rgb(11, 90, 138)", "dark": "rgb(111, 183, 230)"}
BACKGROUND = "e => getComputedStyle(e).backgroundColor"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_both_themes_use_the_house_colours_and_fonts(
    browser: Browser, server: str, scheme: Literal["light", "dark"]
) -> None:
    with browser.new_context(base_url=server, color_scheme=scheme) as context:
        page = opened(context.new_page(), LINEAR)
        assert page.locator("[data-testid=stApp]").evaluate(BACKGROUND) == PAPER[scheme]
        assert page.locator("[data-action=run]").evaluate(BACKGROUND) == ACCENT[scheme]
        assert page.evaluate("document.fonts.check('16px \"Source Sans\"')")
        assert page.evaluate("document.fonts.check('600 36px \"Source Serif\"')")


def test_the_theme_may_change_under_an_open_page(page: Page) -> None:
    opened(page, LINEAR)
    page.emulate_media(color_scheme="dark")
    expect(live(page)).to_have_attribute("data-mode", "dark")
    expect(page.locator("[data-testid=stApp]")).to_have_css("background-color", PAPER["dark"])
    expect(page.locator("[data-action=run]")).to_have_css("background-color", ACCENT["dark"])
    assert sum("theory" in kinds for kinds in curves(page)) >= 4


def test_every_figure_has_words_and_a_table(page: Page) -> None:
    opened(page, LINEAR)
    panel = page.locator("[data-panel=loss]")
    assert panel.locator("[role=img]").first.get_attribute("aria-label")
    panel.hover()
    panel.locator("[data-action=data]").click()
    assert panel.locator("table th").count() >= 2


def test_a_dendrogram_is_told_join_by_join(page: Page) -> None:
    opened(page, f"{LINEAR}?data=semantic_tree")
    curves(page, "dendrogram")
    panel = page.locator("[data-panel=dendrogram]")
    panel.locator("[data-action=data]").evaluate("button => button.click()")
    rows = panel.locator("tbody tr").all_inner_texts()
    assert len(rows) == 7
    assert rows[0].split()[:3] == ["1", "canary", "robin"]


@pytest.mark.parametrize("path", ["/foo/bar", LINEAR + "s"])
def test_an_address_that_leads_nowhere_is_said_so_at_home(page: Page, path: str) -> None:
    page.goto(path)
    said = page.get_by_role("alert").filter(has_text="there is no page")
    expect(said).to_contain_text(path[1:], timeout=WORDS_WITHIN)
    page.get_by_text("Write the prediction").wait_for()
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_an_address_in_other_letters_leads_to_its_page(page: Page) -> None:
    opened(page, "/Saddle_To_Saddle/Linear_Network?eta=0.003")
    assert page.url.endswith(f"{LINEAR}?eta=0.003")


def test_home_leads_to_every_experiment_that_exists(page: Page) -> None:
    page.goto("/")
    page.get_by_text("Write the prediction").wait_for()
    for experiment in api.experiments():
        page.get_by_role("link", name=experiment.title).first.wait_for()


def test_notes_are_sent_once_they_are_opened_and_disturb_nothing(page: Page) -> None:
    opened(page, LINEAR)
    job = root(page, "run")
    notes = page.get_by_test_id("stExpander").filter(has_text="Notes and sources")
    sources = notes.get_by_role("heading", name="Sources")
    expect(sources).to_have_count(0)
    notes.locator("summary").click()
    expect(sources).to_be_visible()
    expect(notes.locator(".katex").first).to_be_visible()
    assert root(page, "run") == job
    no_traceback(page)


COUNT_DRAWINGS = """() => {
  const react = window.Plotly.react;
  window.drawings = [];
  window.Plotly.react = (figure, ...rest) => {
    window.drawings.push(figure.closest("[data-panel]").dataset.panel);
    return react(figure, ...rest);
  };
}"""


def test_a_moved_knob_draws_every_panel_once(page: Page) -> None:
    opened(page, LINEAR)
    curves(page)
    old = root(page, "run")
    page.evaluate(COUNT_DRAWINGS)
    field = page.locator("input[aria-label^='Initial scale']").first
    field.fill("0.0003")
    field.press("Enter")
    new_job(page, old)
    curves(page)
    drawn = page.evaluate("window.drawings")
    assert sorted(drawn) == sorted(set(drawn))
