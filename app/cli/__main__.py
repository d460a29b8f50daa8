"""`python -m app.cli` is the command `lmx`."""

import sys

from app import interrupts

interrupts.end_imports_at_once()

from app.cli import main  # noqa: E402

sys.exit(interrupts.ended(main()))
