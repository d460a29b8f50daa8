"""The pages in a real Chromium, waiting on state attributes and never on time."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Literal
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from app.views.home import BODIES
from sims import api
from sims.core.experiment import Experiment, Phenomenon
from sims.core.setup import prepared

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

EXPERIMENT = api.experiment("saddle_to_saddle/linear_network")
LINEAR = "/saddle_to_saddle-linear_network"
FINAL = '.lmx[data-state="done"], .lmx[data-state="stopped"], .lmx[data-state="failed"]'
READY = '.lmx[data-state="ready"]'
LONG = 90_000
CURVES = """figures => figures.map(figure => (figure.data ?? [])
    .filter(trace => trace.visible !== false && trace.x?.length > 1)
    .map(trace => trace.meta?.kind))"""
WATCH = """root => {
    window.seen = [];
    new MutationObserver(() => window.seen.push({
        run: root.dataset.run, state: root.dataset.state, blank: root.classList.contains("blank"),
        panels: root.querySelectorAll("[data-panel]").length,
    })).observe(root, {attributes: true});
}"""


def opened(page: Page, path: str) -> Page:
    """The page once its prediction is drawn."""
    page.goto(path)
    page.wait_for_selector(READY, timeout=LONG)
    return page


def live(page: Page) -> Locator:
    """The live component; Playwright's selectors see into its shadow root."""
    return page.locator(".lmx")


def root(page: Page, name: str) -> str:
    """A data attribute of the live component."""
    return live(page).get_attribute(f"data-{name}") or ""


def rows(page: Page) -> int:
    return int(root(page, "rows") or 0)


def rows_above(page: Page, count: int) -> None:
    """Wait until more rows than `count` are drawn."""
    more = "([root, count]) => Number(root.dataset.rows) > count"
    page.wait_for_function(more, arg=[live(page).element_handle(), count])


def state(page: Page, word: str) -> None:
    """Wait for a state."""
    expect(live(page)).to_have_attribute("data-state", word)


def curves(page: Page, panel: str = "") -> list[list[str]]:
    """The kinds of all curves drawn, per panel, once every panel is."""
    expect(live(page).locator("[data-panel]:not([data-drawn=true])")).to_have_count(0, timeout=LONG)
    within = f"[data-panel={panel}] .figure" if panel else "[data-panel] .figure"
    return page.locator(within).evaluate_all(CURVES)


def hashed(page: Page) -> str:
    """The first digits of the prediction's hash, as shown."""
    found = re.search(r"sha-256\s+([0-9a-f]{12})", live(page).inner_text())
    assert found is not None
    return found[1]


def new_job(page: Page, old: str) -> None:
    """Wait until another job than `old` has its prediction drawn."""
    page.wait_for_selector(f'.lmx:not([data-run="{old}"])[data-state="ready"]', timeout=LONG)


def pick(page: Page, preset: str) -> None:
    """Press a preset's pill and wait for its prediction."""
    old = root(page, "run")
    page.get_by_text(EXPERIMENT.preset(preset).title, exact=True).first.click()
    new_job(page, old)


def at_pace(page: Page, words: str) -> None:
    """Press Run at a pace."""
    page.select_option("[data-action=pace]", label=words)
    page.click("[data-action=run]")


def run_to_the_end(page: Page) -> str:
    """Run at the fastest pace; the final state."""
    at_pace(page, "Fastest")
    page.wait_for_selector(FINAL, timeout=LONG)
    return root(page, "state")


def verdicts(page: Page) -> dict[str, str]:
    found = page.locator("[data-claim]")
    found.first.wait_for()
    return {
        row.get_attribute("data-claim") or "": row.get_attribute("data-verdict") or ""
        for row in found.all()
    }


def no_traceback(page: Page) -> None:
    assert page.locator("[data-testid=stException]").count() == 0
    assert "Traceback" not in page.inner_text("body")


@pytest.mark.parametrize("phenomenon", api.PHENOMENA, ids=lambda p: p.name)
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
    assert rows(page) == len(prepared(experiment).schedule.record_steps), experiment.name
    assert "surprise" not in verdicts(page).values(), experiment.name
    no_traceback(page)
    page.set_viewport_size({"width": 390, "height": 844})
    curves(page)
    never_sideways(page)
    page.set_viewport_size({"width": 1440, "height": 1000})


def never_sideways(page: Page) -> None:
    """Wait until everything fits the width of the window."""
    page.wait_for_function("document.documentElement.scrollWidth <= innerWidth")
    for one in page.locator(".lmx").all():
        handle = one.element_handle()
        page.wait_for_function("e => e.scrollWidth <= e.clientWidth", arg=handle)


def test_the_staircase_lands_on_the_page(page: Page) -> None:
    opened(page, LINEAR)
    run_to_the_end(page)
    stated = EXPERIMENT.preset("staircase").verdicts
    shown = verdicts(page)
    assert shown == dict(stated)
    assert len(shown) == 7
    expect(live(page).locator("#claims")).to_have_text("All seven claims land")
    assert page.locator("[data-tile]").first.inner_text().count("measured") == 1


def test_the_prediction_is_drawn_before_any_run(page: Page) -> None:
    opened(page, LINEAR)
    assert "none yet" in live(page).inner_text()
    assert hashed(page)
    drawn = curves(page)
    assert sum("theory" in kinds for kinds in drawn) >= 4
    assert not any({"run", "band"} & set(kinds) for kinds in drawn)


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


def query_of(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


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
    assert page.locator("[data-assumption=small_init]").get_attribute("data-held") == "false"
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


def test_a_combination_that_cannot_run_keeps_the_page_alive(page: Page) -> None:
    page.goto(LINEAR + "?init=aligned&width=2")
    page.get_by_text("at least the number of modes").wait_for(timeout=LONG)
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


@pytest.fixture
def phone(browser: Browser, server: str) -> Iterator[Page]:
    """A tab on a phone."""
    with browser.new_context(
        base_url=server,
        viewport={"width": 390, "height": 844},
        device_scale_factor=2,
        has_touch=True,
        user_agent="Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile",
    ) as context:
        yield context.new_page()


def test_a_phone_never_scrolls_sideways_at_home(phone: Page) -> None:
    phone.goto("/")
    phone.wait_for_selector("h1", timeout=LONG)
    never_sideways(phone)


def test_on_a_phone_the_presets_of_a_row_stand_in_one_line(phone: Page) -> None:
    opened(phone, LINEAR)
    pills = [phone.get_by_text(p.title, exact=True).first for p in EXPERIMENT.presets]
    tops = [box["y"] for pill in pills if (box := pill.bounding_box()) is not None]
    assert len(tops) == len(EXPERIMENT.presets)
    assert len(set(tops)) == 2
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
    assert run_to_the_end(page) == "done"
    assert rows(page) == 12
    assert verdicts(page)["jump_times"] == "lands"
    expect(live(page).locator(".claims .sub")).to_contain_text("12 points")


def test_home_leads_to_every_experiment_that_exists(page: Page) -> None:
    page.goto("/")
    page.get_by_text("Write the prediction").wait_for()
    for experiment in api.experiments():
        page.get_by_role("link", name=experiment.title).first.wait_for()
    still_open = len(BODIES) - len(api.PHENOMENA)
    expect(page.get_by_text("open: not built yet")).to_have_count(still_open)


EDGE = "/edge_of_stability-neural_network"
DRAWN = """figure => figure.data.filter(trace => trace.visible !== false && trace.y?.length > 50)
    .map(trace => ({kind: trace.meta?.kind, y: Array.from(trace.y, Number)}))"""


def test_the_sharpness_of_a_net_reaches_the_edge_on_screen(page: Page) -> None:
    opened(page, f"{EDGE}?steps=1300")
    expect(live(page)).to_contain_text("With intervention")
    run_to_the_end(page)
    curves(page)
    found = page.locator("[data-panel=sharpness] .figure").evaluate(DRAWN)
    runs = [trace["y"] for trace in found if trace["kind"] == "run"]
    sharpest = max(runs, key=lambda y: y[-1])
    assert sharpest[0] < 0.6
    assert [y for y in sharpest[-20:] if not 0.95 < y < 1.05] == []  # the band on screen
    assert verdicts(page)["sharpness_at_edge"] == "lands"


def test_a_reader_in_a_hurry_runs_without_the_central_flow(page: Page) -> None:
    page.goto(f"{EDGE}?steps=5000&eta=0.0987")
    page.locator("[data-action=hurry]").click(timeout=LONG)
    page.wait_for_selector(FINAL, timeout=LONG)
    state(page, "done")
    expect(live(page)).to_contain_text("before the prediction was complete")


LAZY = "/lazy_rich-two_layer_network"
NAME_OF_DIAGRAM, DIAGRAM = "lazy_rich/phase_diagram", "/lazy_rich-phase_diagram"
CELLS = """figure => figure.data.find(trace => trace.type === "heatmap").z
    .map(row => Array.from(row)).flat().filter(Number.isFinite).length"""


ARROWS = """figure => figure.data.filter(trace => trace.meta?.kind === "run")
    .map(trace => Array.from(trace.x ?? [], Number)).flat().filter(Number.isFinite)"""


def arrows(page: Page) -> list[float]:
    """Where the run's neurons stand, to the right."""
    page.locator("[data-panel=neurons]").scroll_into_view_if_needed()
    return page.locator("[data-panel=neurons] .figure").evaluate(ARROWS)


def cells(page: Page, panel: str) -> int:
    """How many cells of a panel's map are filled."""
    return page.locator(f"[data-panel={panel}] .figure").evaluate(CELLS)


def test_a_phase_diagram_is_predicted_then_fills_and_a_cell_opens_its_run(page: Page) -> None:
    opened(page, DIAGRAM)
    curves(page)
    assert cells(page, "predicted_change") == 75
    assert cells(page, "feature_change") == 0
    assert run_to_the_end(page) == "done"
    assert rows(page) == 75
    curves(page)
    assert cells(page, "feature_change") == 75
    assert verdicts(page) == {"boundary": "lands", "feature_change": "lands"}
    plot = page.locator("[data-panel=feature_change] .nsewdrag").first
    box = plot.bounding_box()
    assert box is not None
    plot.click(position={"x": 0.5 * box["width"], "y": 0.9 * box["height"]})
    page.wait_for_url("**view=run**", timeout=LONG)
    page.wait_for_selector(READY, timeout=LONG)
    asked = query_of(page)
    assert asked["width"] == ["16"]
    assert run_to_the_end(page) == "done"
    assert rows(page) == len(prepared(api.experiment(NAME_OF_DIAGRAM)).schedule.record_steps)
    no_traceback(page)


def test_arrows_of_a_rich_net_turn_towards_the_teacher(page: Page) -> None:
    opened(page, f"{LAZY}?activation=relu&alpha=0.01")
    curves(page)
    assert arrows(page) == []
    at_pace(page, "Fastest")
    page.wait_for_selector(FINAL, timeout=LONG)
    page.locator("[data-panel=neurons]").scroll_into_view_if_needed()
    figure = page.locator("[data-panel=neurons] .figure").element_handle()
    page.wait_for_function(f"figure => ({ARROWS})(figure).length >= 200", arg=figure)
    ended = max(map(abs, arrows(page)))
    page.locator("[data-action=scrub]").focus()
    page.keyboard.press("Home")
    page.locator("[data-panel=neurons]").scroll_into_view_if_needed()
    smaller = f"([figure, old]) => Math.max(...({ARROWS})(figure).map(Math.abs)) < old"
    page.wait_for_function(smaller, arg=[figure, ended])
