"""Metrics against numbers worked out by hand and against scikit-learn; intervals; calibration."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import softmax
from sklearn import metrics
from support.predictions import BY_HAND, LABELS_BY_HAND, certain, random_predictions
from support.recorded_runs import run_of

from fer_lib import evaluation, paper, paths, runs
from fer_lib.analysis import reproduction
from fer_lib.labels import LABELS
from fer_lib.plots import evaluation as drawings


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


def test_metrics_equal_scikit_learns():
    labels, probabilities = random_predictions()
    predicted = probabilities.argmax(axis=1)
    theirs = metrics.precision_recall_fscore_support(labels, predicted)
    assert np.allclose(evaluation.class_table(labels, probabilities).T, theirs)
    assert (
        evaluation.confusion_counts(labels, probabilities)
        == metrics.confusion_matrix(labels, predicted)
    ).all()
    assert evaluation.accuracy(labels, probabilities) == metrics.accuracy_score(labels, predicted)
    macro = metrics.f1_score(labels, predicted, average="macro")
    assert evaluation.macro_f1(labels, probabilities) == pytest.approx(macro)


def test_averages_equal_scikit_learns_and_weighted_recall_is_accuracy():
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


def test_f_difference_from_paper_is_zero_for_the_paper_itself():
    assert reproduction.f1_difference_from_paper(paper.table_1()) == 0
    shifted = paper.table_1().assign(F1=lambda table: table["F1"] + 0.1)
    assert reproduction.f1_difference_from_paper(shifted) == pytest.approx(0.1)


@pytest.mark.parametrize(
    "function",
    [evaluation.accuracy, evaluation.class_table, evaluation.macro_f1, evaluation.recalls],
)
def test_swapped_or_ill_shaped_arguments_are_refused(function):
    labels, probabilities = random_predictions(10)
    for wrong in ((probabilities, labels), (labels, probabilities[:, :6]), (labels[1:], BY_HAND)):
        with pytest.raises(ValueError, match=r"are not \(n,\) and \(n, 7\)"):
            function(*wrong)
    with pytest.raises(ValueError, match=r"are not \(n,\) and \(n, 7\)"):
        evaluation.expected_calibration_error(probabilities, labels)


def test_bootstrap_interval_of_a_share_is_the_binomial_one():
    labels = np.zeros(1000, dtype=int)
    probabilities = certain([0] * 500 + [1] * 500)
    estimate = evaluation.interval(evaluation.accuracy, labels, probabilities)
    width = 1.96 * (0.5 * 0.5 / 1000) ** 0.5
    assert estimate.value == 0.5
    assert estimate.low == pytest.approx(0.5 - width, abs=0.005)
    assert estimate.high == pytest.approx(0.5 + width, abs=0.005)
    assert evaluation.interval(evaluation.accuracy, labels, probabilities) == estimate
    assert str(evaluation.Estimate(0.5, 0.25, 1)) == "0.500 [0.250, 1.000]"


def test_paired_difference_is_surer_than_two_intervals():
    labels, first = random_predictions(1000)
    second = first.copy()
    wrong = np.flatnonzero(first.argmax(axis=1) != labels)[:30]
    second[wrong] = certain(labels[wrong])
    gain = evaluation.difference(evaluation.accuracy, labels, first, second)
    assert gain.value == pytest.approx(0.03)
    assert 0.015 < gain.low < 0.03 < gain.high < 0.045
    none = evaluation.difference(evaluation.accuracy, labels, first, first)
    assert tuple(none) == (0, 0, 0)


def test_interval_takes_a_statistic_of_many_numbers():
    labels, probabilities = random_predictions()
    estimate = evaluation.interval(evaluation.recalls, labels, probabilities, resamples=50)
    assert (estimate.low <= estimate.value).all()
    assert (estimate.value <= estimate.high).all()
    assert estimate.value.shape == (7,)


def test_spread_is_mean_and_sample_deviation():
    tables = [pd.DataFrame({"F1": [value]}, index=["happy"]) for value in (1.0, 2.0, 3.0)]
    mean, deviation = evaluation.spread(tables)
    assert mean.loc["happy", "F1"] == 2
    assert deviation.loc["happy", "F1"] == 1


def test_table_1_stands_beside_the_papers():
    table = reproduction.table_1([run_of(*random_predictions(seed=seed)) for seed in (0, 1)])
    assert table.index.tolist() == [*LABELS, "macro average", "weighted average"]
    assert table.loc["happy", "recall, paper"] == "0.80"
    assert table.loc["macro average", "F, paper"] == "0.46"
    assert " ± " in table.loc["angry", "precision, ours"]
    assert table.loc["weighted average", "images"] == 500


def test_paired_runs_must_have_predicted_the_same_images():
    labels, probabilities = random_predictions(10)
    first, second = run_of(labels, probabilities), run_of(labels, certain(labels))
    found = evaluation.paired(first, second, "PublicTest")
    assert all(
        np.array_equal(*pair)
        for pair in zip(found, (labels, probabilities, certain(labels)), strict=True)
    )
    second.predictions["name"] = second.predictions["name"].to_numpy()[::-1]
    with pytest.raises(ValueError, match="did not predict the same PublicTest images"):
        evaluation.paired(first, second, "PublicTest")


def test_seeds_finds_the_runs_of_one_recipe(monkeypatch, tmp_path):
    monkeypatch.setattr(paths, "RUNS", tmp_path)
    names = ["paper-seed0", "paper-seed12", "paper-96px-seed0", "baseline"]
    for name in names:
        (tmp_path / name).mkdir()
        (tmp_path / name / "run.json").write_text("{}")
    monkeypatch.setattr(runs, "load", lambda name: name)
    assert runs.of_recipe("paper") == ["paper-seed0", "paper-seed12"]


def test_calibration_error_by_hand():
    # Ten images at 0.75, of which five are right; ten at 0.95, all right.
    labels = np.array([0] * 5 + [1] * 5 + [0] * 10)
    probabilities = np.concatenate([certain([0] * 10, 0.75), certain([0] * 10, 0.95)])
    table = evaluation.reliability_table(labels, probabilities, bins=10)
    assert table["images"].tolist() == [10, 10]
    assert table["accuracy"].tolist() == [0.5, 1]
    assert table["low"].tolist() == pytest.approx([0.7, 0.9])
    error = evaluation.expected_calibration_error(labels, probabilities, bins=10)
    assert error == pytest.approx((0.25 + 0.05) / 2)


def test_a_bin_holds_its_upper_edge():
    table = evaluation.reliability_table(np.array([0, 1]), certain([0, 0], 1.0), bins=2)
    assert table[["low", "high", "accuracy"]].to_numpy().tolist() == [[0.5, 1, 0.5]]
    half = np.array([[0.5, 0.3, 0.2, 0, 0, 0, 0]])
    assert evaluation.reliability_table(np.array([0]), half, bins=2)["high"].tolist() == [0.5]


def test_negative_log_likelihood_equals_scikit_learns_and_survives_zeros():
    labels, probabilities = random_predictions()
    loss = evaluation.negative_log_likelihood(labels, probabilities)
    assert loss == pytest.approx(metrics.log_loss(labels, probabilities, labels=range(7)), rel=1e-3)
    assert np.isfinite(evaluation.negative_log_likelihood(np.array([1]), certain([0], 1.0)))


def test_temperature_is_found_again():
    generator = np.random.default_rng(0)
    calibrated = softmax(generator.normal(size=(20000, 7)), axis=1)
    labels = (calibrated.cumsum(axis=1) > generator.random((20000, 1))).argmax(axis=1)
    overconfident = evaluation.with_temperature(calibrated, 0.5)
    temperature = evaluation.fit_temperature(labels, overconfident)
    assert temperature == pytest.approx(2, rel=0.05)
    mended = evaluation.with_temperature(overconfident, temperature)
    before = evaluation.expected_calibration_error(labels, overconfident)
    assert evaluation.expected_calibration_error(labels, mended) < before / 5
    assert (mended.argmax(axis=1) == overconfident.argmax(axis=1)).all()
    assert np.allclose(mended.sum(axis=1), 1)


def test_temperature_and_biases_are_found_again():
    generator = np.random.default_rng(0)
    calibrated = softmax(generator.normal(size=(20000, 7)), axis=1)
    labels = (calibrated.cumsum(axis=1) > generator.random((20000, 1))).argmax(axis=1)
    biases = np.array([0.6, -0.6, 0, 0, 0.3, 0, -0.3])
    mistaken = evaluation.with_temperature(calibrated, 0.5, -2 * biases)
    temperature, found = evaluation.fit_temperature_and_biases(labels, mistaken)
    assert temperature == pytest.approx(2, rel=0.05)
    assert found == pytest.approx(biases, abs=0.06)
    mended = evaluation.with_temperature(mistaken, temperature, found)
    assert np.allclose(mended.sum(axis=1), 1)
    assert evaluation.accuracy(labels, mended) > evaluation.accuracy(labels, mistaken) + 0.01


def test_temperature_one_changes_nothing():
    _, probabilities = random_predictions()
    assert np.allclose(evaluation.with_temperature(probabilities, 1), probabilities, atol=1e-4)
    same_biases = evaluation.with_temperature(probabilities, 1, np.full(7, 3))
    assert np.allclose(same_biases, probabilities, atol=1e-4)


MANIFEST = pd.DataFrame(
    {
        "name": ["fitted", "twin", "copy", "alone", "pair 1", "pair 2"],
        "duplicate_group": [1, 1, 0, 0, 2, 2],
        "near_group": [1, 1, 1, 0, 2, 2],
    }
)


def test_a_twin_counts_only_if_the_run_was_fitted_on_it():
    predictions = pd.DataFrame({"name": ["alone", "twin", "copy", "pair 1", "pair 2"]})
    near = evaluation.has_training_duplicate(predictions, MANIFEST)
    assert near.tolist() == [False, True, True, False, False]
    equal = evaluation.has_training_duplicate(predictions, MANIFEST, "duplicate_group")
    assert equal.tolist() == [False, True, False, False, False]


def test_twin_table_leaves_out_what_has_a_twin():
    run = run_of(np.array([0, 0, 0, 0, 0]), certain([1, 0, 0, 0, 1]))
    run.predictions["name"] = ["alone", "twin", "copy", "pair 1", "pair 2"]
    table = evaluation.duplicate_table(run, MANIFEST)
    assert table["images"].to_dict() == {
        "all": 5,
        "all but equal twins": 4,
        "all but twins": 3,
        "twins": 2,
        "copies never learnt": 2,
    }
    assert table.loc["twins", "accuracy"] == 1
    assert table.loc["all but twins", "accuracy"] == pytest.approx(1 / 3)


def words(figure):
    found = figure.findobj(lambda part: hasattr(part, "get_text"))
    return "\n".join(text.get_text() for text in found)


def test_figure_5_writes_count_and_share_into_each_cell():
    figure = drawings.figure_5_confusion_matrix(
        evaluation.confusion_matrix(*random_predictions(2000))
    )
    cells = [text.get_text() for text in figure.axes[0].texts]
    assert len(cells) == 49
    assert all("\n" in cell and cell.endswith(" %") for cell in cells)


def test_every_figure_names_its_axes():
    labels, probabilities = random_predictions(2000)
    table = evaluation.class_table(labels, probabilities)
    estimate = evaluation.interval(evaluation.accuracy, labels, probabilities, resamples=20)
    rows = pd.DataFrame([estimate._asdict()], index=["ours"])
    reliability = evaluation.reliability_table(labels, probabilities)
    places = pd.DataFrame({"accuracy (%)": [51.0], "ours": [True]}, index=["ours"])
    figures = [
        drawings.accuracies(rows, "title"),
        drawings.precision_and_recall(table),
        drawings.table_1(table, table),
        drawings.resampled(np.array([0.4, 0.5]), estimate),
        drawings.reliability({"before": reliability, "after": reliability}),
        drawings.field(places),
    ]
    for figure in figures:
        assert all(axis.get_xlabel() for axis in figure.axes)
        assert (
            figure.axes[0].get_title("left")
            + figure.axes[0].get_title()
            + str(figure.get_suptitle())
        )


def test_field_marks_ours():
    places = pd.DataFrame({"accuracy (%)": [51.0, 71.2], "ours": [True, False]}, index=["a", "b"])
    labels = drawings.field(places).axes[0].get_yticklabels()
    assert [label.get_color() == drawings.OURS for label in labels] == [True, False]
