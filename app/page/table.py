"""A table of a page: real rows and columns on a wide screen, a card a row on a phone."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from app.figures import style
from app.page.theme import mode

ICONS = {
    "lands": "check_circle",
    "departs": "call_split",
    "surprise": "report",
    "not judged": "pending",
}
SHEET = """
.sheet{{font-variant-numeric:tabular-nums lining-nums}}
.sheet table{{width:100%;border-collapse:collapse;font-size:.9375rem;line-height:1.45}}
.sheet th,.sheet td{{text-align:left;vertical-align:top;font-weight:400;
  padding:.5rem 1rem .5rem 0;border:0}}
.sheet th:last-child,.sheet td:last-child{{padding-right:0}}
.sheet thead th{{font-size:.84375rem;line-height:1.3;font-weight:600;color:{ink2};
  vertical-align:bottom}}
.sheet thead{{border-bottom:1px solid {ink}}}
.sheet tbody tr+tr{{border-top:1px solid {rule}}}
.sheet tfoot{{border-top:1px solid {ink}}}
.sheet tfoot th,.sheet tfoot td{{font-weight:600}}
.sheet .group{{font-weight:600;padding-top:1rem}}
.sheet .number{{text-align:right}}
.sheet tbody .number,.sheet tfoot .number{{white-space:nowrap}}
.sheet small{{display:block;font-size:.8125rem;line-height:1.4;color:{ink3};font-weight:400}}
.sheet a{{color:{accent}}}
.sheet code{{font:.8125rem/1.45 "Source Code Pro",monospace;color:{ink2};background:none;padding:0;
  overflow-wrap:anywhere}}
.sheet code span{{white-space:nowrap}}
.sheet .verdict{{font-weight:700;white-space:nowrap}}
.sheet .icon{{font-family:"Material Symbols Rounded";font-weight:400;font-size:1.15em;line-height:1;
  vertical-align:-.17em;margin-right:.2em}}
.sheet .lands{{color:{lands}}} .sheet .departs{{color:{departs}}}
.sheet .surprise{{color:{surprise}}} .sheet .not-judged{{color:{not_judged}}}
.sheet .scores{{display:flex;flex-wrap:wrap;gap:.125rem 1.25rem;list-style:none;margin:0;padding:0}}
.sheet .scores li{{margin:0;padding:0}}
.sheet .size{{color:{ink3};font-size:.8125rem}}
.sheet .size span{{white-space:nowrap}}
@media(max-width:900px){{
  .sheet table,.sheet tbody,.sheet tfoot,.sheet tr,.sheet th,.sheet td{{
    display:block;width:auto}}
  .sheet thead{{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}}
  .sheet tr{{padding:.75rem 0}}
  .sheet th,.sheet td,.sheet .number{{padding:.0625rem 0;text-align:left}}
  .sheet td[data-label]:not(:empty){{display:grid;grid-template-columns:8.5rem 1fr;gap:.5rem}}
  .sheet td[data-label]:empty{{display:none}}
  .sheet td[data-label]::before{{content:attr(data-label);color:{ink2};font-size:.84375rem}}
}}
"""


@dataclass(frozen=True)
class Column:
    """The head of a column.

    A `number` stands right; what is `long` takes a phone's whole width, without the head's words.
    """

    words: str
    number: bool = False
    long: bool = False


@dataclass(frozen=True)
class Row:
    """The first cell heads the row; all are HTML. One of a single cell is as wide as the table."""

    cells: Sequence[str]


def text(words: object) -> str:
    """Anybody's words, safe in a cell."""
    return html.escape(str(words), quote=False)


def small(words: str) -> str:
    """HTML as the second line of a cell, or nothing."""
    return f"<small>{words}</small>" if words else ""


def link(address: str, words: str) -> str:
    """A link, opened in place."""
    return f'<a href="{html.escape(address)}" target="_self">{text(words)}</a>'


def command(words: str) -> str:
    """A command, broken between its options only."""
    first, *options = words.split(" --")
    pieces = [text(first), *(f"<span>--{text(option)}</span>" for option in options)]
    return f"<code>{' '.join(pieces)}</code>"


def verdict(word: str, words: str = "") -> str:
    """A verdict with its mark, in its colour; `words` stand in place of it."""
    kind = word.replace(" ", "-")
    mark = f'<span class="icon" aria-hidden="true">{ICONS[word]}</span>'
    return f'<span class="verdict {kind}">{mark}{text(words or word.capitalize())}</span>'


def sheet() -> None:
    """What tables look like in the reader's theme; once a page, before the first of them."""
    st.html(f"<style>{SHEET.format(**style.palette(mode()))}</style>")


def show(columns: Sequence[Column], rows: Sequence[Row], foot: Row | None = None) -> None:
    """Draw a table."""
    heads = "".join(
        f'<th scope="col" role="columnheader"{_class(c)}>{text(c.words)}</th>' for c in columns
    )
    body = "".join(_row(columns, row) for row in rows)
    end = f'<tfoot role="rowgroup">{_row(columns, foot)}</tfoot>' if foot is not None else ""
    st.html(
        f'<div class="sheet"><table role="table"><thead role="rowgroup">'
        f'<tr role="row">{heads}</tr></thead><tbody role="rowgroup">{body}</tbody>{end}'
        "</table></div>"
    )


def _row(columns: Sequence[Column], row: Row) -> str:
    if len(row.cells) == 1:
        head = f'<th class="group" scope="colgroup" colspan="{len(columns)}">{row.cells[0]}</th>'
        return f'<tr role="row">{head}</tr>'
    first, *rest = row.cells
    cells = [f'<th scope="row" role="rowheader"{_class(columns[0])}>{first}</th>']
    for k, (cell, column) in enumerate(zip(rest, columns[1:], strict=False), start=1):
        if k == len(row.cells) - 1 and k < len(columns) - 1:  # a sentence over all that is left
            cells.append(f'<td role="cell" colspan="{len(columns) - k}">{cell}</td>')
            continue
        label = "" if column.long else f' data-label="{html.escape(column.words)}"'
        inside = f"<div>{cell}</div>" if cell else ""
        cells.append(f'<td role="cell"{label}{_class(column)}>{inside}</td>')
    return f'<tr role="row">{"".join(cells)}</tr>'


def _class(column: Column) -> str:
    return ' class="number"' if column.number else ""
