"""Recorded training runs: what a run was, how it went, what it predicts."""

import json
import os
import platform
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from fer_lib import paths
from fer_lib.exceptions import Problem
from fer_lib.labels import ANSWERS, LABEL, LABELS, class_indices

# Packages whose versions are recorded with a run, because they decide its numbers.
PACKAGES = ("keras", "tensorflow", "jax", "torch", "numpy", "opencv-python-headless")


class RunName(NamedTuple):
    """The name of a training run, `<recipe>-seed<n>`.

    Attributes:
        recipe: Name of the recipe, e.g. `"paper"`.
        seed: Seed of weights, order, and data augmentation.
    """

    recipe: str
    seed: int

    def __str__(self):
        return f"{self.recipe}-seed{self.seed}"

    @classmethod
    def parse(cls, text):
        """Parse a run's name.

        Args:
            text: A name such as `"paper-seed0"`.

        Returns:
            The `RunName`.

        Raises:
            Problem: If the text is not `<recipe>-seed<n>`.
        """
        match = re.fullmatch(r"(.+)-seed(0|[1-9][0-9]*)", text)
        if match is None:
            raise Problem(f"{text!r} is not a run's name. Name a run like paper-seed0.")
        return cls(match[1], int(match[2]))


@dataclass(frozen=True)
class Run:
    """One training run.

    Attributes:
        name: `<recipe>-seed<n>`, or a baseline's name.
        info: What `run.json` holds: the recipe, seed, data, versions, hardware, seconds, and
            results.
        history: DataFrame with one row per epoch.
        predictions: DataFrame with one row per validation and test image: name, split
            (`"validation"` or `"test"`), usage, label (the class's name), and seven probabilities
            in columns named after `LABELS`. Of a network with two answers these are what the label
            says; seven more columns, "people angry" and so on, are what people would say.
    """

    name: str
    info: dict
    history: pd.DataFrame
    predictions: pd.DataFrame

    @property
    def answers(self):
        """The answers that the predictions hold, `(LABEL,)` or `ANSWERS`."""
        return answers_in(self.predictions)

    def split(self, name, answer=LABEL):
        """Get the predictions of one split.

        Args:
            name: `"validation"` or `"test"`.
            answer: One of `answers`.

        Returns:
            A tuple `(labels, probabilities)` as from `arrays`.

        Raises:
            ValueError: If the run has no predictions of that split.
        """
        return self._part(self.predictions["split"] == name, answer)

    def usage(self, *names, answer=LABEL):
        """Get the predictions of one or more official splits.

        Args:
            *names: `"PublicTest"`, `"PrivateTest"`, or both.
            answer: One of `answers`.

        Returns:
            A tuple `(labels, probabilities)` as from `arrays`.

        Raises:
            ValueError: If the run has no predictions of them.
        """
        return self._part(self.predictions["usage"].isin(names), answer)

    def _part(self, mask, answer):
        if not mask.any():
            raise ValueError(f"run {self.name} has no predictions of that part")
        return arrays(self.predictions[mask], answer)


def names():
    """List the names of all recorded runs on FER2013, sorted."""
    return sorted(path.parent.name for path in paths.RUNS.glob("*/run.json"))


def of_recipe(*recipes):
    """Load all recorded runs of some recipes.

    Runs of one recipe differ only in their seed.

    Args:
        *recipes: Names of recipes, e.g. `"paper"`.

    Returns:
        A list of `Run`, sorted by name.
    """
    return [load(name) for name in names() if _recipe_of(name) in recipes]


def _recipe_of(name):
    """The recipe in a run's name; None for the baselines, whose names have no seed."""
    try:
        return RunName.parse(name).recipe
    except Problem:
        return None


def load(name, folder=None):
    """Load a recorded run.

    Args:
        name: Run name, e.g. `"paper-seed0"`.
        folder: Parent folder; defaults to `data/runs`.

    Returns:
        The `Run`.

    Raises:
        Problem: If the run is missing or incomplete.
    """
    place = Path(folder or paths.RUNS) / name
    if not (place / "run.json").exists():
        raise Problem(f"{place}: no such run. Choose from {', '.join(names()) or 'none'}.")
    try:
        info = json.loads((place / "run.json").read_text(encoding="utf-8"))
        history = pd.read_csv(place / "history.csv")
        predictions = pd.read_csv(place / "predictions.csv.gz")
    except (OSError, ValueError, EOFError) as error:
        raise Problem(f"{place}: incomplete run ({error}). Restore it with git.") from error
    return Run(name, info, history, predictions)


def save(run, folder=None):
    """Write a run as `<folder>/<name>/`, completely or not at all; a run of that name is replaced.

    Args:
        run: The `Run`.
        folder: Parent folder; defaults to `data/runs`.
    """
    folder = Path(folder or paths.RUNS)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".writing-") as temporary:
        new, old = Path(temporary) / "new", Path(temporary) / "old"
        _write(run, new)
        if (folder / run.name).exists():
            shutil.move(folder / run.name, old)
        shutil.move(new, folder / run.name)


def _write(run, place):
    """Write a run's three files, the same bytes every time."""
    place.mkdir()
    text = json.dumps(run.info, indent=1, ensure_ascii=False)
    (place / "run.json").write_text(text + "\n", encoding="utf-8")
    run.history.to_csv(place / "history.csv", index=False, lineterminator="\n")
    run.predictions.to_csv(
        place / "predictions.csv.gz",
        index=False,
        float_format="%.5f",
        compression={"method": "gzip", "mtime": 0},
        lineterminator="\n",
    )


def columns(answer):
    """List the seven columns of `Run.predictions` that hold an answer, `LABEL` or `PEOPLE`."""
    return list(LABELS) if answer == LABEL else [f"{answer} {label}" for label in LABELS]


def answers_in(predictions):
    """List the answers that a table of predictions holds: `(LABEL,)` or `ANSWERS`."""
    return tuple(answer for answer in ANSWERS if set(columns(answer)) <= set(predictions))


def arrays(predictions, answer=LABEL):
    """Convert a table of predictions to arrays.

    Args:
        predictions: Rows of `Run.predictions`.
        answer: `LABEL`, or `PEOPLE` for a network that answers both.

    Returns:
        A tuple `(labels, probabilities)`: FER2013's labels, class indices `(n,)` int64, and
        probabilities `(n, 7)`.

    Raises:
        Problem: If the table doesn't hold this answer.
    """
    if answer not in answers_in(predictions):
        raise Problem("These predictions only tell what the label says. Choose another run.")
    labels = class_indices(predictions["label"])
    return labels, predictions[columns(answer)].to_numpy()


def predictions_table(parts):
    """Make the table `Run.predictions`.

    Args:
        parts: List of `(split, dataset, probabilities)`: the split's name, its `Dataset`, and
            `(n, 7)`, or a dict of them by answer.

    Returns:
        The DataFrame, probabilities rounded to five decimals.
    """
    tables = []
    for split, dataset, probabilities in parts:
        answers = probabilities if isinstance(probabilities, dict) else {LABEL: probabilities}
        values = np.concatenate(list(answers.values()), axis=1).astype(np.float64)
        names = [name for answer in answers for name in columns(answer)]
        table = pd.DataFrame(values.round(5), columns=names)
        table.insert(0, "name", dataset.names)
        table.insert(1, "split", split)
        table.insert(2, "usage", dataset.usages)
        table.insert(3, "label", np.array(LABELS)[dataset.labels])
        tables.append(table)
    return pd.concat(tables, ignore_index=True)


def versions():
    """List the versions of Python and of what is installed of `PACKAGES`: `{name: version}`."""
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return found


def hours(names_of_runs):
    """Add up how long runs took to train when seed 0 of their recipes was recorded.

    Args:
        names_of_runs: Run names.

    Returns:
        Hours, on the hardware that each run's `info` names; None if a recipe has no such record.
    """
    first_seeds = _first_seeds(names_of_runs)
    if not set(first_seeds) <= set(names()):
        return None
    return sum(sum(load(name).info["seconds"].values()) for name in first_seeds) / 3600


def machines(names_of_runs):
    """List what seed 0 of some runs' recipes was trained on when it was recorded.

    Args:
        names_of_runs: Run names, whose recipes all have such a record.

    Returns:
        A sorted list of GPUs and, for runs without one, processors with their number of cores.
    """
    found = set()
    for name in _first_seeds(names_of_runs):
        hardware = load(name).info["hardware"]
        processor = f"{hardware['cores']} cores of {hardware['processor']}"
        found.add(hardware.get("gpu") or processor)
    return sorted(found)


def _first_seeds(names_of_runs):
    return [str(RunName(RunName.parse(name).recipe, 0)) for name in names_of_runs]


def hardware():
    """Describe the processor, its cores, NVIDIA's GPU if there is one, and the operating system.

    Returns:
        A dict: processor, cores, gpu (None without one), and system.
    """
    model = platform.processor() or platform.machine()
    information = Path("/proc/cpuinfo")
    if information.exists():
        lines = information.read_text().splitlines()
        named = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
        model = named[0] if named else model
    return {
        "processor": model,
        "cores": os.cpu_count(),
        "gpu": _gpu(),
        "system": platform.system(),
    }


def _gpu():
    """The name of NVIDIA's first GPU, as its driver's tool tells it."""
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return None
    command = [tool, "--query-gpu=name", "--format=csv,noheader"]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    return told.stdout.strip().partition("\n")[0] or None
