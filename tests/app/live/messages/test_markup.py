import re

import pytest

from app.live.messages.markup import prose
from app.tex import symbol


def plain(html):
    return re.sub(r"<span[^>]*>|</span>", "", html)


@pytest.mark.parametrize(
    ("tex", "html"),
    [
        ("a_k(t)", "a<sub>k</sub>(t)"),
        (r"\eta s_1 < 1", "ηs<sub>1</sub>&lt;1"),
        (r"\|\nabla L\|", "‖∇L‖"),
        (r"t_{\mathrm{esc}}", "t<sub>esc</sub>"),
        (r"\alpha^{-2}", "α<sup>−2</sup>"),
        (r"\Delta D", "ΔD"),
        (r"\hat{a}", "a\u0302"),
    ],
)
def test_tex_of_a_symbol_becomes_html(tex, html):
    assert plain(symbol(tex)) == html


def test_prose_is_escaped_before_it_is_set():
    assert plain(prose("<b>eta</b> of s_k")) == "&lt;b&gt;η&lt;/b&gt; of s<sub>k</sub>"


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("a start of 1e-05", "a start of 10⁻⁵"),
        ("off by 2.5e-3 here", "off by 2.5 × 10⁻³ here"),
        ("up to 1e+12", "up to 10¹²"),
        ("at most 5 % of it", "at most 5\u00a0% of it"),
        ("sha 7e5f and x1e5 stay", "sha 7e5f and x1e5 stay"),
    ],
)
def test_prose_has_no_e_notation_and_keeps_per_cent_with_its_number(text, html):
    assert prose(text) == html
