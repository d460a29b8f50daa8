"""A single neuron in search of a hidden direction: the whole distribution of when it finds it."""

from sims.core.experiment import Experiment, Observable, Source
from sims.core.sources import MAP_OF_EVIDENCE
from sims.teacher_student.single_index import claims, params, theory, training, view

OBSERVABLES = {
    "size": Observable("overlap", "|m|", dims=("replica",)),
    "escaped": Observable("share that has escaped", "P"),
    "escape_lives": Observable(
        "predicted escapes", "t_{1/2}", dims=("start", "life"), at="measured"
    ),
    "escape_time": Observable("escape", "t_{1/2}", dims=("replica",), at="measured"),
    "escape_median": Observable("middle escape", "t_{1/2}", at="measured", scale="log"),
    "climb": Observable("climb", dims=("place",), at="measured"),
    "pull": Observable("pull back", dims=("place",), at="measured"),
}

EXPERIMENT = Experiment(
    name="teacher_student/single_index",
    title="Single index",
    question="How many examples until one neuron finds the hidden direction?",
    law=(
        r"dm=\Big[\delta\,k\,m^{k-1}(1-m^2)-\tfrac{\delta^2}{2}V(m)\,m\Big]dt"
        r"+\delta\sqrt{\tfrac{S(m)}{d}}\,dB"
    ),
    regime="Fresh Gaussian examples, and steps so small that one moves the neuron little.",
    falsifier=(
        "sixteen runs on fresh Gaussian examples whose mean place among 4 000 predicted lives is "
        "off by 3.5 of its own deviations."
    ),
    exercise=(
        r"Integrate $dm = 2\delta m(1-m^2)\,dt$ from $c/\sqrt d$ to $1/2$. How does the number of "
        r"examples $n = d\,t$ grow with $d$?"
    ),
    sources=(
        Source(
            "2003.10409",
            "Gérard Ben Arous, Reza Gheissari, Aukosh Jagannath",
            "Online stochastic gradient descent on non-convex losses from high-dimensional "
            "inference",
            2020,
            "the information exponent, and that almost all examples go into the search",
        ),
        Source(
            "2305.10633",
            "Alex Damian, Eshaan Nichani, Rong Ge, Jason D. Lee",
            "Smoothing the Landscape Boosts the Signal for SGD",
            2023,
            "that online SGD needs no fewer, and smoothing does",
        ),
        MAP_OF_EVIDENCE,
    ),
    Params=params.Params,
    presets=params.PRESETS,
    prepare=training.prepare,
    resolve=params.resolve,
    schedule=training.schedule,
    predict=theory.predict,
    assumptions=(claims.gaussian_projection, claims.fresh_examples),
    simulation=training.simulation,
    measure=claims.measure,
    observables=OBSERVABLES,
    claims=claims.CLAIMS,
    controls=claims.CONTROLS,
    view=view.VIEW,
    feasible=params.feasible,
    dtype=lambda _: "float32",
)
