"""What knobs say of themselves: the line beneath, and why they play no part."""

from typing import Any

import pytest

from sims import api
from sims.core.knobs import (
    knob,
    knobs_of,
    lines_beneath,
    only_with,
    parameters,
    plain,
    unused_knobs,
)
from sims.core.study import Study
from sims.edge_of_stability import scales
from sims.edge_of_stability.neural_network import theory

NAMES = [e.name for e in api.experiments()]
NET = "edge_of_stability/neural_network"


def beneath(name, **knobs):
    return lines_beneath(Study(api.experiment(name), knobs).setup.params)


@pytest.mark.parametrize("name", NAMES)
def test_a_preset_sets_no_knob_that_plays_no_part(name):
    experiment = api.experiment(name)
    known = knobs_of(experiment.Params)
    for preset in experiment.presets:
        values = {knob.name: knob.default for knob in known.values()} | dict(preset.params)
        unused = unused_knobs(experiment.Params, values)
        assert unused.keys() <= known.keys()
        assert all(reason.endswith(".") for reason in unused.values())
        assert not unused.keys() & preset.params.keys()


@pytest.mark.parametrize("name", NAMES)
def test_lines_are_short_and_plain(name):
    for line in beneath(name).values():
        assert len(line) < 110
        assert ":orange" not in line
        assert line.count("$") % 2 == 0


@pytest.mark.parametrize("rule", sorted(scales.EDGES))
def test_the_line_beneath_the_learning_rate_is_the_theorys_edge(rule):
    setup = Study(api.experiment(NET), {"optimizer": rule}).setup
    said = lines_beneath(setup.params)["eta"].rpartition("$ ")[2]
    assert float(said) == pytest.approx(theory.edge(setup.params), rel=1e-3)


def test_the_linear_estimator_names_its_samples_and_its_edge():
    lines = beneath("grokking/linear_estimator", d=400, ratio=0.5)
    assert "800 samples" in lines["ratio"]
    assert lines["eta"].endswith("0.686")
    assert lines["level"].endswith("0.0026")


@pytest.mark.parametrize(("decay", "warned"), [(0.01, False), (0.05, True)])
def test_fast_decay_is_marked(decay, warned):
    lines = beneath("grokking/weight_decay_timing", weight_decay=decay, n=10, d=20)
    assert lines.get("weight_decay", "").startswith("! ") == warned
    assert "later by" in lines["alpha"]


@pytest.mark.parametrize(("width", "warned"), [(12, True), (40, False)])
def test_too_few_neurons_are_marked(width, warned):
    line = beneath("grokking/fourier_staircase", width=width)["width"]
    assert line.startswith("! ") == warned


@pytest.mark.parametrize(
    ("a0", "w0", "kind"),
    [(0.1, 0.1, "balanced"), (2.0, 0.01, "upstream"), (0.01, 2.0, "downstream")],
)
def test_the_start_of_a_neuron_is_named(a0, w0, kind):
    assert beneath("lazy_rich/one_neuron", a0=a0, w0=w0)["w0"].endswith(kind)


def test_of_two_readings_of_a_scale_the_one_that_is_held_is_used():
    Params = api.experiment("lazy_rich/two_layer_network").Params
    values = plain(Params()) | {"hold": "alpha", "alpha": 5.0, "gamma_0": None}
    assert list(unused_knobs(Params, values)) == ["gamma_0"]
    assert unused_knobs(Params, values | {"hold": "gamma_0"}) == {}
    both = values | {"hold": "gamma_0", "gamma_0": 0.1}
    assert list(unused_knobs(Params, both)) == ["alpha"]


@parameters
class Params:
    rule = knob("a", "Rule", choices=("a", "b", "c"), static=True)
    rate = knob(0.5, "Rate", r"\\eta", lo=0, hi=1, beneath=lambda p: f"twice: {2 * p.rate}")
    size: int = knob(
        3, label="Size", lo=1, hi=9, unused=only_with("Only a and b.", rule=("a", "b"))
    )


def test_knobs_need_no_annotation_and_keep_their_order():
    made: Any = Params()
    assert list(knobs_of(Params)) == ["rule", "rate", "size"]
    assert [k.kind for k in knobs_of(Params).values()] == ["choice", "float", "int"]
    assert (made.rule, made.rate, made.size) == ("a", 0.5, 3)
    assert knobs_of(Params)["rate"].symbol == r"\\eta"
    assert lines_beneath(made) == {"rate": "twice: 1.0"}


@pytest.mark.parametrize(("rule", "reason"), [("a", {}), ("c", {"size": "Only a and b."})])
def test_a_knob_that_plays_no_part_says_why(rule, reason):
    assert unused_knobs(Params, {"rule": rule, "rate": 0.5, "size": 3}) == reason
