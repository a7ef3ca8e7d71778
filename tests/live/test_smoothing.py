"""Smoothing over time and *unsure*: the library's steps, and the measures of what they change."""

import numpy as np
import pytest

from fer_lib import live
from fer_lib.labels import LABELS
from fer_lib.live import smoothing
from fer_lib.live.detection import Box

HAPPY, SAD = LABELS.index("happy"), LABELS.index("sad")


def sure_of(*classes, confidence=0.94):
    """Probabilities `(n, 7)`, one row per class index."""
    rest = (1 - confidence) / 6
    return np.where(np.arange(7) == np.array(classes)[:, np.newaxis], confidence, rest)


def test_a_step_is_taken_over_to_63_percent_after_the_time_constant():
    raw = sure_of(*[SAD] * 1, *[HAPPY] * 60)
    smoothed = smoothing.smooth(raw, 0.5, moments=np.arange(61) / 20)
    np.testing.assert_allclose(smoothed[0], raw[0])
    taken = (smoothed[10] - raw[0])[HAPPY] / (raw[1] - raw[0])[HAPPY]
    assert taken == pytest.approx(1 - np.exp(-1), rel=1e-6)
    np.testing.assert_allclose(smoothed.sum(axis=1), 1)


def test_no_smoothing_changes_nothing():
    raw = sure_of(SAD, HAPPY, SAD)
    np.testing.assert_array_equal(smoothing.smooth(raw, 0, np.arange(3)), raw)


def test_a_frame_counts_more_after_a_gap():
    raw = sure_of(SAD, HAPPY)
    soon, late = (smoothing.smooth(raw, 0.4, [0, gap])[1, HAPPY] for gap in (0.1, 0.8))
    taken = (np.array([soon, late]) - raw[0, HAPPY]) / (raw[1, HAPPY] - raw[0, HAPPY])
    np.testing.assert_allclose(taken, 1 - np.exp([-0.25, -2]))


def test_every_second_frame_is_mirrored():
    frames, mirrors = sure_of(*[HAPPY] * 5), sure_of(*[SAD] * 5)
    mixed = smoothing.alternate(frames, mirrors)
    assert mixed.argmax(axis=1).tolist() == [HAPPY, SAD, HAPPY, SAD, HAPPY]


def test_the_live_classifier_smooths_alike():
    class Still:
        def detect(self, frame):
            return [Box(10, 10, 100, 100)]

    raw = sure_of(*np.random.default_rng(0).integers(0, 7, 40))
    answers = iter(raw)
    stream = live.LiveClassifier(0.3, Still(), lambda crops: next(answers)[np.newaxis])
    frame = np.zeros((200, 200, 3), np.uint8)
    moments = np.cumsum(np.random.default_rng(1).uniform(0.02, 0.3, len(raw)))
    by_stream = [stream.process(frame, moment)[0].probabilities for moment in moments]
    np.testing.assert_allclose(by_stream, smoothing.smooth(raw, 0.3, moments), rtol=1e-6)


def test_labels_are_unsure_below_the_confidence():
    probabilities = sure_of(HAPPY, SAD, confidence=0.5)
    assert list(smoothing.predicted_labels(probabilities, 0.5)) == ["happy", "sad"]
    assert list(smoothing.predicted_labels(probabilities, 0.51)) == [live.UNSURE] * 2


def test_the_default_confidence_is_the_demos():
    below, at = (
        sure_of(HAPPY, confidence=c) for c in (live.MIN_CONFIDENCE - 1e-6, live.MIN_CONFIDENCE)
    )
    assert list(smoothing.predicted_labels(below)) == [live.UNSURE]
    assert list(smoothing.predicted_labels(at)) == ["happy"]


def test_flicker_counts_changes_per_second():
    labels = np.array(["sad", "happy", "happy", "sad", "sad", "sad"])
    assert smoothing.flicker(labels, fps=10) == pytest.approx(10 * 2 / 5)


@pytest.mark.parametrize("frames", [0, 1, 7])
def test_latency_is_the_shift_that_agrees_best(frames):
    reference = np.random.default_rng(0).integers(0, 7, 200)
    late = np.concatenate([np.full(frames, 9), reference])[:200]
    assert smoothing.latency(late, reference, fps=10) == pytest.approx(frames / 10)


def test_smoothing_trades_flicker_for_latency():
    generator = np.random.default_rng(0)
    classes = np.repeat([SAD, HAPPY, SAD, HAPPY], 30)
    noisy = np.where(generator.random(120) < 0.2, generator.integers(0, 7, 120), classes)
    table = smoothing.trade_off(sure_of(*noisy), (0, 0.2, 0.5))
    assert list(table.index) == [0, 0.2, 0.5] and table.index.name == "smoothing (s)"
    assert table["label changes per second"].is_monotonic_decreasing
    assert table["latency (s)"].is_monotonic_increasing and table["latency (s)"].iloc[0] == 0
    assert table["unsure (proportion of time)"].iloc[0] == 0


def test_a_higher_threshold_labels_fewer_images():
    probabilities = np.concatenate(
        [sure_of(HAPPY, SAD, confidence=0.9), sure_of(HAPPY, SAD, confidence=0.6)]
    )
    labels = np.array([HAPPY, SAD, HAPPY, HAPPY])
    table = smoothing.at_thresholds(labels, probabilities, (0, 0.7, 0.95))
    assert table["labeled"].to_list() == [1, 0.5, 0]
    assert table["accuracy of labeled"].to_list()[:2] == [0.75, 1]
    assert np.isnan(table["accuracy of labeled"].iloc[2])
