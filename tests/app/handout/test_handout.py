"""Hand-outs of every experiment, before its run and after it."""

import io
import logging
import re
from dataclasses import replace
from functools import cache

import pypdf
import pytest

from app import wanted
from app.handout.content import content
from app.handout.made import made
from sims import api
from sims.core.knobs import axis, knobs_of, number
from sims.core.study import Study

A4 = pytest.approx((595.28, 841.89), abs=0.5)
SERVER = "https://host.example:8501/maths"
QUICK = (
    "saddle_to_saddle/linear_network", "saddle_to_saddle/matrix_completion",
    "edge_of_stability/scalar_models", "lazy_rich/one_neuron", "lazy_rich/parity",
    "neural_collapse/free_features",
)  # fmt: skip


def cases():
    for experiment in api.experiments():
        marks = () if experiment.name in QUICK else pytest.mark.slow
        yield pytest.param(experiment.name, marks=marks)


@cache
def predicted(name):
    return wanted.predicted(name) if api.experiment(name).over is None else swept(name)


@cache
def ran(name):
    experiment = api.experiment(name)
    return api.run(name, device="cpu") if experiment.over is None else swept(name)


@cache
def swept(name):
    """The corners of an experiment's diagram."""
    experiment = api.experiment(name)
    knobs, corners = knobs_of(experiment.Params), {}
    for knob, text in (experiment.over or {}).items():
        values = axis(knobs[knob], text)
        corners[knob] = ",".join(number(v) for v in (values[0], values[-1]))
    return api.sweep(name, corners, device="cpu")


def page_of(data):
    (page,) = pypdf.PdfReader(io.BytesIO(data)).pages
    assert (float(page.mediabox.width), float(page.mediabox.height)) == A4
    assert not page.images
    return page


def words(data):
    """What a page says, without what differs by how lines are broken."""
    return re.sub(r"\s+", "", page_of(data).extract_text())


def has(text, sentence):
    return re.sub(r"\s+", "", sentence) in text


def check_full(tree, name, caplog):
    with caplog.at_level(logging.WARNING):
        said, page = content(tree, server=SERVER), made(tree, server=SERVER)
    text = words(page)
    assert has(text, api.experiment(name).question)
    assert has(text, f"{SERVER}/{name.replace('/', '-')}")
    assert has(text, said.hash[:12])
    for row in said.rows:
        shown = [row.measured, row.error, row.verdict.capitalize()]
        assert all(has(text, one) for one in shown if "$" not in one), row
    assert not caplog.records


@pytest.mark.parametrize("name", [e.name for e in api.experiments() if e.over is None])
def test_every_experiment_has_a_hand_out_before_its_run_and_a_blank_one(name, caplog):
    check_full(predicted(name), name, caplog)
    check_blank(predicted(name), name)


@pytest.mark.parametrize("name", list(cases()))
def test_every_experiment_has_a_hand_out_of_its_run_and_a_blank_one(name, caplog):
    check_full(ran(name), name, caplog)
    check_blank(ran(name), name)


def check_blank(tree, name):
    text = words(made(tree, blank=True, server=SERVER))
    assert has(text, api.experiment(name).question)
    assert has(text, "draw what you expect")
    said = content(tree)
    for row in said.rows:
        numbers = [n for n in (*row.predicted.split(", "), row.measured) if len(n) > 4]
        for one in (*numbers, row.error):
            assert len(one) < 5 or one in said.settings or not has(text, one), (row.title, one)
        assert not has(text, row.verdict or "Lands")
    for told in (said.headline, said.hero.note):
        assert not told or not has(text, told)


def test_a_blank_page_draws_no_curve_of_theory_or_run():
    tree = ran("saddle_to_saddle/linear_network")
    hero = content(tree).hero
    assert hero.empty["data"] == []
    assert hero.empty["layout"]["shapes"] == []
    assert hero.empty["layout"]["xaxis"] == hero.filled["layout"]["xaxis"]
    assert hero.empty["layout"]["yaxis"] == hero.filled["layout"]["yaxis"]


def test_a_blank_page_without_axes_says_what_is_to_be_drawn_in_its_frame():
    said = content(predicted("neural_collapse/free_features"))
    assert said.hero.marks.startswith("dots: features")
    data = made(predicted("neural_collapse/free_features"), blank=True)
    assert "dots: features" in page_of(data).extract_text()


def test_the_picture_of_a_run_has_its_curve_on_the_theory():
    tree = ran("saddle_to_saddle/linear_network")
    curves = {t["legendgroup"]: t for t in content(tree).hero.filled["data"]}
    losses = tree["run"].to_dataset()["loss"].values[0]
    assert curves["run"]["y"] == pytest.approx(losses, rel=1e-6)
    assert len(curves["theory"]["y"]) == len(losses)
    assert "band" not in curves


def test_several_seeds_have_a_band():
    tree = api.run("lazy_rich/one_neuron", seeds=2, device="cpu")
    said = content(tree)
    assert {"band", "run", "theory"} <= {t["legendgroup"] for t in said.hero.filled["data"]}
    assert said.settings[-1] == "seeds 0 to 1"
    assert has(words(made(tree)), "2 seeds, min to max")


def test_a_departure_is_told_with_its_reason():
    tree = api.run("saddle_to_saddle/linear_network", preset="lazy_start", device="cpu")
    said = content(tree)
    assert "departs" in {row.verdict for row in said.rows}
    text = words(made(tree))
    assert has(text, "Departs")
    assert has(text, "Foreseen")
    assert has(text, said.headline)


def test_long_tables_lose_their_reasons_and_then_their_last_rows():
    from app.handout.page import pdf

    said = content(ran("saddle_to_saddle/linear_network"))
    many = [replace(row, title=f"claim number {k}") for k in range(5) for row in said.rows]
    text = words(pdf(replace(said, rows=many)))
    found = re.search(r"and(\d+)more", text)
    assert found is not None
    assert len(re.findall(r"Lands", text)) == len(many) - int(found[1])


def test_without_a_server_the_command_stands_in_place_of_the_code():
    text = words(made(predicted("lazy_rich/parity")))
    assert has(text, "lmx run lazy_rich/parity")
    assert "http" not in text


def test_an_exercise_of_two_lines_ends_above_the_command():
    from app.handout.page import full_page

    exercise = "Which of the two is it that moves, and by how much? " * 3
    pen = full_page(replace(content(predicted("lazy_rich/parity")), exercise=exercise.strip()))
    lines = {t.get_text()[:14]: t.get_position()[1] * pen.high for t in pen.figure.texts}
    command = next(y for text, y in lines.items() if text.startswith("lmx run"))
    above = [y for y in lines.values() if y > command]
    assert min(above) - command > 9


def test_an_experiment_of_ones_own_has_an_exercise_from_its_presets():
    from app.handout.exercise import exercise

    own = replace(api.experiment("saddle_to_saddle/linear_network"), exercise="")
    assert "Which claims no longer hold" in exercise(own)
    assert exercise(replace(own, presets=())) == ""


def test_every_shipped_experiment_has_an_exercise():
    assert all(e.exercise.endswith(("?", ".")) for e in api.experiments())


def test_a_hand_out_of_what_began_early_says_that_nothing_was_frozen():
    study = Study(api.experiment("lazy_rich/parity"))
    tree = study.early().tree(prediction=study.predict())
    assert has(words(made(tree)), "prediction")
