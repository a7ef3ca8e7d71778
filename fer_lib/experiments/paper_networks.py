"""The paper's five networks: one frozen backbone at 224 px and five heads, one per seed.

The repository has five such runs, but only their predictions (`data/runs/paper-seed0`, ...). Here
five heads are trained by the same recipe. They are as accurate, but other networks: each agrees
with a recorded run on three predictions in four, as the recorded runs do with each other. The
backbone runs on LiteRT, which needs a third of Keras' time on a processor.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import keras
import numpy as np

from fer_lib import data, models, paths, quiet
from fer_lib.experiments import frozen_features, records
from fer_lib.labels import LABEL
from fer_lib.training import loop, recipes
from fer_lib.training.batches import one_hot
from fer_lib.training.task import Task, compile_model

RECIPE = recipes.PAPER
SEEDS = range(5)
SIDE = 7  # the feature maps have 7×7 places, each of 32×32 pixels
CHANNELS = 1280
WORKERS = 2  # one image each at a time; that is faster than one image on two cores


def heads(dataset):
    """Train the five heads on the features of the frozen backbone, or read them from the cache.

    The features take a quarter of an hour on two cores, each head half a minute.

    Args:
        dataset: The `data.Dataset` of FER2013.

    Returns:
        List of five Keras models from pooled features `(n, 1280)` to probabilities `(n, 7)`.
    """
    folder = paths.cache_folder() / "experiments" / f"paper_networks-{dataset.digest()[:16]}"
    weights = records.keep(folder, "heads", _train, dataset, folder)
    found = []
    for seed in SEEDS:
        head = models.head((CHANNELS,), RECIPE.hidden_units, RECIPE.dropout)
        head.set_weights([weights[f"{seed} {index}"] for index in range(len(head.weights))])
        found.append(head)
    return found


def _train(dataset, folder):
    """The weights of all heads, by seed and number, trained as `training.train` does."""
    pooled = frozen_features.of(dataset.images, RECIPE.size).after()
    split = data.paper_split(replace(dataset, images=pooled))
    parts = [(part.images, part.labels) for part in split]
    targets = {LABEL: one_hot(split.training.labels)}
    weights = {}
    for seed in SEEDS:
        keras.utils.set_random_seed(seed)
        head = models.head((CHANNELS,), RECIPE.hidden_units, RECIPE.dropout)
        compile_model(head, RECIPE, len(split.training))
        task = Task(head, targets, *parts, feature_seconds=0.0)
        loop.fit(task, RECIPE, seed, folder / f"seed-{seed}", verbose=0)
        weights |= {f"{seed} {index}": values for index, values in enumerate(head.get_weights())}
    return weights


def probabilities(networks, pooled):
    """Classify pooled features with several heads.

    Args:
        networks: Heads, as from `heads`.
        pooled: Pooled features, `(n, 1280)`.

    Returns:
        Probabilities, float32 `(networks, n, 7)`.
    """
    return np.stack([head.predict(pooled, batch_size=1024, verbose=0) for head in networks])


class Backbone:
    """A callable from faces to the feature maps of the frozen backbone, on LiteRT.

    It computes what Keras computes, up to rounding (relative differences below 1e-3).
    """

    def __init__(self):
        """Convert the backbone with ImageNet's weights, or open the converted one in the cache.

        Raises:
            Problem: If ImageNet's weights are neither in Keras' cache nor can be downloaded.
        """
        path = paths.cache_folder() / "experiments" / "paper_backbone.tflite"
        if not path.exists():
            _convert(path)
        self._interpreters = [_open(path) for _ in range(WORKERS)]

    def __call__(self, images):
        """Compute the feature maps of faces.

        Args:
            images: Faces, `(n, 48, 48, 1)`, 0-255.

        Returns:
            Float32 array `(n, 7, 7, 1280)`.
        """
        maps = np.empty((len(images), SIDE, SIDE, CHANNELS), np.float32)
        self._each(images, lambda index, found: maps.__setitem__(index, found))
        return maps

    def pooled(self, images):
        """Compute the feature maps of faces and average them over all places.

        Args:
            images: Faces, `(n, 48, 48, 1)`, 0-255.

        Returns:
            Float32 array `(n, 1280)`.
        """
        means = np.empty((len(images), CHANNELS), np.float32)
        self._each(images, lambda index, found: found.mean(axis=(0, 1), out=means[index]))
        return means

    def _each(self, images, use):
        """Call `use(index, feature maps)` for every image, in parallel."""

        def run(worker):
            interpreter = self._interpreters[worker]
            taken, given = interpreter.get_input_details(), interpreter.get_output_details()
            for index in range(worker, len(images), WORKERS):
                image = images[index : index + 1].astype(np.float32)
                interpreter.set_tensor(taken[0]["index"], image)
                interpreter.invoke()
                use(index, interpreter.get_tensor(given[0]["index"])[0])

        with ThreadPoolExecutor(WORKERS) as pool:
            list(pool.map(run, range(WORKERS)))


def _convert(path):
    backbone = models.imagenet_backbone(RECIPE.size)
    last = backbone.layers[-1].name
    extractor = models.feature_extractor(
        backbone, RECIPE.size, pixel_range=RECIPE.pixel_range, until=last
    )
    with paths.write_atomically(path) as temporary, quiet.mute_stderr():
        extractor.export(
            temporary,
            format="litert",
            verbose=False,
            input_signature=[keras.InputSpec(shape=(1, 48, 48, 1), dtype="float32")],
        )


def _open(path):
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(str(path), num_threads=1)
    with quiet.mute_stderr():  # LiteRT notes which processor it found
        interpreter.allocate_tensors()
    return interpreter


def mirrored_maps(images):
    """Compute feature maps of faces surrounded by their mirror image instead of by zeros.

    Convolutions pad the 224 px image with zeros, which shows at the edge of the feature maps. Here
    the image is extended by one place (32 px) on each side, and the outermost places are dropped.

    Args:
        images: Faces, `(n, 48, 48, 1)`, 0-255.

    Returns:
        Float32 array `(n, 7, 7, 1280)`.
    """
    margin = RECIPE.size // SIDE
    prepare = models.preprocessing(RECIPE.size, RECIPE.pixel_range)
    backbone = models.imagenet_backbone(RECIPE.size + 2 * margin)
    enlarged = np.pad(
        prepare.predict(images.astype(np.float32), verbose=0),
        ((0, 0), (margin, margin), (margin, margin), (0, 0)),
        mode="symmetric",
    )
    return backbone.predict(enlarged, batch_size=16, verbose=0)[:, 1:-1, 1:-1]
