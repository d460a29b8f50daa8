"""What the house keeps to: one pipeline, and nobody beside it."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
STAGES = {
    "sims.core.setup": {"prepared"},
    "sims.core.prediction": {"prediction", "predictions", "intervened"},
    "sims.core.simulation": {"Run"},
    "sims.core.trajectory": {"trajectory", "records"},
    "sims.core.claims": {"judge", "before"},
}
"""The stages of the pipeline, by where they are; `Run` may be named as a type."""
PIPELINE = ROOT / "sims" / "core" / "study.py"
OWN_TESTS = ROOT / "tests" / "sims" / "core"
METHODS = {"prepare", "predict", "intervene", "measure"}
"""An experiment's own functions, which only the stages call."""
STAGE_FILES = {ROOT / "sims" / "core" / f"{m.rpartition('.')[2]}.py" for m in STAGES} | {PIPELINE}


def files(*folders):
    for folder in folders:
        yield from sorted((ROOT / folder).rglob("*.py"))


def imported(tree):
    """(module, name) of every import that is there at run time."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                yield node.module, alias.name


def called(tree):
    """Names that are called."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield node.func.id


@pytest.mark.parametrize("path", list(files("app", "sims", "tests")), ids=lambda p: str(p.stem))
def test_only_the_study_calls_the_stages_of_the_pipeline(path):
    if path in STAGE_FILES or OWN_TESTS in path.parents:
        return
    tree = ast.parse(path.read_text("utf-8"))
    names = {name for module, name in imported(tree) if name in STAGES.get(module, ())}
    assert names <= {"Run"}, f"{path.name} imports {names}: go through sims.core.study"
    if "Run" in names:
        assert "Run" not in called(tree), f"{path.name} makes a Run: go through sims.core.study"


@pytest.mark.parametrize("path", list(files("app")), ids=lambda p: str(p.stem))
def test_no_page_calls_an_experiments_own_functions(path):
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = node.func.value
            name = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")
            assert not (name == "experiment" and node.func.attr in METHODS), path.name


def test_no_file_is_over_400_lines():
    kinds = ".py", ".js", ".css"
    paths = [p for top in ("app", "sims", "tests") for p in (ROOT / top).rglob("*")]
    lengths = {
        path.name: len(path.read_text("utf-8").splitlines())
        for path in paths
        if path.suffix in kinds
    }
    assert {name: n for name, n in lengths.items() if n > 400} == {}


@pytest.mark.parametrize("path", list(files("tests")), ids=lambda p: str(p.stem))
def test_no_test_runs_a_loop_in_the_thread_where_a_browser_has_one(path):
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("asyncio.run"):
            pytest.fail(f"{path.name}: use app.bench.loop.finished")
