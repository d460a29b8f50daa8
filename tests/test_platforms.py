"""Nothing takes for granted what only POSIX, or only Linux, has."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
MODULES = {
    "fcntl", "grp", "posix", "pty", "pwd", "readline", "resource", "syslog", "termios", "tty",
}  # fmt: skip
"""Modules of the standard library that Windows lacks."""
NAMES = {
    "os": {
        "chown", "chroot", "confstr", "fchmod", "fchown", "fork", "forkpty", "getegid", "geteuid",
        "getgid", "getloadavg", "getpgid", "getpgrp", "getpriority", "getuid", "initgroups",
        "killpg", "lchown", "mkfifo", "mknod", "nice", "openpty", "pathconf", "posix_fadvise",
        "posix_spawn", "pread", "pwrite", "sched_getaffinity", "sched_setaffinity", "sched_yield",
        "setpgid", "setpriority", "setsid", "setuid", "statvfs", "sync", "sysconf", "uname", "wait",
        "wait3", "wait4", "O_NONBLOCK", "O_CLOEXEC", "WNOHANG",
    },
    "signal": {
        "SIGALRM", "SIGCHLD", "SIGCONT", "SIGHUP", "SIGKILL", "SIGPIPE", "SIGQUIT", "SIGSTOP",
        "SIGTSTP", "SIGUSR1", "SIGUSR2", "SIGWINCH", "alarm", "pause", "setitimer", "sigwait",
        "pthread_kill", "pthread_sigmask",
    },
    "time": {"tzset", "clock_gettime"},
    "socket": {"AF_UNIX"},
    "loop": {"add_signal_handler"},
}  # fmt: skip
PLACES = ("/proc/", "/dev/", "/tmp", "/etc/", "/sys/", "/usr/", "/var/", "libc.so")
"""Beginnings of names that other systems do not know."""
CAUGHT = {"ImportError", "AttributeError", "OSError", "NotImplementedError", "FileNotFoundError"}


def named(node: ast.AST) -> set[str]:
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)} | {
        n.attr for n in ast.walk(node) if isinstance(n, ast.Attribute)
    }


def is_guard(node: ast.AST) -> bool:
    """Whether what stands in that block may fail, or is asked for beforehand."""
    if isinstance(node, ast.Try):
        return any(h.type is not None and CAUGHT & named(h.type) for h in node.handlers)
    if isinstance(node, ast.With):
        return any(CAUGHT & named(item.context_expr) for item in node.items)
    if isinstance(node, ast.If | ast.IfExp):
        return bool(
            {"hasattr", "platform", "system"} & named(node.test)
        ) or "os.name" in ast.unparse(node.test)
    return False


def assumed(node: ast.AST, guarded: bool = False) -> Iterator[str]:
    """What only some systems have, outside such a block."""
    if isinstance(node, ast.Import):
        found = [a.name for a in node.names if a.name.split(".")[0] in MODULES]
    elif isinstance(node, ast.ImportFrom):
        found = [node.module or ""] if (node.module or "").split(".")[0] in MODULES else []
        wanted = NAMES.get(node.module or "", set())
        found += [f"{node.module}.{a.name}" for a in node.names if a.name in wanted]
    elif isinstance(node, ast.Attribute):
        owner = ast.unparse(node.value).split(".")[-1]
        found = [f"{owner}.{node.attr}"] if node.attr in NAMES.get(owner, set()) else []
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        found = [node.value] if node.value.startswith(PLACES) else []
    else:
        found = []
    if found and not guarded:
        yield from found
    guarded = guarded or is_guard(node)
    for child in ast.iter_child_nodes(node):
        yield from assumed(child, guarded)


FILES = [p for folder in ("app", "sims", "assets") for p in sorted((ROOT / folder).rglob("*.py"))]


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_what_only_posix_has_is_used_where_it_may_be_missing(path: Path) -> None:
    found = list(assumed(ast.parse(path.read_text("utf-8"))))
    assert not found, f"{path.relative_to(ROOT)} takes {', '.join(found)} for granted"


def opened_as_text(tree: ast.AST) -> Iterator[str]:
    """Calls that read or write text in whatever encoding a system has."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or any(k.arg == "encoding" for k in node.keywords):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        if name == "read_text" and not node.args:
            yield ast.unparse(node)
        if name == "write_text" and len(node.args) < 2:
            yield ast.unparse(node)
        if (
            isinstance(node.func, ast.Name)
            and node.func.id == "open"
            and "b" not in ast.unparse(node)
        ):
            yield ast.unparse(node)


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_text_files_are_utf_8_on_every_system(path: Path) -> None:
    assert not list(opened_as_text(ast.parse(path.read_text("utf-8"))))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("import fcntl", ["fcntl"]),
        ("try:\n    import fcntl\nexcept ImportError:\n    pass", []),
        ("import os\nos.getloadavg()", ["os.getloadavg"]),
        ("import os\nload = os.getloadavg() if hasattr(os, 'getloadavg') else 0", []),
        ("from signal import SIGKILL", ["signal.SIGKILL"]),
        ("open('/proc/self/statm', 'rb')", ["/proc/self/statm"]),
        ("with suppress(OSError):\n    open('/proc/cpuinfo', 'rb')", []),
        ("if os.name == 'posix':\n    os.setsid()", []),
        ("try:\n    import resource\nexcept ValueError:\n    pass", ["resource"]),
    ],
)
def test_the_search_finds_what_it_looks_for(text: str, found: list[str]) -> None:
    assert list(assumed(ast.parse(text))) == found


@pytest.mark.parametrize("name", ["saddle_to_saddle/linear_network", "lazy_rich/parity"])
def test_the_name_of_a_file_that_the_page_offers_is_one_on_every_system(name: str) -> None:
    from app.live.server.recipe import Recipe
    from app.live.server.setting import Setting
    from sims import api

    setting = Setting(api.experiment(name), Recipe(name, {}), {})
    setting.prepare()
    assert not set('<>:"/\\|?* ') & set(setting.stem)
    assert len(setting.stem) < 100
