"""A worker for the website under test, fast to make."""

from fer_lib import live, models
from fer_lib.live.detection import HaarDetector
from fer_lib.models import shipped
from fer_lib.web.app import MIN_FACE


def worker():
    classify = models.load(shipped.FLOAT16, threads=1)
    return {
        small: live.LiveClassifier(0, HaarDetector(min_size), classify)
        for small, min_size in MIN_FACE.items()
    }
