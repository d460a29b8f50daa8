"""Pages without a server: opened from files, with no network, they play and ask for nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from app import cli
from tests.e2e.driving import (
    at_pace,
    live,
    never_sideways,
    no_traceback,
    opened,
    root,
    rows,
    run_to_the_end,
    state,
    verdicts,
)

pytestmark = pytest.mark.e2e
CHEAP = ("saddle_to_saddle/matrix_completion", "lazy_rich/one_neuron")
ONE = "lazy_rich-one_neuron"
MOST = 3_000_000


class Offline:
    """A tab without a network that takes note of everything it asks for, and of what goes wrong."""

    def __init__(self, browser: Browser, width: int, scheme: str) -> None:
        self.context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme="dark" if scheme == "dark" else "light",
            offline=True,
            accept_downloads=True,
        )
        self.context.set_default_timeout(30_000)
        self.page = self.context.new_page()
        self.asked: list[str] = []
        self.wrong: list[str] = []
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.on(
            "console", lambda said: self.wrong.append(said.text) if said.type == "error" else None
        )


@pytest.fixture
def offline(browser: Browser) -> Iterator[Offline]:
    made = Offline(browser, 1440, "light")
    yield made
    made.context.close()
    assert made.wrong == []


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page as the command makes it of a run's file."""
    folder = tmp_path_factory.mktemp("kept")
    run, page = folder / "run.nc", folder / "sent.html"
    command = ["run", "lazy_rich/one_neuron", "--device", "cpu", "--out", str(run)]
    assert cli.main(command) == 0
    assert cli.main(["page", str(run), "--out", str(page)]) == 0
    return page


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site of two experiments and of the presets of one."""
    folder = tmp_path_factory.mktemp("site")
    assert cli.main(["site", CHEAP[0], "--out", str(folder), "--device", "cpu"]) == 0
    assert cli.main(["site", CHEAP[1], "--all", "--out", str(folder), "--device", "cpu"]) == 0
    return folder


def test_a_kept_page_plays_to_its_verdicts_and_asks_for_nothing_but_itself(
    offline: Offline, kept: Path
) -> None:
    page = opened(offline.page, kept.as_uri())
    assert rows(page) == 0
    assert run_to_the_end(page) == "done"
    assert set(verdicts(page).values()) == {"lands"}
    assert offline.asked == [kept.as_uri()]
    assert kept.stat().st_size <= MOST


def test_its_scrubber_goes_back_and_its_reset_begins_again(offline: Offline, kept: Path) -> None:
    page = opened(offline.page, kept.as_uri())
    run_to_the_end(page)
    said = page.locator(".bar").inner_text()
    scrubber = page.locator("input[type=range]")
    scrubber.focus()
    scrubber.press("Home")
    expect(page.locator(".bar")).not_to_have_text(said)
    page.click("[data-action=reset]")
    state(page, "ready")
    assert rows(page) == 0
    at_pace(page, "1×")
    state(page, "running")


def test_its_numbers_are_in_it(offline: Offline, kept: Path, tmp_path: Path) -> None:
    page = opened(offline.page, kept.as_uri())
    for link in ("#numbers", "[data-action=csv]"):
        with page.expect_download() as download:
            page.locator(link).press("Enter")
        path = tmp_path / "numbers.csv"
        download.value.save_as(path)
        assert download.value.suggested_filename.endswith(".csv")
        assert path.read_text().startswith("seed,step,time,")
    for none in ("nc", "json", "html", "permalink"):
        expect(page.locator(f"[data-action={none}]")).to_be_hidden()


def test_guess_and_theory_are_switched_and_the_mode_follows_the_screen(
    offline: Offline, kept: Path
) -> None:
    page = opened(offline.page, kept.as_uri())
    before = root(page, "theory")
    page.keyboard.press("t")
    expect(live(page)).not_to_have_attribute("data-theory", before)
    page.keyboard.press("b")
    expect(live(page)).to_have_attribute("data-baseline", "on")
    page.emulate_media(color_scheme="dark")
    expect(live(page)).to_have_attribute("data-mode", "dark")


def test_it_prints_on_one_light_sheet(offline: Offline, kept: Path) -> None:
    page = opened(offline.page, kept.as_uri())
    run_to_the_end(page)
    page.emulate_media(color_scheme="dark")
    assert page.pdf(format="A4").count(b"/Type /Page\n") == 1


def test_every_page_of_a_site_plays_from_a_file(offline: Offline, site: Path) -> None:
    page = offline.page
    pages = sorted(path for path in site.glob("*.html") if path.name != "index.html")
    assert len(pages) >= 4
    for path in pages:
        opened(page, path.as_uri())
        run_to_the_end(page)
        assert verdicts(page)
        no_traceback(page)
    assert all(address.startswith(site.as_uri()) for address in offline.asked)


def test_home_leads_to_a_page_and_its_presets_lead_on(offline: Offline, site: Path) -> None:
    page = offline.page
    page.goto((site / "index.html").as_uri())
    page.wait_for_selector(".picture .main-svg")
    page.get_by_role("link", name="One neuron").click()
    page.wait_for_selector('.lmx[data-state="ready"]')
    page.click("[data-action=presets]")
    page.locator("[data-preset]").nth(1).click()
    page.wait_for_url(f"**/{ONE}.*.html")
    page.wait_for_selector('.lmx[data-state="ready"]')
    page.get_by_role("link", name="Learning Mechanics Explorer").click()
    page.wait_for_url("**/index.html")


def test_words_typed_at_home_leave_the_cards_that_say_them(offline: Offline, site: Path) -> None:
    page = offline.page
    page.goto((site / "index.html").as_uri())
    field, cards = page.get_by_role("searchbox"), page.locator("[data-said]:visible")
    expect(cards).to_have_count(2)
    field.fill("one neuron")
    expect(cards).to_have_count(1)
    expect(page.locator(".find span")).to_have_text("1 of 2 experiments")
    expect(page.locator("section:visible h3")).to_have_count(1)
    field.fill("xylophone")
    expect(page.locator("section:visible")).to_have_count(0)
    field.fill("")
    expect(cards).to_have_count(2)


def test_pages_fit_a_phone(browser: Browser, site: Path) -> None:
    phone = Offline(browser, 390, "dark")
    phone.page.goto((site / "index.html").as_uri())
    phone.page.wait_for_selector(".picture .main-svg")
    never_sideways(phone.page)
    opened(phone.page, (site / f"{ONE}.html").as_uri())
    never_sideways(phone.page)
    phone.context.close()
    assert phone.wrong == []


def test_a_run_of_the_explorer_is_kept_as_a_page_once_it_is_over(
    page: Page, offline: Offline, tmp_path: Path
) -> None:
    opened(page, f"/{ONE}")
    keep = page.locator("[data-action=html]")
    expect(keep).to_have_attribute("aria-disabled", "true")
    run_to_the_end(page)
    expect(keep).to_have_attribute("aria-disabled", "false")
    with page.expect_download() as download:
        keep.press("Enter")
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    again = opened(offline.page, path.as_uri())
    run_to_the_end(again)
    assert verdicts(again) == verdicts(page)
    page.click("[data-action=reset]")
    expect(keep).to_have_attribute("aria-disabled", "true")
