"""Metrics against numbers worked out by hand and against scikit-learn."""

import warnings

import numpy as np
import pytest
from sklearn import metrics
from support.predictions import BY_HAND, LABELS_BY_HAND, certain, random_predictions

from fer_lib import evaluation, paper


def test_confusion_matrix_counts_by_label_and_prediction():
    matrix = evaluation.confusion_matrix(LABELS_BY_HAND, BY_HAND)
    assert matrix.loc["angry"].tolist() == [2, 1, 0, 0, 0, 0, 0]
    assert matrix.loc["fear", "angry"] == 1
    assert matrix.to_numpy().sum() == 5


def test_class_table_by_hand():
    table = evaluation.class_table(LABELS_BY_HAND, BY_HAND)
    assert table.loc["angry", "precision"] == pytest.approx(2 / 3)
    assert table.loc["angry", "recall"] == pytest.approx(2 / 3)
    assert table.loc["disgust"].tolist() == pytest.approx([1 / 2, 1, 2 / 3, 1])
    assert table.loc["fear"].tolist() == [0, 0, 0, 1]
    assert table.loc["happy"].tolist() == [0, 0, 0, 0]


def test_metrics_match_scikit_learn():
    labels, probabilities = random_predictions()
    predicted = probabilities.argmax(axis=1)
    theirs = metrics.precision_recall_fscore_support(labels, predicted)
    assert np.allclose(evaluation.class_table(labels, probabilities).T, theirs)
    assert np.allclose(evaluation.recalls(labels, probabilities), theirs[1])
    assert (
        evaluation.confusion_counts(labels, probabilities)
        == metrics.confusion_matrix(labels, predicted)
    ).all()
    assert evaluation.accuracy(labels, probabilities) == metrics.accuracy_score(labels, predicted)
    macro = metrics.f1_score(labels, predicted, average="macro")
    assert evaluation.macro_f1(labels, probabilities) == pytest.approx(macro)


def test_averages_match_scikit_learn_and_weighted_recall_is_accuracy():
    labels, probabilities = random_predictions()
    averages = evaluation.averages(evaluation.class_table(labels, probabilities))
    for kind in ("macro", "weighted"):
        theirs = metrics.precision_recall_fscore_support(
            labels, probabilities.argmax(axis=1), average=kind
        )
        assert averages.loc[kind].tolist() == pytest.approx(theirs[:3])
    accuracy = evaluation.accuracy(labels, probabilities)
    assert averages.loc["weighted", "recall"] == pytest.approx(accuracy)


def test_the_papers_macro_averages():
    averages = evaluation.averages(paper.table_1())
    assert averages.loc["macro"].round(3).tolist() == [0.496, 0.456, 0.456]


@pytest.mark.parametrize(
    "function",
    [evaluation.accuracy, evaluation.class_table, evaluation.macro_f1, evaluation.recalls],
)
def test_swapped_or_misshapen_arguments_are_rejected(function):
    labels, probabilities = random_predictions(10)
    for wrong in ((probabilities, labels), (labels, probabilities[:, :6]), (labels[1:], BY_HAND)):
        with pytest.raises(ValueError, match=r"are not \(n,\) and \(n, 7\)"):
            function(*wrong)
    with pytest.raises(ValueError, match=r"are not \(n,\) and \(n, 7\)"):
        evaluation.expected_calibration_error(probabilities, labels)


def test_negative_log_likelihood_matches_scikit_learn_and_survives_zeros():
    labels, probabilities = random_predictions()
    loss = evaluation.negative_log_likelihood(labels, probabilities)
    assert loss == pytest.approx(metrics.log_loss(labels, probabilities, labels=range(7)), rel=1e-3)
    assert np.isfinite(evaluation.negative_log_likelihood(np.array([1]), certain([0], 1.0)))


def test_class_means_weigh_images():
    classes = np.array([0, 0, 2])
    means = evaluation.class_means(classes, np.array([1, 0, 0.5]), np.array([3, 1, 2]))
    assert means.tolist() == [0.75, 0, 0.5, 0, 0, 0, 0]


def test_mean_recall_is_scikit_learns_balanced_accuracy_and_ignores_absent_classes():
    labels, probabilities = np.array([0, 0, 0, 3]), certain([0, 3, 5, 3])
    predicted = probabilities.argmax(axis=1)
    with warnings.catch_warnings(action="ignore"):  # of predicted classes without images
        expected = metrics.balanced_accuracy_score(labels, predicted)
    assert evaluation.mean_recall(labels, probabilities) == pytest.approx(expected)
    assert expected == pytest.approx((1 / 3 + 1) / 2)
