"""From a recorded run to the models that are shipped: calibrated, and small for fast runtimes."""

import json

import keras
import numpy as np
import tensorflow as tf

from fer_lib import data, evaluation, paths, quiet, runs
from fer_lib.exceptions import Problem
from fer_lib.models import keras_file, loading, shipped
from fer_lib.models.classifier import ANSWER_LAYERS

CALIBRATION_IMAGES = 500  # from which the int8 conversion estimates the ranges of activations


def export(name, dataset):
    """Write a run's model as the shipped ones (`shipped.FILES`), and their record.

    Each is calibrated inside, by `evaluation.calibration_of` the run.

    Args:
        name: Run name.
        dataset: A `data.Dataset` of FER2013. Its Training images give the ranges for int8.

    Returns:
        The record, as from `shipped.record`.

    Raises:
        Problem: If the run or its model is missing, or the dataset is not FER2013.
    """
    if dataset.source != data.FER2013:
        raise Problem("The ranges of the int8 model need FER2013. Run `fer data` for help.")
    calibration = evaluation.calibration_of(runs.load(name))
    calibrated = with_calibration(loading.load(name), calibration)
    _write_models(calibrated, dataset.usage("Training").images)
    record = {
        "run": name,
        "calibration": calibration,
        "versions": runs.versions(),
        "files": {file: _facts(paths.MODELS / file) for file in shipped.FILES},
    }
    with paths.write_atomically(shipped.RECORD) as temporary:
        temporary.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    return record


def with_calibration(classifier, calibration):
    """Copy a classifier, with the logits of each answer divided by a temperature and biases added.

    The weights of the last layers absorb both, so the model needs no additional layer.

    Args:
        classifier: A Keras model of `models.build`.
        calibration: As from `evaluation.calibration_of`.

    Returns:
        The calibrated copy.
    """
    copy = keras.models.clone_model(classifier)
    copy.set_weights(classifier.get_weights())
    for answer, fitted in calibration.items():
        last = copy.get_layer("head").get_layer(ANSWER_LAYERS[answer])
        kernel, bias = last.get_weights()
        temperature, biases = fitted["temperature"], np.array(fitted["biases"])
        last.set_weights([kernel / temperature, bias / temperature + biases])
    return copy


def _write_models(classifier, faces):
    keras_file.save(classifier, paths.MODELS / shipped.KERAS)
    _write_litert(classifier, shipped.FLOAT16, target_spec={"supported_types": [tf.float16]})
    _write_litert(classifier, shipped.INT8, representative_dataset=lambda: _sample(faces))


def _write_litert(classifier, file, **options):
    """Convert for one image at a time: batches gain nothing, and fixed shapes run faster."""
    with paths.write_atomically(paths.MODELS / file) as temporary, quiet.mute_stderr():
        classifier.export(
            temporary,
            format="litert",
            verbose=False,
            input_signature=[keras.InputSpec(shape=(1, 48, 48, 1), dtype="float32")],
            optimizations=[tf.lite.Optimize.DEFAULT],
            **options,
        )


def _sample(faces):
    """Yield randomly chosen faces, one at a time, as the converter wants them."""
    chosen = np.random.default_rng(0).choice(len(faces), CALIBRATION_IMAGES, replace=False)
    for index in chosen:
        yield [faces[index : index + 1].astype(np.float32)]


def _facts(file):
    return {"sha256": shipped.sha256(file), "bytes": file.stat().st_size}
