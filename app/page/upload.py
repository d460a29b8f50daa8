"""A field for a file with data of one's own, on pages of one's own machine.

What is uploaded is checked, kept in the memory of this process under its digest, and written
nowhere. Where others read the pages there is no such field, unless whoever serves them allows it.
"""

from __future__ import annotations

import os

import streamlit as st

from app import network
from sims.core.data_file import MOST_MEGABYTES, SUFFIXES, parsed
from sims.core.format import decimals
from sims.core.knobs import Knob
from sims.core.own_data import MOST_SAMPLES

ALLOW = "LMX_ALLOW_DATA"
"""The environment variable that `lmx --allow-data` sets."""
FIELD_KEY, GIVEN_KEY, REFUSED_KEY = "_upload", "_given", "_not_given"
FORMAT = (
    "**.csv** with features and, last or headed *y*, the class or value of each row; or **.npz** "
    f"with *X* (samples, features) and *y*. Numbers alone, at most {MOST_MEGABYTES} MB and "
    f"{decimals(MOST_SAMPLES, 0)} samples. They stay in this machine's memory, and in the files of "
    "their runs."
)


def is_allowed() -> bool:
    """Whether pages take data: for this machine alone, and where whoever serves others says so."""
    return os.environ.get(ALLOW) == "1" or network.served_at() in network.ALONE


def given() -> list[str]:
    """The values that name what this session was given, in order."""
    return list(st.session_state.get(GIVEN_KEY, ()))


def field(knob: Knob) -> None:
    """The button beneath the knob, what it opens, and why the last file was refused."""
    with st.popover("Your own data", icon=":material/upload:", width="stretch", key="own_data"):
        st.file_uploader(
            "File with data of your own", [suffix[1:] for suffix in SUFFIXES], key=FIELD_KEY,
            on_change=_taken, args=(knob.name,), max_upload_size=MOST_MEGABYTES,
        )  # fmt: skip
        if refused := st.session_state.get(REFUSED_KEY):
            st.markdown(f":small[:orange[{refused}]]")
        st.caption(FORMAT)


def _taken(name: str) -> None:
    """Set the knob to what was uploaded; what is no data leaves it as it is, with a sentence."""
    file = st.session_state[FIELD_KEY]
    st.session_state.pop(REFUSED_KEY, None)
    if file is None:
        return
    try:
        value = parsed(file.name, file.getvalue()).value
    except ValueError as error:
        st.session_state[REFUSED_KEY] = str(error)
        return
    st.session_state[GIVEN_KEY] = [*dict.fromkeys([*given(), value])]
    st.session_state[name] = value
