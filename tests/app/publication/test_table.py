"""Claims as tables, and what to cite."""

import csv
import io
import re

import pytest
import xarray as xr

from app.publication.cite import entries
from app.publication.latex import ascii_of, escaped
from app.publication.table import HEAD, KINDS, table
from sims import api

NAME = "lazy_rich/one_neuron"


@pytest.fixture(scope="module")
def tree() -> xr.DataTree:
    return api.run(NAME, seeds=2, device="cpu")


@pytest.fixture(scope="module")
def swept() -> xr.DataTree:
    return api.sweep(NAME, over={"a0": "0.1:1:3"}, device="cpu")


def test_a_table_of_csv_holds_the_files_own_numbers_a_row_a_claim_and_seed(tree):
    rows = list(csv.DictReader(io.StringIO(table(tree, "csv"))))
    claims = tree["claims"].to_dataset()
    assert len(rows) == claims.sizes["claim"] * claims.sizes["seed"]
    for row in rows:
        one = claims.sel(claim=row["claim"])
        assert float(row["error"]) == float(one["error"].sel(seed=int(row["seed"])))
        assert float(row["tolerance"]) == float(one["tolerance"])
        assert row["verdict"] == str(one["verdict"].item())


def test_a_sweeps_table_of_csv_has_a_row_a_claim_point_and_seed(swept):
    rows = list(csv.DictReader(io.StringIO(table(swept, "csv"))))
    claims = swept["claims"].to_dataset()
    assert len(rows) == claims["error"].size
    assert {float(row["a0"]) for row in rows} == set(swept["sweep"]["a0"].values.tolist())
    assert {row["verdict"] for row in rows} <= {"lands", "departs", "surprise", "not judged"}


def test_markdown_and_latex_have_a_row_for_every_claim_whose_question_arises(tree):
    titles = [
        c.title for c in api.experiment(NAME).claims if c.applies(api.replayed(tree).setup.params)
    ]
    markdown = table(tree, "markdown").splitlines()
    assert len(markdown) == 2 + len(titles)
    assert all(line.count("|") == len(HEAD) + 1 for line in markdown)
    latex = table(tree, "latex")
    assert latex.count(r"\\") == 1 + len(titles)
    assert latex.isascii()


def test_a_prediction_alone_has_no_table():
    foreseen = api.predict(NAME)
    for kind in KINDS:
        with pytest.raises(ValueError, match="Nothing is judged in this file"):
            table(foreseen, kind)


def test_latex_has_every_sign_by_a_name_of_its_own_and_formulas_untouched():
    assert escaped("50 % of a_b & $s_{k}$ < 1") == (r"50 \% of a\_b \& $s_{k}$ \ensuremath{<} 1")
    assert ascii_of("1.7 × 10⁻⁵") == r"1.7 \ensuremath{\times} 10\ensuremath{^{-5}}"
    assert ascii_of("η ≤ 2") == r"\ensuremath{\eta} \ensuremath{\leq} 2"


def test_a_bar_is_a_bar_in_the_default_encoding_of_latex_too():
    assert escaped("0.011 of |y|") == r"0.011 of \ensuremath{|}y\ensuremath{|}"


def test_sources_stand_once_each_with_keys_of_plain_letters_and_authors_apart(tree):
    both = [api.experiment(NAME), api.experiment("saddle_to_saddle/linear_network")]
    text = entries(both, [tree, tree])
    keys = re.findall(r"@\w+\{([^,]+),", text)
    assert len(keys) == len(set(keys))
    assert all(key.isascii() for key in keys)
    assert len(keys) == 2 + len({s.arxiv for e in both for s in e.sources} - {"2604.21691"})
    assert not re.search(r"author = \{[^{}]*, ", text)
