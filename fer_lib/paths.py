"""Where files are: the folders of the repository, and the user's cache."""

import contextlib
import os
import tempfile
from pathlib import Path

import platformdirs

REPOSITORY = Path(__file__).resolve().parents[1]
DATA = REPOSITORY / "data"
RUNS = DATA / "runs"
MODELS = DATA / "models"
MANIFEST = DATA / "manifest.csv.gz"
FIGURES = REPOSITORY / "figures"
NOTEBOOKS = REPOSITORY / "notebooks"


def cache_folder():
    """Find the folder for what can be regenerated: decoded images, features, checkpoints.

    Returns:
        Where the environment's `FER_CACHE` points, or else the user's cache folder of the operating
        system.
    """
    folder = os.environ.get("FER_CACHE") or platformdirs.user_cache_dir("fer_lib", appauthor=False)
    return Path(folder)


@contextlib.contextmanager
def write_atomically(path):
    """Write a file completely or not at all, whatever interrupts the writing.

    Args:
        path: The file to write; its folder is created.

    Yields:
        A temporary path beside it, moved into place if the block ends without an error.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".writing-", suffix=path.suffix)
    os.close(handle)
    try:
        yield Path(temporary)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    finally:
        Path(temporary).unlink(missing_ok=True)
