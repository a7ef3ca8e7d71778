"""Does MobileNetV2 have too many layers? The frozen backbone, cut after each of its blocks.

If later layers filter out what matters, a classifier on the features of an earlier block is better
than one on the last block's. Feature maps become smaller with depth, so the same cuts are made at
several input sizes.

The record's fine-tuned backbone is that of the run `finetune-seed0`, which was shipped at the time.
Made again, it takes the backbone of the model that is shipped now.
"""

import numpy as np
import pandas as pd

from fer_lib import evaluation
from fer_lib.data import manifest
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
HEAD_SIZE = 224
SEEDS = range(3)


def compute(dataset, keep):
    """Evaluate every cut of every backbone. Takes half an hour on two cores.

    Args:
        dataset: The `data.Dataset` of FER2013.
        keep: See `records`.

    Returns:
        DataFrame with one row per part and cut: weights, size (pixels of the input), classifier,
        seed (of `HEAD`; nothing about `PROBE` is random), part, block, number (of the block, from
        0), side (pixels) and channels of its feature maps, and the columns of `scores`. The block
        `ALL` is all blocks' features side by side. Parts are validation and test; without
        validation for the fine-tuned weights, which were trained on these images.
    """
    works = [(weights, size, PROBE, 0) for weights, size in BACKBONES]
    works += [("imagenet", HEAD_SIZE, HEAD, seed) for seed in SEEDS]
    photographs = manifest.photographs(manifest.load()).to_numpy()
    split = heads.split(dataset, photographs)
    tables = [
        _table(split, keep(f"{work}", predict_after_each_block, dataset, *work), *work)
        for work in works
    ]
    return pd.concat(tables, ignore_index=True)


def _table(split, predicted, weights, size, classifier, seed):
    """The rows of one backbone and classifier, from what `predict_after_each_block` returned."""
    about = {"weights": weights, "size": size, "classifier": classifier, "seed": seed}
    tables = []
    for name in ("test",) if weights == "finetuned" else ("validation", "test"):
        part, prefix = getattr(split, name), f"{name} "
        of_part = {
            key.removeprefix(prefix): classes
            for key, classes in predicted.items()
            if key.startswith(prefix)
        }
        tables.append(scores(part.labels, of_part, part.images).assign(**about, part=name))
    return pd.concat(tables).merge(places(size), on="block", how="left")


def predict_after_each_block(dataset, weights, size, classifier, seed):
    """Classify the validation and test images by the features of each block of a backbone.

    Args:
        dataset: The `data.Dataset`.
        weights: A key of `frozen_features.BACKBONES`.
        size: Side of the images that the backbone takes, pixels.
        classifier: `PROBE` or `HEAD`.
        seed: Seed of `HEAD`.

    Returns:
        Dict from part and block, such as `"test block 3"`, to class indices `(n,)`.
    """
    blocks = frozen_features.of(dataset.images, size, weights)
    cuts = {block: blocks.after(block) for block in blocks.columns} | {ALL: blocks.values}
    predicted = {}
    for block, features in cuts.items():
        split = heads.split(dataset, features)
        classify = _fit(split, classifier, seed)
        for part in ("validation", "test"):
            classes = classify(getattr(split, part).images).argmax(axis=1)
            predicted[f"{part} {block}"] = classes.astype(np.uint8)
    return predicted


def _fit(split, classifier, seed):
    """A function from features to probabilities."""
    if classifier == PROBE:
        return heads.linear_probe(split.training).predict_proba
    return heads.classify_with(heads.paper_head(split.training, split.validation, seed))


def scores(labels, predicted, photographs):
    """Compare the cuts of one backbone with its last block.

    Args:
        labels: Class indices, `(n,)`.
        predicted: Dict from each block to the predicted class indices, `(n,)`.
        photographs: Of `manifest.photographs`, `(n,)`.

    Returns:
        DataFrame with one row per block: block, accuracy, mean recall, and difference, low, high:
        the accuracy minus that after the last block, with its 95% interval (paired bootstrap over
        photographs). Proportions are 0-1.
    """
    from sklearn.metrics import balanced_accuracy_score

    rows = []
    for block, classes in predicted.items():
        gains = (classes == labels) - 1.0 * (predicted[LAST] == labels)
        difference = evaluation.clustered_mean(gains, photographs)
        rows.append(
            {
                "block": block,
                "accuracy": np.mean(classes == labels),
                "mean recall": balanced_accuracy_score(labels, classes),
                **dict(zip(("difference", "low", "high"), difference, strict=True)),
            }
        )
    return heads.rounded(rows)


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
