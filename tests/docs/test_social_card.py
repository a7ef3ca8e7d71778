"""The picture and the sentence that links to the website show elsewhere."""

import io

import social_card
from PIL import Image
from support.figures import texts

from fer_lib import plots
from fer_lib.labels import LABELS


def test_the_description_compares_the_paper_with_the_shipped_network():
    assert "51%" in social_card.description()
    assert "73%" in social_card.description()


def test_the_picture_has_the_size_of_previews_and_a_face_of_each_class():
    figure = social_card.draw("A title")
    assert Image.open(io.BytesIO(plots.to_png(figure))).size == (1200, 630)
    shown = texts(figure)
    assert all(word in shown for word in ("A title", *LABELS))
    assert sum(len(axis.images) for axis in figure.axes) == len(LABELS)
