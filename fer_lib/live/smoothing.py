"""What calms the demo's labels, and what that costs: smoothing over time, and the label *unsure*.

`smooth` is what `LiveClassifier` does to one face. `trade_off` measures flicker, latency, and doubt
for several amounts of it, `at_thresholds` what *unsure* is worth. `alternate` takes every second
answer from the mirror image, so that smoothing averages both views.
"""

import numpy as np
import pandas as pd

from fer_lib.labels import LABELS
from fer_lib.live import sample_video
from fer_lib.live.pipeline import MIN_CONFIDENCE, UNSURE

MAX_LATENCY = 2.0  # seconds


def smooth(raw, seconds, moments):
    """Smooth probabilities over time, exponentially (a first-order low-pass filter).

    Args:
        raw: Probabilities of successive frames, `(n, 7)`.
        seconds: Time constant: after it, 63% (1 - 1 / e) of a change is taken over. 0 smooths
            nothing.
        moments: When each frame was taken, in seconds, `(n,)`.

    Returns:
        Probabilities, `(n, 7)`; the first frame's are unchanged.
    """
    passed = np.diff(moments, prepend=moments[0])
    current, smoothed = raw[0], []
    for probabilities, time in zip(raw, passed, strict=True):
        kept = np.exp(-time / seconds) if seconds else 0
        current = kept * current + (1 - kept) * probabilities
        smoothed.append(current)
    return np.array(smoothed)


def alternate(raw, mirrored):
    """Take every second frame's probabilities from its mirror image.

    Classifying one view per frame costs nothing extra, and smoothing then averages both views.

    Args:
        raw: Probabilities of successive frames, `(n, 7)`.
        mirrored: Probabilities of the same frames' mirror images, `(n, 7)`.

    Returns:
        Probabilities, `(n, 7)`; the first frame's are those of `raw`.
    """
    odd = np.arange(len(raw)) % 2 == 1
    return np.where(odd[:, np.newaxis], mirrored, raw)


def predicted_labels(probabilities, min_confidence=MIN_CONFIDENCE):
    """Label each frame as the demo does.

    Args:
        probabilities: Shape `(n, 7)`.
        min_confidence: Least probability that the best class must have, 0-1.

    Returns:
        Array of n names from `LABELS`, or `UNSURE` where no class reaches the confidence.
    """
    names = np.array(LABELS)[probabilities.argmax(axis=1)]
    return np.where(probabilities.max(axis=1) >= min_confidence, names, UNSURE)


def flicker(labels, fps=sample_video.FPS):
    """Count how often the label changes, per second.

    Args:
        labels: Labels of successive frames, `(n,)`.
        fps: Frames per second.

    Returns:
        A float.
    """
    return float(np.mean(labels[1:] != labels[:-1]) * fps)


def latency(labels, reference, fps=sample_video.FPS):
    """Find how late labels are: the shift back in time by which they agree best with a reference.

    Args:
        labels: Labels of successive frames, `(n,)`.
        reference: Labels of the same frames without latency, `(n,)`.
        fps: Frames per second.

    Returns:
        Seconds, less than `MAX_LATENCY`.
    """
    shifts = range(round(MAX_LATENCY * fps))
    agreement = [np.mean(labels[by:] == reference[: len(labels) - by]) for by in shifts]
    return float(np.argmax(agreement) / fps)


def trade_off(raw, seconds, fps=sample_video.FPS):
    """Measure what smoothing gains and costs.

    Args:
        raw: Probabilities of successive frames, each from its frame alone, `(n, 7)`.
        seconds: Time constants to compare, see `smooth`.
        fps: Frames per second.

    Returns:
        DataFrame indexed by time constant: label changes per second; latency in seconds, against
        the labels of `raw`; proportion of the time that is *unsure*, 0-1.
    """
    reference = predicted_labels(raw)
    moments = np.arange(len(raw)) / fps
    rows = {}
    for constant in seconds:
        labels = predicted_labels(smooth(raw, constant, moments))
        rows[constant] = {
            "label changes per second": flicker(labels, fps),
            "latency (s)": latency(labels, reference, fps),
            "unsure (proportion of time)": np.mean(labels == UNSURE),
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("smoothing (s)")


def at_thresholds(labels, probabilities, thresholds):
    """Measure how many images get a label, and how many of those labels are right.

    Args:
        labels: Class indices, `(n,)`.
        probabilities: Shape `(n, 7)`.
        thresholds: Minimum confidences to compare, 0-1.

    Returns:
        DataFrame indexed by minimum confidence: the proportion of images that are labeled, not
        *unsure*, and the accuracy on those.
    """
    names = np.array(LABELS)[labels]
    rows = {}
    for threshold in thresholds:
        predicted = predicted_labels(probabilities, threshold)
        sure = predicted != UNSURE
        accuracy = np.mean(predicted[sure] == names[sure]) if sure.any() else np.nan
        rows[threshold] = {"labeled": sure.mean(), "accuracy of labeled": accuracy}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("minimum confidence")
