"""Which labels are likely wrong? Probabilities of every image from a model that never saw it.

Confident learning (Northcutt et al. 2021) needs predictions out of fold: a model that was trained
on an image has learned its label, wrong or not. Copies of a photograph stay in one fold, because a
model that saw a copy has seen the image.
"""

import numpy as np
import pandas as pd

from fer_lib.data import manifest
from fer_lib.experiments import frozen_features
from fer_lib.labels import LABELS

FOLDS = 5
SIZE = 224  # the paper's features
PENALTY = 0.01  # inverse strength of the L2 penalty, as scikit-learn counts it; not tuned


def compute(dataset, keep):
    """Predict every image out of fold.

    Args:
        dataset: The `data.Dataset` of FER2013.
        keep: As in `records`.

    Returns:
        DataFrame with the columns name, fold (0-4), and the probability of each of `LABELS`.
    """
    pooled = frozen_features.of(dataset.images, SIZE, verbose=1).after()
    folds = fold_of_each(dataset.labels, manifest.photographs(manifest.load()))
    tables = [keep(f"fold {fold}", _predict, dataset, pooled, folds, fold) for fold in range(FOLDS)]
    order = {name: place for place, name in enumerate(dataset.names)}
    return pd.concat(tables).sort_values("name", key=lambda names: names.map(order))


def fold_of_each(labels, photographs):
    """Divide images into folds of about the same class mix, all copies of a photograph in one.

    Args:
        labels: Class indices, `(n,)`.
        photographs: A number of the photograph of each image, `(n,)`.

    Returns:
        Fold of each image, `(n,)`, 0-4.
    """
    from sklearn.model_selection import StratifiedGroupKFold

    folds = np.empty(len(labels), int)
    divide = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=0)
    for fold, (_, held_out) in enumerate(divide.split(labels, labels, photographs)):
        folds[held_out] = fold
    return folds


def _predict(dataset, pooled, folds, fold):
    """Fit softmax regression to the other folds' features, and predict this fold."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    held_out, others = folds == fold, folds != fold
    model = make_pipeline(StandardScaler(), LogisticRegression(C=PENALTY, max_iter=1000))
    model.fit(pooled[others], dataset.labels[others])
    probabilities = model.predict_proba(pooled[held_out])
    table = pd.DataFrame(probabilities.round(4), columns=LABELS)
    return pd.concat([pd.DataFrame({"name": dataset.names[held_out], "fold": fold}), table], axis=1)
