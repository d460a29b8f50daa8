"""Variables that both experiments record."""

from sims.core.experiment import Observable

COLLAPSE = {
    "nc1": Observable("within-class over between-class spread", r"\mathrm{NC1}", scale="log"),
    "nc1_trace": Observable(
        "ratio of traces", r"\mathrm{Tr}\Sigma_W/\mathrm{Tr}\Sigma_B", scale="log"
    ),
    "equinorm_features": Observable("spread of class-mean norms", r"\mathrm{CV}_M"),
    "equinorm_classifier": Observable("spread of classifier norms", r"\mathrm{CV}_W"),
    "equiangle_std_features": Observable("spread of class-mean cosines", ""),
    "equiangle_std_classifier": Observable("spread of classifier cosines", ""),
    "max_angle": Observable("distance to the largest angles", r"|\cos+\tfrac1{K-1}|"),
    "self_duality": Observable("classifier against class means", r"\mathrm{NC3}", scale="log"),
    "nearest_mean_mismatch": Observable("share not at its nearest mean", r"\mathrm{NC4}"),
    "margin": Observable("logit margin", "a"),
    "classifier_norm": Observable("mean classifier norm", "|w_k|"),
    "feature_norm": Observable("mean class-mean norm", "|m_k|"),
    "feature_norm_ratio": Observable("smallest over largest class-mean norm", ""),
    "minority_cosine": Observable("cosine between small classes", ""),
    "minority_spread": Observable("spread of the small classes", ""),
}
PICTURE = {
    "features": Observable("features", "h_i", dims=("sample", "axis"), at="snapshots"),
    "class_means": Observable("class means", "m_k", dims=("class", "axis"), at="snapshots"),
    "classifier": Observable("classifier", "w_k", dims=("class", "axis"), at="snapshots"),
    "classifier_cosines": Observable(
        "classifier cosines", r"\cos(w_k,w_l)", dims=("class", "class2"), at="snapshots"
    ),
}
