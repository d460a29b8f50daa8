from app.tex import FONT, indexed, plain, prose, symbol


def test_symbols_are_italic_with_upright_words_below():
    assert indexed("t", 1).endswith("<sub>1</sub>")
    assert FONT in indexed("a", "k").partition("<sub>")[2]
    assert indexed("t", "esc").endswith("<sub>esc</sub>")


def test_sentences_carry_tex_between_dollars():
    assert prose("a < b") == "a &lt; b"
    assert prose(r"at $\beta_1$") == "at " + symbol(r"\beta_1")
    assert plain(r"at $\beta_1$ < 2") == "at β1 < 2"
    assert "ŵ" in plain(r"$\hat w_i$").replace("w\u0302", "ŵ")
