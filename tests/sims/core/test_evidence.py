import pytest

from sims import api
from sims.core.evidence import BODIES, OTHERS, body, by_body
from sims.core.experiment import Phenomenon
from sims.core.registry import PHENOMENA


def phenomenon(evidence: str) -> Phenomenon:
    return Phenomenon("one", "One", evidence, "", ())


@pytest.mark.parametrize(
    ("evidence", "title"),
    [
        ("Solvable settings", "Solvable settings"),
        ("Hyperparameters and empirical laws", "Hyperparameters"),
        ("Empirical laws and hyperparameters", "Empirical laws"),
        ("", "Other experiments"),
        ("Hearsay", "Other experiments"),
    ],
)
def test_a_phenomenon_belongs_to_the_first_body_its_evidence_names(evidence, title):
    assert body(phenomenon(evidence)).title == title


def test_every_shipped_phenomenon_stands_once_in_one_of_the_five_bodies():
    shipped = [p for p in api.phenomena() if p.name in PHENOMENA]
    grouped = by_body(shipped)
    assert [one for one, _ in grouped] == list(BODIES)
    assert sorted(p.name for _, members in grouped for p in members) == sorted(
        p.name for p in shipped
    )


def test_bodies_without_a_phenomenon_are_left_out_and_others_come_last():
    own, limit = phenomenon(""), phenomenon("simplifying limits")
    assert by_body([own, limit]) == [(BODIES[1], (limit,)), (OTHERS, (own,))]
