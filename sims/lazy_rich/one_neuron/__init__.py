"""One hidden neuron: lazy, balanced or delayed, each solved in closed form."""

from sims.core.controls import Control
from sims.core.experiment import Experiment, Observable, Source
from sims.core.sources import MAP_OF_EVIDENCE
from sims.lazy_rich.one_neuron import claims, params, theory, training, view

OBSERVABLES = {
    "loss": Observable("loss", "L", scale="log"),
    "a": Observable("outer weight", "a"),
    "w": Observable("inner weights", "w", dims=("coordinate",)),
    "beta": Observable("function learned", r"\beta = aw", dims=("coordinate",)),
    "conserved": Observable("conserved quantity", r"\eta_w a^2-\eta_a|w|^2"),
}

EXPERIMENT = Experiment(
    name="lazy_rich/one_neuron",
    title="One neuron",
    question="Does the outer or the inner weight learn first, and who decides?",
    law=(
        r"\delta = \eta_w a^2-\eta_a|w|^2 = \text{const}\,,\qquad "
        r"\dot\beta = (\eta_w a^2 I+\eta_a ww^{\mathsf T})(b-\beta)\,,\quad \beta = aw"
    ),
    regime="Exact for gradient flow on whitened inputs, from every start.",
    falsifier=(
        "one run that leaves the closed form by more than 0.001 and one and a half times what a "
        "step leaves to first order, while the step is below 3 % of the fastest rate."
    ),
    exercise=(
        "Start downstream, with $a_0 = 0.01$, $|w_0| = 2$ and an angle of 170 degrees. "
        "Which sign does $a$ take first, and does it ever change?"
    ),
    sources=(
        Source(
            "2406.06158",
            "D. Kunin, A. Raventós, C. Dominé, F. Chen, D. Klindt, A. Saxe and S. Ganguli",
            "Get rich quick: exact solutions reveal how unbalanced initializations promote rapid "
            "feature learning",
            2024,
            "the trajectory and its three regimes",
        ),
        MAP_OF_EVIDENCE,
    ),
    Params=params.Params,
    presets=params.PRESETS,
    prepare=training.prepare,
    resolve=params.resolve,
    schedule=training.schedule,
    predict=theory.predict,
    assumptions=(claims.small_step,),
    init=training.init,
    step=training.step,
    observe=training.observe,
    observables=OBSERVABLES,
    claims=claims.CLAIMS,
    view=view.VIEW,
    controls=(
        Control(
            "the target is turned by a right angle",
            task=lambda task: {**task, "target": task["target"][::-1].copy()},
            claims=("beta", "loss"),  # from a short w, a grows alike towards any target
        ),
    ),
)
