"""The command `lmx`: what it prints, what it writes, and how it refuses."""

from __future__ import annotations

import io
import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import sims
from app import cli
from app.cli.symbols import plain_symbol
from app.cli.verdicts import GLYPHS, _axis_words
from sims import api
from sims.core import archive
from sims.core.evidence import BODIES

NAME = "saddle_to_saddle/linear_network"
SMALL = ("--set", "d_in=4", "--set", "d_out=3", "--set", "width=5", "--set", "spectrum=3,1.5")


@pytest.fixture(autouse=True)
def unset_terminal_width(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is printed must not depend on the terminal the tests are started from."""
    monkeypatch.delenv("COLUMNS", raising=False)


def lmx(*arguments: str) -> int:
    return cli.main(arguments)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("run saddle_to_saddle/linear_netwrk", "did you mean saddle_to_saddle/linear_network?"),
        ("run NAME --set alpa=1", "did you mean alpha?"),
        ("run NAME --set device=cpu", "There is no knob 'device'"),
        ("run NAME --set alpha", "give --set knob=value."),
        ("run NAME --set alpha=1 --set alpha=2", "sets alpha twice"),
        ("run NAME --set alpha=nan", "a number from 1e-30 to 10"),
        ("run NAME --set alpha=1e9", "a number from 1e-30 to 10"),
        ("run NAME --set width=2.5", "a whole number from 1 to 512"),
        ("run NAME --set spectrum=5,,3", "numbers separated by commas"),
        ("run NAME --set optimizer=sgd", "gd, polyak or adam"),
        ("run NAME --set d_in=100000000", "a whole number from 1 to 128"),
        ("run NAME --preset stairs", "it has staircase"),
        ("run NAME --seeds 0", "from 1 to 1024"),
        ("run NAME --seeds many", "--seeds"),
        ("run NAME --seed -1", "seed = -1 is not allowed"),
        ("run NAME --device tpu", "give auto, cpu or gpu."),
        ("run NAME --out run.txt", "ending in .nc, .json or .csv."),
        ("run NAME --out nowhere/run.nc", "The folder nowhere does not exist."),
        ("run NAME --out folder.nc", "is a folder"),
        ("run NAME --quick", "--quick"),
        ("run", "EXPERIMENT"),
        ("rnu", "Did you mean 'run'?"),
        ("predict NAME --device cpu", "--device"),
        ("predict NAME --preset waiting_times", "is a sweep"),
        ("sweep NAME", "--over"),
        ("sweep NAME --over alpha", "give --over knob=value."),
        ("sweep NAME --over alpha=1:2", "give lo:hi:n"),
        ("sweep NAME --over alpha=1e-3:1e-2:2:lin", "give lo:hi:n"),
        ("sweep NAME --over spectrum=1,2", "cannot be a sweep axis"),
        ("sweep NAME --over alhpa=1,2", "did you mean alpha?"),
        ("sweep NAME --over alpha=inf:1:3", "The range alpha=inf:1:3 cannot be read"),
        ("sweep NAME --over alpha=0.1:inf:3:log", "The range alpha=0.1:inf:3:log cannot be read"),
        ("sweep NAME --over alpha=nan:1:3", "The range alpha=nan:1:3 cannot be read"),
        ("sweep NAME --over alpha=-1e308:1e308:3", "The range alpha=-1e308:1e308:3 cannot be"),
        ("sweep NAME --over alpha=1e-3,1e-2,0.001", "alpha = 0.001 stands twice on its axis"),
        ("sweep NAME --over alpha=0.1:0.1:3", "alpha = 0.1 stands twice on its axis"),
        ("sweep NAME --over alpha=1e-3,1e-2 --set alpha=0.1", "both set and swept over"),
        ("run NAME --preset waiting_times --set alpha=0.1", "both set and swept over"),
        ("sweep NAME --over alpha=1 --over eta=1e-3 --over beta=0", "one or two knobs"),
        ("bench saddle_to_saddle/linear_netwrk", "did you mean"),
        ("bench --json nowhere/bench.json", "The folder nowhere does not exist."),
        ("list --yaml", "--yaml"),
        ("--port 99999", "65535"),
        ("--device tpu", "give auto, cpu or gpu."),
        ("--public --host 10.0.0.1", "leave out --host"),
        ("--host 203.0.113.1 --port 65530", "203.0.113.1 is not an address of this machine"),
        ("--host nowhere.invalid", "There is no host 'nowhere.invalid'"),
        ("--host fd00::zz", "There is no host 'fd00::zz'"),
    ],
)  # fmt: skip
def test_a_mistake_is_one_sentence_and_exit_code_2(
    arguments: str, said: str, capsys: pytest.CaptureFixture, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder.nc").mkdir()
    assert lmx(*arguments.replace("NAME", NAME).split()) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert said in shown.err
    assert shown.err.count("\n") == 1
    assert shown.err.rstrip().endswith((".", "?", "!"))
    assert "Traceback" not in shown.err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a file that refuses all writing")
def test_a_full_disk_is_one_sentence(capsys: pytest.CaptureFixture, tmp_path: Path) -> None:
    full = tmp_path / "run.csv"
    full.symlink_to("/dev/full")
    assert lmx("predict", NAME, *SMALL, "--out", str(full)) == 2
    assert "No space left on device" in capsys.readouterr().err


@pytest.mark.parametrize("kind", ["nc", "json", "csv"])
@pytest.mark.parametrize("words", ["run NAME", "predict NAME", "sweep NAME --over alpha=1e-3"])
def test_a_file_that_is_there_is_not_written_over_unless_forced(
    capsys: pytest.CaptureFixture, tmp_path: Path, words: str, kind: str
) -> None:
    file = tmp_path / f"run.{kind}"
    file.write_text("former")
    asked = (*words.replace("NAME", NAME).split(), *SMALL, "--set", "horizon=0.5")
    assert lmx(*asked, "--out", str(file)) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert "is there already: give another name, or --force to write over it." in said.err
    assert file.read_text() == "former"
    assert lmx(*asked, "--out", str(file), "--force") == 0
    assert file.read_bytes() != b"former"


@pytest.mark.parametrize(("answer", "code"), [("y\n", 0), ("n\n", 2)])
def test_in_a_terminal_it_is_asked_whether_a_file_may_be_written_over(
    capsys: pytest.CaptureFixture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    answer: str, code: int,
) -> None:  # fmt: skip
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    file = tmp_path / "run.csv"
    file.write_text("former")
    monkeypatch.setattr("sys.stdin", Terminal(answer))
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    assert lmx("predict", NAME, *SMALL, "--out", str(file)) == code
    assert "is there already. Write over it?" in capsys.readouterr().err
    assert (file.read_text() == "former") == (code == 2)


def test_an_outcome_whose_file_cannot_be_written_is_printed_and_kept(
    capsys: pytest.CaptureFixture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    folder = tmp_path / "gone"
    folder.mkdir()
    run = api.run

    def left(*args, **kwargs):
        tree = run(*args, **kwargs)
        folder.rmdir()
        return tree

    monkeypatch.setattr(api, "run", left)
    assert lmx("run", NAME, *SMALL, "--out", str(folder / "run.nc")) == 2
    said = capsys.readouterr()
    assert "jump times" in said.out
    assert "Written" not in said.out
    (kept,) = tmp_path.glob("run-*.nc")
    assert said.err == (
        f"{folder / 'run.nc'} could not be written (No such file or directory); "
        f"the result is kept as {kept}.\n"
    )
    assert "jump_times" in archive.read(kept)["claims"].to_dataset()["claim"].values


def test_list_as_json_holds_what_programs_need(capsys: pytest.CaptureFixture) -> None:
    assert lmx("list", "--json") == 0
    listed = json.loads(capsys.readouterr().out)
    assert listed == json.loads(json.dumps(sims.list_experiments()))
    knobs = {"name", "symbol", "unit", "default", "lo", "hi", "hard_lo", "hard_hi", "scale",
             "choices", "static", "help"}  # fmt: skip
    for entry in listed:
        assert {"id", "title", "question", "knobs", "presets", "claims"} <= set(entry)
        assert all(knobs <= set(k) for k in entry["knobs"])
        assert all({"id", "title", "look_for", "verdicts"} <= set(p) for p in entry["presets"])


def test_list_names_every_experiment_under_its_body_of_evidence(
    capsys: pytest.CaptureFixture,
) -> None:
    assert lmx("list") == 0
    shown = capsys.readouterr().out
    places = [shown.index(body.title) for body in BODIES]
    assert places == sorted(places)
    assert all(shown.count(f" {entry['id']} ") == 1 for entry in sims.list_experiments())
    collapse = shown.index("neural_collapse/free_features")
    assert shown.index("Universal phenomena") < collapse


def test_list_of_an_id_names_every_knob_and_preset_of_it(capsys: pytest.CaptureFixture) -> None:
    for entry in sims.list_experiments():
        assert lmx("list", entry["id"]) == 0
        shown = capsys.readouterr().out
        named = [entry["id"], *(x["name"] for x in entry["knobs"])]
        named += [x["id"] for x in entry["presets"]] + [x["title"] for x in entry["presets"]]
        assert [name for name in named if name not in shown] == []


def test_list_of_words_shows_what_says_them_all(capsys: pytest.CaptureFixture) -> None:
    assert lmx("list", "learning", "curve") == 0
    shown = capsys.readouterr().out
    assert "scaling_laws/learning_curve" in shown
    assert "kernel_regression/learning_curve" in shown
    assert "saddle_to_saddle/matrix_completion" not in shown
    assert lmx("list", "matrix", "completion", "--json") == 0
    (one,) = json.loads(capsys.readouterr().out)
    assert one["id"] == "saddle_to_saddle/matrix_completion"


def test_list_of_words_that_nothing_says_is_a_mistake_in_a_sentence(
    capsys: pytest.CaptureFixture,
) -> None:
    assert lmx("list", "xylophone") == 2
    said = capsys.readouterr()
    assert (said.out, said.err) == (
        "", "No experiment says 'xylophone': try fewer or shorter words.\n",
    )  # fmt: skip


def test_list_imports_nothing_that_draws() -> None:
    code = (
        "import sys; from app import cli; cli.main(['list', '--json']);"
        "sys.exit(any(m in sys.modules for m in ('streamlit', 'plotly', 'sklearn', 'diffrax')))"
    )
    done = subprocess.run([sys.executable, "-c", code], stdout=subprocess.DEVNULL, check=False)
    assert done.returncode == 0


def test_run_prints_the_claims_and_writes_the_tree(
    capsys: pytest.CaptureFixture, tmp_path: Path
) -> None:
    file = tmp_path / "run.nc"
    assert lmx("run", NAME, *SMALL, "--seeds", "2", "--seed", "3", "--out", str(file)) == 0
    shown = capsys.readouterr().out
    tree = archive.read(file)
    claims = tree["claims"].to_dataset()
    for name in claims["claim"].values:
        claim = next(c for c in api.experiment(NAME).claims if c.name == name)
        assert claim.title in shown
    for verdict in claims["verdict"].values.tolist():
        assert GLYPHS[verdict].split("]")[1].removesuffix("[/") in shown
    assert "seeds 3 to 4, float64, cpu" in shown
    assert tree.attrs["prediction_sha256"][:12] in shown
    assert tree["run"].to_dataset()["seed"].values.tolist() == [3, 4]
    assert "e-0" not in shown


@pytest.mark.parametrize("eta", ["0.42", "0.5", "2"])
@pytest.mark.parametrize("columns", ["120", "40"])
def test_what_diverged_pushes_neither_names_nor_verdicts_out(
    capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch, eta: str, columns: str
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    small = ("--set", "d_in=4", "--set", "d_out=3", "--set", "spectrum=5,3")
    assert lmx("run", NAME, *small, "--set", f"eta={eta}") == 0
    shown = capsys.readouterr().out
    assert "…" not in shown
    assert max(map(len, shown.splitlines())) <= int(columns)
    assert not re.search(r"[\d\u2009]{17}", shown)
    for title in ("mode strengths, step included", "jump times", "first escape"):
        assert title in " ".join(shown.split())
    assert shown.count("◆ departs") >= 3


def test_run_from_the_command_equals_run_from_python(tmp_path: Path) -> None:
    file = tmp_path / "run.nc"
    assert lmx("run", NAME, *SMALL, "--out", str(file)) == 0
    twin = sims.run(NAME, d_in=4, d_out=3, width=5, spectrum=(3, 1.5))
    mine = archive.read(file)
    for group in ("run", "prediction"):
        xr.testing.assert_equal(mine[group].to_dataset(), twin[group].to_dataset())
    assert mine.attrs["prediction_sha256"] == twin.attrs["prediction_sha256"]
    assert mine.attrs["params"] == twin.attrs["params"]


def test_broken_assumptions_are_named_beforehand(capsys: pytest.CaptureFixture) -> None:
    assert lmx("predict", NAME, *SMALL, "--set", "alpha=1") == 0
    assert "✗ small_init broken" in capsys.readouterr().out


def test_predict_prints_numbers_with_their_tolerance(capsys: pytest.CaptureFixture) -> None:
    assert lmx("predict", NAME, *SMALL) == 0
    shown = capsys.readouterr().out
    tree = sims.predict(NAME, d_in=4, d_out=3, width=5, spectrum=(3, 1.5))
    first = float(tree["prediction"].to_dataset()["jump_times"].values.flat[0])
    assert str(first)[:4] in shown
    assert "all 11 assumptions hold" in shown


@pytest.mark.parametrize(
    ("knobs", "said"),
    [
        (("eta=0.001",), "eta: μ = η s_1 = 0.003, edge at 1"),
        (("samples=500",), "samples: A linear net is trained on the whole distribution."),
    ],
)
def test_predict_says_what_knobs_mean_and_which_play_no_part(
    capsys: pytest.CaptureFixture, knobs: tuple[str, ...], said: str
) -> None:
    settings = [part for knob in knobs for part in ("--set", knob)]
    assert lmx("predict", NAME, *SMALL, "--set", "horizon=0.5", *settings) == 0
    assert said in capsys.readouterr().out


def test_check_exits_1_on_a_surprise_only(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    assert lmx("run", NAME, *SMALL, "--check") == 0
    run = api.run

    def surprised(*args, **kwargs):
        tree = run(*args, **kwargs)
        claims = tree["claims"].to_dataset()
        claims["verdict"].values[0] = "surprise"
        tree["claims"] = xr.DataTree(claims)
        return tree

    monkeypatch.setattr(api, "run", surprised)
    assert lmx("run", NAME, *SMALL) == 0
    assert lmx("run", NAME, *SMALL, "--check") == 1
    assert "! surprise" in capsys.readouterr().out


def test_sweep_counts_verdicts_and_writes_axes(
    capsys: pytest.CaptureFixture, tmp_path: Path
) -> None:
    file = tmp_path / "sweep.nc"
    over = ("--over", "alpha=1e-5:1e-4:2:log", "--over", "optimizer=gd,adam")
    assert lmx("sweep", NAME, *SMALL, *over, "--out", str(file)) == 0
    shown = capsys.readouterr().out
    assert "alpha from 10⁻⁵ to 10⁻⁴, 2 values" in shown
    assert "optimizer over gd, adam" in shown
    assert "of 4 points each" in shown
    (row,) = re.findall(r"^first escape +(.*)$", shown, re.M)
    skills = archive.read(file)["claims"].to_dataset()["skill"].sel(claim="first_escape_time")
    assert row.split()[-1] == f"{float(skills.median()):.3f}"
    verdicts = archive.read(file)["claims"].to_dataset()["verdict"]
    assert verdicts.dims == ("claim", "alpha", "optimizer")


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([1e-5, 1e-4], "from 10⁻⁵ to 10⁻⁴, 2 values"),
        ([1e-7, 0.25, 1.0], "from 10⁻⁷ to 10⁰, 3 values"),
        ([-2.5e-6, 0.0], "from −2.5 × 10⁻⁶ to 0, 2 values"),
        ([0.001, 1.0], "from 0.001 to 1, 2 values"),
        ([2, 512], "from 2 to 512, 2 values"),
        ([0.01], "at 0.01"),
    ],
)
def test_both_ends_of_an_axis_are_written_alike(values: list[float], words: str) -> None:
    assert _axis_words(np.asarray(values)) == words


@pytest.mark.parametrize(
    ("tex", "plain"),
    [(r"\alpha", "α"), (r"d_\mathrm{in}", "d_in"), (r"\mathrm{cond}(S)", "cond(S)"), ("", "")],
)
def test_symbols_are_readable_in_a_terminal(tex: str, plain: str) -> None:
    assert plain_symbol(tex) == plain


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_ctrl_c_ends_the_explorer_with_exit_code_0() -> None:
    command = [sys.executable, "-m", "app.cli", "--no-browser", "--port", "0"]
    root = str(Path(cli.__file__).parents[2])
    process = subprocess.Popen(
        command, cwd=root, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    assert re.fullmatch(
        r"The explorer is open at http://localhost:\d+ \(Ctrl-C ends it\)\.\n", line
    )
    url = line.split()[5]
    with urllib.request.urlopen(f"{url}/_stcore/health", timeout=20) as answer:
        assert answer.read() == b"ok"
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 0
    assert errors == ""
