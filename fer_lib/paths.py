"""Where things are: the folders of the repository and the user's cache."""

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
    """Folder for what can be made again: decoded images, backbone features, training checkpoints.

    `FER_CACHE` names it, else it is the operating system's cache folder of the user.
    """
    folder = os.environ.get("FER_CACHE") or platformdirs.user_cache_dir("fer_lib", appauthor=False)
    return Path(folder)


@contextlib.contextmanager
def write_atomically(path):
    """Give a temporary path beside `path`; move it into place if the block ends without error.

    So a file is there whole or not at all, whatever interrupts the writing.
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
