import numpy as np
import pandas as pd
import pytest

from fer_lib import data, experiments, paths
from fer_lib.data import manifest
from fer_lib.experiments import frozen_features, label_errors, records
from fer_lib.labels import LABELS


def test_copies_of_a_photograph_stay_in_one_fold():
    generator = np.random.default_rng(0)
    labels = generator.integers(0, 7, 700)
    photographs = generator.integers(0, 400, 700)
    folds = label_errors.fold_of_each(labels, photographs)
    assert (pd.Series(folds).groupby(photographs).nunique() == 1).all()
    assert np.bincount(folds, minlength=5).min() > 100


def test_images_are_predicted_by_a_model_that_never_saw_them(keep, monkeypatch):
    dataset = data.load_synthetic_faces(350)
    # Features that give away the label, but in the first 50 images a wrong one.
    shown = np.where(np.arange(350) < 50, (dataset.labels + 1) % 7, dataset.labels)
    features = frozen_features.BlockFeatures(
        np.eye(7, dtype=np.float32)[shown], {frozen_features.LAST: slice(0, 7)}
    )
    monkeypatch.setattr(frozen_features, "of", lambda *arguments, **options: features)
    alone = pd.DataFrame({"near_group": np.zeros(350, int)})
    monkeypatch.setattr(manifest, "load", lambda: alone)
    table = label_errors.compute(dataset, keep)
    assert table["name"].tolist() == dataset.names.tolist()
    predicted = table[list(LABELS)].to_numpy().argmax(axis=1)
    assert (predicted == shown).mean() > 0.95
    assert (predicted[:50] == dataset.labels[:50]).mean() < 0.25  # a rare class is hardly learned


def test_the_record_holds_every_image_and_keeps_copies_together(monkeypatch):
    monkeypatch.setattr(records, "FOLDER", paths.DATA / "experiments")
    table, facts = experiments.load("label_errors"), manifest.load()
    assert table["name"].tolist() == facts["name"].tolist()
    assert table[list(LABELS)].sum(axis=1).to_numpy() == pytest.approx(1, abs=1e-3)
    folds = table["fold"].groupby(manifest.photographs(facts).to_numpy())
    assert (folds.nunique() == 1).all()
