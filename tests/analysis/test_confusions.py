"""Confusions and what they cost, on small examples by hand."""

import itertools

import numpy as np
import pytest
from scipy.spatial.distance import pdist, squareform
from scipy.stats import rankdata, spearmanr
from support.predictions import BY_HAND, LABELS_BY_HAND, certain, random_predictions

from fer_lib import evaluation
from fer_lib.analysis import confusions
from fer_lib.data import ferplus, manifest
from fer_lib.labels import LABELS


def test_confused_pairs_by_direction():
    pairs = confusions.confused_pairs(LABELS_BY_HAND, BY_HAND, top=2)
    assert pairs["label"].tolist() == ["fear", "angry"]
    assert pairs["predicted"].tolist() == ["angry", "disgust"]
    assert pairs["images"].tolist() == [1, 1]
    assert pairs["proportion of class"].tolist() == pytest.approx([1, 1 / 3])
    assert pairs["proportion of errors"].tolist() == [0.5, 0.5]


def test_weighted_counts_are_confusion_matrices_of_each_run():
    labels, first = random_predictions(300)
    _, second = random_predictions(300, seed=1)
    predicted = np.argmax([first, second], axis=2)
    weights = np.arange(300) % 3
    counts = confusions.weighted_counts(labels, predicted, weights)
    drawn = np.repeat(np.arange(300), weights)
    assert np.array_equal(counts[1], evaluation.confusion_counts(labels[drawn], second[drawn]))
    half = confusions.weighted_counts(labels, predicted, labels == 3)
    assert half[0, 3].sum() == half[0].sum() == np.sum(labels == 3)


def independent_counts():
    """Nearly a product of rows and columns, apart from a diagonal that doesn't matter."""
    counts = np.outer([1.0, 2, 3, 4, 5, 6, 7], [3.0, 1, 4, 1, 5, 9, 2])
    counts *= np.random.default_rng(0).uniform(0.99, 1.01, counts.shape)
    np.fill_diagonal(counts, 1000)
    return counts


OFF = ~np.eye(7, dtype=bool)


def test_independent_confusions_are_as_expected():
    ratios = confusions.observed_over_expected(independent_counts())
    assert np.isnan(np.diag(ratios)).all()
    assert ratios[OFF] == pytest.approx(1, abs=0.02)


def test_a_frequent_confusion_stands_out_and_can_be_set_apart():
    counts = independent_counts()
    fear, surprise = LABELS.index("fear"), LABELS.index("surprise")
    counts[fear, surprise] *= 4
    ratios = confusions.observed_over_expected(counts)
    assert ratios[fear, surprise] == np.nanmax(ratios) > 1.5
    assert ratios[fear, 0] < 1
    apart = confusions.observed_over_expected(counts, apart=[("surprise", "fear")])
    assert apart[fear, surprise] == pytest.approx(4, abs=0.1)
    others = OFF.copy()
    others[fear, surprise] = False
    assert apart[others] == pytest.approx(1, abs=0.02)


def test_nothing_is_expected_of_a_class_that_is_never_predicted():
    counts = independent_counts()
    counts[:, 1] = 0
    with pytest.raises(ValueError, match="never predicted"):
        confusions.observed_over_expected(counts)


def test_ratio_table_has_both_directions_of_each_pair():
    counts = np.array([independent_counts()] * 2)
    counts[:, 2, 6] *= 4
    ratios = evaluation.Estimate(*[confusions.observed_over_expected(counts.sum(axis=0))] * 3)
    table = confusions.ratio_table(
        ratios, ratios, counts, np.full((7, 7), 1.5), [("fear", "surprise")]
    )
    assert list(table.index) == ["fear → surprise", "surprise → fear"]
    assert table["images"].tolist() == pytest.approx([24, 28], abs=1)
    assert table.loc["fear → surprise", "in excess"] > 0 > table.loc["surprise → fear", "in excess"]
    assert table["people"].tolist() == ["1.50", "1.50"]


def similarities(seed=0, size=7):
    values = np.random.default_rng(seed).random((size, size))
    return values + values.T


@pytest.mark.parametrize("size", [4, 5])
def test_class_permutation_test_counts_the_relabelings(size):
    values, similarity = similarities(0, size), similarities(1, size)
    test = confusions.class_permutation_test(values, similarity)
    off = ~np.eye(size, dtype=bool)
    correlations = [
        spearmanr(values[off], similarity[np.ix_(order, order)][off]).statistic
        for order in itertools.permutations(range(size))
    ]
    assert test.statistic == pytest.approx(correlations[0])
    assert test.pvalue == pytest.approx(np.mean(np.array(correlations) >= correlations[0] - 1e-9))


def test_a_similarity_that_explains_everything_is_found_and_its_reverse_is_not():
    similarity = similarities()
    found = confusions.class_permutation_test(similarity**3, similarity)
    assert (found.statistic, found.pvalue) == (pytest.approx(1), pytest.approx(1 / 5040))
    assert confusions.class_permutation_test(-similarity, similarity).pvalue > 0.99


def test_what_is_given_is_held_constant():
    similarity, frequency = similarities(), np.tile(np.arange(7), (7, 1))
    values = 10 * frequency + similarity
    plain = confusions.class_permutation_test(values, similarity)
    partial = confusions.class_permutation_test(values, similarity, frequency)
    ranks = [rankdata(matrix[OFF]) for matrix in (values, similarity)]
    given = rankdata(frequency[OFF])
    rests = [rank - np.polyval(np.polyfit(given, rank, 1), given) for rank in ranks]
    assert partial.statistic == pytest.approx(np.corrcoef(*rests)[0, 1])
    assert partial.statistic > plain.statistic


def test_permutation_table_has_a_row_for_each_comparison():
    table = confusions.permutation_table({"same": (similarities(), similarities())})
    assert table.loc["same", "rank correlation"] == pytest.approx(1)
    assert table.loc["same", "p"] == pytest.approx(1 / 5040)


def test_peoples_counts_are_of_the_seven_classes_and_symmetric():
    counts = confusions.people_counts(ferplus.load_vote_shares())
    assert tuple(counts.index) == tuple(counts.columns) == LABELS
    assert counts.to_numpy() == pytest.approx(counts.to_numpy().T, rel=0.01, abs=1)
    assert counts.to_numpy().sum() < len(manifest.load())


def test_the_most_similar_classes_are_the_nearest():
    similarity = np.ones((7, 7))
    similarity[2, 6], similarity[0, 1] = 9, 0.5
    distances = confusions.distances(similarity)
    assert np.array_equal(distances, distances.T)
    assert distances[6, 2] == distances[OFF].min() < distances[3, 4]
    assert distances[1, 0] == distances[OFF].max() > distances[3, 4]
    assert (np.diag(distances) == 0).all()


def test_a_map_of_points_in_the_plane_keeps_the_order_of_their_distances():
    points = np.array([[0, 0], [1, 0.2], [0.3, 1], [2, 2.5], [3, 0.7], [1.5, 4], [4, 4.4]])
    distances = squareform(pdist(points))
    positions, stress = confusions.class_map(distances)
    assert positions.shape == (7, 2)
    assert stress < 0.02
    assert stress < confusions.class_map(next(confusions.shuffled(distances)))[1]


def test_shuffled_distances_are_the_same_numbers_elsewhere():
    distances = confusions.distances(similarities())
    several = list(confusions.shuffled(distances))
    assert len(several) == 20
    for other in several:
        assert np.array_equal(np.sort(other, axis=None), np.sort(distances, axis=None))
        assert np.array_equal(other, other.T)
        assert not np.array_equal(other, distances)


def test_perfect_recall_gains_are_those_of_corrected_predictions():
    labels, probabilities = random_predictions(400)
    gains = confusions.perfect_recall_gains(evaluation.confusion_counts(labels, probabilities))
    for classes, gain in zip(confusions.SUSPECTS, gains, strict=True):
        chosen = np.isin(labels, [LABELS.index(name) for name in classes])
        corrected = np.where(chosen[:, np.newaxis], certain(labels), probabilities)
        for metric, expected in zip((evaluation.accuracy, evaluation.macro_f1), gain, strict=True):
            better = metric(labels, corrected) - metric(labels, probabilities)
            assert better == pytest.approx(expected)


def test_recall_by_agreement_counts_each_part_on_its_own():
    labels = np.repeat(np.arange(7), 40)
    agrees = np.tile([True, False], 140)
    crowd = np.where(agrees, np.array(LABELS)[labels], np.array(LABELS)[(labels + 1) % 7])
    crowd = crowd.astype(object)
    crowd[:4] = None
    right = [labels, np.where(agrees, labels, (labels + 1) % 7)]
    table = confusions.recall_by_agreement(labels, right, np.arange(280), crowd, resamples=20)
    assert table["crowd agrees", "images"].tolist() == [18] + 6 * [20]
    assert table["crowd differs", "images"].tolist() == [18] + 6 * [20]
    assert set(table["crowd agrees", "recall"]) == {"100 [100, 100]"}
    assert set(table["crowd differs", "recall"]) == {"50 [50, 50]"}
    assert set(table["crowd differs", "sd"]) == {71}
    assert set(table["difference", ""]) == {"50 [50, 50]"}


def test_mean_probabilities_by_class():
    labels, probabilities = random_predictions()
    means = confusions.mean_probabilities(labels, probabilities)
    assert means.loc["sad", "fear"] == pytest.approx(probabilities[labels == 5, 2].mean())
    assert np.allclose(means.sum(axis=1), 1)


def test_table_2_averages_the_runs_and_places_the_papers_images():
    labels, first = np.arange(7), certain(range(7), 0.7)
    first[3] = [0.1, 0.05, 0, 0.6, 0.2, 0.05, 0]
    second = first.copy()
    second[3] = [0.1, 0.05, 0, 0.8, 0, 0.05, 0]
    table = confusions.table_2(labels, [first, second])
    assert table.loc["happy"].tolist() == [
        "happy 66 (sad 11, disgust 11)",
        "happy 70 (angry 10, neutral 10)",
        "50 ± 71",
    ]
    assert table.iloc[:, 2].drop("happy").eq("0 ± 0").all()


def test_below_paper_compares_with_the_example_of_the_label():
    labels = np.array([3, 3, 5, 5])
    probabilities = np.array([certain([3], 0.65), certain([3], 0.67), certain([5], 0.41)])[:, 0]
    probabilities = np.vstack([probabilities, certain([3], 0.67)])
    assert confusions.below_paper(labels, probabilities).tolist() == [True, False, False, True]


def test_like_paper_needs_every_runner_up():
    sad, neutral = LABELS.index("sad"), LABELS.index("neutral")
    labels = np.array([sad, sad, neutral, neutral])
    probabilities = np.zeros((4, 7))
    probabilities[0, [1, 5]] = 0.43, 0.57  # disgust, sad
    probabilities[1, [1, 5]] = 0.42, 0.58
    probabilities[2, [3, 1, 4]] = 0.35, 0.25, 0.40  # happy, disgust, neutral
    probabilities[3, [3, 1, 4]] = 0.60, 0.20, 0.20
    assert confusions.like_paper(labels, probabilities).tolist() == [True, False, True, False]


def test_recall_gains_are_of_each_class_and_over_the_mean_of_the_runs():
    labels = np.arange(70) % 7
    happy_is_found = np.where(labels == LABELS.index("happy"), labels, 0)
    nothing_is_found = (labels + 1) % 7
    photographs = np.arange(70)
    table = confusions.recall_gains(
        labels, [nothing_is_found, happy_is_found], labels, photographs, resamples=20
    )
    assert (table["images"] == 10).all() and (table["second"] == 100).all()
    assert table.loc["happy", ["first", "difference", "low", "high"]].tolist() == [50, 50, 50, 50]
    assert table.loc["happy", ["smallest", "largest"]].tolist() == [0, 100]
    assert table.loc["sad", ["first", "smallest", "largest"]].tolist() == [0, 100, 100]


def test_recall_gains_draw_copies_of_a_photograph_together():
    labels = np.repeat(np.arange(7), 20)
    second = np.where(np.arange(140) % 2, labels, (labels + 1) % 7)
    first = [(labels + 1) % 7]
    alone = confusions.recall_gains(labels, first, second, np.arange(140), resamples=100)
    # Two photographs per class: its correct images are copies of one, the others of the other.
    pairs = labels * 2 + np.arange(140) % 2
    copies = confusions.recall_gains(labels, first, second, pairs, resamples=100)
    assert (copies["difference"] == alone["difference"]).all()
    assert (copies["high"] - copies["low"] > alone["high"] - alone["low"]).all()
