"""Features of a frozen backbone, computed once and kept in the user's cache."""

import hashlib
import json

import numpy as np

from fer_lib import paths
from fer_lib.training import devices

CHUNK = 1024  # images between two points at which the computation can resume


def compute(extractor, images, verbose=0):
    """Compute the features of images, or read them from the cache.

    The cache's key holds the images, the extractor's weights, and its layers, so that a change of
    any never leads to stale features. An interrupted computation resumes where it was.

    Args:
        extractor: A Keras model of `models.feature_extractor`.
        images: `(n, 48, 48, 1)`, 0-255.
        verbose: 1 for a progress bar, 0 for none.

    Returns:
        Features `(n, ...)` float32, read-only and memory-mapped.
    """
    path = paths.cache_folder() / "features" / f"{_key(extractor, images)}.npy"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        _extract(extractor, images, path, verbose)
    return np.load(path, mmap_mode="r")


def _key(extractor, images):
    digest = hashlib.sha256(np.ascontiguousarray(images).tobytes())
    for weight in extractor.get_weights():
        digest.update(np.ascontiguousarray(weight).tobytes())
    shapes = [extractor.input_shape, extractor.output_shape]
    configurations = [_configuration(layer) for layer in extractor.layers]
    digest.update(json.dumps([shapes, configurations], sort_keys=True, default=str).encode())
    return digest.hexdigest()[:24]


def _configuration(layer):
    """A layer's configuration without its name, which Keras renumbers in every model."""
    if hasattr(layer, "layers"):
        return [_configuration(inner) for inner in layer.layers]
    settings = {key: value for key, value in layer.get_config().items() if key != "name"}
    return [type(layer).__name__, settings]


def _extract(extractor, images, path, verbose):
    """Fill the file chunk by chunk; until it is complete, `.done` counts the finished rows."""
    from tqdm.auto import tqdm

    partial, done = path.with_suffix(".partial"), path.with_suffix(".done")
    rows, start = _open_partial(partial, done, (len(images), *extractor.output_shape[1:]))
    chunks = range(start, len(images), CHUNK)
    for first in tqdm(chunks, "backbone features", unit="k", disable=not verbose):
        chunk = slice(first, first + CHUNK)
        rows[chunk] = devices.predict(extractor, images[chunk].astype(np.float32), batch_size=16)
        rows.flush()
        with paths.write_atomically(done) as temporary:
            temporary.write_text(str(min(first + CHUNK, len(images))))
    del rows  # closes the file: Windows doesn't rename an open one
    partial.replace(path)
    done.unlink(missing_ok=True)


def _open_partial(partial, done, shape):
    """Open the unfinished file; returns it as an array, and the number of finished rows."""
    if partial.exists() and done.exists():
        return np.lib.format.open_memmap(partial, mode="r+"), int(done.read_text())
    return np.lib.format.open_memmap(partial, mode="w+", dtype=np.float32, shape=shape), 0
