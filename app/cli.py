"""The command `lmx`: open the explorer, or predict, run, sweep and measure from a terminal.

Every mistake ends in one plain sentence on stderr and exit code 2.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from typer.exceptions import TyperException

if TYPE_CHECKING:
    import xarray as xr

    from sims.core.experiment import Claim, Experiment

PIPE_WIDTH = 120
"""Columns where the output is no terminal."""
MOST_LISTED = 12
"""Entries a predicted quantity may have to be printed number by number."""

GLYPHS = {
    "lands": "[green]✓ lands[/]",
    "departs": "[yellow]◆ departs[/]",
    "surprise": "[bold magenta]! surprise[/]",
    "not judged": "[dim]○ not judged[/]",
}

GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "eta": "η",
    "theta": "θ", "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν", "rho": "ρ", "sigma": "σ",
    "tau": "τ", "phi": "φ", "omega": "ω",
}  # fmt: skip

lmx = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Name = Annotated[str, typer.Argument(metavar="EXPERIMENT", help="Id, as `lmx list` shows it.")]
PresetOption = Annotated[str | None, typer.Option("--preset", help="Start from this preset.")]
SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KNOB=VALUE", help="Set a knob; may be repeated."),
]
SeedOption = Annotated[int | None, typer.Option("--seed", help="First seed.")]
SeedsOption = Annotated[int, typer.Option("--seeds", help="How many seeds, from the first on.")]
CheckOption = Annotated[bool, typer.Option("--check", help="Exit 1 if a claim is a surprise.")]
DeviceOption = Annotated[str, typer.Option("--device", help="auto, cpu or gpu.")]
OutOption = Annotated[
    Path | None, typer.Option("--out", metavar="FILE", help="Write .nc, .json or .csv.")
]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    command = typer.main.get_command(lmx)
    try:
        return int(command.main(arguments, prog_name="lmx", standalone_mode=False) or 0)
    except TyperException as error:
        return _refused(error.format_message())
    except ValueError as error:
        return _refused(str(error))
    except OSError as error:
        name = f"{error.filename}: " if error.filename else ""
        return _refused(f"{name}{error.strerror or error}")


def _refused(sentence: str) -> int:
    """One sentence on stderr, and the exit code of a mistake."""
    text = " ".join(sentence.split())
    print(text if text.endswith((".", "?", "!")) else f"{text}.", file=sys.stderr)
    return 2


# The explorer


@lmx.callback(invoke_without_command=True)
def explore(
    context: typer.Context,
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes any free port.")] = 8501,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    device: DeviceOption = "auto",
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Open no browser.")] = False,
    public: Annotated[
        bool, typer.Option("--public", help="Let other machines connect (listens on 0.0.0.0).")
    ] = False,
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
) -> None:
    """Theory predicts, then the network trains. Without a command: open the explorer."""
    if version:
        print(_version())
        raise typer.Exit
    if context.invoked_subcommand is not None:
        return
    if public and host is not None:
        raise ValueError("--public listens on every address: leave out --host.")
    _take_device(device)
    address = "0.0.0.0" if public else host or "127.0.0.1"
    console = Console(stderr=True)
    with contextlib.ExitStack() as waiting:
        if console.is_terminal:
            waiting.enter_context(console.status("Starting the explorer"))
        from app.server import serve

        def ready(url: str) -> None:
            waiting.close()
            shared = " to everyone who can reach this machine" if public else ""
            print(f"The explorer is open at {url}{shared} (Ctrl-C ends it).", flush=True)
            if not no_browser and _has_screen():
                import webbrowser

                webbrowser.open(url)

        with contextlib.suppress(KeyboardInterrupt):
            serve(address, port, on_ready=ready)
    # Python's own way out aborts if a background thread is inside a compilation.
    sys.stdout.flush()
    os._exit(0)


def _version() -> str:
    from importlib.metadata import version

    return version("learning-mechanics-explorer")


def _take_device(device: str) -> None:
    """Let JAX see only the device asked for; ValueError if it is none, or is not there."""
    if device == "cpu":
        os.environ["JAX_PLATFORMS"] = "cpu"
        return
    if device == "auto":  # found out where it is needed: asking JAX takes a second
        os.environ["LMX_DEVICE"] = device
        return
    from sims.core.devices import chosen_device

    os.environ["LMX_DEVICE"] = chosen_device(device)


def _has_screen() -> bool:
    """Whether a browser can show anything here."""
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


# Commands


@lmx.command("list")
def list_(
    as_json: Annotated[bool, typer.Option("--json", help="As data, for programs.")] = False,
) -> None:
    """Show every experiment: its question, knobs with ranges, presets."""
    from sims.api import list_experiments

    listed = list_experiments()
    if as_json:
        import json

        print(json.dumps(listed, ensure_ascii=False, indent=1, allow_nan=False))
        return
    out = _console()
    for entry in listed:
        _print_experiment(out, entry)


@lmx.command()
def predict(
    experiment: Name,
    preset: PresetOption = None,
    set_: SetOption = None,
    seeds: SeedsOption = 1,
    seed: SeedOption = None,
    out: OutOption = None,
) -> None:
    """Print what theory predicts, before any training."""
    from sims import api

    found, values = _asked(experiment, preset, set_, out)
    if preset and found.preset(preset).over is not None:
        raise ValueError(
            f"The preset {preset} is a sweep: use lmx run {experiment} --preset {preset}."
        )
    with _bar("Predicting"):
        tree = api.predict(experiment, preset=preset, seed=seed, seeds=seeds, out=out, **values)
    prediction = tree["prediction"].to_dataset()
    assumptions, tolerances = api.replayed(tree).before()
    console = _console()
    _print_title(console, found, tree)
    _print_prediction(console, found, prediction, tolerances)
    _print_assumptions(console, [(a.name, a.sentence, bool(a.held)) for a in assumptions])
    _print_hints(console, found, tree)
    _print_written(console, out)


@lmx.command()
def run(
    experiment: Name,
    preset: PresetOption = None,
    set_: SetOption = None,
    seeds: SeedsOption = 1,
    seed: SeedOption = None,
    device: DeviceOption = "auto",
    out: OutOption = None,
    check: Annotated[
        bool, typer.Option("--check", help="Exit 1 if a claim is a surprise.")
    ] = False,
) -> int:
    """Predict, train, judge; print the claims."""
    from sims import api

    found, values = _asked(experiment, preset, set_, out)
    with _bar("Predicting", "Training") as progress:
        tree = api.run(
            experiment, preset=preset, seed=seed, seeds=seeds, device=device, out=out,
            progress=progress, **values,
        )  # fmt: skip
    return _reported(found, tree, out, check)


@lmx.command()
def sweep(
    experiment: Name,
    over: Annotated[
        list[str],
        typer.Option("--over", metavar="KNOB=lo:hi:n[:log]|a,b,c", help="An axis; at most two."),
    ],
    preset: PresetOption = None,
    set_: SetOption = None,
    seeds: SeedsOption = 1,
    seed: SeedOption = None,
    device: DeviceOption = "auto",
    out: OutOption = None,
) -> int:
    """Run over one or two knobs and judge every point."""
    from sims import api

    found, values = _asked(experiment, preset, set_, out)
    axes = _assigned(over, "--over")
    with _bar("Predicting", "Training") as progress:
        tree = api.sweep(
            experiment, axes, preset=preset, seed=seed, seeds=seeds, device=device, out=out,
            progress=progress, **values,
        )  # fmt: skip
    return _reported(found, tree, out, check=False)


@lmx.command()
def bench(
    experiments: Annotated[
        list[str] | None, typer.Argument(metavar="[EXPERIMENT]...", help="Default: all.")
    ] = None,
    crowd: Annotated[
        int | None,
        typer.Option("--crowd", metavar="N", min=1, help="Instead: so many readers at once."),
    ] = None,
    soak: Annotated[
        float | None,
        typer.Option("--soak", metavar="MINUTES", min=0.1, help="Instead: 20 who come and go."),
    ] = None,
    json_file: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Also write the numbers.")
    ] = None,
) -> None:
    """Measure speed and latencies on this machine, or what many readers at once make of it."""
    from app import bench as measurements
    from sims import api

    names = [api.experiment(name).name for name in experiments or ()]
    if json_file is not None:
        _check_writable(json_file)
    if crowd is None and soak is None:
        measurements.report(_console(), names or [e.name for e in api.experiments()], json_file)
        return
    sections = [
        *(measurements.crowded(crowd, names) if crowd is not None else ()),
        *(measurements.soaked(soak) if soak is not None else ()),
    ]
    measurements.printed(_console(), sections, json_file)


# What was asked


def _asked(
    name: str, preset: str | None, assignments: list[str] | None, out: Path | None
) -> tuple[Experiment, dict[str, str]]:
    """The experiment and the knobs as text; whatever is wrong is refused before any work."""
    from sims import api
    from sims.core.setup import given

    experiment = api.experiment(name)
    values = _assigned(assignments or [], "--set")
    given(experiment, values, preset)
    if out is not None:
        from sims.core.archive import check_path

        check_path(out)
        _check_writable(out)
    return experiment, values


def _assigned(assignments: list[str], option: str) -> dict[str, str]:
    """`knob=value` texts as a mapping."""
    values = {}
    for text in assignments:
        knob, equals, value = text.partition("=")
        if not equals or not knob.strip():
            raise ValueError(f"{option} {text} cannot be read: give {option} knob=value.")
        if knob.strip() in values:
            raise ValueError(f"{option} sets {knob.strip()} twice: give it once.")
        values[knob.strip()] = value.strip()
    return values


def _check_writable(path: Path) -> None:
    """ValueError, one sentence, if nothing can be written there."""
    if not path.parent.is_dir():
        raise ValueError(f"The folder {path.parent} does not exist.")
    if path.is_dir():
        raise ValueError(f"{path} is a folder: give the name of a file.")
    new = not path.exists()
    try:
        path.open("ab").close()
        if new:
            path.unlink()
    except OSError as error:
        raise ValueError(f"{path} cannot be written ({error.strerror}).") from None


# What is printed


def _console() -> Console:
    console = Console(highlight=False)
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console = Console(highlight=False, width=PIPE_WIDTH)
    return console


def _table(indent: int = 0) -> Table:
    return Table(box=None, pad_edge=False, padding=(0, 2, 0, indent), header_style="dim")


@contextlib.contextmanager
def _bar(before: str, during: str = "") -> Iterator[Callable[[float], None]]:
    """A progress bar on stderr, in a terminal only; yields the function that moves it."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as bar:
        task = bar.add_task(before, total=None)

        def move(share: float) -> None:
            bar.update(task, description=during, total=1.0, completed=share)

        yield move


def _reported(found: Experiment, tree: xr.DataTree, out: Path | None, check: bool) -> int:
    """Print the outcome; the exit code is 1 if a surprise was to be checked for and is there."""
    console = _console()
    _print_title(console, found, tree)
    claims = tree["claims"].to_dataset()
    if "sweep" in tree.children:
        _print_sweep(console, found, tree, claims)
    else:
        columns = (claims[c].values.tolist() for c in ("assumption", "sentence", "held"))
        _print_assumptions(console, list(zip(*columns, strict=True)))
        _print_claims(console, found.claims, claims)
        _print_hints(console, found, tree)
    _print_written(console, out)
    verdicts = _verdicts(claims["verdict"])
    if "sweep_claim" in claims:
        verdicts += claims["sweep_verdict"].values.tolist()
    return int(check and "surprise" in verdicts)


def _print_title(console: Console, found: Experiment, tree: xr.DataTree) -> None:
    attrs = tree.attrs
    preset = f", preset {attrs['preset']}" if attrs["preset"] else ""
    first, count = attrs["seed"], attrs["seeds"]
    seeds = f"seed {first}" if count == 1 else f"seeds {first} to {first + count - 1}"
    console.print(f"[bold]{escape(found.title)}[/] ({found.name}{preset})")
    console.print(
        f"[dim]{seeds}, {attrs['dtype']}, {attrs['device']}; "
        f"prediction {attrs['prediction_sha256'][:12]} of {attrs['predicted_at'][:19]}Z[/]"
    )


def _print_claims(console: Console, known: Sequence[Claim], claims: xr.Dataset) -> None:
    from app.live.messages.judgement import headline

    table = _table()
    table.add_column("claim", ratio=1)
    for column in ("predicted", "measured", "error", "tolerance"):
        table.add_column(column, justify="right", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    several = claims.sizes["seed"] > 1
    for claim in known:
        table.add_row(*_claim_row(claim, claims.sel(claim=claim.name), several))
    verdicts = [str(v) for v in claims["verdict"].values]
    console.print()
    console.print(table)
    console.print(f"\n[bold]{headline(verdicts)}.[/]")


def _claim_row(claim: Claim, row: xr.Dataset, several: bool) -> list[str]:
    from app.wording import deserved, share

    predicted, measured = float(row["predicted"]), float(row["measured"])
    tolerance, verdict = float(row["tolerance"]), str(row["verdict"].item())
    reason, where = str(row["reason"].item()), str(row["where"].item())
    title = escape(claim.title)
    if verdict == "not judged":
        return [f"{title}\n[dim]{escape(reason)}[/]", "", "", "", "", GLYPHS[verdict]]
    seed = int(row["worst_seed"])
    if several:
        where = f"{where}, seed {seed}" if where else f"seed {seed}"
    notes = [where] * bool(where) + [reason] * (verdict != "lands")
    relative = claim.unit == "relative"
    absolute = tolerance * abs(predicted) if relative else tolerance
    return [
        "\n".join([title, *(f"[dim]{escape(n)}[/]" for n in notes)]),
        deserved(predicted, absolute),
        deserved(measured, absolute) if measured == measured else "none",
        share(float(row["error"].sel(seed=seed)), relative),
        escape(_tolerance_words(claim, tolerance)),
        GLYPHS[verdict],
    ]


def _tolerance_words(claim: Claim, tolerance: float) -> str:
    from app.wording import share

    if tolerance != tolerance:
        return ""
    unit = "" if claim.unit in ("relative", "absolute") else f" {claim.unit}"
    return share(tolerance, claim.unit == "relative") + unit


def _print_prediction(
    console: Console, found: Experiment, prediction: xr.Dataset, tolerances: Mapping[str, float]
) -> None:
    """The predicted numbers of the first seed, and how many curves are predicted."""
    table = _table()
    table.add_column("predicted")
    table.add_column("", ratio=1)
    table.add_column("tolerance", justify="right", no_wrap=True)
    claims = {c.name: c for c in found.claims}
    for name in (n for n in {**claims, **found.observables} if n in prediction):
        claim, known = claims.get(name), found.observables.get(name)
        label = claim.title if claim is not None else found.observables[name].label
        unit = f" [dim]({known.unit})[/]" if known is not None and known.unit else ""
        tolerance = tolerances.get(name, float("nan"))
        values = _predicted_words(prediction[name], claim, tolerance)
        stated = _tolerance_words(claim, tolerance) if claim is not None else ""
        table.add_row(escape(label) + unit, escape(values), escape(stated))
    console.print()
    console.print(table)
    if "seed" in prediction.dims and prediction.sizes["seed"] > 1:
        console.print(f"[dim]numbers of seed {int(prediction['seed'][0])}[/]")


def _predicted_words(variable: xr.DataArray, claim: Claim | None, tolerance: float) -> str:
    from app.wording import deserved, number

    one = variable.isel(seed=0) if "seed" in variable.dims else variable
    if {"record", "snapshot"} & set(one.dims):
        curves = one.size // one.sizes["record" if "record" in one.dims else "snapshot"]
        return f"{curves} curve{'s' if curves > 1 else ''}"
    values = [float(v) for v in one.values.ravel()]
    if len(values) > MOST_LISTED:
        return f"{len(values)} numbers"
    if claim is not None and claim.unit == "relative" and tolerance > 0:
        return ", ".join(deserved(v, tolerance * abs(v)) if v else "0" for v in values)
    if all(v == round(v) for v in values if abs(v) < float("inf")):
        return ", ".join(deserved(v, 0.0) if v == v else "none" for v in values)
    return ", ".join(number(v, 4) for v in values)


def _print_assumptions(console: Console, listed: Sequence[tuple[str, str, bool]]) -> None:
    broken = [(name, sentence) for name, sentence, held in listed if not held]
    console.print()
    for name, sentence in broken:
        console.print(f"[yellow]✗ {name} broken[/]: {escape(sentence)}")
    held = len(listed) - len(broken)
    if not broken:
        console.print(f"[dim]✓ all {held} assumptions hold[/]")
    else:
        console.print(f"[dim]✓ {held} assumption{'s hold' if held != 1 else ' holds'}[/]")


def _print_sweep(
    console: Console, found: Experiment, tree: xr.DataTree, claims: xr.Dataset
) -> None:
    """How many points of the sweep got which verdict, claim by claim."""
    data = tree["sweep"].to_dataset()
    axes = [str(d) for d in claims["verdict"].dims if d != "claim"]
    for axis in axes:
        console.print(f"[dim]{axis} {escape(_axis_words(data[axis].values))}[/]")
    table = _table()
    table.add_column("claim", ratio=1)
    for verdict in GLYPHS:
        table.add_column(verdict, justify="right")
    titles = {c.name: c.title for c in found.claims}
    for name in claims["claim"].values:
        verdicts = _verdicts(claims["verdict"].sel(claim=name))
        counts = [verdicts.count(v) for v in GLYPHS]
        table.add_row(escape(titles.get(str(name), str(name))), *(str(n or "") for n in counts))
    if claims.sizes["claim"]:
        points = claims["verdict"].size // claims.sizes["claim"]
        console.print()
        console.print(table)
        console.print(f"[dim]of {points} point{'s' if points > 1 else ''} each[/]")
    if "sweep_claim" in claims:
        names = claims["sweep_claim"].values.tolist()
        whole = claims[[n for n in claims if "sweep_claim" in claims[n].dims]]
        renamed = {str(n): str(n).removeprefix("sweep_") for n in (*whole.data_vars, "sweep_claim")}
        known = [c for c in found.sweep_claims if c.name in names]
        _print_claims(console, known, whole.rename(renamed))


def _verdicts(variable: xr.DataArray) -> list[str]:
    """Verdicts as words; a sweep's file holds them as codes."""
    found = variable.values.ravel().tolist()
    if "flag_meanings" not in variable.attrs:
        return found
    meanings = [m.replace("_", " ") for m in variable.attrs["flag_meanings"].split()]
    return [meanings[code] for code in found]


def _axis_words(values: Any) -> str:
    """What a sweep's axis ran over: `from 0.001 to 1, 12 values`, or the words it took."""
    if values.dtype.kind not in "fiu":
        return "over " + ", ".join(map(str, values.tolist()))
    lo, hi = (_readable(v) for v in (values[0], values[-1]))
    return f"from {lo} to {hi}, {len(values)} values"


def _readable(value: float) -> str:
    """A knob's number with a power of ten in place of `e`."""
    from app.figures.panels import MINUS, TIMES, power_of_ten
    from sims.core.knobs import number

    mantissa, e, exponent = number(value).partition("e")
    if not e:
        return mantissa.replace("-", MINUS)
    power = power_of_ten(int(exponent))
    return power if mantissa == "1" else f"{mantissa.replace('-', MINUS)} {TIMES} {power}"


def _print_hints(console: Console, found: Experiment, tree: xr.DataTree) -> None:
    """What knobs have to say of their values, and which of those that were set play no part."""
    from sims.core.archive import params_of
    from sims.core.knobs import knobs_of, lines_beneath, plain, unused_knobs, with_knobs

    params = with_knobs(found.Params(), params_of(tree))
    values, knobs = plain(params), knobs_of(found.Params)
    unused = unused_knobs(found.Params, values)
    lines = {n: s for n, s in lines_beneath(params).items() if n not in unused}
    idle = {n: s for n, s in unused.items() if values[n] != knobs[n].default and not knobs[n].auto}
    if not lines and not idle:
        return
    console.print()
    for name, line in (lines | idle).items():
        warning = line.startswith("! ")
        text = plain_text(line.removeprefix("! "))
        console.print(f"  {name}: {'[yellow]' if warning else '[dim]'}{escape(text)}[/]")


def plain_text(line: str) -> str:
    """A line with TeX between dollars for the terminal."""
    parts = line.split("$")
    return "".join(plain_symbol(part) if i % 2 else part for i, part in enumerate(parts))


def _print_written(console: Console, out: Path | None) -> None:
    if out is not None:
        console.print(f"\nWritten to {escape(str(out))}.")


def _print_experiment(console: Console, entry: Mapping[str, Any]) -> None:
    console.print(f"[bold]{entry['id']}[/]  {escape(entry['title'])}")
    console.print(f"{escape(entry['question'])}\n")
    knobs = _table(indent=2)
    for column in ("knob", "", "default"):
        knobs.add_column(column, no_wrap=True)
    knobs.add_column("takes", ratio=2)
    knobs.add_column("", ratio=3)
    for k in entry["knobs"]:
        knobs.add_row(
            k["name"], plain_symbol(k["symbol"]), _written(k["default"]),
            escape(k["allowed"]), f"[dim]{escape(k['help'])}[/]",
        )  # fmt: skip
    presets = _table(indent=2)
    presets.add_column("preset", no_wrap=True)
    presets.add_column("title", no_wrap=True)
    presets.add_column("look for", ratio=1)
    for p in entry["presets"]:
        presets.add_row(p["id"], escape(p["title"]), f"[dim]{escape(p['look_for'])}[/]")
    console.print(knobs)
    console.print()
    console.print(presets)
    console.print()


def _written(value: Any) -> str:
    from sims.core.knobs import written

    return written(value)


def plain_symbol(tex: str) -> str:
    r"""A TeX symbol for the terminal: `\alpha` is α, `d_\mathrm{in}` is d_in."""
    import re

    text = re.sub(r"\\(?:mathrm|mathbf|text|operatorname)\{([^}]*)\}", r"\1", tex)
    text = re.sub(r"\\([a-zA-Z]+)", lambda m: GREEK.get(m[1], m[1]), text)
    return re.sub(r"[{}\\]", "", text)


if __name__ == "__main__":
    sys.exit(main())
