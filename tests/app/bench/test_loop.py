"""Asynchronous work where a loop runs already, as it does beside a browser."""

from __future__ import annotations

import asyncio

import pytest

from app.bench.loop import finished


async def _answer(value: int) -> int:
    await asyncio.sleep(0)
    return value


async def _raising() -> None:
    raise ValueError("not today")


def test_work_is_finished_where_no_loop_runs() -> None:
    assert finished(_answer(3)) == 3


def test_work_is_finished_where_a_loop_runs_already() -> None:
    async def outer() -> int:
        return finished(_answer(4))

    assert finished(outer()) == 4


def test_what_the_work_raises_reaches_the_caller() -> None:
    with pytest.raises(ValueError, match="not today"):
        finished(_raising())
