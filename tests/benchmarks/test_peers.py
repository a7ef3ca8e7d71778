"""The comparison with the package `fer`. A stub takes its place where it isn't installed."""

import sys
from types import ModuleType, SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from fer_lib import cli, data, evaluation, models
from fer_lib.benchmarks import peers, timing
from fer_lib.data import fer2013, manifest
from fer_lib.exceptions import Problem
from fer_lib.labels import LABEL, LABELS, PEOPLE

# The order in which the package `fer` numbers the classes: the challenge's.
PACKAGE_LABELS = dict(enumerate(fer2013.CSV_LABELS))


class StubFER:
    """Takes what `fer.fer.FER` takes; a face's class is the value of its top left pixel."""

    def __init__(self, offsets):
        self.offsets = offsets

    @staticmethod
    def _get_labels():
        return PACKAGE_LABELS

    def detect_emotions(self, image, boxes):
        assert self.offsets == (0, 0) and image.shape[2] == 3
        crops = [image[y : y + height, x : x + width, 0] for x, y, width, height in boxes]
        scores = self._classify_emotions(np.stack(crops))
        return [{PACKAGE_LABELS[i]: round(s, 2) for i, s in enumerate(row)} for row in scores]

    def _classify_emotions(self, gray_faces):
        return np.eye(len(LABELS))[gray_faces[:, 0, 0]] * 0.993 + 0.001


@pytest.fixture
def stub(monkeypatch):
    package, module = ModuleType("fer"), ModuleType("fer.fer")
    package.__version__, module.FER = "0.0", StubFER
    monkeypatch.setitem(sys.modules, "fer", package)
    monkeypatch.setitem(sys.modules, "fer.fer", module)


def coded_faces(labels):
    """A Dataset, all PrivateTest, whose images hold their class for the stub."""
    numbers = [fer2013.CSV_LABELS.index(LABELS[label]) for label in labels]
    images = np.full((len(labels), 48, 48, 1), 200, dtype=np.uint8)
    images[:, 0, 0, 0] = numbers
    names, usages = np.arange(len(labels)).astype(str), np.full(len(labels), "PrivateTest")
    return data.Dataset(images, labels, names, usages, data.FER2013)


@pytest.fixture
def faces(monkeypatch):
    """People always see happy faces, but have no majority for the last 40."""
    crowd = ["happy"] * 100 + [None] * 40
    facts = pd.DataFrame({"name": np.arange(140).astype(str), "crowd": crowd})
    monkeypatch.setattr(manifest, "load", lambda: facts)
    return coded_faces(np.arange(140) % len(LABELS))


def always_angry(images):
    return np.tile(np.eye(len(LABELS))[0], (len(images), 1))


def test_the_packages_scores_are_unrounded_and_in_our_order(stub, faces):
    classify, name = peers.package_fer()
    assert name == "fer 0.0"
    np.testing.assert_allclose(classify(faces.images), np.eye(7)[faces.labels] * 0.993 + 0.001)


def test_missing_package_is_one_line_that_says_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "fer", None)
    with pytest.raises(Problem, match=r"environment of its own.*\.\[peers\]") as raised:
        peers.package_fer()
    assert "\n" not in str(raised.value)


def test_missing_fer2013_is_reported(monkeypatch, capsys):
    monkeypatch.setattr(fer2013, "locate", lambda: None)
    assert cli.main(["peers"]) == 1
    error = capsys.readouterr().err
    assert error.startswith("fer: No FER2013 to compare on. ") and error.count("\n") == 1


def test_table_compares_each_classifier_with_ours(stub, faces):
    perfect, _ = peers.package_fer()
    table = peers.compare({"ours": perfect, "theirs": always_angry}, faces)
    assert table.loc["accuracy", "ours"] == "1.000 [1.000, 1.000]"
    theirs = evaluation.interval(evaluation.accuracy, faces.labels, always_angry(faces.images))
    assert table.loc["accuracy", "theirs"] == str(theirs) and theirs.value == 1 / 7
    ahead = f"{6 / 7:.3f} [{1 - theirs.high:.3f}, {1 - theirs.low:.3f}]"
    assert table.loc["accuracy, ours ahead by"].tolist() == ["", ahead]
    assert table.loc["macro F1, ours ahead by", "theirs"].startswith(f"{1 - 0.25 / 7:.3f} [")
    times = table.filter(like="milliseconds", axis=0).astype(float)
    assert times.shape == (2, 2) and (times >= 0).all(axis=None)


def test_each_answer_is_judged_by_its_own_truth(stub, faces):
    perfect, _ = peers.package_fer()
    happy = np.tile(np.eye(len(LABELS))[LABELS.index("happy")], (140, 1))

    def both(images):
        return {LABEL: perfect(images), PEOPLE: happy[: len(images)]}

    table = peers.compare({"ours": both, "theirs": perfect}, faces)
    assert table.loc["accuracy"].tolist() == ["1.000 [1.000, 1.000]"] * 2
    assert table.loc["agreement with people", "ours"] == "1.000 [1.000, 1.000]"
    assert table.loc["agreement with people", "theirs"].startswith("0.140 [")
    assert table.loc["agreement with people, ours ahead by", "theirs"].startswith("0.860 [")
    assert table.loc["accuracy, ours ahead by", "theirs"] == "0.000 [0.000, 0.000]"


def test_time_is_the_median_per_image_and_every_image_is_classified_once(monkeypatch):
    clock = iter([0, 9, 10, 10.2, 20, 20.1])  # calls of 9 s, 0.2 s and 0.1 s
    monkeypatch.setattr(timing.time, "perf_counter", lambda: next(clock))
    images = np.arange(5)
    returned, milliseconds = peers.timed(lambda part: part[:, None], images, 2)
    assert returned[LABEL][:, 0].tolist() == returned[PEOPLE][:, 0].tolist() == images.tolist()
    assert milliseconds == pytest.approx(100)


def test_command_prints_both_side_by_side(stub, faces, monkeypatch, capsys):
    monkeypatch.setattr(peers, "private_test", lambda: faces)
    monkeypatch.setattr(models, "load", lambda name: SimpleNamespace(outputs=always_angry))
    assert cli.main(["peers"]) == 0
    output = capsys.readouterr().out
    assert "140 images" in output and "fer 0.0" in output and peers.OURS in output
    assert "1.000 [1.000, 1.000]" in output and "macro F1, ours ahead by" in output


@pytest.fixture(scope="module")
def package():
    pytest.importorskip("fer.fer", reason="needs the extra `peers`", exc_type=ImportError)
    return peers.package_fer()[0]


def test_the_real_package_sees_each_face_alone_and_whole(package):
    """A face's scores depend neither on the faces above and below it nor on padding."""
    images = data.load_synthetic_faces(8).images
    together = package(images)
    alone = np.concatenate([package(images[[index]]) for index in range(len(images))])
    np.testing.assert_allclose(together, alone, atol=1e-6)
    np.testing.assert_allclose(together.sum(axis=1), 1, atol=1e-3)
    cut = images.copy()
    cut[:, :, -1] = 255
    assert np.abs(package(cut) - together).max() > 1e-3


@pytest.mark.skipif(fer2013.locate() is None, reason="needs FER2013")
def test_the_real_package_reaches_its_known_accuracy(package):
    test_set = peers.private_test()
    some = test_set.select(np.arange(0, len(test_set), 6))
    estimate = evaluation.interval(evaluation.accuracy, some.labels, package(some.images))
    assert estimate.low < 0.659 < estimate.high
