"""Free features: where class means and classifiers go, and how, in closed form."""

from sims.core.experiment import Experiment, Observable, Source
from sims.core.sources import MAP_OF_EVIDENCE
from sims.neural_collapse.free_features import (
    assumptions,
    claims,
    params,
    presets,
    theory,
    training,
    view,
)
from sims.neural_collapse.observables import COLLAPSE, PICTURE

OBSERVABLES = {
    "loss": Observable("loss with both decays", "L"),
    **COLLAPSE,
    "orientation_error": Observable("distance to the predicted simplex", "", scale="log"),
    "off_axes": Observable("class means off the predicted directions", "", scale="log"),
    **PICTURE,
    "logits": Observable(
        "logits of the class means", "Z", dims=("class", "class2"), at="snapshots"
    ),
}

EXPERIMENT = Experiment(
    name="neural_collapse/free_features",
    title="Free features",
    question="Where does each class go, before a single step is taken?",
    law=(
        r"a^* = \log\!\left(\tfrac1c-(K-1)\right)\,,\quad c=\sqrt{\lambda_W\lambda_H}\,,\qquad "
        r"M_\infty = r\,UV^{\mathsf T},\quad "
        r"\tfrac12(W_0+M_0)_\mathrm{c}=U\,\mathrm{diag}(s)\,V^{\mathsf T}"
    ),
    regime="Exact at the end for any start; the place and the way for a small start.",
    falsifier=(
        "one seed whose class means end more than 5 % from their predicted corners while the start "
        "is small and every direction has a fair share of it."
    ),
    exercise=(
        r"At which decay $\lambda_W = \lambda_H$ do ten classes collapse to nothing? Work "
        "it out from the law, then set it a little below and a little above."
    ),
    sources=(
        Source(
            "2008.08186",
            "V. Papyan, X. Y. Han and D. L. Donoho",
            "Prevalence of Neural Collapse during the terminal phase of deep learning training",
            2020,
            "the phenomenon and NC1 to NC4",
        ),
        Source(
            "2105.02375",
            "Z. Zhu, T. Ding, J. Zhou, X. Li, C. You, J. Sulam and Q. Qu",
            "A Geometric Analysis of Neural Collapse with Unconstrained Features",
            2021,
            "the optimum with cross-entropy",
        ),
        Source(
            "2011.11619",
            "D. G. Mixon, H. Parshall and J. Pi",
            "Neural collapse with unconstrained features",
            2020,
            "the linear growth from the origin",
        ),
        Source(
            "2202.08087",
            "T. Tirer and J. Bruna",
            "Extended Unconstrained Features Model for Exploring Deep Neural Collapse",
            2022,
            "the optimum with squared loss",
        ),
        Source(
            "2101.12699",
            "C. Fang, H. He, Q. Long and W. J. Su",
            "Exploring Deep Neural Networks via Layer-Peeled Model: Minority Collapse in "
            "Imbalanced Training",
            2021,
            "minority collapse",
        ),
        Source(
            "2309.09725",
            "W. Hong and S. Ling",
            "Neural Collapse for Unconstrained Feature Model under Cross-entropy Loss with "
            "Imbalanced Data",
            2023,
            "the threshold of minority collapse",
        ),
        Source(
            "2208.05512",
            "C. Thrampoulidis, G. R. Kini, V. Vakilian and T. Behnia",
            "Imbalance Trouble: Revisiting Neural-Collapse Geometry",
            2022,
            "the limit of no decay with unequal classes",
        ),
        Source(
            "2106.02073",
            "X. Y. Han, V. Papyan and D. L. Donoho",
            "Neural Collapse Under MSE Loss: Proximity to and Dynamics on the Central Path",
            2021,
            "the central path",
        ),
        MAP_OF_EVIDENCE,
    ),
    Params=params.Params,
    presets=presets.PRESETS,
    prepare=training.prepare,
    resolve=params.resolve,
    schedule=training.schedule,
    predict=theory.predict,
    assumptions=assumptions.assumptions,
    simulation=training.simulation,
    observables=OBSERVABLES,
    claims=claims.CLAIMS,
    view=view.VIEW,
    warnings=assumptions.warnings,
    notices=params.notices,
)
