"""The list of experiments, and their records: computed part by part, written whole, read back.

An experiment `name` is the module `fer_lib/experiments/<name>.py` with a function
`compute(dataset, keep)`. It returns a DataFrame, or a dict of arrays for a record that ends in
`.npz`, and calls `keep(part, function, *arguments)` for each part of its work: that calls
`function(*arguments)`, or reads what it returned before an interruption.
"""

import functools
import hashlib
import importlib
import time
import zipfile
from typing import NamedTuple

from fer_lib import paths
from fer_lib.exceptions import Problem

FOLDER = paths.DATA / "experiments"


class Experiment(NamedTuple):
    """An experiment of the course.

    Attributes:
        file: Name of its record in `data/experiments`: `.csv`, `.csv.gz`, or `.npz`.
        about: What it does, in a few words.
    """

    file: str
    about: str


EXPERIMENTS = {
    "depth": Experiment("depth.csv", "cut the frozen backbone after each block"),
    "imbalance": Experiment("imbalance.csv", "weigh, oversample, or adjust for the rare classes"),
    "learning_curves": Experiment(
        "learning_curves.csv", "train on 10, 30, and 100% of the images, in four ways"
    ),
    "label_errors": Experiment("label_errors.csv.gz", "find likely label errors out of fold"),
    "changed_faces": Experiment("changed_faces.npz", "hide parts of each face and corrupt it"),
    "saliency_maps": Experiment("saliency_maps.npz", "average where the network looks"),
    "views": Experiment("views.npz", "mirror, move, and scale each face by a tenth"),
    "live_limits": Experiment("live_limits.npz", "show faces to the live demo in harder scenes"),
    "browser_framing": Experiment(
        "browser_framing.csv.gz", "crop faces from the boxes of the browser's detector"
    ),
}


def load(name):
    """Load the record of an experiment.

    Args:
        name: A key of `EXPERIMENTS`.

    Returns:
        What the experiment's `compute` returned: a DataFrame, or a dict of arrays.

    Raises:
        Problem: If there is no such experiment, or its record is missing or damaged.
    """
    path = FOLDER / _find(name).file
    if not path.exists():
        raise Problem(f"{path} is missing. Restore it with git, or run `fer experiment {name}`.")
    try:
        return _read(path)
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise Problem(f"{path} is damaged ({error}). Restore it with git.") from error


def record(name, dataset):
    """Run an experiment and write its record; after an interruption, resume it.

    Args:
        name: A key of `EXPERIMENTS`.
        dataset: The `data.Dataset` to run it on.

    Returns:
        Path of the record.

    Raises:
        Problem: If there is no such experiment.
    """
    path = FOLDER / _find(name).file
    parts = paths.cache_folder() / "experiments" / f"{name}-{dataset.digest()[:16]}"
    compute = importlib.import_module(f"fer_lib.experiments.{name}").compute
    _write(compute(dataset, functools.partial(keep, parts)), path)
    for part in parts.glob("*"):
        part.unlink()
    return path


def keep(folder, name, function, *arguments):
    """Compute one part of an experiment, or read it if it was computed before an interruption.

    Args:
        folder: Folder of the finished parts.
        name: Name of the part. It must state everything in which parts differ.
        function: Callable that computes the part, a DataFrame or a dict of arrays.
        *arguments: Its arguments.

    Returns:
        What the function returns.
    """
    stem = hashlib.sha256(name.encode()).hexdigest()[:16]
    for path in folder.glob(f"{stem}.*"):
        return _read(path)
    start = time.perf_counter()
    result = function(*arguments)
    _write(result, folder / f"{stem}{'.npz' if isinstance(result, dict) else '.csv'}")
    print(f"{name}: {time.perf_counter() - start:.0f} s", flush=True)
    return result


def _find(name):
    if name not in EXPERIMENTS:
        raise Problem(f"No experiment {name!r}. Choose one of {', '.join(EXPERIMENTS)}.")
    return EXPERIMENTS[name]


def _read(path):
    import numpy as np
    import pandas as pd

    if path.suffix == ".npz":
        # Of a damaged file np.load would not close it.
        with open(path, "rb") as file, np.load(file) as arrays:
            return dict(arrays)
    return pd.read_csv(path)


def _write(result, path):
    """Write a table or arrays, the same bytes every time."""
    import numpy as np

    with paths.write_atomically(path) as temporary:
        if path.suffix == ".npz":
            np.savez_compressed(temporary, **result)
            return
        compression = {"method": "gzip", "mtime": 0} if path.suffix == ".gz" else None
        result.to_csv(temporary, index=False, compression=compression, lineterminator="\n")
