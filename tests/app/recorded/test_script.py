"""The browser's modules as one script."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from app.recorded.script import FOLDER, joined, quoted, rules, shared

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


OF_OTHER_PAGES = ("live.js", "opening.js", "connection.js", "commas.js", "pictures.js", "find.js")


@pytest.fixture
def blank(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    yield context.new_page()
    context.close()


def written(folder: Path, **modules: str) -> Path:
    for name, text in modules.items():
        path = folder / f"{name}.js"
        path.write_text(text, "utf-8")
    return folder


@pytest.mark.e2e
def test_private_names_of_modules_stay_apart_and_each_runs_once(
    tmp_path: Path, blank: Page
) -> None:
    folder = written(
        tmp_path,
        main='import { counted as first } from "./a.js";\nimport { twice } from "./b.js";\n'
        "const own = 1;\nexport function all() {\n  return [first, twice(own), own];\n}\n",
        a='// export const nothing = 0;\nimport "./c.js";\nconst own = 10;\n'
        "export const counted = (globalThis.count += own);\n",
        b='import { counted } from "./a.js";\nconst own = 100;\n'
        "export const twice = (x) => [counted, x + own];\n",
        c="globalThis.count = 1;\n",
    )
    blank.add_script_tag(content=joined("main.js", folder))
    assert blank.evaluate("lmx.all()") == [11, [11, 101], 1]


def test_a_circle_of_modules_is_named(tmp_path: Path) -> None:
    folder = written(tmp_path, a='import { b } from "./b.js";\n', b='import { a } from "./a.js";\n')
    with pytest.raises(ValueError, match=r"a\.js -> b\.js -> a\.js"):
        joined("a.js", folder)


@pytest.mark.parametrize(
    "line",
    ['import all from "./b.js";', 'export { b } from "./b.js";', "import * as b from './b.js'"],
)
def test_what_is_not_understood_is_refused_and_not_left_in(tmp_path: Path, line: str) -> None:
    folder = written(tmp_path, a=f"{line}\n", b="export const b = 1;\n")
    with pytest.raises(ValueError, match="not understood"):
        joined("a.js", folder)


def test_no_line_of_a_module_is_lost_but_for_comments() -> None:
    script = joined()
    for path in FOLDER.rglob("*.js"):
        if path.name in OF_OTHER_PAGES or path.parent.name == "room":
            continue
        code = re.findall(r"^  (?!\s|/\*\*|//|\*)\S.*$", path.read_text("utf-8"), re.MULTILINE)
        missing = [line for line in code if line not in script and "import" not in line]
        assert missing == [], path.name


def test_a_script_may_stand_inside_a_page() -> None:
    assert "</script" not in shared()
    assert quoted("</script>") == '"<\\/script>"'
    assert ".claims" in rules()
