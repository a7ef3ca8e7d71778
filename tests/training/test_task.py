from dataclasses import replace

import keras
import numpy as np
from support.small_recipes import FINETUNED, FROZEN

from fer_lib import data, training
from fer_lib.training.augmentation import Augmentation


def test_features_of_flipped_images_double_the_training_set(small_backbone):
    recipe = replace(FROZEN, augmentation=Augmentation(flip=True))
    split = data.paper_split(data.load_synthetic_faces(80))
    task = training.prepare(recipe, split, small_backbone())
    assert len(task.training[0]) == len(task.training[1]) == 2 * len(split.training)
    assert len(task.validation[0]) == len(split.validation)


def test_the_average_replaces_the_weights_after_an_epoch():
    inputs = keras.Input((2,))
    model = keras.Model(inputs, keras.layers.Dense(7, activation="softmax")(inputs))
    recipe = replace(FINETUNED, ema_momentum=0.9, learning_rate=0.1)
    training.compile_model(model, recipe, 160)
    generator = np.random.default_rng(0)
    features, targets = generator.normal(size=(160, 2)), np.eye(7)[generator.integers(0, 7, 160)]
    seen = []
    keep = keras.callbacks.LambdaCallback(
        on_train_batch_end=lambda batch, logs: seen.append(model.get_weights()[0].copy())
    )
    model.fit(features, targets, batch_size=16, verbose=0, callbacks=[keep])
    average = seen[0]
    for weights in seen[1:]:
        average = 0.9 * average + 0.1 * weights
    np.testing.assert_allclose(model.get_weights()[0], average, rtol=1e-4, atol=1e-4)
