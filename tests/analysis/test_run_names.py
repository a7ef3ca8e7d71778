"""Runs have names that a reader understands."""

import pytest

from fer_lib import runs
from fer_lib.analysis import run_names


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("paper-seed3", "our reproduction, seed 3"),
        ("paper-96px-flip-seed0", "96 px, 128 units, flips, seed 0"),
        ("finetune-seed0", "fine-tuned network, seed 0"),
        ("ablation-mixup-seed0", "short fine-tuning, mixup, seed 0"),
        ("baseline-logistic-regression", "logistic regression"),
        ("my-own-seed0", "my-own-seed0"),
        ("something else", "something else"),
    ],
)
def test_a_run_is_named(name, text):
    assert run_names.of(name) == text


def test_the_seed_can_be_left_out():
    assert run_names.of("paper-seed3", seed=False) == "our reproduction"


def test_all_recorded_runs_have_names_of_their_own():
    names = [run_names.of(name) for name in runs.names()]
    assert not set(names) & set(runs.names())
    assert len(set(names)) == len(names)
