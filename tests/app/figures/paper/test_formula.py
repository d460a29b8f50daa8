"""Formulas without TeX."""

import re
from itertools import chain

import pytest

from app.figures.paper.formula import formula, prose, reads, translated
from sims import api

LAWS = [
    (experiment.name, piece.strip())
    for experiment in api.experiments()
    for piece in re.split(r"\\q?quad", experiment.law)
]
SENTENCES = {
    e.name: " ".join(chain([e.exercise, e.regime, e.falsifier], (c.title for c in e.claims)))
    for e in api.experiments()
}


@pytest.mark.parametrize(("name", "law"), LAWS)
def test_every_shipped_law_is_set_as_a_formula(name, law):
    assert reads(translated(law)), law
    assert reads(formula(law, displayed=True))
    assert formula(law, displayed=True).startswith("$")


@pytest.mark.parametrize("name", list(SENTENCES))
def test_every_formula_in_what_a_hand_out_says_is_set(name):
    for tex in re.findall(r"\$([^$]*)\$", SENTENCES[name]):
        assert reads(translated(tex)), tex


@pytest.mark.parametrize(
    ("tex", "set_as"),
    [
        (r"\tfrac12", r"$\frac{1}{2}$"),
        (r"\frac1\gamma", r"$\frac{1}{\gamma}$"),
        (r"a^*", r"$a^{*}$"),
        (r"s_\mathrm{c}", r"$s_\mathrm{c}$"),
        (r"V^{\mathsf T}", r"$V^{\mathsf{T}}$"),
        (r"\Big(\frac{w}{2}\Big)", r"$\left(\frac{w}{2}\right)$"),
        (r"L \ge 3", r"$L \geq 3$"),
        (r"\operatorname*{arg\,min}_{w}", r"$\mathrm{arg\,min}_{w}$"),
    ],
)
def test_tex_is_said_in_the_words_that_matplotlib_knows(tex, set_as):
    assert translated(tex) == set_as


def test_what_matplotlib_cannot_set_is_written_in_plain_letters():
    assert not reads(translated(r"\begin{pmatrix} a \end{pmatrix}"))
    assert reads(formula(r"\unheard{a} + \beta"))


def test_a_sentence_keeps_its_words_and_sets_its_formulas():
    assert prose(r"Halve $\alpha$ at once.") == r"Halve $\alpha$ at once."
