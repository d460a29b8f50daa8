"""`python -m app.cli` is the command `lmx`."""

import sys

from app.cli import main

sys.exit(main())
