"""Superposition: which shape features take in too few neurons, from the loss of every shape."""

from sims.core.experiment import Experiment, Observable, Source
from sims.core.sources import MAP_OF_EVIDENCE
from sims.representations.superposition import claims, params, theory, training, view

OBSERVABLES = {
    "loss": Observable("loss of every start", "L", dims=("replica",), scale="log"),
    "weights": Observable("arrows of every start", "w_i", dims=("replica", "neuron", "feature")),
    "biases": Observable("biases of every start", "b_i", dims=("replica", "feature")),
    "loss_final": Observable("loss of the best start", "L", at="measured"),
    "level": Observable("loss over density", "L/p", at="measured", scale="log"),
    "kept": Observable("features that are written", "k", at="measured"),
    "norms": Observable("lengths of the arrows, squared", "|w_i|^2", "", ("arrow",), "measured"),
    "overlaps": Observable("cosines between arrows", r"\cos(w_i,w_j)", "", ("pair",), "measured"),
    "found": Observable("starts that find the lowest level", at="measured"),
}

EXPERIMENT = Experiment(
    name="representations/superposition",
    title="Superposition",
    question="When do features share neurons, and in which shape?",
    law=(
        r"L=\sum_i I_i\,\mathrm E\Big(x_i-\mathrm{ReLU}\big(w_i\cdot\sum_j w_jx_j+b_i\big)\Big)^2"
        r":\quad\text{the arrangement of least } L"
    ),
    regime="Independent features, in the plane equally important ones, and many starts.",
    falsifier="24 starts whose best loss misses the lowest level by more than half a per cent.",
    exercise=(
        r"An input is on with chance $p$, and then uniform in $0..1$. Show that an output which "
        r"ignores it loses $p/3-p^2/4$, and that each of $k$ arrows around a circle has the share "
        r"$D=2/k$ of a dimension."
    ),
    sources=(
        Source(
            "2209.10652",
            "Nelson Elhage, Tristan Hume, Catherine Olsson, Nicholas Schiefer, Tom Henighan, "
            "Shauna Kravec, Zac Hatfield-Dodds, Robert Lasenby, Dawn Drain, Carol Chen, Roger "
            "Grosse, Sam McCandlish, Jared Kaplan, Dario Amodei, Martin Wattenberg, Christopher "
            "Olah",
            "Toy Models of Superposition",
            2022,
            "the model, and the share of a dimension",
        ),
        Source(
            "2310.06301",
            "Zhongtian Chen, Edmund Lau, Jake Mendel, Susan Wei, Daniel Murfet",
            "Dynamical versus Bayesian Phase Transitions in a Toy Model of Superposition",
            2023,
            "that k-gons are critical points",
        ),
        MAP_OF_EVIDENCE,
    ),
    Params=params.Params,
    presets=params.PRESETS,
    prepare=training.prepare,
    resolve=params.resolve,
    schedule=training.schedule,
    predict=theory.predict,
    assumptions=claims.ASSUMPTIONS,
    simulation=training.simulation,
    observables=OBSERVABLES,
    claims=claims.CLAIMS,
    measure=claims.measure,
    dtype=lambda _: "float32",
    view=view.VIEW,
    controls=claims.CONTROLS,
    cpu_seconds=params.cpu_seconds,
    feasible=params.feasible,
)
