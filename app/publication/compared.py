"""Finished runs side by side for a document: CSV, Markdown, or a page of HTML with their figure."""

from __future__ import annotations

import csv
import html
import io
import math
from collections.abc import Mapping, Sequence
from typing import Any

import xarray as xr

from app.figures import style
from app.judged import both_words, tolerance_words
from app.knob_words import begun, value_words
from app.tex import prose
from app.wording import share
from sims.core.experiment import Claim, Experiment
from sims.core.knobs import knobs_of, parsed

COUNT_WORDS = {"seed": "first seed", "seeds": "seeds"}
NUMBERS = ("predicted", "measured", "error", "tolerance")


def knob_words(experiment: Experiment, name: str) -> str:
    """What a row of the table of knobs is called, TeX between dollars."""
    knob = knobs_of(experiment.Params).get(name)
    if knob is None:
        return COUNT_WORDS.get(name, name)
    return begun(knob.label) + (f" ${knob.symbol}$" if knob.symbol else "")


def claim_of(experiment: Experiment, name: str) -> Claim | None:
    """The claim of that name; None where the experiment has it no more."""
    return next((claim for claim in experiment.claims if claim.name == name), None)


def cell(claim: Claim | None, row: xr.Dataset) -> list[str]:
    """One claim of one run in words: its verdict, and predicted, measured and error if judged."""
    verdict = str(row["verdict"].item())
    if not verdict:
        return ["does not arise"]
    if verdict == "not judged" or claim is None:
        return [verdict]
    tolerance, relative = float(row["tolerance"]), claim.unit == "relative"
    predicted, measured = both_words(claim, row)
    numbers = f"predicted {predicted}, measured {measured}"
    within = tolerance_words(claim, tolerance)
    error = f"error {share(float(row['error']), relative)}, tolerance {within}"
    return [verdict, numbers, error]


def value_of(experiment: Experiment, name: str, text: str) -> str:
    """A knob's value as a reader sees it, from what `--set` takes."""
    knob = knobs_of(experiment.Params).get(name)
    try:
        return text if knob is None else value_words(parsed(knob, text))
    except ValueError:  # a file of another version, or data that are not here
        return text


def as_data(compared: xr.Dataset) -> dict[str, Any]:
    """Plain data for JSON; numbers that are none are null."""
    runs = compared["run"].values.tolist()
    knobs = {str(k): compared["value"].sel(knob=k).values.tolist() for k in compared["knob"].values}
    claims = {}
    for name in compared["claim"].values:
        row = compared.sel(claim=name)
        claims[str(name)] = [
            {"verdict": str(row["verdict"].sel(run=r).item())}
            | {n: _plain(float(row[n].sel(run=r))) for n in NUMBERS}
            | {"reason": str(row["reason"].sel(run=r).item())}
            for r in runs
        ]
    return {
        "experiment": compared.attrs["experiment"], "runs": runs, "knobs": knobs, "claims": claims,
    }  # fmt: skip


def _plain(value: float) -> float | str | None:
    return None if math.isnan(value) else value if math.isfinite(value) else str(value)


def as_csv(compared: xr.Dataset) -> str:
    """One row a run: the knobs that differ, then each claim's verdict and numbers, whole."""
    made = io.StringIO()
    writer = csv.writer(made, lineterminator="\n")
    knobs, claims = (compared[n].values.tolist() for n in ("knob", "claim"))
    fields = ("verdict", *NUMBERS)
    writer.writerow(["run", *knobs, *(f"{c}.{f}" for c in claims for f in fields)])
    for run in compared["run"].values:
        one = compared.sel(run=run)
        row = [str(one["value"].sel(knob=k).item()) for k in knobs]
        for claim in claims:
            said = one.sel(claim=claim)
            row += [str(said["verdict"].item()), *(repr(float(said[n])) for n in NUMBERS)]
        writer.writerow([str(run), *row])
    return made.getvalue()


def rows_of(experiment: Experiment, compared: xr.Dataset) -> list[tuple[str, list[list[str]]]]:
    """The rows of the table: what each is about, TeX between dollars, and lines for each run."""
    runs = compared["run"].values
    made = []
    for k in map(str, compared["knob"].values):
        values = compared["value"].sel(knob=k).values
        words = [[value_of(experiment, k, str(v))] for v in values]
        made.append((knob_words(experiment, k), words))
    for name in compared["claim"].values:
        claim, row = claim_of(experiment, str(name)), compared.sel(claim=name)
        title = claim.title if claim is not None else str(name)
        made.append((title, [cell(claim, row.sel(run=r)) for r in runs]))
    return made


def as_markdown(experiment: Experiment, compared: xr.Dataset) -> str:
    """The table, a column a run."""
    head = ["", *map(str, compared["run"].values)]
    lines = [head, ["---"] * len(head)]
    lines += [[title, *map("; ".join, cells)] for title, cells in rows_of(experiment, compared)]
    escaped = (" | ".join(text.replace("|", "\\|") for text in line) for line in lines)
    return "\n".join(f"| {line} |" for line in escaped) + "\n"


def as_html(experiment: Experiment, compared: xr.Dataset, svg: str, command: str) -> str:
    """A page in one file, which asks for nothing: the figure, if there is one, and the table."""
    roles = style.palette("light")
    rows = "\n".join(
        f'<tr><th scope="row">{prose(title)}</th>{"".join(map(_html_cell, cells))}</tr>'
        for title, cells in rows_of(experiment, compared)
    )
    heads = "".join(f'<th scope="col">{_text(str(r))}</th>' for r in compared["run"].values)
    title = f"{experiment.title}, side by side"
    return (
        f'<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width">\n<title>{_text(title)}</title>\n'
        f"<style>{_rules(roles)}</style>\n<h1>{_text(title)}</h1>\n"
        f"<p>{_text(experiment.question)}</p>\n<figure>{svg}</figure>\n"
        f'<div class="scroll"><table><thead><tr><td></td>{heads}</tr></thead>\n'
        f"<tbody>{rows}</tbody></table></div>\n<p><code>{_text(command)}</code></p>\n</html>\n"
    )


def _html_cell(lines: Sequence[str]) -> str:
    return f"<td>{'<br>'.join(map(_text, lines))}</td>"


def _text(words: str) -> str:
    return html.escape(words, quote=False)


def _rules(roles: Mapping[str, str]) -> str:
    return (
        f"body{{font:16px/1.5 sans-serif;color:{roles['ink']};background:{roles['paper']};"
        "max-width:1044px;margin:24px auto;padding:0 16px}h1{font:600 28px/1.3 serif}"
        "figure{margin:0}svg{max-width:100%;height:auto}.scroll{overflow-x:auto}"
        "table{border-collapse:collapse}th,td{text-align:left;vertical-align:top;"
        f"padding:8px 18px 8px 0;border-bottom:1px solid {roles['rule']}}}"
    )
