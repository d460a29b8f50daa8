"""What `lmx bench --gpu` measures on a graphics card: right, fast, and chosen where it pays."""

from app.bench.gpu.record import read
from app.bench.gpu.report import report

__all__ = ["read", "report"]
