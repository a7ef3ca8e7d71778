"""The library behind the course's notebooks: data, training, evaluation and figures.

`import fer_lib` is light: a module such as `fer_lib.model` is loaded when it is first used.
"""

import importlib
import importlib.util

from fer_lib import quiet

__version__ = "0.1.0"

quiet.silence_tensorflow()


def __getattr__(name):
    """Load the module `fer_lib.<name>` at its first use (PEP 562)."""
    module = f"{__name__}.{name}"
    if importlib.util.find_spec(module) is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return importlib.import_module(module)
