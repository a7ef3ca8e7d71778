"""Files that the user brings: named in the environment, or downloaded and checked."""

import os
from pathlib import Path

from fer_lib.exceptions import Problem


def named(variable, kind="file"):
    """Find the file that an environment variable names.

    Args:
        variable: Name of the variable.
        kind: What it may name, for the error message.

    Returns:
        Its path; None if the variable is unset or empty.

    Raises:
        Problem: If it names something that is not there.
    """
    value = os.environ.get(variable)
    if not value:
        return None
    path = Path(value).expanduser()
    if not os.path.exists(path):  # unlike Path.exists, False where access is forbidden
        raise Problem(f"{variable}={value}: no such {kind}. Correct the path or unset it.")
    return path


def download(what, url, sha256, path, variable):
    """Download a file and check it; an intact copy is not downloaded again.

    Args:
        what: What the file is, for the error message.
        url: Its address.
        sha256: Its checksum.
        path: Where to save it.
        variable: Environment variable that can name a copy, for the error message.

    Returns:
        The path.

    Raises:
        Problem: If the download fails, or brings another file.
    """
    import pooch

    try:
        return Path(pooch.retrieve(url, sha256, path.name, path.parent))
    except (OSError, ValueError) as error:  # no network; another checksum
        reason = (str(error).splitlines() or [type(error).__name__])[0][:200]
        raise Problem(
            f"Can't download {what} from {url} ({reason}). Check the network, or get the file "
            f"yourself and name it in {variable}."
        ) from error
