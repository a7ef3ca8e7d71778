"""A run judged by people, not by FER2013's labels: FER+'s votes as a second opinion."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from fer_lib import data, runs
from fer_lib.evaluation import intervals, metrics
from fer_lib.labels import LABEL, LABELS, PEOPLE, class_indices

AGREEMENT = (0.5, 0.7, 0.9, 1.0)  # edges of `accuracy_by_agreement`: low < share <= high
MIN_IMAGES = 30  # a class with fewer images at some agreement is left out there


class Judged(NamedTuple):
    """A run's predictions with two opinions on each image.

    Attributes:
        labels: FER2013's labels, class indices, shape `(n,)`.
        crowd: The crowd's classes, class indices, shape `(n,)`.
        probabilities: Probabilities, `(n, 7)`.
        facts: The manifest's rows of these images, and photograph (`manifest.photographs`).
    """

    labels: np.ndarray
    crowd: np.ndarray
    probabilities: np.ndarray
    facts: pd.DataFrame


def judge(run, manifest, usage="PrivateTest", answer=LABEL):
    """Find what people said of the images that a run predicted.

    Only images with a class of the crowd are kept: more than half of at least five votes for the
    seven classes (`data.ferplus.statistics`).

    Args:
        run: A `runs.Run`.
        manifest: The table of `data.manifest.load`.
        usage: "PublicTest" or "PrivateTest".
        answer: Which of the run's answers to judge, `LABEL` or `PEOPLE`.

    Returns:
        `Judged`, in the manifest's order: the same images for every run.
    """
    return judge_predictions(run.predictions, manifest, [usage], answer)


def judge_predictions(predictions, manifest, usages, answer):
    """Find what people said of images, from a table of predictions.

    Args:
        predictions: As in `runs.Run`.
        manifest: The table of `data.manifest.load`.
        usages: List of "PublicTest", "PrivateTest", or both.
        answer: `LABEL` or `PEOPLE`.

    Returns:
        `Judged`, as from `judge`.
    """
    facts = manifest.assign(photograph=data.manifest.photographs(manifest))
    facts = facts[facts["usage"].isin(usages) & facts["crowd"].notna()].reset_index(drop=True)
    predictions = predictions.set_index("name").loc[facts["name"]]
    labels, probabilities = runs.arrays(predictions, answer)
    crowd = class_indices(facts["crowd"])
    return Judged(labels, crowd, probabilities, facts)


def gain(before, after, kept=slice(None)):
    """Estimate how much more often one network agrees with people than another.

    Args:
        before: `Judged` of one network.
        after: `Judged` of the other, on the same images.
        kept: Which of the images to use, bool `(n,)`; by default all.

    Returns:
        The `Estimate` of the difference (0-1), with its 95% interval over photographs, paired.
    """
    right = [each.probabilities.argmax(axis=1) == each.crowd for each in (before, after)]
    gains = right[1][kept] * 1.0 - right[0][kept]
    return intervals.clustered_mean(gains, before.facts["photograph"][kept])


def eight_class_agreement(run, manifest, usage="PrivateTest", answer=PEOPLE):
    """Evaluate a run by FER+'s own protocol, to compare it with published numbers.

    Contempt is an eighth class there (`data.ferplus.protocol_classes`). Our networks never answer
    it, so they are wrong on all of its images.

    Args:
        run: A `runs.Run`.
        manifest: The table of `data.manifest.load`.
        usage: "PublicTest" or "PrivateTest".
        answer: Which of the run's answers to evaluate.

    Returns:
        The `Estimate` of the agreement (0-1), with its 95% interval over photographs; and the
        number of images.
    """
    facts = manifest[(manifest["usage"] == usage) & manifest["ferplus_class"].notna()]
    predictions = run.predictions.set_index("name").loc[facts["name"]]
    answers = runs.arrays(predictions, answer)[1].argmax(axis=1)
    right = np.array(LABELS)[answers] == facts["ferplus_class"].to_numpy()
    return intervals.clustered_mean(right, data.manifest.photographs(facts)), len(facts)


def single_voter(facts):
    """Compute how often one voter, drawn at random, agrees with the label and with the crowd.

    The crowd is the majority of the image's *other* votes, so that nobody agrees with themselves.
    A voter without whom there is no majority has no crowd to agree with, and is left out.

    Args:
        facts: Manifest's rows of images with a class of the crowd.

    Returns:
        Series with the entries "label" and "crowd" (0-1).
    """
    votes, share = facts["votes"], facts["crowd_share"]
    agrees = share * (share * votes - 1 > (votes - 1) / 2)
    crowd = agrees.sum() / (agrees + 1 - share).sum()
    return pd.Series({"label": facts["label_share"].mean(), "crowd": crowd})


def answers_where_judges_differ(labels, crowd, probabilities):
    """Compute whom a model agrees with on the images where label and crowd differ.

    The last number is what "label" would be by base rates: if, among the images of each class of
    the crowd, the model's answers had nothing to do with the labels.

    Args:
        labels: FER2013's labels, class indices, shape `(n,)`.
        crowd: The crowd's classes, shape `(n,)`.
        probabilities: Probabilities, `(n, 7)`.

    Returns:
        Array `(4,)`, 0-1: the shares of answers that are the label, the crowd's class, and
        neither; and the share expected to be the label.
    """
    differ = labels != crowd
    labels, crowd, answers = labels[differ], crowd[differ], probabilities[differ].argmax(axis=1)
    label, people = np.mean(answers == labels), np.mean(answers == crowd)
    by_chance = agreement_by_chance(crowd, answers, labels)
    return np.array([label, people, 1 - label - people, by_chance])


def agreement_by_chance(classes, first, second):
    """Compute how often two opinions would agree if only a third one linked them.

    Args:
        classes: Class indices of the third opinion, `(n,)`.
        first: Class indices of one opinion, `(n,)`.
        second: Class indices of the other, `(n,)`.

    Returns:
        Expected share, 0-1: within each of `classes`, the two are taken to be independent.
    """
    expected = 0
    for index in range(len(LABELS)):
        chosen = classes == index
        both = (np.bincount(side[chosen], minlength=len(LABELS)) for side in (first, second))
        expected += np.prod(list(both), axis=0).sum() / max(chosen.sum(), 1)
    return expected / len(classes)


def accuracy_by_agreement(correct, judged):
    """Compute accuracy by how many voters agree, with the class mix held constant.

    Faces that people agree on are mostly happy ones. So accuracy is computed for each class of the
    crowd, and averaged over the classes with the same weights at each agreement: their share of all
    images (direct standardization). Classes with too few images are left out.

    Args:
        correct: Whether the answer is correct (0-1; a mean over runs is fine), shape `(n,)`.
        judged: `Judged` of the same images.

    Returns:
        DataFrame with one row per interval of `AGREEMENT`: images; agreement, the mean share of
        voters who agree; accuracy, low, and high (0-1, 95% confidence interval over photographs).
        Its `attrs["classes"]` lists the classes that are averaged.
    """
    shares = judged.facts["crowd_share"].to_numpy()
    bins = np.searchsorted(AGREEMENT, shares) - 1
    common = _common_classes(bins, judged.crowd)
    kept = np.isin(judged.crowd, common)
    weights = np.bincount(judged.crowd[kept], minlength=len(LABELS)) / kept.sum()
    masks = [kept & (bins == number) for number in range(len(AGREEMENT) - 1)]

    def accuracies(drawn):
        parts = [metrics.class_means(judged.crowd[m], correct[m], drawn[m]) for m in masks]
        return np.array(parts) @ weights

    estimate = intervals.clustered(accuracies, judged.facts["photograph"])
    table = pd.DataFrame({"images": [mask.sum() for mask in masks], **estimate._asdict()})
    table.insert(1, "agreement", [shares[mask].mean() for mask in masks])
    table.attrs["classes"] = [LABELS[index] for index in common]
    return table.rename(columns={"value": "accuracy"})


def _common_classes(bins, crowd):
    """The classes with enough images in each bin."""
    images = pd.crosstab(crowd, bins)
    return images.index[(images >= MIN_IMAGES).all(axis=1)].tolist()
