"""A bad plug-in gives one plain sentence: from the command, on the page, and from Python."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import sims
from app import cli
from app.assets import asset
from app.live.server.hub import Hub
from sims.core.experiment import Experiment
from sims.core.plugin_file import BrokenFile
from sims.core.registry import Registry, find
from sims.testing import CHECKS, Checked, check_experiment, finding

GOOD = (
    asset("guide/template.py").read_text("utf-8")
    .replace("    Assumption,\n", "    Assumption,\n    Baseline,\n")
    .replace("import largest_gap", "import largest_gap, level")
)  # fmt: skip
STEP = 'return x - params.eta * task["curvature"] * x'
GIVEN = 'return {"loss": 0.5 * np.sum(task["curvature"] * x**2, axis=1), "x": x}'
CLAIM = 'Claim("x", largest_gap("x", over=1.0), tolerance, '

FAULTS = {
    "predict gives a wrong shape": (
        GIVEN,
        'return {"x": x[1:]}',
        "predict of mine/template gives 'x' of shape (239, 2), where (record 240, direction) is "
        "expected.",
    ),
    "predict gives NaN alone": (
        GIVEN,
        'return {"loss": x[:, 0] * np.nan, "x": x * np.nan}',
        "predict of mine/template gives NaN alone, in loss, x: give numbers, and leave out what "
        "is not known.",
    ),
    "predict gives what no observable is": (
        GIVEN,
        'return {"x": x, "energy": x[:, 0]}',
        "predict of mine/template gives 'energy' of shape (240,), which is no observable: declare "
        "one, or give a number; it has loss, x.",
    ),
    "predict gives nothing": (
        GIVEN,
        "return None",
        "predict of mine/template returns nothing: give a dict of arrays by name, or an "
        "xarray.Dataset.",
    ),
    "step gives another state": (
        STEP,
        "return x[:1]",
        "step of mine/template returns float64[1], where init makes float64[2]: give back arrays "
        "of the same names, shapes and types.",
    ),
    "step gives a state of another kind": (
        STEP,
        'return {"x": x}',
        "step of mine/template returns x float64[2], where init makes float64[2]: give back "
        "arrays of the same names, shapes and types.",
    ),
}
"""Faults that are seen as it is predicted or run: what stands in the template, what instead."""

GUESSES = {
    "a number that has no start": (
        CLAIM,
        'Claim("end", level(lambda p, known: 0.0, "loss", over=1.0), 0.1, title="end"), ' + CLAIM,
        "Claim 'end' of mine/template is held against the guess that nothing changes, where a "
        "plain number has no start: give baseline=Baseline(words, value), such as NEVER for a "
        "time.",
    ),
    "a guess of another shape": (
        CLAIM,
        CLAIM + 'baseline=Baseline("odd", lambda *_: np.zeros(3)), ',
        "The baseline of claim 'x' of mine/template has shape (3,), where (240, 2) is predicted.",
    ),
}
"""Guesses that cannot be, seen once it is predicted."""

UNREADABLE = {
    "a claim without tolerance": (
        CLAIM,
        'Claim("x", largest_gap("x", over=1.0), ',
        "Claim 'x' of mine/template has no tolerance: give a number, or a function of (params, "
        "prediction).",
    ),
    "two claims of one name": (
        CLAIM,
        'Claim("x", largest_gap("x", over=1.0), 0.1), ' + CLAIM,
        "mine/template has two claims named 'x': give each a name of its own.",
    ),
    "a claim of which nothing is guessed, for no reason": (
        CLAIM,
        f"{CLAIM}baseline=None, ",
        "Claim 'x' of mine/template has no baseline: give one, or say why nothing can be guessed, "
        "no_guess=why.",
    ),
    "an import of what is not there": (
        "import numpy as np",
        "import numpy as np\nimport nowhere_at_all",
        "ModuleNotFoundError: No module named 'nowhere_at_all'.",
    ),
    "a text that is no Python": ("def predict(", "def predict(:", "invalid syntax."),
}
"""Faults that are seen as the file is read."""


def written(folder: Path, good: str, bad: str) -> Path:
    """The template with one thing in it written otherwise."""
    assert GOOD.count(good) == 1
    path = folder / "bad.py"
    path.write_text(GOOD.replace(good, bad), "utf-8")
    return path


def one_line(text: str) -> str:
    return " ".join(text.split())


@pytest.fixture
def opened() -> Iterator[Callable[[Experiment], Hub]]:
    """A hub without threads that serves one experiment; the test gives the turns."""
    made: list[Hub] = []

    def hub(experiment: Experiment) -> Hub:
        made.append(Hub(threads=False, lookup=lambda _name: experiment))
        return made[-1]

    yield hub
    for one in made:
        one.close()


def failure(hub: Hub) -> str:
    """What the page says of the defaults, once they are predicted and run."""
    token = hub.submit("me", "mine/template", {})
    while hub.turn():
        pass
    if hub.job(token).stage != "failed":
        hub.control(token, "run")
        while hub.turn():
            pass
    assert hub.job(token).stage == "failed"
    return hub.job(token).state.message


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_one_sentence_for_the_command(fault: str, tmp_path: Path, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "400")
    good, bad, sentence = FAULTS[fault]
    assert cli.main(["check", str(written(tmp_path, good, bad))]) == 1
    said = capsys.readouterr()
    assert said.out.count(sentence) == 1
    assert "bad.py, line" in one_line(said.out)
    assert said.err == ""


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_one_sentence_on_the_page(fault: str, tmp_path: Path, opened):
    good, bad, sentence = FAULTS[fault]
    said = failure(opened(find(written(tmp_path, good, bad))))
    where, _, rest = said.partition(": ")
    assert where.startswith("bad.py, line ")
    assert rest == f"{sentence} Mend it and save the file, or press Reset to start it again."


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_one_sentence_from_python(fault: str, tmp_path: Path):
    good, bad, sentence = FAULTS[fault]
    path = written(tmp_path, good, bad)
    with pytest.raises(ValueError) as refused:  # noqa: PT011
        sims.run(path)
    assert str(refused.value) == sentence
    if fault.startswith("predict"):
        with pytest.raises(ValueError) as refused:  # noqa: PT011
            sims.predict(path)
        assert str(refused.value) == sentence


@pytest.mark.parametrize("fault", GUESSES)
def test_a_guess_that_cannot_be_is_one_sentence_everywhere(
    fault: str, tmp_path: Path, capsys, monkeypatch, opened
):
    monkeypatch.setenv("COLUMNS", "400")
    good, bad, sentence = GUESSES[fault]
    path = written(tmp_path, good, bad)
    assert cli.main(["check", str(path)]) == 1
    assert capsys.readouterr().out.count(sentence) == 1
    assert cli.main(["run", str(path)]) == 2
    assert capsys.readouterr().err == f"{sentence}\n"
    assert failure(opened(find(path))).startswith(f"{sentence} Mend it")
    for call in (sims.predict, sims.run):
        with pytest.raises(ValueError) as refused:  # noqa: PT011
            call(path)
        assert str(refused.value) == sentence


def test_a_guess_that_asks_for_what_is_not_predicted_is_told_by_the_check(tmp_path: Path):
    lost = CLAIM + 'baseline=Baseline("lost", lambda p, task, known: known["nowhere"]), '
    check = next(c for c in CHECKS if c.name == "controls")
    found = finding(check, Checked(find(written(tmp_path, CLAIM, lost)))).wrongs
    assert "x is judged, and nothing is guessed of it" in found[0]


def test_a_guess_that_nobody_can_ask_before_the_run_is_told_by_the_check(tmp_path: Path):
    """What a window reads of a run alone is not there where the run is only thought of."""
    made = 'within=lambda p, known, run: run["step"].values > run.attrs["stopped"]'
    unasked = f'Claim("x", largest_gap("x", over=1.0, {made}), tolerance, '
    check = next(c for c in CHECKS if c.name == "controls")
    found = finding(check, Checked(find(written(tmp_path, CLAIM, unasked)))).wrongs
    assert "x is judged, and nobody knows before the run" in found[0]


@pytest.mark.parametrize("fault", UNREADABLE)
def test_what_cannot_be_read_is_one_sentence_everywhere(fault: str, tmp_path: Path, capsys):
    good, bad, sentence = UNREADABLE[fault]
    path = tmp_path / "bad.py"
    path.write_text(GOOD, "utf-8")
    served = Registry(lambda _: pytest.fail("asked for what is shipped"), lambda: ([], []), ())
    served.open(path)
    written(tmp_path, good, bad)
    for command in ("check", "open"):
        assert cli.main([command, str(path)]) == 2
        told = capsys.readouterr().err
        assert told.startswith("bad.py, line ")
        assert told.endswith(f"{sentence}\n")
        assert told.count("\n") == 1
    with pytest.raises(BrokenFile) as refused:
        sims.predict(path)
    assert str(refused.value) == told.strip()
    served.refresh()
    assert served.entry("mine/template").trouble == told.strip()  # the banner of its page


# Views


def with_view(folder: Path, view: str) -> Experiment:
    """The template with a declared view."""
    path = folder / "bad.py"
    text = GOOD.replace("from sims.compare", "from sims.view import *\nfrom sims.compare")
    path.write_text(
        text.replace("    sources=(),\n", f"    sources=(),\n    view={view},\n"), "utf-8"
    )
    return find(path)


def viewed(experiment: Experiment) -> tuple[str, ...]:
    check = next(c for c in CHECKS if c.name == "viewed")
    return finding(check, Checked(experiment)).wrongs


@pytest.mark.parametrize(
    ("view", "panel"),
    [
        ('View(Curves("nowhere"))', "Curves 'nowhere'"),
        ('View(Curves(("x", "nowhere"), id="both"))', "Curves 'both'"),
        ('View(Curves("x", theory="nowhere"))', "Curves 'x'"),
        ('View(Curves("x"), (Difference("nowhere"),))', "Difference 'nowhere'"),
        ('View(Curves("x"), (Path("nowhere"),))', "Path 'nowhere'"),
        ('View(Curves("x"), lambda known: [Profile("nowhere")])', "Profile 'nowhere'"),
        ('View(Curves("x"), (Law("loss", over="nowhere", id="law"),))', "Law 'law'"),
        ('View(Curves("x"), (Law("loss", over="x", marks=(("nowhere", "n"),)),))', "Law 'loss'"),
        ('View(Curves("x"), (Map(theory="nowhere", id="map", rows="x", columns="x"),))',
         "Map 'map'"),
        ('View(Curves("x"), (), (Tile("nowhere[0]", "a number"),))', "Tile 'a number'"),
        ('View(Curves("x", levels=(Level("nowhere"),)))', "Curves 'x'"),
        ('View(Curves("x", when="nowhere"))', "Curves 'x'"),
        ('View(Curves("x"), moments=(Moment("nowhere", "t"),))', "Moment"),
    ],
)  # fmt: skip
def test_a_view_that_names_what_is_nowhere_is_told_panel_and_name(
    tmp_path: Path, view: str, panel: str
):
    assert viewed(with_view(tmp_path, view)) == (
        f"{panel} of the view names 'nowhere', which is neither observed, nor derived, nor "
        "predicted in any preset: correct the name, or declare an observable.",
    )


@pytest.mark.parametrize(
    "view",
    [
        'View(Curves("x"), (Difference("loss"), Path("x"), Curves("loss", along="time")), '
        '(Tile("loss[-1]", "at the end"), Tile(lambda known: 1.0, "one")))',
        'View(Curves("size"), derived={"size": lambda run, known: run["x"][..., 0]})',
        'View(lambda known: Curves("x"), lambda known: [Curves("loss", end="time")])',
    ],
)
def test_a_view_that_names_what_is_there_is_told_nothing(tmp_path: Path, view: str):
    assert viewed(with_view(tmp_path, view)) == ()


def test_what_only_a_slow_preset_predicts_may_be_named_by_a_quick_check(tmp_path: Path):
    path = tmp_path / "bad.py"
    text = GOOD.replace("from sims.compare", "from sims.view import *\nfrom sims.compare")
    text = text.replace(
        "    sources=(),\n", '    sources=(),\n    view=View(Curves("x", levels=("top",))),\n'
    )
    text = text.replace(GIVEN, f"found = {GIVEN.removeprefix('return ')}\n    return "
                        '{**found, "top": 1.0} if params.eta > 0.5 else found')  # fmt: skip
    path.write_text(text.replace('{"eta": 0.8}', '{"eta": 0.8}, slow=True'), "utf-8")
    experiment = find(path)
    quick = [p for p in experiment.presets if not p.slow]
    assert [p.id for p in quick] == ["valley", "round"]
    check = next(c for c in CHECKS if c.name == "viewed")
    assert finding(check, Checked(experiment, presets=quick)).wrongs == ()


def test_a_prediction_called_as_a_knob_is_told_as_no_sweep_over_it_could_hold_both(tmp_path: Path):
    path = tmp_path / "bad.py"
    path.write_text(GOOD.replace(GIVEN, f'return {{"eta": 1.0, **{GIVEN[7:]}}}'), "utf-8")
    check = next(c for c in CHECKS if c.name == "declared")
    assert finding(check, Checked(find(path))).wrongs == (
        "eta is a knob and the name of what is drawn, predicted or observed, too: a sweep over the "
        "knob would have two of that name.",
    )


def test_check_experiment_says_so_too(tmp_path: Path):
    with pytest.raises(AssertionError, match=r"viewed: Curves 'nowhere' of the view names"):
        check_experiment(with_view(tmp_path, 'View(Curves("x"), (Curves("nowhere"),))'))
