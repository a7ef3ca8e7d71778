"""Does MobileNetV2 have too many layers? The frozen backbone, cut after each of its blocks.

If later layers filter out what matters, a classifier on the features of an earlier block is better
than one on the last block's. Feature maps become smaller with depth, so the same cuts are made at
several input sizes.
"""

import numpy as np
import pandas as pd

from fer_lib import evaluation
from fer_lib.experiments import frozen_features, heads
from fer_lib.models import summary

LAST = frozen_features.LAST
ALL = "all blocks together"
PROBE, HEAD = "linear probe", "paper's head"
# Weights and input size (pixels) of each backbone that is cut.
BACKBONES = [
    ("imagenet", 48),
    ("imagenet", 96),
    ("imagenet", 224),
    ("random", 96),
    ("finetuned", 128),
]
HEAD_SIZES = (96, 224)
SEEDS = range(3)


def compute(dataset, keep):
    """Evaluate every cut of every backbone. Takes about an hour on two cores.

    Args:
        dataset: The `data.Dataset` of FER2013.
        keep: See `records`.

    Returns:
        DataFrame as from `evaluate_cuts`, of all backbones, classifiers, and seeds.
    """
    works = [(weights, size, PROBE, 0) for weights, size in BACKBONES]
    works += [("imagenet", size, HEAD, seed) for size in HEAD_SIZES for seed in SEEDS]
    tables = [keep(f"cuts {work}", evaluate_cuts, dataset, *work) for work in works]
    return pd.concat(tables, ignore_index=True)


def evaluate_cuts(dataset, weights, size, classifier, seed):
    """Evaluate a classifier on the features of each block of one backbone.

    The validation images are left out with the fine-tuned weights, because these were trained on
    them.

    Args:
        dataset: The `data.Dataset`.
        weights: A key of `frozen_features.BACKBONES`.
        size: Side of the images that the backbone takes, pixels.
        classifier: `PROBE` or `HEAD`.
        seed: Seed of `HEAD`; nothing about `PROBE` is random.

    Returns:
        DataFrame with one row per part and cut: weights, size, classifier, seed, block, number
        (of the block, from 0), side (pixels) and channels of its feature maps, part, accuracy, mean
        recall, and difference, low, high: the accuracy minus that after the last block, with its
        95% interval (paired bootstrap over images). Proportions are 0-1. The block `ALL` is all
        blocks' features side by side.
    """
    blocks = frozen_features.of(dataset.images, size, weights)
    cuts = {block: blocks.after(block) for block in blocks.columns} | {ALL: blocks.values}
    predictions = {
        block: _predict(heads.split(dataset, features), classifier, seed)
        for block, features in cuts.items()
    }
    about = {"weights": weights, "size": size, "classifier": classifier, "seed": seed}
    rows = []
    for part in ("test",) if weights == "finetuned" else ("validation", "test"):
        last = predictions[LAST][part]
        for block, found in predictions.items():
            rows.append({**about, "block": block, "part": part, **_scores(*last, found[part][1])})
    return heads.rounded(rows).merge(places(size), on="block", how="left")


def _predict(split, classifier, seed):
    """Fit a classifier; returns (labels, probabilities) of each part that it wasn't fitted to."""
    if classifier == PROBE:
        probe = heads.linear_probe(split.training)
        classify = probe.predict_proba
    else:
        head = heads.paper_head(split.training, split.validation, seed)
        classify = heads.classify_with(head)
    parts = {"validation": split.validation, "test": split.test}
    return {name: (part.labels, classify(part.images)) for name, part in parts.items()}


def _scores(labels, last, probabilities):
    difference = evaluation.difference(evaluation.accuracy, labels, last, probabilities)
    return {
        "accuracy": evaluation.accuracy(labels, probabilities),
        "mean recall": evaluation.recalls(labels, probabilities).mean(),
        **dict(zip(("difference", "low", "high"), difference, strict=True)),
    }


def places(size):
    """Tabulate the blocks of MobileNetV2.

    Args:
        size: Side of the images that the backbone takes, pixels.

    Returns:
        DataFrame with one row per block, from the first convolution to the last: block, number,
        side (pixels) and channels of its feature maps.
    """
    backbone = frozen_features.BACKBONES["random"](size)
    table = summary.blocks(backbone)[["side", "channels"]].reset_index()
    return table.assign(number=np.arange(len(table)))
