"""The skill at every point of a sweep: a curve for each claim, or a map of the smallest."""

import dataclasses
from typing import Any

import numpy as np
import pytest
import xarray as xr

from app.figures import skill, views
from app.figures.panels import Panel, View
from app.live.server import columns
from sims import api
from sims.core.experiment import Claim, Observable
from sims.core.part import CODES
from tests.app.figures.drawing import check_panel

LINEAR = dataclasses.replace(api.experiment("saddle_to_saddle/linear_network"), view=None)
CLAIMS = LINEAR.claims[:2]
SIMPLE = dataclasses.replace(
    LINEAR, observables={"jump_times": Observable("time", at="measured")}, claims=()
)
ALPHA, ETA = np.array([1e-4, 1e-3, 1e-2]), np.array([0.002, 0.004])


def view(axes: dict[str, np.ndarray], claims: tuple[Claim, ...] = CLAIMS) -> View:
    return views.sweep_view(LINEAR, xr.Dataset(coords=axes), list(axes), {}, claims)


def skill_of(made: View) -> Panel:
    return next(p for p in made.panels if p.id == "skill")


def told(verdicts: Any, skills: Any, errors: Any = 0.1, guesses: Any = 1.0) -> dict[str, Any]:
    """What is said of points, by name: of each claim (seed, point)."""
    made = {}
    for k, claim in enumerate(CLAIMS):
        values = {
            "verdict": [CODES.index(v) for v in verdicts[k]],
            "skill": skills[k],
            "error": np.broadcast_to(errors, len(skills[k])),
            "baseline_error": np.broadcast_to(guesses, len(skills[k])),
        }
        made |= {skill.name(n, claim.name): np.array([v], float) for n, v in values.items()}
    return made


def row(made: View, arrays: dict[str, Any]) -> list[Any]:
    """The traces of the panel over one knob, filled."""
    known = xr.Dataset(coords={"alpha": ALPHA})
    source = columns.Source(arrays | {"alpha": ALPHA[None]}, {}, len(ALPHA), 0, known, made.derived)
    return list(columns.filled(skill_of(made).plain, source, np.arange(3), ALPHA).data)


def grid(made: View, arrays: dict[str, Any]) -> list[Any]:
    """The traces of the panel over two knobs, filled."""
    maps = {f"{n}_map": v.reshape(1, 1, 2, 3) for n, v in arrays.items()}
    source = columns.Source({"points": np.ones((1, 1))}, maps, 1, 1, xr.Dataset(), made.derived)
    return list(columns.filled(skill_of(made).plain, source, np.ones(1), np.ones(1), [0]).data)


LANDS, DEPARTS, NONE = ["lands"] * 3, ["lands", "departs", "not judged"], ["not judged"] * 3
NAN = np.nan


def test_every_claim_has_a_curve_and_what_is_not_judged_stands_aside():
    made = view({"alpha": ALPHA})
    first, aside, second, _ = row(made, told([LANDS, DEPARTS], [[0.9, 0.8, 0.7], [1, -3, NAN]]))
    np.testing.assert_allclose(first.y, [0.9, 0.8, 0.7], rtol=1e-6)
    assert np.isnan(aside.y).all()
    np.testing.assert_array_equal(second.y, [1, skill.WORST, NAN])
    np.testing.assert_allclose(first.x, ALPHA, rtol=1e-6)
    assert [first.name, second.name] == [c.title for c in CLAIMS]
    assert skill_of(made).title == "Skill"


def test_what_is_not_judged_stands_below_the_worst_skill():
    (_, aside, *_) = row(view({"alpha": ALPHA}), told([NONE, LANDS], [[NAN] * 3, [1, 1, 1]]))
    np.testing.assert_allclose(aside.y, skill.ASIDE, rtol=1e-6)
    assert skill.ASIDE < skill.WORST
    assert skill.SPAN[0] < skill.ASIDE


def test_a_skill_without_end_stands_where_the_worst_does():
    (first, *_) = row(view({"alpha": ALPHA}), told([LANDS, LANDS], [[-np.inf] * 3, [1, 1, 1]]))
    np.testing.assert_array_equal(first.y, skill.WORST)


def test_the_hover_box_names_claim_verdict_skill_and_both_errors():
    for k, trace in enumerate(skill_of(view({"alpha": ALPHA})).plain["data"][::2]):
        run = trace["meta"]["run"]
        assert [name for name, _ in run["said"]] == [
            f"{one} of {CLAIMS[k].name}" for one in ("skill", "error", "baseline_error", "verdict")
        ]
        assert run["said"][3][1] == list(CODES)
        assert trace["hovertemplate"].startswith(f"{CLAIMS[k].title}: ")
        for place in range(4):
            assert f"%{{customdata[{place}]}}" in trace["hovertemplate"]


def test_colour_and_outline_of_a_dot_are_those_of_its_verdict():
    for trace in skill_of(view({"alpha": ALPHA})).plain["data"]:
        marks = trace["meta"]["marks"]
        assert marks["colours"] == tuple(f"role:{v.replace(' ', '_')}" for v in CODES)
        assert len(set(marks["symbols"])) == len(CODES)


def test_a_map_shows_the_smallest_skill_and_says_so_in_its_title():
    made = view({"eta": ETA, "alpha": ALPHA})
    assert skill_of(made).title == "Skill, the smallest of 2 claims"
    verdicts = [LANDS + NONE, [*LANDS, "lands", *NONE[1:]]]
    skills = [[0.9, 0.2, 0.5, NAN, NAN, NAN], [0.8, 0.3, -7, 0.6, NAN, NAN]]
    heat, departs, surprise, hatched = grid(made, told(verdicts, skills))
    np.testing.assert_allclose(heat.z, [[0.8, 0.2, -1], [0.6, NAN, NAN]], rtol=1e-6)
    assert np.isnan(departs.x).all()
    assert np.isnan(surprise.x).all()
    cells = {
        (float(x), float(y)) for x, y in zip(hatched.x, hatched.y, strict=True) if x == np.round(x)
    }
    assert cells == {(1, 1), (2, 1)}
    assert np.isfinite(hatched.x).sum() == 2 * len(skill.HATCH)


def test_a_cell_says_which_claim_has_the_smallest_skill_and_how_it_ended():
    made = view({"eta": ETA, "alpha": ALPHA})
    verdicts = [LANDS * 2, ["departs", "surprise", "departs", *LANDS]]
    skills = [[0.9] * 6, [0.5, -0.5, 0.95, 1, 1, 1]]
    maps = {f"{n}_map": v.reshape(1, 1, 2, 3) for n, v in told(verdicts, skills).items()}
    which = made.derived["least_claim_map"](maps, xr.Dataset())
    np.testing.assert_array_equal(which[0, 0], [[1, 1, 0], [0, 0, 0]])
    verdict = made.derived["least_verdict_map"](maps, xr.Dataset())
    assert [CODES[int(v)] for v in verdict[0, 0, 0]] == ["departs", "surprise", "lands"]
    _, departs, surprise, _ = grid(made, told(verdicts, skills))
    for marked, at in ((departs, 0), (surprise, 1)):
        assert marked.x[np.isfinite(marked.x)].tolist() == [at]
        assert marked.y[np.isfinite(marked.y)].tolist() == [0]


def test_cells_whose_runs_are_not_there_yet_are_not_hatched():
    made = view({"eta": ETA, "alpha": ALPHA})
    there = told([NONE * 2] * 2, [[NAN] * 6] * 2)
    for values in there.values():
        values[:, 3:] = np.nan
    *_, hatched = grid(made, there)
    assert np.nanmax(hatched.y) == 0


@pytest.mark.parametrize("axes", [{"alpha": ALPHA}, {"eta": ETA, "alpha": ALPHA}])
def test_one_claim_is_named_in_the_title(axes):
    made = skill_of(view(axes, CLAIMS[:1]))
    assert made.title == f"Skill: {CLAIMS[0].title}"
    check_panel(made)


def test_without_a_guess_there_is_no_panel_of_skill():
    known = xr.Dataset({"jump_times": ("alpha", ALPHA)}, coords={"alpha": ALPHA})
    made = views.sweep_view(SIMPLE, known, ["alpha"])
    assert [p.id for p in made.panels] == ["jump_times"]


def test_of_a_point_the_worst_seed_is_told():
    claims = xr.Dataset(
        {
            "verdict": ("claim", np.array(["departs"], object)),
            "worst_seed": ("claim", [8]),
            "error": (("claim", "seed"), [[0.1, 0.4]]),
            "baseline_error": (("claim", "seed"), [[1.0, 2.0]]),
            "skill": (("claim", "seed"), [[0.9, 0.8]]),
        },
        coords={"claim": ["beta"], "seed": [7, 8]},
    )
    found = skill.judged(claims)
    assert {name: values.tolist() for name, values in found.items()} == {
        "skill of beta": [0.8, 0.8],
        "error of beta": [0.4, 0.4],
        "baseline_error of beta": [2.0, 2.0],
        "verdict of beta": [1.0, 1.0],
    }
