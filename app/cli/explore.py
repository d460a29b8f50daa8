"""`lmx` alone: the explorer in a browser."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Sequence
from typing import Annotated, NoReturn

import typer
from rich.console import Console

from app.cli.options import DeviceOption

PortOption = Annotated[int, typer.Option("--port", min=0, max=65535, help="0 takes any free port.")]
HostOption = Annotated[str | None, typer.Option("--host", help="Address to listen on.")]
NoBrowserOption = Annotated[bool, typer.Option("--no-browser", help="Open no browser.")]
FrameOption = Annotated[
    str | None,
    typer.Option("--frame-parents", metavar="HOSTS", help="Whose pages may show these in a frame."),
]
InputOption = Annotated[
    bool,
    typer.Option("--ends-with-input", hidden=True, help="End when standard input is closed."),
]
PublicOption = Annotated[
    bool, typer.Option("--public", help="Let other machines connect (listens on every address).")
]

AllowDataOption = Annotated[
    bool,
    typer.Option(
        "--allow-data", help="With --public: let pages take files with readers' own data."
    ),
]


def explore(
    context: typer.Context,
    port: PortOption = 8501,
    host: HostOption = None,
    device: DeviceOption = "auto",
    no_browser: NoBrowserOption = False,
    public: PublicOption = False,
    allow_data: AllowDataOption = False,
    frame_parents: FrameOption = None,
    ends_with_input: InputOption = False,
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
) -> None:
    """Theory predicts, then the network trains. Without a command: open the explorer."""
    if version:
        print(_version())
        raise typer.Exit
    if context.invoked_subcommand is None:
        let_frame(frame_parents)
        let_upload(allow_data)
        if ends_with_input:
            threading.Thread(target=_end_with_input, daemon=True).start()
        served(port, host, device, no_browser, public)


def _end_with_input() -> None:
    """Wait, on a thread of its own, until whoever started this process is gone; then end it."""
    while os.read(sys.stdin.fileno(), 1024):
        pass
    os._exit(0)


def let_frame(hosts: str | None) -> None:
    """Let pages of these hosts frame the explorer; ValueError if one is no host."""
    if hosts is not None:
        from app import framed

        framed.parents(hosts)
        os.environ[framed.PARENTS] = hosts


def let_upload(allowed: bool) -> None:
    """Let pages that others read take files with data of their own."""
    if allowed:
        os.environ["LMX_ALLOW_DATA"] = "1"


def served(
    port: int,
    host: str | None,
    device: str,
    no_browser: bool,
    public: bool,
    page: str = "",
) -> NoReturn:
    """Serve the explorer until Ctrl-C; a browser opens at `page`.

    What is there beyond the shipped experiments is listed once the server answers.
    """
    if public and host is not None:
        raise ValueError("--public listens on every address: leave out --host.")
    take_device(device)
    from app import network

    where = network.EVERYWHERE if public else host or network.LOCALHOST
    console = Console(stderr=True)
    with contextlib.ExitStack() as waiting:
        if console.is_terminal:
            waiting.enter_context(console.status("Starting the explorer"))
        from app.server import BASE, serve

        def ready(bound: int) -> None:
            waiting.close()
            path = f"/{BASE}/{page}" if BASE else f"/{page}".removesuffix("/")
            opened = network.url(where, bound, path)
            others = [network.url(one, bound, path) for one in network.shared_hosts(where)]
            print(_told(opened, others, port if bound != port else 0), flush=True)
            if not no_browser and _has_screen():
                import webbrowser

                webbrowser.open(opened)
            _list_what_is_added()

        with contextlib.suppress(KeyboardInterrupt):
            serve(where, port, on_ready=ready)
    # Python's own way out aborts if a background thread is inside a compilation.
    sys.stdout.flush()
    os._exit(0)


def _told(opened: str, others: Sequence[str], taken: int) -> str:
    """Where the explorer is, for others too, and why not at a port that was `taken`."""
    why = f"Port {taken} is taken, so the" if taken else "The"
    shared = f", to everyone who can reach this machine at {' or '.join(others)}" if others else ""
    return f"{why} explorer is open at {opened}{shared} (Ctrl-C ends it)."


def _list_what_is_added() -> None:
    from app.live.server import routes

    routes.load()  # two threads that import the same packages may wait for each other
    from sims.core.registry import registry

    for sentence in registry.notes():
        print(sentence, flush=True)


def _version() -> str:
    from importlib.metadata import version

    return version("learning-mechanics-explorer")


def take_device(device: str) -> None:
    """Let JAX see only the device asked for; ValueError if it is none, or is not there."""
    if device == "cpu":
        os.environ["JAX_PLATFORMS"] = "cpu"
        return
    if device == "auto":  # found out where it is needed: asking JAX takes a second
        os.environ["LMX_DEVICE"] = device
        return
    from sims.core.devices import chosen_device

    os.environ["LMX_DEVICE"] = chosen_device(device)


def _has_screen() -> bool:
    """Whether a browser can show anything here."""
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
