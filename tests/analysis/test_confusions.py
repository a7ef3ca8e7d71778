"""Confusions and mistakes against small examples by hand; Grad-CAM against automatic gradients."""

import keras
import numpy as np
import pandas as pd
import pytest
from support.predictions import BY_HAND, LABELS_BY_HAND, certain, random_predictions
from support.recorded_runs import run_of

from fer_lib import data, evaluation, models, paper
from fer_lib.analysis import confusions, label_noise, saliency
from fer_lib.labels import LABELS
from fer_lib.plots import error_analysis as drawings


def test_confused_pairs_by_direction():
    pairs = confusions.confused_pairs(LABELS_BY_HAND, BY_HAND, top=2)
    assert pairs["label"].tolist() == ["fear", "angry"]
    assert pairs["predicted"].tolist() == ["angry", "disgust"]
    assert pairs["images"].tolist() == [1, 1]
    assert pairs["share of class"].tolist() == pytest.approx([1, 1 / 3])
    assert pairs["share of mistakes"].tolist() == [0.5, 0.5]


def test_claimed_pairs_are_ranked_among_all_directions():
    labels, probabilities = random_predictions(2000)
    claimed = confusions.claimed_pairs(labels, probabilities)
    assert len(claimed) == 2 * len(paper.CONFUSED_PAIRS)
    assert claimed["rank"].is_monotonic_increasing
    everything = confusions.confused_pairs(labels, probabilities, top=42)
    for row in claimed.itertuples():
        ranked = everything.loc[row.rank - 1]
        assert (ranked["label"], ranked["predicted"]) == (row.label, row.predicted)


def test_accuracy_with_perfect_classes():
    assert confusions.accuracy_with_perfect_recall(LABELS_BY_HAND, BY_HAND, []) == 0.6
    assert confusions.accuracy_with_perfect_recall(LABELS_BY_HAND, BY_HAND, ["fear"]) == 0.8
    assert confusions.accuracy_with_perfect_recall(LABELS_BY_HAND, BY_HAND, LABELS) == 1


def test_mean_probabilities_by_class():
    labels, probabilities = random_predictions()
    means = confusions.mean_probabilities(labels, probabilities)
    assert means.loc["sad", "fear"] == pytest.approx(probabilities[labels == 5, 2].mean())
    assert np.allclose(means.sum(axis=1), 1)


def test_table_2_names_the_right_class_and_the_runners_up():
    labels, probabilities = np.arange(7), certain(range(7), 0.7)
    probabilities[3] = [0.1, 0.05, 0, 0.6, 0.2, 0.05, 0]
    table = confusions.table_2(labels, probabilities)
    assert table.loc["happy"].tolist() == [
        "happy 60 (neutral 20, angry 10)",
        "happy 66 (sad 11, disgust 11)",
    ]


def test_confident_mistakes_come_surest_first():
    labels = np.array([0, 1, 2, 3])
    probabilities = np.concatenate([certain([0], 0.99), certain([2], 0.8), certain([0, 4], 0.9)])
    mistakes = label_noise.confident_mistakes(run_of(labels, probabilities).predictions, top=2)
    assert mistakes["name"].tolist() == ["image 2", "image 3"]
    assert mistakes["predicted"].tolist() == ["angry", "neutral"]
    assert mistakes["confidence"].tolist() == [0.9, 0.9]


def test_doubtful_images_are_those_no_run_believes():
    labels = np.array([0, 0])
    first = run_of(labels, np.concatenate([certain([1], 0.9), certain([1], 0.8)])).predictions
    second = run_of(labels, np.concatenate([certain([0], 0.9), certain([1], 0.8)])).predictions
    doubtful = label_noise.likely_label_errors([first, second], top=2)
    assert doubtful["name"].tolist() == ["image 1", "image 0"]
    assert doubtful["probability of label"].tolist() == pytest.approx(
        [0.2 / 6, (0.9 + 0.1 / 6) / 2]
    )
    with pytest.raises(ValueError, match="not of the same images"):
        label_noise.likely_label_errors([first, second.iloc[::-1]])


def test_mended_gives_the_gain_of_each_class():
    labels, first = random_predictions(1000)
    second = np.where((labels == 3)[:, np.newaxis], certain([3] * 1000), first)
    table = confusions.recall_gains(labels, first, second, resamples=100)
    assert table.loc["happy", "second"] == 1
    assert table.loc["happy", "low"] > 0
    others = table.drop("happy")[["difference", "low", "high"]]
    assert (others == 0).all(axis=None)
    assert table["first"].tolist() == evaluation.recalls(labels, first).tolist()


@pytest.fixture(scope="module", params=[0, 16])
def classifier(request):
    """A small untrained classifier in the nested form, with and without a hidden layer."""
    keras.utils.set_random_seed(0)
    images = keras.Input((48, 48, 3))
    maps = keras.layers.Conv2D(12, 5, strides=8, activation="relu")(images)
    backbone = keras.Model(images, maps, name="backbone")
    return models.build(backbone, size=48, hidden_units=request.param)


def test_activation_maps_equal_grad_cam_by_automatic_gradients(classifier):
    tensorflow = pytest.importorskip("tensorflow")
    if keras.backend.backend() != "tensorflow":
        pytest.skip("the check takes gradients with TensorFlow")
    faces = data.load_drawn_faces(6)
    maps = tensorflow.constant(saliency.feature_maps(classifier, faces.images))
    classes = np.array([0, 1, 2, 3, 4, 5])
    head = classifier.get_layer("head")
    with tensorflow.GradientTape() as tape:
        tape.watch(maps)
        pooled = classifier.get_layer("pooling")(maps)
        logits = _logits(head, pooled)
        chosen = tensorflow.gather(logits, classes, batch_dims=1)
    gradients = tape.gradient(chosen, maps).numpy()
    places = gradients.shape[1] * gradients.shape[2]
    weights = gradients.mean(axis=(1, 2)) * places
    expected = np.maximum((maps.numpy() * weights[:, None, None]).sum(axis=-1), 0)
    found = saliency.class_activation_map(head, maps.numpy(), classes)
    assert found.shape == expected.shape
    assert found.max() > 0
    assert np.allclose(found, expected, atol=1e-5)


def _logits(head, pooled):
    last = head.get_layer("probabilities")
    below = keras.Model(head.input, last.input)
    return keras.ops.matmul(below(pooled), last.kernel) + last.bias


def words(figure):
    found = figure.findobj(lambda part: hasattr(part, "get_text"))
    return "\n".join(text.get_text() for text in found)


def test_confused_pairs_marks_what_the_paper_names():
    pairs = pd.DataFrame(
        {
            "label": ["fear", "happy"],
            "predicted": ["sad", "neutral"],
            "images": [10, 20],
            "share of class": [0.5, 0.2],
        }
    )
    bars = drawings.confused_pairs(pairs, "title").axes[0].patches
    assert bars[0].get_facecolor() != bars[1].get_facecolor()


def test_mean_probabilities_shows_both_numbers():
    means = confusions.mean_probabilities(*random_predictions())
    assert "paper 66" in words(drawings.mean_probabilities(means))


def test_mended_and_confidences_name_their_axes():
    labels, probabilities = random_predictions()
    table = confusions.recall_gains(labels, probabilities, probabilities, resamples=10)
    assert "recall of B minus recall of A" in words(drawings.mended(table, "A", "B"))
    assert "right (2 images)" in words(drawings.confidences(np.ones(2), np.zeros(3)))


def test_activation_maps_draw_every_face_given():
    faces = data.load_drawn_faces(9)
    figure = drawings.activation_maps(faces.images, np.zeros((9, 3, 3)), list("abcdefghi"), "title")
    assert len([axis for axis in figure.axes if axis.images]) == 9
