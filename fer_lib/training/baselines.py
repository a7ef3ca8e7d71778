"""Baselines: classifiers that use little or nothing of the image, which others have to beat."""

import time
from datetime import UTC, datetime

import numpy as np
import pandas as pd

from fer_lib import data, paths, runs
from fer_lib.labels import LABELS

LOGISTIC_REGRESSION = "baseline-logistic-regression"
COMPONENTS = 100


def class_frequencies(training_labels, count):
    """Predict the class frequencies of the training set for every image, without using the image.

    The most probable class is thus always the most frequent one (the majority-class baseline).

    Args:
        training_labels: Class indices of the training images, `(m,)`.
        count: Number n of images to predict.

    Returns:
        Probabilities `(n, 7)`, all rows the same.
    """
    frequencies = np.bincount(training_labels, minlength=len(LABELS)) / len(training_labels)
    return np.tile(frequencies, (count, 1))


def logistic_regression_on_pixels(training):
    """Fit a logistic regression to standardized pixels.

    The pixels are reduced to their 100 principal components first (the "eigenfaces" of Turk &
    Pentland 1991), so that it takes only seconds; the classifier stays linear in the pixels.

    Args:
        training: A `data.Dataset`.

    Returns:
        A fitted scikit-learn pipeline. It takes what `pixels` returns.
    """
    from sklearn.decomposition import PCA
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    classifier = make_pipeline(
        StandardScaler(), PCA(COMPONENTS, whiten=True, random_state=0), LogisticRegression()
    )
    return classifier.fit(pixels(training), training.labels)


def pixels(dataset):
    """Get the images of a `data.Dataset` as rows of pixels, `(n, 2304)` float32, 0-255."""
    return dataset.images.reshape(len(dataset), -1).astype(np.float32)


def record(dataset):
    """Fit `logistic_regression_on_pixels` on the paper's split and record it as a run.

    The run of FER2013 goes to `data/runs/`, one of synthetic faces to the user's cache. Its history
    is empty, because it is not trained by epochs. Takes half a minute on FER2013.

    Args:
        dataset: A `data.Dataset`.

    Returns:
        The `runs.Run`.
    """
    start = time.perf_counter()
    split = data.paper_split(dataset)
    classifier = logistic_regression_on_pixels(split.training)
    parts = [
        (name, part, classifier.predict_proba(pixels(part)))
        for name, part in (("validation", split.validation), ("test", split.test))
    ]
    seconds = round(time.perf_counter() - start, 1)
    info = _describe(dataset, classifier, split, seconds)
    history = pd.DataFrame(columns=["epoch", "accuracy", "loss", "validation_accuracy"])
    run = runs.Run(LOGISTIC_REGRESSION, info, history, runs.predictions_table(parts))
    recorded = dataset.source == data.FER2013
    runs.save(run, paths.RUNS if recorded else paths.cache_folder() / "runs")
    return run


def _describe(dataset, classifier, split, seconds):
    """The content of `run.json`, as for training runs."""
    import sklearn

    results = {
        name: {
            "accuracy": round(classifier.score(pixels(part), part.labels), 5),
            "images": len(part),
        }
        for name, part in zip(split._fields, split, strict=True)
    }
    return {
        "recipe": {"name": LOGISTIC_REGRESSION, "split": "paper", "components": COMPONENTS},
        "data": {
            "source": dataset.source,
            "images": len(dataset),
            "digest": dataset.digest(),
        },
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": {**runs.versions(), "scikit-learn": sklearn.__version__},
        "hardware": runs.hardware(),
        "seconds": {"fitting": seconds},
        "results": results,
    }
