"""The example images of the website: a synthetic face for each expression, and a photograph."""

import functools

import cv2
from skimage.data import astronaut

from fer_lib.data.synthetic_faces import draw_face
from fer_lib.labels import ACTION_UNITS, LABELS

ASTRONAUT = "astronaut"
NAMES = (*LABELS, ASTRONAUT)
SIDE = 240
BORDER = 80


@functools.cache
def jpeg(name):
    """Draw an example; a synthetic face has a border, so that detectors find it.

    Args:
        name: One of `NAMES`.

    Returns:
        The JPEG's bytes.
    """
    if name == ASTRONAUT:
        pixels = cv2.cvtColor(astronaut(), cv2.COLOR_RGB2BGR)
    else:
        face = draw_face(dict.fromkeys(ACTION_UNITS[name], 1.0), size=SIDE)
        pixels = cv2.copyMakeBorder(face, *[BORDER] * 4, cv2.BORDER_REPLICATE)
    return cv2.imencode(".jpg", pixels)[1].tobytes()
