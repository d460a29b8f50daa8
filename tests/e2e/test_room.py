"""A room for a class: a wall and phones, from the form that opens it to its end."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.driving import CURVES, LONG, never_sideways

pytestmark = pytest.mark.e2e
NUMBER = "saddle_to_saddle-matrix_completion"
CURVE = "lazy_rich-one_neuron?dt=0.01"
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
PROJECTOR = {"viewport": {"width": 1280, "height": 720}}
OPEN = """async links => {
    const body = JSON.stringify({ links });
    const answer = await fetch("/room", { method: "POST", body });
    return answer.json();
}"""
SMALL = """floor => {
    const found = [];
    const walk = root => {
        for (const node of root.querySelectorAll("*")) {
            if (node.shadowRoot) walk(node.shadowRoot);
            const words = [...node.childNodes].some(one => one.nodeType === 3 && one.data.trim());
            const box = node.getBoundingClientRect();
            const { fontSize, visibility, opacity } = getComputedStyle(node);
            const seen = box.width > 2 && box.height > 2 && visibility === "visible" && opacity > 0;
            if (!words || !seen || node.closest("sub, sup, tspan, .unseen")) continue;
            if (parseFloat(fontSize) < floor) found.push(`${node.textContent}: ${fontSize}`);
        }
    };
    walk(document.body);
    return found;
}"""

Tab = Callable[..., Page]


@pytest.fixture
def tab(browser: Browser, server: str) -> Iterator[Tab]:
    """A fresh browser of a phone's or a projector's size; nothing goes wrong in it unheard."""
    contexts: list[Any] = []
    wrong: list[str] = []

    def made(**more: Any) -> Page:
        context = browser.new_context(base_url=server, **more)
        context.set_default_timeout(LONG)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        return page

    yield made
    for context in contexts:
        context.close()
    assert wrong == []


@dataclass(frozen=True)
class Opened:
    """A room, with its wall."""

    code: str
    wall: Page


@pytest.fixture
def room(tab: Tab) -> Callable[..., Opened]:
    """Opens a room with these questions; its wall is there, and shows the first."""

    def opened(*links: str) -> Opened:
        wall = tab(**PROJECTOR)
        wall.goto("/room")
        told = wall.evaluate(OPEN, list(links))
        wall.goto(f"/room/{told['code']}/wall#{told['secret']}")
        phase(wall, "asking")
        return Opened(told["code"], wall)

    return opened


def phase(page: Page, word: str, at: int | None = None) -> None:
    """Wait for what the page says of itself, and of the question that it shows."""
    where = "" if at is None else f"[data-at='{at}']"
    page.wait_for_selector(f"main[data-phase={word}]{where}", timeout=LONG)


def joined(tab: Tab, code: str) -> Page:
    """A phone in the room."""
    phone = tab(**PHONE)
    phone.goto(f"/room/{code}")
    phone.wait_for_selector("main[data-number]")
    return phone


def sent(phone: Page, across: float) -> str:
    """Two gestures: a tap into the picture, and Send; the guess as the phone says it."""
    hero(phone)
    layer = phone.locator(".guess-layer")
    box = layer.bounding_box()
    assert box is not None
    layer.tap(position={"x": across * box["width"], "y": box["height"] / 2})
    phone.locator("[data-action=send]").tap()
    phone.wait_for_selector("main[data-guess=sent]")
    found = re.search(r"Your guess: ([\d.]+)\.$", phone.inner_text(".guess-line"))
    assert found is not None
    return found[1]


def hero(page: Page) -> list[str]:
    """The kinds of the curves in the large picture."""
    page.wait_for_selector(".hero [data-panel][data-drawn=true]")
    found: list[list[str]] = page.locator(".hero .figure").evaluate_all(CURVES)
    return found[0]


def pressed(wall: Page) -> None:
    """Run for all."""
    wall.click("[data-action=run-all]")
    phase(wall, "running")


def has(wall: Page, **counts: int) -> None:
    """Wait until the wall counts so many."""
    for name, count in counts.items():
        expect(wall.locator("main")).to_have_attribute(f"data-{name}", str(count))


def test_a_class_guesses_in_two_gestures_and_one_run_says_who_was_near(tab: Tab) -> None:
    wall = tab(**PROJECTOR)
    wall.goto("/room")
    wall.select_option("#pick", value=NUMBER)
    wall.fill("#links", f"\nhttp://elsewhere/{CURVE}\n")
    wall.click("[data-action=add]")
    wall.locator("li", has_text="One neuron").locator("[data-action=up]").click()
    wall.locator("li", has_text="One neuron").locator("[data-action=down]").click()
    wall.click("[data-action=open]")
    phase(wall, "asking", 0)
    code = wall.inner_text(".invitation .code")
    assert re.fullmatch("[A-Z]{4}", code)
    assert "#" not in wall.url
    expect(wall.locator(".hint")).to_have_text(
        "Start lmx with --public, so that phones can reach it."
    )

    near, far = joined(tab, code), joined(tab, code)
    has(wall, students=2, guesses=0)
    expect(far.locator("[data-action=send]")).to_be_disabled()
    assert "theory" not in [*hero(near), *hero(wall)]
    first = sent(near, 0.1)
    sent(far, 0.9)
    has(wall, guesses=2)
    expect(wall.locator(".crowd").first).to_have_attribute("data-guesses", "2")
    expect(wall.locator(".crowd .bar-of")).to_have_count(2)
    never_sideways(near)

    pressed(wall)
    for page in (wall, near, far):
        page.wait_for_selector(".lmx[data-state=running]")
        page.wait_for_function(
            "[...document.querySelectorAll('.room-picture')].some(one => "
            "[...one.shadowRoot.querySelectorAll('.hero .subplot path')].some("
            "path => (path.getAttribute('d') ?? '').length > 40))"
        )
    for page in (wall, near, far):
        phase(page, "judged")
    expect(near.locator(".guess-line")).to_contain_text(f"You {first}, theory")
    expect(near.locator(".outcome")).to_contain_text("You were 1st of 2.")
    expect(far.locator(".outcome")).to_contain_text("You were 2nd of 2.")
    expect(near.locator(".claims tr[data-verdict=lands]").first).to_be_visible()
    number = near.locator("main").get_attribute("data-number")
    expect(wall.locator(".nearest li").first).to_have_attribute("data-number", number or "")
    expect(wall.locator(".crowd").first).to_have_attribute("data-marked", "2")
    for page in (wall, near):
        assert {"theory", "run"} <= set(hero(page))

    with wall.expect_download() as saved:
        wall.click("[data-action=results]")
    rows = Path(saved.value.path()).read_text("utf-8").splitlines()
    assert rows[0].startswith("question,title,student,guess,theory,run,distance")
    assert len(rows) == 3


def test_what_is_reloaded_comes_back_to_its_place(tab: Tab, room: Callable[..., Opened]) -> None:
    opened = room(NUMBER)
    first, second = joined(tab, opened.code), joined(tab, opened.code)
    guess = sent(second, 0.5)
    number = second.locator("main").get_attribute("data-number")
    for page in (second, opened.wall):
        page.reload()
        phase(page, "asking", 0)
    expect(second.locator("main")).to_have_attribute("data-number", number or "")
    expect(second.locator("main")).to_have_attribute("data-guess", "sent")
    expect(second.locator(".guess-line")).to_contain_text(f"Your guess: {guess}.")
    has(opened.wall, students=2, guesses=1)
    expect(opened.wall.locator(".crowd .bar-of")).to_have_count(1)
    assert first.locator("main").get_attribute("data-number") != number


def test_a_late_phone_finds_the_run_and_goes_on_with_the_others(
    tab: Tab, room: Callable[..., Opened]
) -> None:
    opened = room(NUMBER, CURVE)
    pressed(opened.wall)
    phase(opened.wall, "judged")
    late = joined(tab, opened.code)
    phase(late, "judged", 0)
    expect(late.locator(".outcome")).to_have_text("No guess came in.")
    opened.wall.click("[data-action=next-question]")
    for page in (opened.wall, late):
        phase(page, "asking", 1)
    expect(late.locator("h1")).to_contain_text("How will the outer weight go?")
    hero(late)
    late.locator(".guess-layer").tap(position={"x": 60, "y": 60})
    late.locator("[data-action=send]").tap()
    late.wait_for_selector("main[data-guess=sent]")
    has(opened.wall, guesses=1)
    expect(opened.wall.locator(".crowd .one-of")).to_have_count(1)
    opened.wall.keyboard.press("h")
    expect(opened.wall.locator(".crowd").first).to_have_attribute("data-shown", "false")
    expect(opened.wall.locator(".crowd .one-of")).to_have_count(0)
    opened.wall.click("[data-action=previous-question]")
    for page in (opened.wall, late):
        phase(page, "judged", 0)


def test_a_wall_is_read_from_afar_and_nobody_steers_without_its_link(
    tab: Tab, room: Callable[..., Opened]
) -> None:
    opened = room(NUMBER)
    wall = opened.wall
    hero(wall)
    assert wall.evaluate(SMALL, 22) == []
    for name in ("run-all", "previous-question", "next-question", "guesses"):
        box = wall.locator(f"[data-action={name}]").bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= 720
    never_sideways(wall)
    for link in (f"/room/{opened.code}/wall", f"/room/{opened.code}/wall#guessed"):
        stranger = tab(**PROJECTOR)
        stranger.goto(link)
        phase(stranger, "ended")
        expect(stranger.locator(".link-words")).to_contain_text("lecturer")
        expect(stranger.locator("[data-action=run-all]")).to_be_disabled()


def test_what_is_over_or_never_was_is_said_and_leads_on(
    tab: Tab, room: Callable[..., Opened]
) -> None:
    opened = room(NUMBER)
    phone = joined(tab, opened.code)
    opened.wall.fill("#add", "nowhere-at_all")
    opened.wall.click("[data-action=add]")
    expect(opened.wall.locator(".questions .trouble")).to_contain_text(
        "There is no page of an experiment"
    )
    opened.wall.fill("#add", CURVE)
    opened.wall.click("[data-action=add]")
    expect(opened.wall.locator("[data-question]")).to_have_count(2)
    opened.wall.click("[data-action=close]")
    opened.wall.click("[data-action=close-now]")
    for page in (opened.wall, phone):
        phase(page, "ended")
        expect(page.locator(".link-words")).to_have_text("The lecturer has closed this room.")
    phone.reload()
    expect(phone.locator(".trouble").first).to_contain_text("room")
    expect(phone.locator("#code")).to_have_value(opened.code)
    phone.fill("#code", "12")
    phone.click(".join button")
    expect(phone.locator(".joining .trouble")).to_contain_text("A code has 4 letters")
    refused = tab(**PHONE)
    refused.goto("/room#open=nowhere%3Fa%3D1")
    refused.click("[data-action=open]")
    expect(refused.locator(".opening-room .trouble").last).to_contain_text(
        "There is no page of an experiment"
    )
    never_sideways(refused)


def test_a_lost_connection_is_said_and_a_guess_made_meanwhile_arrives(
    tab: Tab, room: Callable[..., Opened]
) -> None:
    opened = room(NUMBER)
    phone = tab(**PHONE)
    held: list[Any] = []
    lost: list[bool] = []

    def between(socket: Any) -> None:
        held.append(socket)
        if lost:
            socket.close(code=1012)
        else:
            socket.connect_to_server()

    phone.route_web_socket(re.compile("/live$"), between)
    phone.goto(f"/room/{opened.code}")
    phase(phone, "asking")
    number = phone.locator("main").get_attribute("data-number") or ""
    lost.append(True)
    held[0].close(code=1012)
    expect(phone.locator(".link-words")).to_contain_text("reconnecting")
    hero(phone)
    phone.locator(".guess-layer").tap(position={"x": 90, "y": 90})
    phone.locator("[data-action=send]").tap()
    phone.wait_for_selector("main[data-guess=sending]")
    expect(phone.locator(".send .said")).to_contain_text("once the room is reached again")
    lost.clear()
    phone.wait_for_selector("main[data-guess=sent]")
    expect(phone.locator(".link-words")).to_have_text("")
    expect(phone.locator("main")).to_have_attribute("data-number", number)
    has(opened.wall, students=1, guesses=1)
