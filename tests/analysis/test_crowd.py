"""Labels and the crowd's classes: from small tables here, and from the recorded ones."""

import numpy as np
import pandas as pd
import pytest

from fer_lib.analysis import crowd
from fer_lib.data import ferplus, manifest
from fer_lib.labels import LABELS


@pytest.fixture(scope="module")
def recorded():
    return manifest.load()


def small():
    """Per class: two copies whose crowd agrees with the label, and another image, called sad."""
    rows = [
        {"label": label, "crowd": said, "near_group": group, "pixels": f"{label}{number}"}
        for index, label in enumerate(LABELS)
        for number, (said, group) in enumerate([(label, index + 1), (label, index + 1), ("sad", 0)])
    ]
    constant = {"contrast": 50.0, "votes": 10, "crowd_share": 0.8, "label_share": 0.8}
    return pd.DataFrame(rows).assign(**constant)


def test_agreement_by_label_counts_copies_as_one_photograph():
    facts = small()
    copies = crowd.agreement_by_label(facts)
    apart = crowd.agreement_by_label(facts.assign(near_group=0))
    assert copies["agreement"].drop("sad").to_numpy() == pytest.approx(200 / 3)
    assert copies.loc["sad", ["agreement", "low", "high"]].to_numpy() == pytest.approx(100)
    assert (copies["images"] == 3).all()
    widths = (copies["high"] - copies["low"]) / (apart["high"] - apart["low"])
    assert (widths.drop("sad") > 1.1).all()


def test_images_without_a_class_of_the_crowd_are_left_out():
    facts = small()
    facts.loc[facts["near_group"] == 0, "crowd"] = None
    assert crowd.agreement_by_label(facts)["agreement"].to_numpy() == pytest.approx(100)
    assert (crowd.label_and_crowd(facts)["by label"] == 2).all()


def test_label_and_crowd_confirm_each_other():
    table = crowd.label_and_crowd(small())
    assert table.loc["fear"].tolist() == pytest.approx([3, 2, 200 / 3, 100])
    assert table.loc["sad"].tolist() == pytest.approx([3, 9, 100, 100 / 3])


def test_softer_agreement_needs_no_majority():
    facts = small().assign(crowd=None)
    facts.loc[facts["near_group"] == 0, "label_share"] = 0.0
    facts.loc[0, "votes"] = 0
    table = crowd.softer_agreement(facts)
    assert table.loc["angry"].tolist() == pytest.approx([50, 50, 40])
    assert table.loc["fear"].tolist() == pytest.approx([200 / 3, 100 / 3, 160 / 3])


def test_agreement_on_copies_is_paired_and_ignores_exact_duplicates():
    facts = small()
    facts.loc[[1, 4], "label"] = ["fear", "angry"]  # of two copies each: angry, and disgust
    table = crowd.agreement_on_copies(facts)
    assert table["mean"].tolist() == pytest.approx([100, 500 / 7, 200 / 7])
    assert crowd.agreement_on_copies(facts, "angry")["mean"].tolist() == pytest.approx(
        [100, 0, 100]
    )
    facts.loc[[1, 4], "pixels"] = facts.loc[[0, 3], "pixels"].to_list()
    assert crowd.agreement_on_copies(facts)["mean"].tolist() == pytest.approx([100, 100, 0])


def test_label_conflicts_count_photographs_beside_pairs(recorded):
    table = crowd.label_conflicts(recorded)
    assert len(table) == 21
    assert table.loc[("fear", "surprise"), ["pairs", "photographs"]].tolist() == [339, 43]
    without = table.loc[("disgust", "sad")]
    assert without[["pairs", "photographs", "ratio"]].tolist() == [0, 0, 0]
    assert without[["low", "high"]].isna().all()
    assert table.loc[("neutral", "sad"), "ratio"] > 1 > table.loc[("fear", "neutral"), "ratio"]
    counted = table[table["photographs"] > 0]
    assert (counted["low"] < counted["ratio"]).all() and (counted["ratio"] < counted["high"]).all()
    widths = (counted["high"] - counted["low"]) / counted["ratio"]
    assert widths[("angry", "disgust")] > 2 * widths[("fear", "surprise")]  # 5 and 43 photographs


def test_votes_are_averaged_over_the_splits_and_rows_sum_to_100():
    shares = ferplus.load_vote_shares()
    for table in (crowd.votes_by_label(shares), crowd.votes_by_voter(shares)):
        assert list(table.index) == list(table.columns) == list(LABELS)
        assert table.sum(axis=1).to_numpy() == pytest.approx(100)
    training = crowd.votes_by_label(shares.loc[["Training"]])
    row = shares.loc[("Training", "label", "fear"), list(LABELS)]
    assert training.loc["fear"].to_numpy() == pytest.approx(100 * (row / row.sum()).to_numpy())


def test_disagreements_lists_each_pair_once():
    table = crowd.disagreements(ferplus.load_vote_shares())
    assert len(table) == 21 and table["% of disagreements"].sum() == pytest.approx(100, rel=1e-4)
    splits = table[["Training", "PublicTest", "PrivateTest"]]
    assert (splits.min(axis=1) <= table["ratio"] + 0.05).all()
    assert (splits.max(axis=1) >= table["ratio"] - 0.05).all()
    assert table["ratio"].idxmax() == ("fear", "surprise")


def test_recorded_agreement_is_what_the_course_says(recorded):
    agreement = crowd.agreement_by_label(recorded)["agreement"].round().astype(int)
    assert agreement.to_dict() == dict(zip(LABELS, [53, 40, 12, 94, 89, 44, 84], strict=True))
    weights = crowd.agreement_by_label(recorded)["images"]
    judged = recorded[recorded["crowd"].notna()]
    overall = 100 * np.mean(judged["crowd"] == judged["label"])
    exact = crowd.agreement_by_label(recorded)["agreement"]
    assert np.average(exact, weights=weights) == pytest.approx(overall)
