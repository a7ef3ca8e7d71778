"""A run judged by people: on votes made by hand, and on what is recorded."""

import numpy as np
import pandas as pd
import pytest
from support.predictions import certain
from support.recorded_runs import run_of

from fer_lib.evaluation import people
from fer_lib.labels import LABEL

# Labels: angry, angry, fear, happy; the last image has no class of the crowd.
MANIFEST = pd.DataFrame(
    {
        "name": ["image 3", "image 2", "image 1", "image 0"],
        "usage": "PublicTest",
        "near_group": 0,
        "votes": [10, 10, 10, 10],
        "crowd": [None, "sad", "angry", "angry"],
        "crowd_share": [0.5, 0.6, 0.9, 1.0],
        "label_share": [0.5, 0.2, 0.9, 1.0],
    }
)


def judged():
    run = run_of(np.array([0, 0, 2, 3]), certain([0, 3, 5, 3]))
    return people.judge(run, MANIFEST, "PublicTest")


def test_images_are_joined_by_name_and_those_without_a_majority_left_out():
    found = judged()
    assert found.facts["name"].tolist() == ["image 2", "image 1", "image 0"]
    assert found.labels.tolist() == [2, 0, 0]
    assert found.crowd.tolist() == [5, 0, 0]
    assert found.probabilities.argmax(axis=1).tolist() == [5, 3, 0]


def test_all_images_of_contempt_are_wrong_by_the_protocol_of_ferplus():
    classes = ["happy", "contempt", None, "angry"]
    facts = MANIFEST.assign(name=[f"image {n}" for n in range(4)], ferplus_class=classes)
    run = run_of(np.zeros(4, int), certain([3, 5, 5, 2]))
    agreement, images = people.eight_class_agreement(run, facts, "PublicTest", LABEL)
    assert images == 3 and agreement.value == pytest.approx(1 / 3)
    assert agreement.low == 0 and agreement.high == 1


def test_a_gain_is_paired_and_may_leave_out_images():
    before, crowd = judged(), np.array([5, 0, 0])  # answers: sad, happy, angry
    after = before._replace(probabilities=certain([5, 0, 3]))
    assert tuple(people.gain(before, before)) == (0, 0, 0)
    assert people.gain(before, after).value == 0
    kept = np.array([True, True, False])
    assert people.gain(before, after, kept).value == pytest.approx(1 / 2)
    assert before.crowd.tolist() == crowd.tolist()


def test_a_single_voter_is_judged_by_the_others():
    # Of ten voters, 6 say sad: each of them has 5 of 9 others on their side, the other 4 have none.
    facts = MANIFEST.iloc[[1]]
    assert people.single_voter(facts).to_dict() == pytest.approx({"label": 0.2, "crowd": 0.6})
    # With 5 of 9, none of the five has a majority among the eight others; the other four oppose it.
    facts = facts.assign(votes=9, crowd_share=5 / 9)
    assert people.single_voter(facts)["crowd"] == 0


def test_answers_are_counted_where_label_and_crowd_differ():
    labels, crowd = np.array([2, 2, 5, 5, 3]), np.array([4, 4, 4, 4, 3])
    shares = people.answers_where_judges_differ(labels, crowd, certain([2, 2, 4, 3, 3]))
    assert shares == pytest.approx([0.5, 0.25, 0.25, 0.25])


def test_the_expected_share_is_that_of_shuffled_labels():
    generator = np.random.default_rng(0)
    labels, crowd, answers = generator.integers(0, 7, (3, 4000))
    answers = np.where(generator.random(4000) < 0.5, labels, answers)
    probabilities = certain(answers)
    differ = np.flatnonzero(labels != crowd)
    shuffled = labels.copy()
    for index in range(7):
        images = differ[crowd[differ] == index]
        shuffled[images] = generator.permutation(labels[images])
    *_, expected = people.answers_where_judges_differ(labels, crowd, probabilities)
    assert expected == pytest.approx(np.mean(answers[differ] == shuffled[differ]), abs=0.02)


def by_agreement(accuracy_of):
    """Images of an easy and a hard class, whose mix changes with agreement."""
    generator = np.random.default_rng(0)
    share = generator.uniform(0.51, 1, 6000).round(2)
    crowd = np.where(generator.random(6000) < share, 3, 2)  # happy where people agree, or fear
    correct = generator.random(6000) < accuracy_of(crowd, share)
    facts = pd.DataFrame({"crowd_share": share, "photograph": np.arange(6000)})
    return people.accuracy_by_agreement(correct, people.Judged(crowd, crowd, None, facts))


def test_accuracy_by_agreement_does_not_depend_on_the_class_mix():
    table = by_agreement(lambda crowd, share: np.where(crowd == 3, 0.9, 0.3))
    assert np.ptp(table["accuracy"]) < 0.05
    assert table["images"].sum() == 6000
    assert table.attrs["classes"] == ["fear", "happy"]


def test_accuracy_by_agreement_finds_a_trend():
    table = by_agreement(lambda crowd, share: share)
    assert table["accuracy"].tolist() == pytest.approx(table["agreement"].tolist(), abs=0.03)
    assert (table["low"].iloc[1:].to_numpy() > table["high"].iloc[:-1].to_numpy()).all()


def test_a_class_that_is_rare_at_some_agreement_is_left_out():
    share = np.repeat([0.6, 0.8, 1.0], 100)
    crowd = np.full(300, 3)
    crowd[:29] = crowd[100:140] = crowd[200:240] = 1
    facts = pd.DataFrame({"crowd_share": share, "photograph": np.arange(300)})
    judged = people.Judged(crowd, crowd, None, facts)
    table = people.accuracy_by_agreement((crowd == 3).astype(float), judged)
    assert table.attrs["classes"] == ["happy"]
    assert table["images"].tolist() == [71, 60, 60]
    assert table["accuracy"].tolist() == [1, 1, 1]


def test_agreement_by_chance_is_taken_within_labels():
    labels = np.array([0, 0, 1, 1])
    predicted, crowd = np.array([2, 3, 4, 4]), np.array([2, 3, 4, 5])
    # Label 0: a half of the predictions meet a half of the crowd, twice. Label 1: all meet a half.
    assert people.agreement_by_chance(labels, predicted, crowd) == 0.5
