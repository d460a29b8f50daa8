"""Streamlit's settings: those of `app/.streamlit`, of the user and of the command line alone."""

from __future__ import annotations

import contextlib
import logging
from pathlib import Path

from streamlit import config

log = logging.getLogger("lmx")

ADDRESS = ("server.address", "server.port", "server.baseUrlPath")
"""What `streamlit run` has used, and printed, by the time that this package is asked."""


def leave_out_others(own: Path) -> None:
    """Take back what the settings of the working folder, which may be another app's, have set.

    Streamlit reads its settings once, when first asked: those beside the script and those of the
    working folder. So it is asked from the script's own folder, `own`. Under `streamlit run` it has
    read them already; there they are taken back, and said where that is too late.
    """
    with contextlib.chdir(own):
        options = config.get_config_options()
    other = Path.cwd() / ".streamlit" / "config.toml"
    if other.parent.parent == own:
        return
    theirs = [option for option in options.values() if option.where_defined == str(other)]
    for option in theirs:
        if option.key not in ADDRESS:
            config.set_option(option.key, option.default_val, type(option).DEFAULT_DEFINITION)
    used = [option.key for option in theirs if option.key in ADDRESS]
    if used:
        log.warning(
            "The address follows %s (%s), which may be another app's: give --%s, or start lmx.",
            other, ", ".join(used), " --".join(used),
        )  # fmt: skip
