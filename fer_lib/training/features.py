"""What a frozen backbone makes of every image, computed once and kept in the user's cache."""

import hashlib
import json

import numpy as np

from fer_lib import paths
from fer_lib.training import devices

CHUNK = 1024


def compute(extractor, images, verbose=0):
    """Outputs of `extractor` for all images, (n, ...) float32, read-only and mapped from the cache.

    images: (n, 48, 48, 1), 0-255. Cached by the images, the extractor's weights and its layers, so
    that no change of either can meet stale features. Interrupted, it goes on where it was.
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
    """A layer's settings without the names that Keras numbers anew for every model it builds."""
    if hasattr(layer, "layers"):
        return [_configuration(inner) for inner in layer.layers]
    settings = {key: value for key, value in layer.get_config().items() if key != "name"}
    return [type(layer).__name__, settings]


def _extract(extractor, images, path, verbose):
    """Fill the file chunk by chunk; `.done` counts the finished rows of the unfinished file."""
    from tqdm.auto import tqdm

    shape = (len(images), *extractor.output_shape[1:])
    partial, done = path.with_suffix(".partial"), path.with_suffix(".done")
    resumed = partial.exists() and done.exists()
    start = int(done.read_text()) if resumed else 0
    mode = {"mode": "r+"} if resumed else {"mode": "w+", "dtype": np.float32, "shape": shape}
    rows = np.lib.format.open_memmap(partial, **mode)
    chunks = range(start, len(images), CHUNK)
    for first in tqdm(chunks, "backbone features", unit="k", disable=not verbose):
        chunk = slice(first, first + CHUNK)
        rows[chunk] = devices.predict(extractor, images[chunk].astype(np.float32), batch_size=16)
        rows.flush()
        with paths.write_atomically(done) as temporary:
            temporary.write_text(str(min(first + CHUNK, len(images))))
    del rows  # closes the file, which Windows wants before a rename
    partial.replace(path)
    done.unlink(missing_ok=True)
