"""The command in terminals, pipes and hands of every kind: no traceback, nothing lost."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from app import cli
from app.cli import NOBODY_READS
from app.interrupts import AGAIN, INTERRUPTED

ROOT = Path(cli.__file__).parents[2]
ENTRY = [sys.executable, "-c", "import sys, lmx; sys.exit(lmx.main())"]
NAME = "saddle_to_saddle/linear_network"


def environment(**words: str) -> dict[str, str]:
    """That of this process, where the command is found, without a width."""
    path = os.pathsep.join([str(ROOT), str(ROOT / "app" / "entry")])
    usual = {name: value for name, value in os.environ.items() if name != "COLUMNS"}
    return usual | {"PYTHONPATH": path} | words


def lmx(*arguments: str, **words: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [*ENTRY, *arguments], env=environment(**words), capture_output=True, check=False
    )


@pytest.mark.parametrize("encoding", ["cp1252", "ascii"])
def test_a_code_page_loses_nothing_that_it_can_hold(encoding: str, tmp_path: Path) -> None:
    shown = lmx("list", NAME, PYTHONIOENCODING=encoding, PYTHONUTF8="0")
    assert (shown.returncode, shown.stderr) == (0, b"")
    assert re.search(r"layer_imbalance +lambda", shown.stdout.decode(encoding))
    file = tmp_path / "run.json"
    said = lmx("predict", NAME, "--out", str(file), PYTHONIOENCODING=encoding, PYTHONUTF8="0")
    assert (said.returncode, said.stderr) == (0, b"")
    assert "+ all 11 assumptions hold" in said.stdout.decode(encoding)
    assert json.loads(file.read_text("utf-8"))["attrs"]["experiment"] == NAME


def test_data_for_programs_is_the_same_in_every_code_page() -> None:
    answers = [
        json.loads(lmx("list", "--json", PYTHONIOENCODING=encoding, PYTHONUTF8="0").stdout)
        for encoding in ("cp1252", "utf-8")
    ]
    assert answers[0] == answers[1]


def test_a_mistake_is_one_sentence_in_a_code_page() -> None:
    said = lmx("run", NAME, "--set", "η=1", PYTHONIOENCODING="ascii")
    assert said.returncode == 2
    assert said.stderr.decode("ascii").startswith("There is no knob 'eta' in")


@pytest.mark.skipif(os.name == "nt", reason="pipes end otherwise")
@pytest.mark.parametrize("words", [("list",), ("list", "--json"), ("run", NAME)])
def test_a_reader_who_has_gone_is_no_mistake(words: tuple[str, ...]) -> None:
    reading, writing = os.pipe()
    with subprocess.Popen(
        [*ENTRY, *words], env=environment(), stdout=writing, stderr=subprocess.PIPE
    ) as process:
        os.close(writing)
        os.close(reading)
        assert process.stderr is not None
        assert process.stderr.read() == b""
    assert process.returncode == NOBODY_READS


@pytest.mark.skipif(os.name == "nt", reason="signals")
@pytest.mark.parametrize("seconds", [0.1, 0.3, 0.6, 0.9, 1.1, 1.4, 1.7, 2.1, 3.0])
def test_ctrl_c_during_the_imports_and_after_leaves_no_traceback(seconds: float) -> None:
    ready = "import sys, lmx; print(flush=True); sys.exit(lmx.main())"
    with subprocess.Popen(
        [sys.executable, "-c", ready, "check", NAME, "--random", "500"],
        env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(seconds)
        process.send_signal(signal.SIGINT)
        try:
            _, errors = process.communicate(timeout=60)
        finally:
            process.kill()
    assert errors == b""
    assert process.returncode == INTERRUPTED


@pytest.mark.skipif(os.name == "nt", reason="signals")
@pytest.mark.parametrize("swallowing", ["except BaseException", "except KeyboardInterrupt"])
def test_a_library_that_swallows_ctrl_c_while_it_is_imported_holds_nothing_up(
    tmp_path: Path, swallowing: str
) -> None:
    text = f"""
import os, signal
try:
    os.kill(os.getpid(), signal.SIGINT)
    for _ in range(10**6): pass
{swallowing}:
    pass
print("went on")
"""
    (tmp_path / "swallowing.py").write_text(text, "utf-8")
    code = "from app import interrupts; interrupts.end_imports_at_once(); import swallowing"
    path = os.pathsep.join([str(ROOT), str(tmp_path)])
    done = subprocess.run(
        [sys.executable, "-c", code], env=os.environ | {"PYTHONPATH": path},
        capture_output=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (INTERRUPTED, b"", b"")


@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_ctrl_c_outside_an_import_is_raised_as_ever() -> None:
    code = """
import os, signal
from app import interrupts
interrupts.end_imports_at_once()
try:
    os.kill(os.getpid(), signal.SIGINT)
    for _ in range(10**6): pass
except KeyboardInterrupt:
    print("raised")
"""
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment(), capture_output=True, check=False
    )
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, b"raised", b"")


@pytest.mark.skipif(os.name == "nt", reason="signals")
@pytest.mark.parametrize(
    "where", ["gc.callbacks.append(lambda *_: slow()); gc.collect()", "Ends()"]
)
def test_ctrl_c_where_python_drops_what_is_raised_is_raised_again(where: str) -> None:
    code = f"""
import gc, os, signal, time
from app import interrupts
interrupts.end_imports_at_once()
signalled = []
def slow():
    if not signalled:
        signalled.append(True)
        os.kill(os.getpid(), signal.SIGINT)
    time.sleep({3 * AGAIN})  # the second one too falls in here, and is dropped
class Ends:
    __del__ = lambda self: slow()
try:
    {where}
    time.sleep(60)
except KeyboardInterrupt:
    print("raised")
"""
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment(), capture_output=True, check=False
    )
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, b"raised", b"")


def test_a_complaint_is_short_however_long_what_was_typed_is(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert cli.main(["new", "name.py", "9" * 5000, "x"]) == 2
    said = capsys.readouterr().err
    assert said.startswith("Got unexpected extra argument")
    assert said.endswith("9 x).\n")
    assert len(said) < 500


@pytest.mark.parametrize("columns", ["0", "1", "20", "nonsense", "-3"])
def test_a_width_of_any_kind_cuts_nothing(columns: str) -> None:
    done = lmx("predict", NAME, COLUMNS=columns)
    assert (done.returncode, done.stderr) == (0, b"")
    shown = "".join(done.stdout.decode().split())
    assert "…" not in shown
    for words in ("jumptimes", "firstescape", "0.05ofs_k", "all11assumptionshold"):
        assert words in shown


@pytest.mark.parametrize("words", [(), ("run",), ("sweep",), ("check",), ("bench",), ("open",)])
def test_the_help_is_whole_in_a_narrow_terminal(words: tuple[str, ...]) -> None:
    done = lmx(*words, "--help", COLUMNS="20")
    shown = done.stdout.decode()
    assert (done.returncode, done.stderr) == (0, b"")
    assert "…" not in shown
    assert "--help" in shown
