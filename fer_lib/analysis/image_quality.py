"""Whether bright, contrasty, or sharp images are classified better, within each class.

The manifest's measures differ between classes (surprised faces are brighter), and so does accuracy.
So images are compared only with images of their own class.
"""

import numpy as np
import pandas as pd

from fer_lib import evaluation
from fer_lib.data import manifest
from fer_lib.labels import LABELS

MEASURES = ("brightness", "contrast", "sharpness")
GROUPS = 5


def quintile_recalls(facts, correct, measure, **options):
    """Compute the mean recall of the darkest (or flattest, or blurriest) fifth of each class, etc.

    Args:
        facts: Rows of the manifest, one per image.
        correct: Proportion of the networks that are right, `(n,)`, 0-1.
        measure: One of `MEASURES`.
        **options: Passed to `evaluation.interval`.

    Returns:
        DataFrame indexed by fifth, 1 to 5 from low to high: recall (mean over the classes, in
        percent), low, and high (95% interval, bootstrap over images).
    """
    ranks = facts.groupby("label")[measure].rank(method="first", pct=True)
    fifth = np.ceil(ranks * GROUPS).astype(int).to_numpy() - 1
    classes = pd.Categorical(facts["label"], categories=LABELS).codes
    estimate = evaluation.interval(_cell_means, fifth, classes, correct, **options)
    columns = dict(zip(("recall", "low", "high"), 100 * np.array(estimate), strict=True))
    return pd.DataFrame(columns, index=pd.RangeIndex(1, GROUPS + 1, name="fifth"))


def _cell_means(fifth, classes, correct):
    """Mean over the classes of the mean within each fifth of a class: `(5,)`."""
    cells = fifth * len(LABELS) + classes
    size = GROUPS * len(LABELS)
    sums = np.bincount(cells, correct, minlength=size)
    counts = np.bincount(cells, minlength=size)
    return (sums / np.maximum(counts, 1)).reshape(GROUPS, len(LABELS)).mean(axis=1)


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
    classes = np.eye(len(LABELS))[pd.Categorical(facts["label"], categories=LABELS).codes]
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
