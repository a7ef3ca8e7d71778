"""Recorded training runs: what a run was, how it went, what it predicts."""

import json
import os
import platform
import re
import shutil
import tempfile
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from fer_lib import paths
from fer_lib.exceptions import Problem
from fer_lib.labels import LABELS

PACKAGES = ("keras", "tensorflow", "jax", "torch", "numpy", "opencv-python-headless")


class RunName(NamedTuple):
    """The name of a training run, `<recipe>-seed<n>`.

    Attributes:
        recipe: Name of the recipe, e.g. `"paper"`.
        seed: Seed of weights, order, and augmentation.
    """

    recipe: str
    seed: int

    def __str__(self):
        return f"{self.recipe}-seed{self.seed}"

    @classmethod
    def parse(cls, text):
        """Take a run's name apart.

        Args:
            text: A name such as `"paper-seed0"`.

        Returns:
            The `RunName`.

        Raises:
            Problem: If the text is not `<recipe>-seed<n>`.
        """
        match = re.fullmatch(r"(.+)-seed(\d+)", text)
        if match is None:
            raise Problem(f"{text!r} is not a run's name, such as paper-seed0")
        return cls(match[1], int(match[2]))


@dataclass(frozen=True)
class Run:
    """One training run.

    info: the recipe, seed, data, versions, hardware, seconds and results. history: a row an epoch.
    predictions: a row for each validation and test image: name, split ("validation" or "test"),
    usage, label (its class's name) and seven probabilities in columns named by `LABELS`.
    """

    name: str
    info: dict
    history: pd.DataFrame
    predictions: pd.DataFrame

    def split(self, name):
        """(labels (n,) int, probabilities (n, 7)) of "validation" or "test"."""
        return self._part(self.predictions["split"] == name)

    def usage(self, *names):
        """(labels (n,) int, probabilities (n, 7)) of "PublicTest", "PrivateTest" or both."""
        return self._part(self.predictions["usage"].isin(names))

    def _part(self, mask):
        if not mask.any():
            raise ValueError(f"run {self.name} holds no predictions of that part")
        return arrays(self.predictions[mask])


def names():
    """Names of all recorded runs on FER2013, sorted."""
    return sorted(path.parent.name for path in paths.RUNS.glob("*/run.json"))


def of_recipe(*recipes):
    """Load all recorded runs of some recipes.

    Runs of one recipe differ only in their seed.

    Args:
        *recipes: Names of recipes, e.g. `"paper"`.

    Returns:
        A list of `Run`, sorted by name.
    """
    seeded = [name for name in names() if "-seed" in name]  # the baselines have no seed
    return [load(name) for name in seeded if RunName.parse(name).recipe in recipes]


def load(name, folder=None):
    """Read a recorded run from `folder` (None: `data/runs`).

    Raises Problem if there is none of that name or it is not whole.
    """
    place = Path(folder or paths.RUNS) / name
    if not (place / "run.json").exists():
        raise Problem(f"{place}: no such run; there are {', '.join(names()) or 'none'}")
    try:
        info = json.loads((place / "run.json").read_text(encoding="utf-8"))
        history = pd.read_csv(place / "history.csv")
        predictions = pd.read_csv(place / "predictions.csv.gz")
    except (OSError, ValueError, EOFError) as error:
        raise Problem(f"{place}: not a whole run ({error}); restore it with git") from error
    return Run(name, info, history, predictions)


def save(run, folder=None):
    """Write a run as `<folder>/<name>/`, whole or not at all; replaces a run of that name."""
    folder = Path(folder or paths.RUNS)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".writing-") as temporary:
        new, old = Path(temporary) / "new", Path(temporary) / "old"
        new.mkdir()
        text = json.dumps(run.info, indent=1, ensure_ascii=False)
        (new / "run.json").write_text(text + "\n", encoding="utf-8")
        run.history.to_csv(new / "history.csv", index=False, lineterminator="\n")
        run.predictions.to_csv(
            new / "predictions.csv.gz",
            index=False,
            float_format="%.5f",
            compression={"method": "gzip", "mtime": 0},
            lineterminator="\n",
        )
        if (folder / run.name).exists():
            shutil.move(folder / run.name, old)
        shutil.move(new, folder / run.name)


def arrays(predictions):
    """(labels (n,) int, probabilities (n, 7)) of a table of predictions."""
    labels = pd.Categorical(predictions["label"], categories=LABELS).codes.astype(np.int64)
    return labels, predictions[list(LABELS)].to_numpy()


def predictions_table(parts):
    """A run's predictions, from a list of (split name, Dataset, probabilities (n, 7))."""
    tables = []
    for split, dataset, probabilities in parts:
        table = pd.DataFrame(probabilities.astype(np.float64).round(5), columns=list(LABELS))
        table.insert(0, "name", dataset.names)
        table.insert(1, "split", split)
        table.insert(2, "usage", dataset.usages)
        table.insert(3, "label", np.array(LABELS)[dataset.labels])
        tables.append(table)
    return pd.concat(tables, ignore_index=True)


def versions():
    """Installed versions of what decides a run's numbers, and Python's."""
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return found


def hardware():
    """The processor and how many cores it has, as the operating system tells."""
    model = platform.processor() or platform.machine()
    information = Path("/proc/cpuinfo")
    if information.exists():
        lines = information.read_text().splitlines()
        named = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
        model = named[0] if named else model
    return {"processor": model, "cores": os.cpu_count(), "system": platform.system()}
