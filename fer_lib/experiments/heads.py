"""Classifiers on frozen features: a linear probe, and the paper's head."""

import functools
from dataclasses import replace

import keras
import numpy as np
import pandas as pd

from fer_lib import data, evaluation, models
from fer_lib.labels import LABELS
from fer_lib.training import recipes
from fer_lib.training.batches import one_hot

RECIPE = recipes.PAPER


def split(dataset, features):
    """Split features as the paper splits the images.

    Args:
        dataset: The `data.Dataset`.
        features: Features of its images, `(n, channels)`.

    Returns:
        A `data.Split` with features in the place of the images.
    """
    return data.paper_split(replace(dataset, images=features))


def standardized(split):
    """Standardize features by the mean and standard deviation of the training part.

    Args:
        split: Of `split`.

    Returns:
        The `data.Split` with standardized features, float32; a constant feature becomes 0.
    """
    from sklearn.preprocessing import StandardScaler

    scaler = StandardScaler().fit(split.training.images.astype(np.float64))
    return data.Split(
        *(replace(part, images=scaler.transform(part.images).astype(np.float32)) for part in split)
    )


def linear_probe(training):
    """Fit a softmax regression to standardized features (Alain & Bengio 2016).

    Its L2 penalty grows with the number of features, so that the logits have the same variance
    under the penalty's prior, however many features there are. Nothing is selected.

    Args:
        training: A `data.Dataset` with features `(n, channels)` as images.

    Returns:
        A fitted scikit-learn pipeline with `predict_proba`.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    inverse_penalty = 1 / training.images.shape[1]
    classifier = LogisticRegression(C=inverse_penalty, tol=1e-3, max_iter=1000)
    return make_pipeline(StandardScaler(), classifier).fit(training.images, training.labels)


def paper_head(training, validation, seed, class_weights=None):
    """Train the paper's head by the paper's recipe.

    Args:
        training: A `data.Dataset` with features `(n, channels)` as images.
        validation: The same, for early stopping.
        seed: Seed of weights, order, and dropout.
        class_weights: Weight of each class in the training loss, `{class index: weight}`; None for
            equal ones.

    Returns:
        The trained Keras model, from features to probabilities `(n, 7)`.
    """
    keras.utils.set_random_seed(seed)
    head = models.head(training.images.shape[1:], RECIPE.hidden_units, RECIPE.dropout)
    optimizer = keras.optimizers.Adam(RECIPE.learning_rate)
    # Steps are many and short: 16 per call give the same weights in three quarters of the time.
    head.compile(optimizer, "categorical_crossentropy", steps_per_execution=16)
    head.fit(
        training.images,
        one_hot(training.labels),
        batch_size=RECIPE.batch_size,
        epochs=RECIPE.epochs,
        validation_data=(validation.images, one_hot(validation.labels)),
        validation_batch_size=1024,
        callbacks=[keras.callbacks.EarlyStopping(patience=RECIPE.patience)],
        class_weight=class_weights,
        verbose=0,
    )
    return head


def classify_with(head):
    """Make a function that classifies features by a head of `paper_head`, without dropout.

    Args:
        head: The Keras model.

    Returns:
        Callable from features `(n, channels)` to probabilities `(n, 7)`.
    """
    return functools.partial(head.predict, batch_size=1024, verbose=0)


def metrics(labels, probabilities):
    """Compute the metrics of the experiments on class balance.

    Args:
        labels: Class indices, `(n,)`.
        probabilities: Probabilities or other scores per class, `(n, 7)`.

    Returns:
        Dict of floats in 0-1: accuracy, mean recall, macro F1, and of each class recall, precision,
        and AUC (area under the ROC curve, this class against the others).
    """
    from sklearn.metrics import roc_auc_score

    table = evaluation.class_table(labels, probabilities)
    aucs = roc_auc_score(one_hot(labels), probabilities, average=None)
    table = table.assign(AUC=aucs)[["recall", "precision", "AUC"]]
    by_class = {
        f"{metric} {label}": table.loc[label, metric] for metric in table for label in LABELS
    }
    return {
        "accuracy": evaluation.accuracy(labels, probabilities),
        "mean recall": evaluation.recalls(labels, probabilities).mean(),
        "macro F1": evaluation.macro_f1(labels, probabilities),
        **by_class,
    }


def rounded(rows):
    """Make a table of rows (dicts), with proportions to four decimals."""
    return pd.DataFrame(rows).round(4)


def members_of_classes(labels, generator):
    """List the images of each class in random order.

    Args:
        labels: Class indices, `(n,)`.
        generator: NumPy's random generator.

    Returns:
        List of seven arrays of indices into the images.
    """
    return [generator.permutation(np.flatnonzero(labels == label)) for label in range(len(LABELS))]
