"""A real network on real digits: the numbers of free features, until every weight decays."""

from sims.core.experiment import Experiment, Observable, Source
from sims.core.sources import MAP_OF_EVIDENCE
from sims.neural_collapse.observables import COLLAPSE, PICTURE
from sims.neural_collapse.real_network import (
    assumptions,
    claims,
    data,
    params,
    presets,
    theory,
    training,
    view,
)
from sims.neural_collapse.real_network.feasible import feasible

OBSERVABLES = {
    "loss": Observable("training loss without decay", ""),
    "objective": Observable("loss with decay", "J"),
    "train_accuracy": Observable("accuracy on the training set", ""),
    "test_accuracy": Observable("accuracy on the test set", ""),
    "classifier_eigenvalues": Observable(
        "eigenvalues of the classifier", r"WW^{\mathsf T}", dims=("class",)
    ),
    **COLLAPSE,
    **PICTURE,
    "layer_separation": Observable(
        "separation of a layer", "D", dims=("layer",), at="snapshots", scale="log"
    ),
}

EXPERIMENT = Experiment(
    name="neural_collapse/real_network",
    title="Real network",
    question="Does a network on real digits land on numbers that never saw a digit?",
    law=(
        r"J^* = \log\frac{1}{1-(K-1)c} + c\,(K-1)\,a^*\,,\qquad "
        r"a^* = \log\!\left(\tfrac1c-(K-1)\right),\quad c=\sqrt{\lambda_W\lambda_H}"
    ),
    regime="Decay on the last features and the classifier, in a network that can fit its labels.",
    falsifier=(
        "one seed whose objective ends more than 1 % from the closed form while the network is "
        "wide, trained to the end, and only its last features decay."
    ),
    exercise=(
        r"Multiply $\lambda_W$ by four and divide $\lambda_H$ by four. Which of the "
        "numbers in the table change, and which do not?"
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
            "2210.17020",
            "H. He and W. J. Su",
            "A Law of Data Separation in Deep Learning",
            2022,
            "the separation layer by layer",
        ),
        Source(
            "2405.14468",
            "P. Súkeník, C. Lampert and M. Mondelli",
            "Neural Collapse versus Low-rank Bias: Is Deep Neural Collapse Really Optimal?",
            2024,
            "why decay on every layer breaks it",
        ),
        Source(
            "1611.03530",
            "C. Zhang, S. Bengio, M. Hardt, B. Recht and O. Vinyals",
            "Understanding deep learning requires rethinking generalization",
            2016,
            "random labels",
        ),
        MAP_OF_EVIDENCE,
    ),
    Params=params.Params,
    presets=presets.PRESETS,
    prepare=data.prepare,
    resolve=params.resolve,
    schedule=training.schedule,
    predict=theory.predict,
    assumptions=assumptions.assumptions,
    simulation=training.simulation,
    observables=OBSERVABLES,
    claims=claims.CLAIMS,
    view=view.VIEW,
    dtype=lambda _: "float32",
    warnings=assumptions.warnings,
    notices=params.notices,
    feasible=feasible,
)
