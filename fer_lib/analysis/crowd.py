"""Who agrees with whom: FER2013's labels, the crowd's classes (FER+), single people, and copies.

The tables take the manifest (`data.manifest.load`) or the recorded averages of the votes
(`data.ferplus.load_vote_shares`). Shares are percentages.
"""

import numpy as np
import pandas as pd

from fer_lib import data, evaluation
from fer_lib.analysis import confusions
from fer_lib.labels import LABELS


def agreement_by_label(manifest):
    """Compute for each label how often it is the crowd's class, if there is one.

    Copies of one photograph are not independent, so the standard errors are clustered by
    photograph (Liang & Zeger 1986).

    Args:
        manifest: The table of `data.manifest.load`.

    Returns:
        DataFrame with one row per label, in `LABELS` order: agreement, low and high (95% confidence
        interval), and images.
    """
    judged = manifest[manifest["crowd"].notna()]
    agrees = 100.0 * (judged["crowd"] == judged["label"])
    photographs = data.manifest.photographs(manifest)[judged.index]
    table = _clustered_means(agrees, judged["label"], photographs).loc[list(LABELS)]
    table = table.rename(columns={"mean": "agreement"})
    return table.assign(images=judged["label"].value_counts())


def label_and_crowd(manifest):
    """Compare how often labels and crowd name each class, and how often each confirms the other.

    Args:
        manifest: The table of `data.manifest.load`.

    Returns:
        DataFrame with one row per class, over the images with a class of the crowd: images with
        this label, images of which this is the crowd's class, and the percentages of either on
        which both agree.
    """
    judged = manifest[manifest["crowd"].notna()]
    label, crowd = (
        judged[column].value_counts().loc[list(LABELS)] for column in ("label", "crowd")
    )
    both = judged.loc[judged["label"] == judged["crowd"], "label"].value_counts()
    return pd.DataFrame(
        {
            "by label": label,
            "by people": crowd,
            "of labels, confirmed (%)": 100 * both / label,
            "of people's, confirmed (%)": 100 * both / crowd,
        }
    ).loc[list(LABELS)]


def softer_agreement(manifest):
    """Measure agreement on all images with votes, without the rule of the majority.

    Args:
        manifest: The table of `data.manifest.load`.

    Returns:
        DataFrame with one row per label, in percent: images of which the label is the first choice
        or tied for it; images for which nobody chose it; its mean share of the votes.
    """
    voted = manifest[manifest["votes"] > 0]
    table = pd.DataFrame(
        {
            "label is a first choice": voted["label_share"] == voted["crowd_share"],
            "nobody chose the label": voted["label_share"] == 0,
            "mean share of votes": voted["label_share"],
        }
    )
    return 100 * table.groupby(voted["label"]).mean()


def agreement_on_copies(manifest, label=None):
    """Compare how often people and labels repeat themselves on another copy of a photograph.

    The copies are near-duplicates, each with its own votes; exact duplicates share theirs, and
    count once. Both copies need a class of the crowd. Each image has a weight of 1, and standard
    errors are clustered by photograph.

    Args:
        manifest: The table of `data.manifest.load`.
        label: If given, only images with this label are compared with their other copies.

    Returns:
        DataFrame with the rows people, labels, and difference (people minus labels, paired):
        mean, low, and high (95% confidence interval).
    """
    distinct = manifest[manifest["crowd"].notna()].drop_duplicates("pixels")
    named = {"labels": distinct, "people": distinct.assign(label=distinct["crowd"])}
    pairs = {who: data.manifest.label_pairs(rows, "near_group") for who, rows in named.items()}
    same = {who: 100.0 * (each["label"] == each["other_label"]) for who, each in pairs.items()}
    same["difference"] = same["people"] - same["labels"]
    rows = pairs["labels"].assign(**same)
    if label is not None:
        rows = rows[rows["label"] == label]
    return pd.concat(
        [
            _clustered_means(rows[who], pd.Series(who, rows.index), rows["group"], rows["weight"])
            for who in ("people", "labels", "difference")
        ]
    )


def label_conflicts(manifest):
    """Count which two labels the copies of one photograph have.

    Args:
        manifest: The table of `data.manifest.load`.

    Returns:
        DataFrame with one row per pair of classes, alphabetical, most photographs first: pairs of
        copies, which grow with the square of their number; photographs; ratio, the number of
        photographs over that expected (`confusions.observed_over_expected`); and low and high, its
        95% confidence interval over conflicting photographs, NaN where no photograph conflicts.

    Raises:
        ValueError: If a class takes part in no conflict.
    """
    pairs = data.manifest.label_pairs(manifest, "near_group")
    pairs = pairs[pairs["label"] != pairs["other_label"]]
    by_pair = pairs.groupby(["label", "other_label"])["group"].agg(["size", "nunique"])
    every = pd.MultiIndex.from_product([LABELS, LABELS], names=by_pair.index.names)
    table = by_pair.set_axis(["pairs", "photographs"], axis=1).reindex(every, fill_value=0)
    for column, ratios in _conflict_ratios(pairs)._asdict().items():
        table["ratio" if column == "value" else column] = ratios.ravel()
    table.loc[table["photographs"] == 0, ["low", "high"]] = np.nan
    table = table[[one < other for one, other in table.index]]
    return table.sort_values("photographs", ascending=False, kind="stable")


def _conflict_ratios(pairs):
    """Estimate observed / expected conflicts `(7, 7)`, each photograph once per pair of labels."""
    once = pairs.drop_duplicates(["group", "label", "other_label"])
    label, other = (once[column].map(LABELS.index) for column in ("label", "other_label"))

    def ratios(drawn):
        counts = confusions.weighted_counts(label, [other], drawn)[0]
        return confusions.observed_over_expected(counts)

    return evaluation.clustered(ratios, once["group"])


def votes_by_label(shares):
    """Average the votes on the images of each label.

    Args:
        shares: Of `data.ferplus.load_vote_shares`.

    Returns:
        DataFrame `(7, 7)`: percentage of the votes for the seven classes (columns) on the images of
        each label (rows).
    """
    rows = shares.xs("label", level="given")
    votes = rows[list(LABELS)].mul(rows["images"], axis=0).groupby("class").sum()
    return _row_percentages(votes.loc[list(LABELS)])


def votes_by_voter(shares):
    """Compute people's own confusion matrix in percent: votes of others, by one person's vote.

    Args:
        shares: Of `data.ferplus.load_vote_shares`.

    Returns:
        DataFrame `(7, 7)`: percentage of the others' votes for the seven classes (columns) if one
        person chose the row's class.
    """
    return _row_percentages(confusions.people_counts(shares))


def disagreements(shares):
    """Tabulate which two classes people disagree on, and how often relative to base rates.

    Args:
        shares: Of `data.ferplus.load_vote_shares`.

    Returns:
        DataFrame with one row per pair of classes, alphabetical: % of disagreements; ratio
        (observed / expected, `confusions.observed_over_expected`); and the ratio of each split.
    """
    counts = confusions.people_counts(shares)
    total = counts.to_numpy().sum() - np.trace(counts)
    table = {"% of disagreements": 200 * counts.stack() / total, "ratio": _ratios(counts)}
    for usage in data.fer2013.USAGES:
        table[usage] = _ratios(confusions.people_counts(shares.loc[[usage]]))
    pairs = pd.DataFrame(table)
    return pairs[[one < other for one, other in pairs.index]]


def _ratios(counts):
    return pd.DataFrame(
        confusions.observed_over_expected(counts), counts.index, counts.columns
    ).stack(future_stack=True)


def _row_percentages(table):
    return 100 * table.div(table.sum(axis=1), axis=0)


def _clustered_means(values, groups, clusters, weights=1.0):
    """Means of each group with 95% confidence intervals, standard errors clustered."""
    from statsmodels.api import WLS

    fit = WLS(values, pd.get_dummies(groups, dtype=float), weights=weights).fit(
        cov_type="cluster", cov_kwds={"groups": clusters}
    )
    low, high = fit.conf_int().to_numpy().T
    return pd.DataFrame({"mean": fit.params, "low": low, "high": high})
