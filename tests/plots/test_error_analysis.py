"""Notebook 04's figures: drawn from the data given."""

import numpy as np
import pandas as pd
from support.figures import texts
from support.predictions import random_predictions

from fer_lib import data
from fer_lib.analysis import confusions
from fer_lib.plots import error_analysis as drawings


def test_confused_pairs_marks_what_the_paper_names():
    pairs = pd.DataFrame(
        {
            "label": ["fear", "happy"],
            "predicted": ["sad", "neutral"],
            "images": [10, 20],
            "proportion of class": [0.5, 0.2],
        }
    )
    bars = drawings.confused_pairs(pairs, "title").axes[0].patches
    assert [bar.get_width() for bar in bars] == [50, 20]
    assert bars[0].get_facecolor() != bars[1].get_facecolor()


def test_mean_probabilities_shows_both_numbers():
    means = confusions.mean_probabilities(*random_predictions())
    assert "paper 66" in texts(drawings.mean_probabilities(means, "title"))


def test_recall_gains_and_confidences_name_their_axes():
    labels, probabilities = random_predictions()
    table = confusions.recall_gains(labels, probabilities, probabilities, resamples=10)
    words = texts(drawings.recall_gains(table, "title", "A", "B"))
    assert "recall of B minus recall of A" in words
    assert "correct (2 images)" in texts(drawings.confidences(np.ones(2), np.zeros(3), "title"))


def test_activation_maps_draw_every_face_given():
    faces = data.load_synthetic_faces(9)
    maps = np.zeros((9, 3, 3))
    figure = drawings.activation_maps(faces.images, maps, list("abcdefghi"), "title")
    assert len([axis for axis in figure.axes if axis.images]) == 9
