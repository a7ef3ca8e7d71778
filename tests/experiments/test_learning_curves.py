import numpy as np
import pytest
from support import small_models

from fer_lib import data
from fer_lib.experiments import frozen_features
from fer_lib.experiments import learning_curves as curves

LABELS = np.arange(700) % 7


def test_a_larger_subset_contains_the_smaller_one_and_classes_keep_their_shares():
    small, large = (
        curves.subset(LABELS, fraction, np.random.default_rng(0)) for fraction in (0.1, 0.3)
    )
    assert set(small) < set(large)
    assert set(np.bincount(LABELS[small])) == {10}
    assert not np.array_equal(small, curves.subset(LABELS, 0.1, np.random.default_rng(1)))


def test_frozen_ways_train_on_the_fraction_asked_for(faces, keep, fast_head, monkeypatch):
    monkeypatch.setattr(curves, "SEEDS", range(2))
    monkeypatch.setattr(curves, "EPOCHS", {})
    table = curves.compute(faces, keep)
    assert table.groupby(["way", "size"]).size().tolist() == [6, 6, 6]
    assert table.groupby("fraction")["images"].unique().str[0].tolist() == [14, 35, 126]


@pytest.mark.parametrize("way", [curves.FINETUNED, curves.SCRATCH])
def test_the_best_epoch_is_kept(faces, monkeypatch, way):
    backbone = {"imagenet": None, "random": None}
    for weights in backbone:
        backbone[weights] = lambda size: small_models.small_backbone()
    monkeypatch.setattr(frozen_features, "BACKBONES", backbone)
    row = curves.train_network(data.paper_split(faces), way, 2, 0.3, 0).iloc[0]
    assert row["images"] == 35 and row["epochs"] == 2 and row["kept epoch"] in (1, 2)
    assert 0 < row["validation"] < 1
