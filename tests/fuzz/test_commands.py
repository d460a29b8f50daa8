"""Three hundred commands of every kind: an answer, or one sentence and exit code 2."""

import os
import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app import cli
from sims import api
from sims.core.knobs import knobs_of
from tests.fuzz.nonsense import text

EXAMPLES, EACH = 15 if os.environ.get("CI") else 10, 20
"""Seeds, and commands made from each."""
IDS = [e.name for e in api.experiments()]
KNOBS = sorted({name for e in api.experiments() for name in knobs_of(e.Params)})
PRESETS = sorted({p.id for e in api.experiments() for p in e.presets})
COMMANDS = ("predict", "run", "sweep", "list", "bench", "open", "nothing", "--version")
FLAGS = ("--json", "--check", "--help", "-h", "--nonsense", "-x")
FILES = ("x.exe", "/no/such/x.nc", "/", "", "a\x00b.nc")


def option(drawn: random.Random) -> list[str]:
    """An option with a value of some kind, or a word out of place."""
    kind = drawn.randrange(7)
    if kind < 2:
        assigned = f"{drawn.choice([*KNOBS, text(drawn)])}{drawn.choice(['=', '', ':', '=='])}"
        return [drawn.choice(["--set", "--over"]), assigned + text(drawn)]
    if kind == 2:
        return [drawn.choice(["--seed", "--seeds", "--port"]), text(drawn)]
    if kind == 3:
        return ["--preset", drawn.choice([*PRESETS, text(drawn)])]
    if kind == 4:
        return ["--out", drawn.choice(FILES)]
    if kind == 5:
        return ["--device", drawn.choice(["cpu", "tpu", "", "AUTO"])]
    return [drawn.choice([*FLAGS, text(drawn)])]


def command(drawn: random.Random) -> list[str]:
    """A command, names of experiments, options; half of them as they should be."""
    names = [drawn.choice([*IDS, "", "a/b", text(drawn)]) for _ in range(drawn.randrange(3))]
    if drawn.random() < 0.5:
        names = [drawn.choice(IDS)]
    options = [word for _ in range(drawn.randrange(4)) for word in option(drawn)]
    return [drawn.choice(COMMANDS), *names, *options]


class Reached(ValueError):
    """What was asked is sound: it would be computed now."""


@pytest.fixture
def nothing_is_computed(monkeypatch: pytest.MonkeyPatch):
    def reached(*_args, **_how):
        raise Reached("It would be computed now.")

    for name in ("run", "predict", "sweep"):
        monkeypatch.setattr(api, name, reached)
    monkeypatch.setattr("app.bench.report", reached)
    monkeypatch.setattr("app.server.serve", reached)


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.integers(0, 2**32 - 1))
def test_a_command_answers_or_refuses_in_one_sentence(nothing_is_computed, capsys, seed):
    drawn = random.Random(seed)
    for words in (command(drawn) for _ in range(EACH)):
        code = cli.main(words)
        said = capsys.readouterr()
        assert code in (0, 1, 2), words
        assert "Traceback" not in said.out + said.err
        if code == 2:
            assert said.err.count("\n") == 1, (words, said.err)
            assert len(said.err) < 1200, (words, said.err)
