"""Where the paper's networks look: class activation maps, averaged over PublicTest.

The record holds means over hundreds of images, no map of a single face. `agreement` compares them
with what the networks lose when a place is hidden (`changed_faces`).
"""

import cv2
import numpy as np
import pandas as pd

from fer_lib.analysis import saliency
from fer_lib.experiments import changed_faces
from fer_lib.labels import LABELS

CHUNK = 256  # images whose feature maps are in memory at once
SAMPLE = 50  # images per class that are mirrored
FEW = 15  # images per class for how far a patch reaches
PATCHES = changed_faces.PATCHES


def compute(dataset, keep):
    """Average the evidence of each place over the PublicTest images of each class.

    Takes about five minutes on two cores.

    Args:
        dataset: The `data.Dataset` of FER2013.
        keep: As in `records`.

    Returns:
        A dict of float32 arrays. Networks are the paper's five, places are 7×7:

        - evidence `(networks, 7, 7, rows, columns)`: mean of `saliency.evidence` over the images of
          each true class, of each class.
        - sampled and mirrored, of the same shape, on 50 images per class: as they are, and with the
          mirror image of the face around it in place of the zeros that convolutions pad with.
        - reach `(6, 6, rows, columns)`: mean relative change of the features at each place when an
          8×8 patch is hidden, one 7×7 map per patch, on 15 images per class.
    """
    from fer_lib.experiments import paper_networks

    faces = dataset.usage("PublicTest")
    sample = faces.select(sample_by_class(faces.labels, SAMPLE))
    heads, backbone = paper_networks.heads(dataset), paper_networks.Backbone()
    means = keep("evidence", _mean_evidence, heads, backbone, faces)
    sampled = keep("evidence of the sample", _mean_evidence, heads, backbone, sample)
    mirrored = keep("mirrored", _mean_evidence, heads, paper_networks.mirrored_maps, sample)
    few = faces.select(sample_by_class(faces.labels, FEW))
    reach = keep("reach", _reach, backbone, few.images)
    return {
        "evidence": means["evidence"],
        "sampled": sampled["evidence"],
        "mirrored": mirrored["evidence"],
        "reach": reach["reach"],
    }


def sample_by_class(labels, count):
    """Draw images of each class at random, all of a class that has fewer.

    Args:
        labels: Class indices, `(n,)`.
        count: Number of images per class.

    Returns:
        Indices of the images, sorted by class.
    """
    from fer_lib.experiments import heads  # imports Keras, which reading the record doesn't need

    members = heads.members_of_classes(labels, np.random.default_rng(0))
    return np.concatenate([rows[:count] for rows in members])


def _mean_evidence(heads, maps_of, faces):
    """The mean evidence by network, true class, and class: `(5, 7, 7, rows, columns)`."""
    sums = 0
    for start in range(0, len(faces), CHUNK):
        maps = maps_of(faces.images[start : start + CHUNK])
        members = np.eye(len(LABELS))[faces.labels[start : start + CHUNK]]
        found = np.stack([saliency.evidence(head, maps) for head in heads])
        sums = sums + np.einsum("nt,hncrs->htcrs", members, found)
    images = np.bincount(faces.labels, minlength=len(LABELS))[:, np.newaxis, np.newaxis, np.newaxis]
    return {"evidence": (sums / images).astype(np.float32)}


def _reach(backbone, images):
    """The mean relative change of each place's features, for each hidden patch."""
    clean = backbone(images)
    total = np.abs(clean).sum(axis=-1).mean(axis=0)
    reach = np.empty((PATCHES, PATCHES, *total.shape), np.float32)
    for row, column in np.ndindex(PATCHES, PATCHES):
        changed = backbone(changed_faces.hide(images, changed_faces.patch(row, column)))
        reach[row, column] = np.abs(changed - clean).sum(axis=-1).mean(axis=0) / total
    return {"reach": reach}


def own_class(evidence):
    """Select from evidence for all classes that for the true class.

    Args:
        evidence: Array `(networks, 7, 7, rows, columns)`, as in the record.

    Returns:
        Array `(networks, 7, rows, columns)`.
    """
    return np.stack([evidence[:, label, label] for label in range(len(LABELS))], axis=1)


def on_patches(maps):
    """Average maps over the places of the occlusion map.

    Args:
        maps: Array `(..., rows, columns)`.

    Returns:
        Array `(..., 6, 6)`, each place the mean of what it overlaps, by area.
    """
    flat = maps.reshape(-1, *maps.shape[-2:]).astype(np.float32)
    small = [
        cv2.resize(values, (PATCHES, PATCHES), interpolation=cv2.INTER_AREA) for values in flat
    ]
    return np.reshape(small, (*maps.shape[:-2], PATCHES, PATCHES))


def own_place(reach):
    """Compute which part of a patch's effect on the features stays at its own place.

    Args:
        reach: Array `(6, 6, rows, columns)`, as in the record.

    Returns:
        Array `(6, 6)`: for each patch, the proportion of the summed change that falls on the place
        it hides, 0-1. Spread evenly, it would be 1 / 36.
    """
    places = on_patches(reach)
    rows, columns = np.indices((PATCHES, PATCHES))
    return places[rows, columns, rows, columns] / places.sum(axis=(2, 3))


def agreement(evidence, occlusion):
    """Compare activation maps with occlusion maps by their rank correlation over the places.

    Args:
        evidence: Evidence for the true class on the patches' places, `(networks, 7, 6, 6)`.
        occlusion: Maps of `changed_faces.occlusion_maps`, of the same shape.

    Returns:
        DataFrame indexed by class. Spearman's rank correlations: "same class" (mean over the
        networks), with "lowest" and "highest" network; "other classes" (mean correlation with the
        six other classes' occlusion maps); "between seeds, evidence" and "between seeds, occlusion"
        (mean over pairs of networks); "center" (mean correlation of the evidence with closeness to
        the center of the crop). "p, shifted" is the proportion of the 36 shifts of the occlusion
        map, wrapped around, that correlate as highly, on the means of the networks: one-sided.
    """
    rows = {}
    for index, label in enumerate(LABELS):
        one, other = evidence[:, index], occlusion[:, index]
        same = [_correlate(*pair) for pair in zip(one, other, strict=True)]
        others = np.delete(occlusion.mean(axis=0), index, axis=0)
        rows[label] = {
            "same class": np.mean(same),
            "lowest": min(same),
            "highest": max(same),
            "other classes": np.mean([_correlate(one.mean(axis=0), found) for found in others]),
            "between seeds, evidence": _between(one),
            "between seeds, occlusion": _between(other),
            "center": np.mean([_correlate(found, _closeness()) for found in one]),
            "p, shifted": _shifted_p(one.mean(axis=0), other.mean(axis=0)),
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("label")


def _correlate(one, other):
    from scipy.stats import spearmanr

    return float(spearmanr(one.ravel(), other.ravel()).statistic)


def _between(maps):
    """Mean rank correlation of every two networks' maps, `(networks, rows, columns)`."""
    first, second = np.triu_indices(len(maps), 1)
    return np.mean([_correlate(maps[a], maps[b]) for a, b in zip(first, second, strict=True)])


def _closeness():
    """Closeness of each place to the center of the crop."""
    rows, columns = np.indices((PATCHES, PATCHES)) - (PATCHES - 1) / 2
    return -np.hypot(rows, columns)


def _shifted_p(one, other):
    """Shifts keep what neighbors share, which shuffled places would not."""
    shifts = np.ndindex(PATCHES, PATCHES)
    null = [_correlate(one, np.roll(other, shift, axis=(0, 1))) for shift in shifts]
    return np.mean(np.array(null) >= null[0] - 1e-12)


def match_test(evidence, occlusion):
    """Test whether each class's activation map fits its own occlusion map best.

    Args:
        evidence: Evidence for the true class on the patches' places, `(networks, 7, 6, 6)`.
        occlusion: Maps of `changed_faces.occlusion_maps`, of the same shape.

    Returns:
        A pair: the mean rank correlation of same classes minus that of all pairs of classes, and
        its one-sided p-value, exact over all permutations of the classes.
    """
    from scipy.stats import permutation_test

    one, other = evidence.mean(axis=0), occlusion.mean(axis=0)
    table = np.array([[_correlate(a, b) for b in other] for a in one])
    found = permutation_test(
        (np.arange(len(LABELS)),),
        lambda order: table[np.arange(len(LABELS)), order.astype(int)].mean(),
        permutation_type="pairings",
        alternative="greater",
        n_resamples=np.inf,
        vectorized=False,
    )
    return float(found.statistic - table.mean()), float(found.pvalue)
