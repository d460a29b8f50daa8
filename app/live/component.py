"""The live component: one Streamlit element that draws a page from its prediction to its verdicts.

Python gives it a token; prediction, frames and verdicts reach it over `/live/{token}`. Where no
WebSocket opens, the same messages travel with the component's own state, twice a second.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

import streamlit as st
from streamlit.components.v2 import component

Messages: TypeAlias = list[dict[str, Any]]
Answer: TypeAlias = Callable[[str, str, Messages], tuple[Messages, list[bytes]]]
"""(token, viewer, messages of the browser) -> (text messages, binary frames), as a socket carries
them; the viewer is one mounted component."""

SERVER = secrets.token_hex(4)
"""Name of this process, by which a browser sees that another one answers."""

_HERE = Path(__file__).parent / "browser"
_RECORDED = _HERE / "recorded"
"""The modules of pages without a server."""

ASSETS: dict[str, Path] = {
    path.relative_to(_HERE).as_posix(): path
    for path in sorted(_HERE.rglob("*"))
    if path.suffix in {".js", ".css"} and _RECORDED not in path.parents
}
"""What `GET /lmx/{version}/{name}` serves; a name may have folders in it."""


def _version() -> str:
    digest = hashlib.sha256()
    for name, path in ASSETS.items():
        digest.update(name.encode() + path.read_bytes())
    return digest.hexdigest()[:12]


VERSION = _version()
"""Part of the address of every asset, so that they may be cached for ever."""

# The inline module travels with every mount: it only fetches the real one. It runs from a blob,
# where relative addresses do not resolve; every page lies in the very folder that we are served in.
_LOADER = f"""
export default async (component) => {{
  const name = component.data?.module ?? "live.js";
  const live = await import(new URL(`lmx/{VERSION}/${{name}}`, document.baseURI).href);
  return live.default(component);
}};
"""


@cache
def _component() -> Callable[..., Any]:
    return component("lmx_live", js=_LOADER)


def live(
    token: str,
    page: Mapping[str, Any],
    *,
    key: str,
    answer: Answer | None = None,
    asks: Mapping[str, Callable[[Any], None]] | None = None,
    module: str = "live.js",
) -> Any:
    """Mounts the live part of a page; drawing and zoom outlive reruns as long as `key` stays.

    Args:
        token: Name of the job at the hub; a new one makes the component change over.
        page: Plain data of the page: `palette`, `keep`, and optionally `projector`, `theory`,
            `panels` that alone are shown, `must_guess` where the run waits for a guess;
            `awaiting` while it is drawn before its settings were prepared, `uncosted` before it is
            known what a run costs; `revision` of the experiment's file that is drawn;
            `presets` as the row above the stage lists them; `toured` at a stop of a tour;
            `shelf`, the pinned runs.
        key: Fixed per experiment.
        answer: Carries messages where no WebSocket opens.
        asks: What is done as a reader picks a `preset`, by its id, turns on or off what is run
            `beside` it, or has a setting `pin`ned, `unpin`ned or run, by its name; before the page
            is drawn again.
        module: What draws it, one of `ASSETS`.

    Returns:
        The component's state: `lost` is a token the hub no longer knows, `arrived` one that was
        awaited and is prepared or refused by now, `costed` one whose cost is known by now,
        `renewed` a later revision of the file, `fallback` is true where no WebSocket opens.
    """
    replies, heard = f"{key}-reply", f"{key}-heard"

    def carry() -> None:
        sent = st.session_state[key].get("send")
        if answer is not None and sent:
            st.session_state[replies] = _reply(sent, st.session_state.get(replies), answer)

    def asked(name: str) -> None:
        asking = st.session_state[key].get(name)
        if asks is not None and asking is not None:
            st.session_state[heard] = asking["n"]
            asks[name](asking["value"])

    data = {
        "token": token,
        "module": module,
        "page": {"server": SERVER, "heard": st.session_state.get(heard), **page},
        "reply": st.session_state.get(replies),
    }
    return _component()(
        key=key,
        data=data,
        on_send_change=carry,
        on_preset_change=lambda: asked("preset"),
        on_beside_change=lambda: asked("beside"),
        on_pin_change=lambda: asked("pin"),
        on_unpin_change=lambda: asked("unpin"),
        on_run_pin_change=lambda: asked("run_pin"),
        on_lost_change=lambda: None,
        on_arrived_change=lambda: None,
        on_renewed_change=lambda: None,
        on_costed_change=lambda: None,
        on_judged_change=lambda: None,
        on_fallback_change=lambda: None,
    )


def _reply(
    sent: Mapping[str, Any], last: Mapping[str, Any] | None, answer: Answer
) -> dict[str, Any]:
    """The answer to what a browser sent; messages it says again, unsure of them, are obeyed once.

    Replies are numbered on, from anywhere, so that a browser sees when it has missed one.
    """
    viewer, token = str(sent["viewer"]), str(sent["token"])
    if last is None:
        last = {"n": secrets.randbits(30)}
    taken = last["taken"] if last.get("viewer") == viewer else 0
    new = [message for message in sent["messages"] if message["n"] > taken]
    messages, frames = answer(token, viewer, new)
    return {
        "n": last["n"] + 1,
        "viewer": viewer,
        "token": token,
        "taken": max([taken, *(message["n"] for message in new)]),
        "messages": messages,
        "frames": [base64.b64encode(frame).decode() for frame in frames],
    }
