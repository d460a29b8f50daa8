"""The page's words on paper."""

import pytest

from app.figures.paper.words import is_bold, mathtext
from app.tex import prose, symbol


@pytest.mark.parametrize(
    ("tex", "words"),
    [
        (r"\lambda_1", r"$\lambda _{\mathregular{1}}$"),
        (r"A_\mathrm{tr}", r"$A_{\mathregular{tr}}$"),
        (r"\bar L", r"$\bar{L}$"),
        (r"\hat\beta_{ij}", r"$\hat{\beta}_{ij}$"),
        (r"t^{2-L}", r"$t^{2-L}$"),
    ],
)
def test_symbols_become_tex_again(tex, words):
    assert mathtext(symbol(tex)) == words


def test_plain_words_stay_as_they_are():
    assert mathtext("mode 3, of 0.5\u2009%") == "mode 3, of 0.5\u2009%"
    assert mathtext("a &lt; 5 &amp; b") == "a < 5 & b"


def test_powers_of_numbers_are_raised_in_the_font_around_them():
    assert mathtext("10<sup>4</sup>") == r"10$^{\mathregular{4}}$"
    assert mathtext("10<sup>−3</sup>") == "10$^{-3}$"


def test_a_dollar_in_a_sentence_opens_no_formula():
    assert mathtext("costs $5") == r"costs \$5"


def test_signs_that_text_fonts_lack_are_drawn_as_formulas():
    assert mathtext("w⟂".replace("⟂", "ᵀ")) == r"w$^{\mathregular{T}}$"
    assert "$" in mathtext(prose(r"$\nabla$"))


def test_bold_words_are_known_as_such():
    assert is_bold("<b>mode 1</b>")
    assert not is_bold("mode 1")
