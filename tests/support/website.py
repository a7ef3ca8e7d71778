"""A worker for the website under test, with a detector that every machine has."""

from fer_lib.live.detection import HaarDetector
from fer_lib.web.app import make_worker


def worker():
    return make_worker(HaarDetector)
