"""The words of the house: what an experiment is made of.

See `sims.core.simulation` for how it runs, `sims.core.claims` for how it is judged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeAlias, TypeVar
from unicodedata import normalize

import numpy as np
import xarray as xr
from jax import Array

from sims.core.schedule import Schedule
from sims.core.sentences import one_line
from sims.view import View

if TYPE_CHECKING:
    from sims.core.controls import Control

S = TypeVar("S")

Verdict = Literal["lands", "departs", "surprise", "not judged"]

Task = dict[str, np.ndarray]
"""What a run starts from: data and initial weights of one seed, drawn on the host, by file name."""
Tensors = Mapping[str, Array]
"""A Task inside the compiled run."""
Predicted: TypeAlias = xr.Dataset | Mapping[str, Any]
"""What `predict` gives: a Dataset, or plain values by name, whose dims the observables say."""


@dataclass(frozen=True)
class Source:
    """A paper a formula comes from."""

    arxiv: str
    authors: str
    title: str
    year: int
    used_for: str = ""

    @property
    def url(self) -> str:
        """Address of the abstract."""
        return f"https://arxiv.org/abs/{self.arxiv}"

    @property
    def bibtex(self) -> str:
        """A BibTeX entry, with a key of plain letters."""
        authors = self.authors.replace(", ", " and ")
        first = normalize("NFKD", authors.split(" and ")[0].split()[-1]).encode("ascii", "ignore")
        return (
            f"@misc{{{first.decode().lower()}{self.year}_{self.arxiv.replace('.', '_')},\n"
            f"  author = {{{authors}}},\n  title = {{{{{self.title}}}}},\n"
            f"  year = {{{self.year}}},\n  eprint = {{{self.arxiv}}},\n"
            "  archivePrefix = {arXiv}\n}"
        )


@dataclass(frozen=True)
class Observable:
    """A coarse quantity of a run or of its prediction.

    `dims` are the dimensions behind (seed, record) or (seed, snapshot); `at` says when it is taken:
    at every record, at snapshots, or once the run is over (`measured`). `symbol` is TeX.
    """

    label: str
    symbol: str = ""
    unit: str = ""
    dims: tuple[str, ...] = ()
    at: Literal["records", "snapshots", "measured"] = "records"
    scale: Literal["linear", "log"] = "linear"


@dataclass(frozen=True)
class Simulation(Generic[S]):
    """Pure, jit-able training of one seed; core vmaps it over seeds and sweep points.

    `step` is the update equation. `observe` gives scalars and short vectors at every record,
    `snapshot` larger arrays at fewer moments. None of them learns that someone is watching.

    `refresh` renews, before each record, what State carries for observation alone (eigenvectors
    that start from the last ones); `step` must not read it. `kick` is the intervention of a task
    with a `kick_step` >= 0: the loop applies it once, before that step. `derive` adds what follows
    from the snapshots of one task, (shot, ...), on the host while the device goes on; what of them
    has a name with an underscore in front is for it alone and not kept. `fused` is for steps
    that are elementwise over large arrays: twice as fast there, twice as long to compile.
    """

    init: Callable[[Any, Tensors], S]
    step: Callable[[Any, Tensors, S], S]
    observe: Callable[[Any, Tensors, S], dict[str, Array]]
    snapshot: Callable[[Any, Tensors, S], dict[str, Array]] = lambda *_: {}
    refresh: Callable[[Any, Tensors, S], S] | None = None
    kick: Callable[[Any, Tensors, S], S] | None = None
    derive: Callable[[Task, Mapping[str, np.ndarray]], dict[str, np.ndarray]] | None = None
    fused: bool = False


def _no_simulation(params: Any) -> Simulation[Any]:
    raise NotImplementedError(f"nothing to train with {params}")


@dataclass(frozen=True)
class Assumption:
    """A condition of the theory for these very settings; known before the run.

    `label` is its short form for the page ("small start"); `sentence` carries the measured number.
    """

    name: str
    label: str
    sentence: str
    held: bool
    value: float = float("nan")


@dataclass(frozen=True)
class Compared:
    """One quantity on both sides; `where` is the worst point.

    An error that is NaN is not judged, and `why` says so.
    """

    predicted: float
    measured: float
    error: float
    where: str = ""
    why: str = ""


def not_compared(why: str) -> Compared:
    """No comparison, with the reason the reader gets."""
    nan = float("nan")
    return Compared(nan, nan, nan, why=why)


Compare: TypeAlias = Callable[[Any, xr.Dataset, xr.Dataset], Compared]
"""(params, prediction, run) of one seed -> what both sides say and how far apart they are."""
Reason: TypeAlias = Callable[[Any, xr.Dataset, xr.Dataset], str]
"""(params, prediction, run) of one seed -> why nothing is compared, one clause, or ''."""


@dataclass(frozen=True)
class Baseline:
    """The guess of a person without the theory, which a landing must beat.

    Attributes:
        words: what is guessed ("nothing changes", "chance"); stands on the page.
        value: a number; or (params, task, prediction) -> a number, or an array of the predicted
            variable's shape, with or without its records; None: its value at the first record.
    """

    words: str
    value: float | Callable[[Any, Task, xr.Dataset], Any] | None = None


NOTHING_CHANGES = Baseline("nothing changes")
NEVER = Baseline("it never happens", float("inf"))


@dataclass(frozen=True)
class Claim:
    """One quantity compared, its tolerance, and the assumptions it relies on.

    Attributes:
        name: id; title, symbol (TeX) and unit default to those of the observable of that name.
        compare: mostly one of `sims.compare`.
        tolerance: a number, or (params, prediction) -> number; known before the run.
        relies_on: names of assumptions; where all of them held, an error is a surprise.
        unit: what error and tolerance are relative to ("of s_k", "relative").
        unless: reasons not to judge, asked in this order; the first that speaks is the verdict's.
        applies: where it is false the question does not arise: the page leaves the claim out.
        on_divergence: what becomes of a run that left the finite range: it `fails` with an
            infinite error, unless a reason speaks; it is `not judged`; or it is `judged` as it is.
        sees_ten_percent: whether a theory with levels 10 % too high and curves 10 % too late would
            miss; where it nearly lands, a landing is not judged. `because`: why it never can.
        baseline: the guess that costs no theory; where it differs from theory by less than twice
            the tolerance, the claim is no test and not judged. None: nothing can be guessed, and
            `no_guess` says why.
        void: twists of `sims.core.controls` that mean nothing for the claim, and why.
    """

    name: str
    compare: Compare
    tolerance: float | Callable[[Any, xr.Dataset], float] | None = None
    relies_on: tuple[str, ...] = ()
    title: str = ""
    symbol: str = ""
    unit: str = ""
    unless: tuple[Reason, ...] = ()
    applies: Callable[[Any], bool] = lambda _: True
    on_divergence: Literal["fails", "not judged", "judged"] = "fails"
    sees_ten_percent: bool = True
    because: str = ""
    baseline: Baseline | None = NOTHING_CHANGES
    no_guess: str = ""
    void: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class SweepClaim(Claim):
    """A claim about a whole sweep, such as a slope or a contour.

    `tolerance` and `compare` see prediction and results of one seed with the axes in front, and
    `applies` the axes, values by knob. What it relies on must hold at every point. That nothing
    changes means that the first knob does not matter; a guess that is a function gets params and
    task of the first point.
    """


@dataclass(frozen=True)
class Preset:
    """A choice of knobs worth watching, with the verdicts it states beforehand.

    Verdicts are stated by claim, or as the names of those that land, depart or are not judged.
    `compare` is a second choice shown beside it on the page; `over` makes it a sweep. `slow` says
    that to predict and train it takes some five seconds or more: quick checks leave it out. `gpu`
    says that it is meant for one: no check runs it, and one that never ran states no verdict.
    """

    id: str
    title: str
    look_for: str
    params: Mapping[str, Any] = field(default_factory=dict)
    verdicts: Mapping[str, Verdict] = field(default_factory=dict)
    compare: Mapping[str, Any] | None = None
    compare_title: str = ""
    over: Mapping[str, str] | None = None
    lands: tuple[str, ...] = ()
    departs: tuple[str, ...] = ()
    not_judged: tuple[str, ...] = ()
    slow: bool = False
    gpu: bool = False

    def __post_init__(self) -> None:
        """Write all that is stated into `verdicts`."""
        stated: dict[str, Verdict] = dict.fromkeys(self.lands, "lands")
        stated |= dict.fromkeys(self.departs, "departs")
        stated |= dict.fromkeys(self.not_judged, "not judged")
        object.__setattr__(self, "verdicts", {**self.verdicts, **stated})


_STATED: Mapping[str, Verdict] = {"L": "lands", "D": "departs", "n": "not judged"}


def stated(claims: Sequence[str], row: str) -> dict[str, Verdict]:
    """Verdicts from a row of a preset table: L lands, D departs, n not judged, - not asserted."""
    return {c: _STATED[v] for c, v in zip(claims, row.split(), strict=True) if v != "-"}


@dataclass(frozen=True, eq=False)
class Experiment:
    """One falsifiable question: how a run is prepared, predicted, trained, observed and judged.

    Two of them are never equal: what is kept of one (programs, setups) is not that of another with
    the same id, such as the one its file described before it was edited.

    `init`, `step`, `observe` may be given in place of `simulation`, with `snapshot`, `refresh`,
    `kick` and `derive` where there are any: see `Simulation`. Whatever has a default is optional.

    Attributes:
        name: id, `phenomenon/experiment`.
        title: short name, the tab's.
        question: what it asks, one sentence.
        law: the central formula, TeX without dollar signs.
        regime: one line on where the law holds.
        falsifier: what would have falsified it, one sentence.
        exercise: what a class may work out from the law, TeX between dollars, for hand-outs.
        Params: dataclass of knobs.
        prepare: (params, seed) -> Task; numpy only.
        schedule: (params, tasks) -> Schedule.
        predict: (params, task, schedule) -> Dataset or dict for one seed, or an iterator of partial
            ones, with numbers in between: the share that is done, where a Dataset is not worth its
            time. Of a dict the observables say the dims; of what is none of them it takes a number.
            A variable with attribute `shared` = 1 does not depend on the seed.
        observables: every variable of run and prediction, by name.
        claims: what of it is judged.
        assumptions: functions (params, task, prediction) -> Assumption, each named as what it
            gives; or one that gives the list of all, where absent ones need a prediction that is
            not there yet.
        simulation: params -> Simulation; reads static knobs only.
        resolve: (params, tasks) -> params with autos filled; with () those that need no Task.
            Raises ValueError, one sentence, for combinations that are refused.
        measure: (params, task, prediction, run) -> Dataset of measured counterparts for one seed.
        predict_further: `predict` for the seeds behind the first, where that is too dear for all.
        sweep_claims: what is claimed of whole sweeps.
        over: the axes of an experiment that is a sweep, unless a preset or the reader names others.
        together: runs of a sweep that one program trains on a CPU; fewer come in sooner.
        notices: params as given -> sentences about what was done to them.
        warnings: (params, task, prediction) -> sentences shown before the run (banners).
        intervene: (params, task, prediction) -> task with the numbers the run is disturbed by.
        view: what a page draws of it; without one a picture follows from the observables.
        controls: twisted runs in which its phenomenon is absent, so that its claims must depart.
        cpu_seconds: what a run with these params should take one thread of a CPU.
        feasible: values of all knobs, drawn at random -> those to be changed for them to be taken
            together and to run in seconds; never for a claim to land.
        redrawn: what begins so in a task is too large for files; `prepare` draws it again.

    Raises:
        ValueError: something does not fit together; one sentence that names it.
    """

    name: str
    title: str
    question: str
    law: str
    regime: str
    falsifier: str
    sources: tuple[Source, ...]
    Params: type
    presets: tuple[Preset, ...]
    prepare: Callable[[Any, int], Task]
    schedule: Callable[[Any, Sequence[Task]], Schedule]
    predict: Callable[[Any, Task, Schedule], Predicted | Iterator[Predicted | float]]
    observables: Mapping[str, Observable]
    claims: tuple[Claim, ...]
    assumptions: (
        tuple[Callable[[Any, Task, xr.Dataset], Assumption], ...]
        | Callable[[Any, Task, xr.Dataset], list[Assumption]]
    ) = ()
    simulation: Callable[[Any], Simulation[Any]] = _no_simulation
    init: Callable[[Any, Tensors], Any] | None = None
    step: Callable[[Any, Tensors, Any], Any] | None = None
    observe: Callable[[Any, Tensors, Any], dict[str, Array]] | None = None
    snapshot: Callable[[Any, Tensors, Any], dict[str, Array]] = lambda *_: {}
    refresh: Callable[[Any, Tensors, Any], Any] | None = None
    kick: Callable[[Any, Tensors, Any], Any] | None = None
    derive: Callable[[Task, Mapping[str, np.ndarray]], dict[str, np.ndarray]] | None = None
    resolve: Callable[[Any, Sequence[Task]], Any] = lambda params, _tasks: params
    measure: Callable[[Any, Task, xr.Dataset, xr.Dataset], xr.Dataset] = lambda *_: xr.Dataset()
    dtype: Callable[[Any], str] = lambda params: getattr(params, "dtype", "float64")
    warnings: Callable[[Any, Task, xr.Dataset], list[str]] = lambda *_: []
    notices: Callable[[Any], list[str]] = lambda _: []
    predict_further: (
        Callable[[Any, Task, Schedule], Predicted | Iterator[Predicted | float]] | None
    ) = None
    intervene: Callable[[Any, Task, xr.Dataset], Task] | None = None
    sweep_claims: tuple[SweepClaim, ...] = ()
    over: Mapping[str, str] | None = None
    together: int = 128
    default_seed: int = 0
    view: View | None = None
    controls: tuple[Control, ...] = ()
    cpu_seconds: Callable[[Any], float] | None = None
    feasible: Callable[[Mapping[str, Any]], Mapping[str, Any]] = lambda _: {}
    exercise: str = ""
    redrawn: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Fill in what follows from the rest, and check that it fits together."""
        from sims.core import declared

        for name, value in declared.completed(self).items():
            object.__setattr__(self, name, value)

    def evaluate_assumptions(
        self, params: Any, task: Task, prediction: xr.Dataset
    ) -> list[Assumption]:
        """What the theory wants of these settings, held or broken; one seed."""
        if callable(self.assumptions):
            return self.assumptions(params, task, prediction)
        found = [assumption(params, task, prediction) for assumption in self.assumptions]
        for function, one in zip(self.assumptions, found, strict=True):
            name = function.__name__
            if getattr(one, "name", None) != name:  # claims rely on it by that name
                made = f"one named {one.name!r}" if isinstance(one, Assumption) else "none"
                raise ValueError(
                    f"{name} of {self.name} returns {made}: give an Assumption named {name!r}."
                )
        return found

    def preset(self, name: str) -> Preset:
        """The preset of that id; ValueError names those that exist."""
        for preset in self.presets:
            if preset.id == name:
                return preset
        known = ", ".join(preset.id for preset in self.presets)
        given = one_line(str(name), 40)
        raise ValueError(f"{self.name} has no preset {given!r}; it has {known}.")


@dataclass(frozen=True)
class Phenomenon:
    """A group of experiments with one story and one `question`.

    `evidence` is its body of evidence on the map of arXiv 2604.21691.
    """

    name: str
    title: str
    evidence: str
    story: str
    experiments: tuple[Experiment, ...]
    question: str = ""
