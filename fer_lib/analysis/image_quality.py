"""Whether bright, contrasty, or sharp images are classified better, within each class.

The manifest's measures differ between classes (surprised faces are brighter), and so does accuracy.
So images are compared only with images of their own class.
"""

import numpy as np
import pandas as pd

from fer_lib import evaluation
from fer_lib.data import manifest
from fer_lib.labels import LABELS, class_indices

MEASURES = ("brightness", "contrast", "sharpness")
GROUPS = 5


def quintile_recalls(facts, correct, measure, **options):
    """Compute the mean recall of the darkest (or flattest, or blurriest) fifth of each class, etc.

    Args:
        facts: Rows of the manifest, one per image.
        correct: Proportion of the networks that are right, `(n,)`, 0-1.
        measure: One of `MEASURES`.
        **options: Passed to `evaluation.clustered`.

    Returns:
        DataFrame indexed by fifth, 1 to 5 from low to high, and "5 - 1", the difference of the
        ends: recall (mean over the classes, percent), low, and high (95% interval over
        photographs).
    """
    ranks = facts.groupby("label")[measure].rank(method="first", pct=True)
    fifth = np.ceil(ranks * GROUPS).astype(int).to_numpy() - 1
    cells = fifth * len(LABELS) + class_indices(facts["label"])

    def recalls(weights):
        size = GROUPS * len(LABELS)
        hits, images = (
            np.bincount(cells, values, minlength=size) for values in (weights * correct, weights)
        )
        means = (hits / np.maximum(images, 1)).reshape(GROUPS, len(LABELS)).mean(axis=1)
        return 100 * np.append(means, means[-1] - means[0])

    estimate = evaluation.clustered(recalls, manifest.photographs(facts), **options)
    columns = dict(zip(("recall", "low", "high"), estimate, strict=True))
    return pd.DataFrame(columns, index=pd.Index([*range(1, GROUPS + 1), "5 - 1"], name="fifth"))


def effects(facts, correct):
    """Estimate how recall changes with each measure, the other two held constant.

    A linear regression of correctness on brightness, contrast, and the logarithm of sharpness, each
    standardized, with an intercept and slopes of its own for each class. (A logistic one does not
    converge: some networks find no image of disgust.) Standard errors are clustered by photograph,
    so that copies do not count as new evidence.

    Args:
        facts: Rows of the manifest, one per image.
        correct: Proportion of the networks that are right, `(n,)`, 0-1.

    Returns:
        DataFrame indexed by measure and label, "all classes" (the mean of the seven) last: effect
        on recall in percentage points per standard deviation of the measure, low, and high (95%
        interval over photographs).
    """
    import statsmodels.api as sm

    fitted = sm.OLS(correct, _design(facts)).fit(
        cov_type="cluster", cov_kwds={"groups": manifest.photographs(facts)}
    )
    contrasts = _contrasts()
    tested = fitted.t_test(contrasts.to_numpy())
    columns = 100 * np.column_stack([tested.effect, tested.conf_int()])
    return pd.DataFrame(columns, contrasts.index, ["effect", "low", "high"])


def _design(facts):
    """An intercept and three slopes for each class: `(n, 28)`."""
    logarithm = np.log1p(facts["sharpness"])
    measures = facts.assign(sharpness=logarithm)[list(MEASURES)].to_numpy(float)
    measures = (measures - measures.mean(axis=0)) / measures.std(axis=0)
    terms = np.column_stack([np.ones(len(facts)), measures])
    classes = np.eye(len(LABELS))[class_indices(facts["label"])]
    return np.einsum("nc,nt->nct", classes, terms).reshape(len(facts), -1)


def _contrasts():
    """Which coefficients of `_design` each effect averages, one row per effect."""
    slopes = np.eye(len(LABELS) * (1 + len(MEASURES))).reshape(len(LABELS), 1 + len(MEASURES), -1)
    rows = {}
    for place, measure in enumerate(MEASURES, start=1):
        for index, label in enumerate(LABELS):
            rows[measure, label] = slopes[index, place]
        rows[measure, "all classes"] = slopes[:, place].mean(axis=0)
    index = pd.MultiIndex.from_tuples(rows, names=["measure", "label"])
    return pd.DataFrame(list(rows.values()), index)
