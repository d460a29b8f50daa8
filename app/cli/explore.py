"""`lmx` alone: the explorer in a browser."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import Annotated

import typer
from rich.console import Console

from app.cli.options import DeviceOption


def explore(
    context: typer.Context,
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes any free port.")] = 8501,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    device: DeviceOption = "auto",
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Open no browser.")] = False,
    public: Annotated[
        bool, typer.Option("--public", help="Let other machines connect (listens on 0.0.0.0).")
    ] = False,
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
) -> None:
    """Theory predicts, then the network trains. Without a command: open the explorer."""
    if version:
        print(_version())
        raise typer.Exit
    if context.invoked_subcommand is not None:
        return
    if public and host is not None:
        raise ValueError("--public listens on every address: leave out --host.")
    take_device(device)
    address = "0.0.0.0" if public else host or "127.0.0.1"
    console = Console(stderr=True)
    with contextlib.ExitStack() as waiting:
        if console.is_terminal:
            waiting.enter_context(console.status("Starting the explorer"))
        from app.server import serve

        def ready(url: str) -> None:
            waiting.close()
            shared = " to everyone who can reach this machine" if public else ""
            print(f"The explorer is open at {url}{shared} (Ctrl-C ends it).", flush=True)
            if not no_browser and _has_screen():
                import webbrowser

                webbrowser.open(url)

        with contextlib.suppress(KeyboardInterrupt):
            serve(address, port, on_ready=ready)
    # Python's own way out aborts if a background thread is inside a compilation.
    sys.stdout.flush()
    os._exit(0)


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
