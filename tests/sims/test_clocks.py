import re
from pathlib import Path

import sims

CLOCK = re.compile(
    r"^\s*(import time\b|from time\b|import datetime\b|from datetime\b)|perf_counter|monotonic"
)
MAY_LOOK = {"core/simulation.py", "core/study.py", "core/archive.py", "core/survey.py"}
"""Runs and studies go on in slices, which change no number; a file says when it was made; a survey
leaves out what takes too long.
"""


def test_no_number_depends_on_a_clock():
    root = Path(sims.__file__).parent
    found = {
        str(file.relative_to(root))
        for file in root.rglob("*.py")
        if any(CLOCK.search(line) for line in file.read_text().splitlines())
    }
    assert found <= MAY_LOOK
    assert "core/simulation.py" in found
