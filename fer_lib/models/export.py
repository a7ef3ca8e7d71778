"""From a recorded run to the models that are shipped: calibrated, and small for fast runtimes."""

import json

import keras
import numpy as np
import tensorflow as tf

from fer_lib import data, evaluation, paths, quiet, runs
from fer_lib.exceptions import Problem
from fer_lib.models import keras_file, loading, shipped

CALIBRATION_IMAGES = 500  # from which the int8 model learns the ranges of its numbers


def export(name, dataset):
    """Write the run's model as the shipped ones (`pretrained.FILES`) and their record.

    The temperature and the biases that PublicTest asks for are inside each of them. dataset:
    FER2013, whose Training images give the ranges for int8. Returns the record. Raises Problem if
    the run or its model is missing, or the dataset is not FER2013.
    """
    if dataset.source != data.FER2013:
        raise Problem("the int8 model's ranges need FER2013; run `fer data` to see how to get it")
    run = runs.load(name)
    labels, probabilities = run.usage("PublicTest")
    temperature, biases = evaluation.fit_temperature_and_biases(labels, probabilities)
    calibrated = with_temperature(loading.load(name), temperature, biases)
    keras_file.save(calibrated, paths.MODELS / shipped.KERAS)
    faces = dataset.usage("Training").images
    float16 = {"supported_types": [tf.float16]}
    _write_litert(calibrated, shipped.FLOAT16, target_spec=float16)
    _write_litert(calibrated, shipped.INT8, representative_dataset=lambda: _sample(faces))
    record = {
        "run": name,
        "temperature": round(temperature, 4),
        "biases": biases.round(4).tolist(),
        "versions": runs.versions(),
        "files": {file: _facts(paths.MODELS / file) for file in shipped.FILES},
    }
    with paths.write_atomically(shipped.RECORD) as temporary:
        temporary.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    return record


def with_temperature(classifier, temperature, biases):
    """The classifier with its logits divided by `temperature` and `biases` (7,) added, as a copy.

    The last layer's weights take them in, so that the model needs no layer more.
    """
    copy = keras.models.clone_model(classifier)
    copy.set_weights(classifier.get_weights())
    last = copy.get_layer("head").get_layer("probabilities")
    kernel, bias = last.get_weights()
    last.set_weights([kernel / temperature, bias / temperature + biases])
    return copy


def _write_litert(classifier, file, **options):
    """Convert for one image at a time: batches gain nothing there, and fixed shapes run faster."""
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
    """Randomly chosen faces, one at a time, as the converter asks for them."""
    chosen = np.random.default_rng(0).choice(len(faces), CALIBRATION_IMAGES, replace=False)
    for index in chosen:
        yield [faces[index : index + 1].astype(np.float32)]


def _facts(place):
    return {"sha256": shipped.sha256(place), "bytes": place.stat().st_size}
