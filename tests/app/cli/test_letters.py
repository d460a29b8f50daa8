"""Output to a terminal or a file that cannot hold every letter."""

from __future__ import annotations

import io

import pytest

from app.cli import letters


@pytest.mark.parametrize(
    ("encoding", "text", "written"),
    [
        ("ascii", "α Δ ✓ lands, −2.5", "alpha Delta + lands, -2.5"),
        ("ascii", "1.46 × 10⁻⁷¹", "1.46 x 10^-71"),
        ("ascii", "α⁻¹ s₁ é 日", "alpha^-1 s1 e ?"),
        ("cp1252", "η = 3 × 10⁷¹, é", "eta = 3 × 10^7¹, é"),
        ("utf-8", "α ✓ 日", "α ✓ 日"),
        ("utf-8", "a file \udcff.nc", "a file ?.nc"),
    ],
)
def test_what_an_encoding_lacks_is_written_as_near_as_it_comes(encoding, text, written):
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding)
    letters.allow([stream, object()])
    stream.write(text)
    stream.flush()
    assert raw.getvalue().decode(encoding) == written
