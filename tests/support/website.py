"""A worker for the website under test, fast to make."""

import functools

from fer_lib import live, models
from fer_lib.live.detection import HaarDetector
from fer_lib.models import shipped
from fer_lib.web.app import MIN_FACE


def worker():
    network = models.load(shipped.FLOAT16, threads=1)
    answers = {False: network, True: functools.partial(models.predict, network)}
    return {
        (small, by_label): live.LiveClassifier(0, HaarDetector(min_size), classify)
        for small, min_size in MIN_FACE.items()
        for by_label, classify in answers.items()
    }
