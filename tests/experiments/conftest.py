import types

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from fer_lib.data import Dataset
from fer_lib.experiments import frozen_features, heads, records

COLUMNS = {
    "first convolution": slice(0, 2),
    "block 0": slice(2, 9),
    frozen_features.LAST: slice(9, 16),
}
USAGES = ["Training"] * 8 + ["PublicTest", "PrivateTest"]


@pytest.fixture(autouse=True)
def own_places(tmp_path, monkeypatch):
    """A cache and a folder of records of its own for each test."""
    monkeypatch.setenv("FER_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(records, "FOLDER", tmp_path / "records")


@pytest.fixture
def faces(monkeypatch):
    """Noise with labels, and features that tell the classes apart after the last block."""
    generator = np.random.default_rng(0)
    labels = np.arange(210) % 7
    images = generator.integers(0, 256, (210, 48, 48, 1)).astype(np.uint8)
    names = np.array([f"{index:03d}" for index in range(210)])
    values = generator.normal(size=(210, 16)).astype(np.float32)
    values[np.arange(210), 9 + labels] += 6
    blocks = frozen_features.BlockFeatures(values, COLUMNS)
    monkeypatch.setattr(frozen_features, "of", lambda *arguments: blocks)
    return Dataset(images, labels, names, np.resize(USAGES, 210), "noise")


@pytest.fixture
def fast_head(monkeypatch):
    """A linear classifier in place of the paper's head."""

    def train(training, validation, seed, class_weights=None):
        fitted = LogisticRegression(class_weight=class_weights)
        fitted.fit(training.images, training.labels)
        predict = lambda features, **options: fitted.predict_proba(features)  # noqa: E731
        return types.SimpleNamespace(predict=predict, history=types.SimpleNamespace(epoch=[0, 1]))

    monkeypatch.setattr(heads, "paper_head", train)


@pytest.fixture
def keep():
    """The `keep` of an experiment that is never interrupted."""
    return lambda name, function, *arguments: function(*arguments)
