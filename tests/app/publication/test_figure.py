"""Figures for a paper: vectors with their fonts, in the size and the colours asked for."""

import io
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pypdf
import pytest
import xarray as xr
from matplotlib.colors import to_rgb

from app.figures.paper import ink
from app.publication import written
from app.publication.figure import COLUMN, Shape, figure
from app.publication.lengths import points
from sims import api

LATEX = shutil.which("pdflatex") or shutil.which("lualatex")
DOCUMENT = r"""\documentclass[twocolumn]{article}
\usepackage{pgf,booktabs}
\begin{document}
\begin{figure}\input{figure.pgf}\caption{A run.}\end{figure}
\begin{table}\input{table.tex}\end{table}
\end{document}
"""


@pytest.fixture(scope="module")
def tree() -> xr.DataTree:
    return api.run("lazy_rich/one_neuron", seeds=2, device="cpu")


def page(data: bytes) -> pypdf.PageObject:
    (only,) = pypdf.PdfReader(io.BytesIO(data)).pages
    return only


def test_a_pdf_has_the_width_asked_for_vectors_and_embedded_fonts(tree):
    made = page(written.written(figure(tree, shape=Shape(points("8.5cm"))), ".pdf"))
    assert float(made.mediabox.width) == pytest.approx(8.5 / 2.54 * 72, abs=0.01)
    assert not made.images
    listed: Any = made["/Resources"]
    fonts = [font.get_object() for font in listed["/Font"].values()]
    fonts = [f["/DescendantFonts"][0].get_object() if "/DescendantFonts" in f else f for f in fonts]
    assert fonts
    assert all("/FontFile2" in font["/FontDescriptor"].get_object() for font in fonts)


def test_words_of_a_figure_can_be_searched_theory_is_named_and_so_are_the_seeds(tree):
    text = page(written.written(figure(tree), ".pdf")).extract_text()
    assert "theory" in text
    assert "2 seeds" in text


def test_the_same_figure_is_the_same_file(tree):
    for suffix in (".pdf", ".svg"):
        one, other = (written.written(figure(tree), suffix) for _ in range(2))
        assert one == other, suffix


def test_theory_is_dashed_and_lies_over_the_solid_run(tree):
    axes = max(figure(tree).axes, key=lambda a: len(a.lines))
    curves = [line for line in axes.lines if len(np.atleast_1d(line.get_xdata())) > 2]
    dashed = [line for line in curves if line.is_dashed()]
    solid = [line for line in curves if not line.is_dashed()]
    assert dashed
    assert solid
    assert min(line.zorder for line in dashed) > max(line.zorder for line in solid)


def test_a_grey_figure_has_no_colour_and_its_runs_differ_from_the_ink_over_them(tree):
    svg = written.written(figure(tree, shape=Shape(grey=True)), ".svg").decode()
    hues = {to_rgb(found) for found in re.findall(r"#[0-9a-f]{6}", svg)}
    assert len(hues) > 2
    assert all(max(hue) - min(hue) < 0.01 for hue in hues)
    with ink.greys():
        assert ink.colour("role:series0")[0] - ink.colour("role:ink")[0] > 0.3
    assert len(set(ink.colour("role:series0")[:3])) == 3


def test_every_panel_can_be_drawn_by_its_id_and_another_name_is_refused(tree):
    with pytest.raises(ValueError, match="There is no panel 'x': give ") as refused:
        figure(tree, "x")
    names = re.findall(r"\w+", str(refused.value).split("give ")[1].replace(" or ", " "))
    assert len(names) > 1
    for name in names:
        assert figure(tree, name).get_size_inches()[0] == pytest.approx(COLUMN / 72)


def test_a_prediction_alone_is_drawn_without_a_run():
    foreseen = api.predict("lazy_rich/one_neuron")
    text = page(written.written(figure(foreseen), ".pdf")).extract_text()
    assert "theory" in text
    assert "run" not in text.split()


def test_a_sweep_is_drawn_over_its_knob():
    over = {"alpha": "1e-3:1e-2:3:log"}
    swept = api.sweep("saddle_to_saddle/linear_network", over=over, device="cpu")
    text = page(written.written(figure(swept), ".pdf")).extract_text()
    assert "run" in text.split()


@pytest.mark.parametrize("text", ["", "3", "3 px", "0.5in", "21in", "-3in", "nanin", "3in" * 40])
def test_a_length_that_is_none_is_refused_in_one_sentence(text):
    with pytest.raises(
        ValueError, match=r"is no length of a figure: give one from 1in to 20in"
    ) as e:
        points(text)
    assert len(str(e.value)) < 160


def test_without_a_latex_a_pgf_is_refused_in_one_sentence(tree, monkeypatch):
    monkeypatch.setattr(written.shutil, "which", lambda _name: None)
    with pytest.raises(ValueError, match="is measured by LaTeX, and there is none here"):
        written.written(figure(tree), ".pgf")


@pytest.mark.skipif(LATEX is None, reason="no LaTeX on this machine")
def test_a_pgf_and_a_table_are_built_into_a_document_in_its_own_fonts(tree, tmp_path: Path):
    from app.publication.table import table

    made = written.written(figure(tree), ".pgf")
    assert made.isascii()
    (tmp_path / "figure.pgf").write_bytes(made)
    (tmp_path / "table.tex").write_text(table(tree, "latex"))
    (tmp_path / "paper.tex").write_text(DOCUMENT)
    command = [str(LATEX), "-interaction=nonstopmode", "-halt-on-error", "paper.tex"]
    built = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout[-2000:]
    pages = pypdf.PdfReader(tmp_path / "paper.pdf").pages
    assert "theory" in "".join(p.extract_text() for p in pages)
