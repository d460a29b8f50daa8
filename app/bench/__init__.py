"""What `lmx bench` measures: speed against a bare scan, latencies, many readers, the browser."""

from app.bench.browser import CHROMIUM_FLAGS, chromium
from app.bench.report import crowded, printed, report, soaked, swept, taught
from app.bench.result import TINY, Result, Size
from app.explorer import explorer

__all__ = [
    "CHROMIUM_FLAGS",
    "TINY",
    "Result",
    "Size",
    "chromium",
    "crowded",
    "explorer",
    "printed",
    "report",
    "soaked",
    "swept",
    "taught",
]
