"""Beside another framework, which is not among what is installed with the explorer."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import pytest

from app.bench.gpu import peer
from app.bench.gpu.size import Card


def test_without_the_package_the_row_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    (measurement,) = peer.peer(Card("gpu", False))
    assert list(measurement.rows()) == [{"pytorch": "not installed with CUDA"}]


def test_a_package_without_cuda_counts_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    cuda = SimpleNamespace(is_available=lambda: False)
    monkeypatch.setitem(sys.modules, "torch", SimpleNamespace(cuda=cuda))
    assert peer.torch_with_cuda() is None
