import numpy as np
import pandas as pd
import pytest

from fer_lib.experiments import imbalance

LABELS = np.repeat(np.arange(7), [40, 4, 40, 80, 50, 50, 30])
COUNTS = np.bincount(LABELS)


def test_class_weights_leave_the_mean_at_1_and_end_with_equal_classes():
    assert list(imbalance.class_weights(LABELS, 0.0).values()) == pytest.approx([1] * 7)
    for strength in (0.5, 1.0):
        weights = np.array(list(imbalance.class_weights(LABELS, strength).values()))
        assert weights[LABELS].mean() == pytest.approx(1)
    assert np.ptp(weights * COUNTS) == pytest.approx(0)


def test_oversampling_repeats_the_rare_classes_as_far_as_its_strength_says():
    generator = np.random.default_rng(0)
    assert np.array_equal(
        np.bincount(LABELS[imbalance.oversampled(LABELS, 0.0, generator)]), COUNTS
    )
    halfway = imbalance.oversampled(LABELS, 0.5, generator)
    assert np.bincount(LABELS[halfway])[1] == round((80 * 4) ** 0.5)
    equal = imbalance.oversampled(LABELS, 1.0, generator)
    assert set(np.bincount(LABELS[equal])) == {80}
    assert set(np.bincount(equal)[LABELS == 1]) == {20}


def test_equal_classes_are_as_many_as_the_rarest_each_image_once():
    chosen = imbalance.equal_classes(LABELS, np.random.default_rng(0))
    assert set(np.bincount(LABELS[chosen])) == {4} and len(set(chosen)) == len(chosen)


def test_adjusting_by_tau_1_undoes_the_frequencies():
    frequencies = imbalance.frequencies(LABELS)
    likelihoods = np.random.default_rng(0).dirichlet(np.ones(7), 5)
    posterior = likelihoods * frequencies / (likelihoods @ frequencies)[:, None]
    np.testing.assert_allclose(imbalance.adjust(posterior, frequencies, 1.0), likelihoods)
    np.testing.assert_allclose(imbalance.adjust(posterior, frequencies, 0.0), posterior)


def test_every_method_is_evaluated_on_validation_and_test(faces, keep, fast_head, monkeypatch):
    groups = np.where(np.arange(len(faces)) < 20, 1, 0)  # one group, with two images of the test
    facts = pd.DataFrame({"near_group": groups}, index=faces.names)
    monkeypatch.setattr(imbalance.manifest, "load", lambda: facts)
    monkeypatch.setattr(imbalance, "SEEDS", range(1))
    monkeypatch.setattr(imbalance, "STRENGTHS", (1.0,))
    table = imbalance.compute(faces, keep)
    counts = table.groupby("method").size()
    assert counts.drop(imbalance.ADJUSTMENT).eq(3).all()
    assert counts[imbalance.ADJUSTMENT] == 3 * len(imbalance.TAUS)
    assert table["accuracy"].between(0.5, 1).all()
