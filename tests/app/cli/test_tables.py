"""Tables in terminals of every width."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from app.cli.tables import plain_table

ROW = ("jump times\nof [dim]mode 2[/]", "1.461 × 10⁷¹", "", "◆ departs")


def printed(width: int) -> str:
    table = plain_table()
    table.add_column("claim", ratio=1)
    for column in ("predicted", "measured", "verdict"):
        table.add_column(column, no_wrap=True)
    table.add_row(*ROW)
    console = Console(file=io.StringIO(), width=width)
    console.print(table)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


@pytest.mark.parametrize("width", [3, 8, 20, 40, 50, 80, 200])
def test_nothing_in_a_table_is_cut_at_any_width(width: int) -> None:
    shown = printed(width)
    assert max(map(len, shown.splitlines())) <= width
    assert "…" not in shown
    for word in ("jumptimes", "ofmode2", "1.461×10⁷¹", "◆departs", "predicted", "verdict"):
        assert word in "".join(shown.split())


def test_a_wide_table_has_its_headers_above_and_a_narrow_one_beside_each_cell() -> None:
    assert printed(80).splitlines()[0].split() == ["claim", "predicted", "measured", "verdict"]
    assert [line.rstrip() for line in printed(30).splitlines()] == [
        "jump times",
        "of mode 2",
        "  predicted 1.461 × 10⁷¹",
        "  verdict ◆ departs",
    ]
