"""What the networks lose when a part of each face is hidden, or the image is corrupted.

Every change is applied to all 3,589 PublicTest images, for the paper's five networks, for the
fine-tuned one, and for the shipped one, which gives two answers (here: what the label says).
"""

import functools
from typing import NamedTuple

import cv2
import numpy as np
import pandas as pd

from fer_lib import evaluation
from fer_lib.data import manifest, transforms
from fer_lib.labels import ACTION_UNITS, LABELS, class_indices

SIDE = 48
UNCHANGED = "unchanged"

# Networks of the record: `PAPER` is five heads, the others are one network each.
PAPER = "paper"
FINETUNED = "fine-tuned"
TWO_ANSWERS = "two answers"
FINETUNED_RUN = "finetune-seed0"

# Rows of the bars, seven pixels high, chosen by the mean face; the action units that move what a
# bar hides. Forehead and chin are the controls: bars of the same size at the edges.
BARS = {
    "forehead": (0, 7),
    "brows": (8, 15),
    "eyes": (15, 22),
    "nose": (23, 30),
    "mouth": (34, 41),
    "chin": (41, 48),
}
CONTROLS = ("forehead", "chin")
REGION_UNITS = {
    "brows": {1, 2, 4},
    "eyes": {5, 6, 7},
    "nose": {9, 10},
    "mouth": {12, 15, 17, 20, 23, 26},
}
BORDER_WIDTH = 7  # the border and the inner face then have nearly equal areas: 1,148 and 1,156 px
PATCH = 8
PATCHES = SIDE // PATCH  # places per row and column of the occlusion map
NOISE_SEED = 0


def _shrink(image, _, side):
    small = cv2.resize(image, (side, side), interpolation=cv2.INTER_AREA)
    return cv2.resize(small, (SIDE, SIDE), interpolation=cv2.INTER_LINEAR)


def _add_noise(image, index, deviation):
    noise = np.random.default_rng([NOISE_SEED, index]).normal(0, deviation, image.shape)
    return image + noise


def _rotate(image, index, angle):
    return transforms.move(image, angle=angle if index % 2 else -angle)


def _shift(image, index, pixels):
    right, down = ((pixels, 0), (-pixels, 0), (0, pixels), (0, -pixels))[index % 4]
    return transforms.move(image, right=right, down=down)


class Corruption(NamedTuple):
    """A way to corrupt an image, in three severities.

    Attributes:
        change: Callable from an image `(48, 48)` uint8, its index, and a severity to an image,
            0-255 with or without fractions. The index decides noise and directions.
        severities: Values from mild to severe.
        unit: What the values are.
        unchanged: The value that changes nothing.
    """

    change: callable
    severities: tuple
    unit: str
    unchanged: float


CORRUPTIONS = {
    "darker": Corruption(
        lambda image, _, gamma: transforms.adjust_gamma(image, gamma), (1.5, 2.5, 4), "gamma", 1
    ),
    "brighter": Corruption(
        lambda image, _, gamma: transforms.adjust_gamma(image, 1 / gamma), (1.5, 2.5, 4),
        "1 / gamma", 1,
    ),
    "lower contrast": Corruption(
        lambda image, _, factor: image.mean() + (image - image.mean()) / factor, (2, 4, 8),
        "contrast divided by", 1,
    ),
    "blurred": Corruption(
        lambda image, _, sigma: cv2.GaussianBlur(image, (0, 0), sigma), (1, 2, 3),
        "standard deviation (px)", 0,
    ),
    "noisy": Corruption(_add_noise, (5, 10, 20), "standard deviation (gray levels)", 0),
    "JPEG": Corruption(
        lambda image, _, quality: transforms.compress_jpeg(image, quality), (40, 20, 10),
        "quality", 100,
    ),
    "smaller": Corruption(_shrink, (32, 24, 16), "side (px)", SIDE),
    "rotated": Corruption(_rotate, (10, 20, 40), "degrees", 0),
    "shifted": Corruption(_shift, (3, 6, 10), "px", 0),
}  # fmt: skip


def hide(images, mask):
    """Paint the same part of every image in the image's mean gray.

    Args:
        images: Faces, `(n, 48, 48, 1)` uint8.
        mask: Which pixels to hide, boolean `(48, 48)`.

    Returns:
        The changed images, of the same shape and type.
    """
    means = images.mean(axis=(1, 2, 3), keepdims=True).round().astype(np.uint8)
    return np.where(mask[..., np.newaxis], means, images)


def masks():
    """List the parts of a face that are hidden.

    Returns:
        A dict from the change's name to a boolean mask `(48, 48)`: bars, the border, and the inner
        face.
    """
    rows, columns = np.indices((SIDE, SIDE))
    bars = {bar_name(bar): (rows >= low) & (rows < high) for bar, (low, high) in BARS.items()}
    depth = np.minimum(np.minimum(rows, columns), SIDE - 1 - np.maximum(rows, columns))
    border = depth < BORDER_WIDTH
    return bars | {"border hidden": border, "inner face hidden": ~border}


def bar_name(bar):
    """Name the change that puts a bar of `BARS` over each face."""
    return f"bar over {bar}"


def patch(row, column):
    """Make the mask `(48, 48)` of one place of the occlusion map, counted from the top left."""
    rows, columns = np.indices((SIDE, SIDE)) // PATCH
    return (rows == row) & (columns == column)


def swap_borders(images):
    """Give every image the border of another image, drawn at random.

    Args:
        images: Faces, `(n, 48, 48, 1)` uint8.

    Returns:
        The changed images, of the same shape and type.
    """
    border = masks()["border hidden"]
    return np.where(border[..., np.newaxis], images[border_donors(len(images))], images)


def border_donors(count):
    """Get the index of the image whose border each of `count` images gets in `swap_borders`."""
    return np.random.default_rng(0).permutation(count)


def corrupt(images, kind, severity):
    """Corrupt every image.

    Args:
        images: Faces, `(n, 48, 48, 1)` uint8.
        kind: A key of `CORRUPTIONS`.
        severity: How strongly, in the corruption's unit.

    Returns:
        The corrupted images, of the same shape and type.
    """
    change = CORRUPTIONS[kind].change
    changed = [change(image[..., 0], index, severity) for index, image in enumerate(images)]
    return np.clip(np.round(changed), 0, 255).astype(np.uint8)[..., np.newaxis]


def corruption_name(kind, severity):
    """Name the change that corrupts every image, e.g. "blurred: 2"."""
    return f"{kind}: {severity:g}"


def changes():
    """List all changes of the experiment.

    Returns:
        A dict from the change's name to a callable from faces `(n, 48, 48, 1)` uint8 to changed
        faces, of the same shape and type; `UNCHANGED` first.
    """
    found = {UNCHANGED: lambda images: images}
    for name, mask in masks().items():
        found[name] = functools.partial(hide, mask=mask)
    found["border swapped"] = swap_borders
    for kind, corruption in CORRUPTIONS.items():
        for severity in corruption.severities:
            name = corruption_name(kind, severity)
            found[name] = functools.partial(corrupt, kind=kind, severity=severity)
    return found


def compute(dataset, keep):
    """Classify PublicTest after each change.

    Takes one to two hours on two cores. The fine-tuned network's model isn't in the repository:
    `fer train` makes it, by the chain of recipes that ends with `recipes.FINETUNE`. Its predictions
    in the record come from a float16 copy; of 3,589 blurred images, 43 differ from Keras.

    Args:
        dataset: The `data.Dataset` of FER2013.
        keep: As in `records`.

    Returns:
        A dict of arrays: changes (names); networks (names); predictions, uint8
        `(networks, images, changes)`, class indices; occlusion, float32 `(networks, 7, 6, 6)`: how
        much a patch over each place lowers the score of the true class, by true class. The score is
        the class's logit minus the mean of the seven logits.

    Raises:
        Problem: If the fine-tuned network's model is missing.
    """
    faces = dataset.usage("PublicTest")
    networks = _Networks(dataset)
    parts = [keep(name, _classify, networks, change, faces) for name, change in changes().items()]
    before = keep("scores", _scores, networks, faces.images, faces.labels)["scores"]
    rows = [
        keep(f"patches, row {row}", _occlude, networks, row, faces, before)
        for row in range(PATCHES)
    ]
    return {
        "changes": np.array(list(changes())),
        "networks": np.array(networks.names),
        "predictions": np.stack([part["predictions"] for part in parts], axis=-1),
        "occlusion": np.stack([part["drops"] for part in rows], axis=-2),
    }


class _Networks:
    """All networks of the record: faces in, `(7, n, 7)` probabilities out."""

    def __init__(self, dataset):
        from fer_lib import models
        from fer_lib.experiments import paper_networks

        self._tuned = _finetuned()
        self._two_answers = models.load(models.shipped.FLOAT16, threads=1)
        self._paper = paper_networks
        self._heads = paper_networks.heads(dataset)
        self._backbone = paper_networks.Backbone()
        seeds = (f"{PAPER} {seed}" for seed in paper_networks.SEEDS)
        self.names = [*seeds, FINETUNED, TWO_ANSWERS]

    def __call__(self, images):
        from fer_lib import models

        pooled = self._backbone.pooled(images)
        paper = self._paper.probabilities(self._heads, pooled)
        others = [models.predict(model, images) for model in (self._tuned, self._two_answers)]
        return np.concatenate([paper, others])


def _finetuned():
    """The fine-tuned network, calibrated as all shipped ones are."""
    from fer_lib import models, runs

    calibration = evaluation.calibration_of(runs.load(FINETUNED_RUN))
    return models.export.with_calibration(models.load(FINETUNED_RUN), calibration)


def _classify(networks, change, faces):
    """Predictions of all networks after one change."""
    probabilities = networks(change(faces.images))
    return {"predictions": probabilities.argmax(axis=-1).astype(np.uint8)}


def _scores(networks, images, labels):
    """The mean score of the true class, by network and true class."""
    logits = np.log(np.maximum(networks(images), 1e-12))
    scores = logits[:, np.arange(len(labels)), labels] - logits.mean(axis=-1)
    means = [scores[:, labels == label].mean(axis=1) for label in range(len(LABELS))]
    return {"scores": np.stack(means, axis=1)}


def _occlude(networks, row, faces, before):
    """How much the patches of one row lower the mean scores: `(networks, 7, 6)`."""
    hidden = [hide(faces.images, patch(row, column)) for column in range(PATCHES)]
    after = [_scores(networks, images, faces.labels)["scores"] for images in hidden]
    return {"drops": (before[..., np.newaxis] - np.stack(after, axis=-1)).astype(np.float32)}


def predicted(record, names, network=PAPER):
    """Get how often each class is predicted for each image after some changes.

    Args:
        record: The loaded record, as from `compute`.
        names: Names of changes.
        network: `PAPER` (mean of its five), `FINETUNED`, or `TWO_ANSWERS`.

    Returns:
        Array `(images, changes, 7)`: proportion of the networks that predict the class.
    """
    columns = [record["changes"].tolist().index(name) for name in names]
    predictions = record["predictions"][_rows_of(record, network)][..., columns]
    return np.eye(len(LABELS))[predictions].mean(axis=0)


def _rows_of(record, network):
    """Which rows of the record belong to a network."""
    return np.char.startswith(record["networks"], network)


def accuracy_drops(record, faces, names, network=PAPER):
    """Estimate what changes cost in accuracy and in mean recall.

    Args:
        record: The loaded record.
        faces: Rows of the manifest, those of PublicTest.
        names: Names of changes.
        network: `PAPER` (mean of its five), `FINETUNED`, or `TWO_ANSWERS`.

    Returns:
        DataFrame indexed by change, in percent or percentage points: accuracy; drop, low, and high
        (95% interval over photographs, paired, for the mean of the networks); seeds (standard
        deviation of the drop over the networks); and the same drop and interval of the mean recall:
        "recall drop", "recall low", and "recall high".
    """
    labels = class_indices(faces["label"])
    correct = _correct(record, labels, names, network)
    members = np.eye(len(LABELS))[labels]

    def drops(weights):
        hits = (members * weights[:, np.newaxis]).T @ correct
        sizes = weights @ members
        rates = np.stack([hits.sum(axis=0) / weights.sum(), _ratio(hits, sizes).mean(axis=0)])
        return rates[:, :1] - rates[:, 1:]

    estimate = evaluation.clustered(drops, manifest.photographs(faces))
    table = {"accuracy": correct.mean(axis=0)[1:], **_columns("", estimate, 0)}
    table["seeds"] = _seed_deviation(record, labels, names, network)
    table |= _columns("recall ", estimate, 1)
    return 100 * pd.DataFrame(table, index=pd.Index(names, name="change"))


def drop_differences(record, faces, names, first, second):
    """Estimate how much more accuracy changes cost one network than another.

    Args:
        record: The loaded record.
        faces: Rows of the manifest, those of PublicTest.
        names: Names of changes.
        first: A network, as in `accuracy_drops`.
        second: Another network.

    Returns:
        DataFrame indexed by change, in percentage points: value, the drop of `second` minus that of
        `first`, low, and high (95% interval over photographs, paired).
    """
    labels = class_indices(faces["label"])
    correct = [_correct(record, labels, names, network) for network in (first, second)]
    lost = [values[:, :1] - values[:, 1:] for values in correct]

    def difference(weights):
        return np.average(lost[1] - lost[0], axis=0, weights=weights)

    estimate = evaluation.clustered(difference, manifest.photographs(faces))
    return 100 * pd.DataFrame(estimate._asdict(), index=pd.Index(names, name="change"))


def _correct(record, labels, names, network):
    """How often each image is correct, unchanged and after some changes: `(images, 1 + names)`."""
    said = predicted(record, [UNCHANGED, *names], network)
    return said[np.arange(len(labels)), :, labels]


def _ratio(hits, sizes):
    """Proportions by class (rows), 0 for a class that was not drawn."""
    return hits / np.maximum(sizes, 1)[:, np.newaxis]


def _columns(measure, estimate, index):
    """The drop and the interval of one measure, as columns of a table."""
    parts = zip(("drop", "low", "high"), estimate, strict=True)
    return {f"{measure}{part}": values[index].ravel() for part, values in parts}


def _seed_deviation(record, labels, names, network):
    correct = record["predictions"][_rows_of(record, network)] == labels[:, np.newaxis]
    accuracy = pd.DataFrame(correct.mean(axis=1), columns=record["changes"])
    return accuracy[names].rsub(accuracy[UNCHANGED], axis=0).std().to_numpy()


def corruption_curves(record, faces, network=PAPER):
    """Compute the accuracy by severity of each corruption.

    Args:
        record: The loaded record.
        faces: Rows of the manifest, those of PublicTest.
        network: `PAPER` (mean of its five), `FINETUNED`, or `TWO_ANSWERS`.

    Returns:
        A dict from each key of `CORRUPTIONS` to accuracies in percent (mean of the networks): of
        the unchanged images, then by severity.
    """
    labels = class_indices(faces["label"])
    curves = {}
    for kind, corruption in CORRUPTIONS.items():
        names = [corruption_name(kind, severity) for severity in corruption.severities]
        curves[kind] = 100 * _correct(record, labels, names, network).mean(axis=0)
    return curves


def class_drops(record, faces, names, network=PAPER):
    """Estimate what changes cost each class.

    A change that makes the network predict one class more often raises that class's recall without
    helping it. So the false positive rate is subtracted: Youden's J (Youden 1950).

    Args:
        record: The loaded record.
        faces: Rows of the manifest, those of PublicTest.
        names: Names of changes.
        network: `PAPER` (mean of its five), `FINETUNED`, or `TWO_ANSWERS`.

    Returns:
        DataFrame with one row per change and class (its index), in percentage points: for "recall",
        "J" (recall minus false positive rate), and "predicted" (how often the class is predicted),
        each the drop, e.g. "J drop", and its 95% interval, e.g. "J low" and "J high" (over
        photographs, paired, for the mean of the networks).
    """
    labels = class_indices(faces["label"])
    said = predicted(record, [UNCHANGED, *names], network)
    members = np.eye(len(LABELS))[labels]
    right = said * members[:, np.newaxis]

    def drops(weights):
        sizes = weights @ members
        totals, hits = (np.tensordot(weights, part, 1).T for part in (said, right))
        recalls = _ratio(hits, sizes)
        false = _ratio(totals - hits, weights.sum() - sizes)
        rates = np.stack([recalls, recalls - false, totals / weights.sum()])
        return (rates[..., :1] - rates[..., 1:]).transpose(0, 2, 1)

    estimate = evaluation.clustered(drops, manifest.photographs(faces))
    rows = pd.MultiIndex.from_product([names, LABELS], names=["change", "label"])
    columns = {}
    for index, measure in enumerate(("recall", "J", "predicted")):
        columns |= _columns(f"{measure} ", estimate, index)
    return 100 * pd.DataFrame(columns, index=rows)


def expected_regions():
    """Tell which bars hide action units that define a class.

    Returns:
        Boolean DataFrame: one row per class, without neutral, which has no units; one column per
        region of `REGION_UNITS`.
    """
    units = {label: set(units) for label, units in ACTION_UNITS.items() if units}
    rows = {
        label: [bool(own & region) for region in REGION_UNITS.values()]
        for label, own in units.items()
    }
    return pd.DataFrame.from_dict(rows, orient="index", columns=list(REGION_UNITS))


class RegionTest(NamedTuple):
    """Whether bars cost classes more where their action units are.

    Attributes:
        difference: Mean drop in expected cells minus mean drop in the others, percentage points,
            after subtracting each class's and each region's mean.
        threshold: The difference that 5% of all permutations of the classes exceed.
        p: One-sided p-value, exact over all permutations of the classes.
    """

    difference: float
    threshold: float
    p: float


def region_test(drops):
    """Test whether bars cost classes more where their action units are.

    The drops' row and column means are removed first: some bars cost every class more, and some
    classes lose more under every bar. The null hypothesis is that the action units say nothing:
    then any class's units would do as well for another class.

    Args:
        drops: DataFrame of drops with the rows and columns of `expected_regions`.

    Returns:
        The `RegionTest`.
    """
    from scipy.stats import permutation_test

    expected = expected_regions()
    values = drops.loc[expected.index, expected.columns].to_numpy()
    values = values - values.mean(axis=0) - values.mean(axis=1, keepdims=True) + values.mean()
    units = expected.to_numpy()

    def statistic(order):
        permuted = units[order.astype(int)]
        return values[permuted].mean() - values[~permuted].mean()

    found = permutation_test(
        (np.arange(len(units)),),
        statistic,
        permutation_type="pairings",
        alternative="greater",
        n_resamples=np.inf,
        vectorized=False,
    )
    threshold = np.quantile(found.null_distribution, 0.95)
    return RegionTest(float(found.statistic), float(threshold), float(found.pvalue))


def occlusion_maps(record, network=PAPER):
    """Select from the record how much a patch over each place lowers the true class's score.

    Args:
        record: The loaded record.
        network: `PAPER` (mean of its five), `FINETUNED`, or `TWO_ANSWERS`.

    Returns:
        Array `(networks, 7, 6, 6)`, in units of the logit, by true class, row, and column.
    """
    return record["occlusion"][_rows_of(record, network)]
