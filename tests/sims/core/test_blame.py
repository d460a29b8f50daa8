"""An author's mistake is one sentence with the line it stands in."""

import textwrap
from pathlib import Path

import pytest

from sims.core.blame import blamed
from sims.core.registry import find
from sims.core.study import Study
from sims.testing import CHECKS, Checked, finding

GOOD = Path(__file__).resolve().parents[3] / "assets" / "guide" / "template.py"
STEP = '    return x - params.eta * task["curvature"] * x'
LOSS = '    return {"loss": 0.5 * np.sum(task["curvature"] * x**2, axis=1), "x": x}'


def broken(folder: Path, good: str, bad: str):
    """The template with one line written otherwise."""
    text = GOOD.read_text("utf-8")
    assert text.count(good) == 1
    path = folder / "law.py"
    path.write_text(text.replace(good, textwrap.indent(bad, "    ")), "utf-8")
    return find(path)


def line_of(beginning: str) -> int:
    """Number of the template's line that begins so."""
    text = GOOD.read_text("utf-8")
    return text[: text.index(beginning)].count("\n") + 1


@pytest.mark.parametrize(
    ("good", "bad", "where", "said"),
    [
        (
            STEP,
            "return None",
            "def step(",
            "step of mine/template returns nothing, where",
        ),
        (
            STEP,
            "return x[:1]",
            "def step(",
            "step of mine/template returns float64[1], where",
        ),
        (STEP, "return np.sin(x)", STEP, "numpy is called on a value inside the compiled run: use"),
        (STEP, "return x if params.eta > 1 else -x", STEP, "Python asks for a value that the comp"),
        (STEP, "return x * task['rate']", STEP, "KeyError: 'rate'."),
        (
            LOSS,
            "return {'x': x[1:]}",
            "def predict(",
            "predict of mine/template gives 'x' of shape (2",
        ),
        (
            LOSS,
            "return {'y': x}",
            "def predict(",
            "predict of mine/template gives 'y' of shape (2",
        ),
    ],
)
def test_the_sentence_names_line_and_what_is_wrong(tmp_path, good, bad, where, said):
    experiment = broken(tmp_path, good, bad)
    with pytest.raises(Exception) as failed:  # noqa: PT011
        Study(experiment).freeze().run().compile()
    words = blamed(failed.value, experiment)
    assert words.startswith(f"law.py, line {line_of(where)}: {said}"), words
    assert words.endswith(".")
    assert "\n" not in words


def test_a_question_keeps_its_mark():
    experiment = find(GOOD)
    assert blamed(ValueError("did you mean eta?"), experiment) == "did you mean eta?"


def check(name, experiment):
    return finding(next(c for c in CHECKS if c.name == name), Checked(experiment)).wrongs


def test_a_prediction_of_nan_alone_is_said_to_be_one(tmp_path):
    experiment = broken(tmp_path, LOSS, "return {'loss': x[:, 0] * np.nan, 'x': x}")
    (wrong,) = [w for w in check("presets", experiment) if "valley" in w]
    ends = "ends as not judged, because what is predicted is NaN at every point."
    assert wrong == f"preset valley: loss is stated as lands and {ends}"
    assert not any("loss" in w for w in check("sharp", experiment))


def test_a_claimed_number_that_is_ten_percent_wrong_does_not_land(tmp_path):
    text = GOOD.read_text("utf-8").replace("import largest_gap", "import largest_gap, level")
    text = text.replace('axis=1), "x": x}', 'axis=1), "x": x, "last": x[-1, 0]}')
    said = 'Claim("last", level("last", lambda params, run: run["x"][:, 0]), {}, title="last", {}),'
    path = tmp_path / "law.py"
    unguessed = 'baseline=None, no_guess="so"'
    head = "    claims=(\n"
    made = text.replace(head, f"{head}        {said.format(0.2, unguessed)}\n")
    path.write_text(made.replace('lands=("x", "loss")', 'lands=("x", "loss", "last")'), "utf-8")
    assert not [w for w in check("sharp", find(path)) if "last" in w]
    found = [w for w in check("presets", find(path)) if "last" in w]
    assert len(found) == 2
    assert all("10 % wrong would nearly land too" in w for w in found)
