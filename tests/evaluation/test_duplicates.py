"""Accuracy with and without duplicates of the training images, on a manifest made by hand."""

import numpy as np
import pandas as pd
import pytest
from support.predictions import certain
from support.recorded_runs import run_of

from fer_lib import evaluation

MANIFEST = pd.DataFrame(
    {
        "name": ["trained on", "exact", "near", "alone", "pair 1", "pair 2"],
        "duplicate_group": [1, 1, 0, 0, 2, 2],
        "near_group": [1, 1, 1, 0, 2, 2],
    }
)


def test_a_duplicate_counts_only_if_the_run_was_trained_on_it():
    predictions = pd.DataFrame({"name": ["alone", "exact", "near", "pair 1", "pair 2"]})
    near = evaluation.has_training_duplicate(predictions, MANIFEST)
    assert near.tolist() == [False, True, True, False, False]
    exact = evaluation.has_training_duplicate(predictions, MANIFEST, "duplicate_group")
    assert exact.tolist() == [False, True, False, False, False]


def test_duplicate_table_excludes_what_has_a_duplicate():
    run = run_of(np.array([0, 0, 0, 0, 0]), certain([1, 0, 0, 0, 1]))
    run.predictions["name"] = ["alone", "exact", "near", "pair 1", "pair 2"]
    table = evaluation.duplicate_table(run, MANIFEST)
    assert table["images"].to_dict() == {
        "all": 5,
        "without exact duplicates": 4,
        "without duplicates": 3,
        "duplicates": 2,
        "duplicates not trained on": 2,
    }
    assert table.loc["duplicates", "accuracy"] == 1
    assert table.loc["without duplicates", "accuracy"] == pytest.approx(1 / 3)
