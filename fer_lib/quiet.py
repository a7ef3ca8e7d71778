"""TensorFlow without its start-up messages, so that a notebook shows its own output only.

TensorFlow 2.21 writes notes about CPU and CUDA straight to the process's standard error while it is
imported, whatever TF_CPP_MIN_LOG_LEVEL says; later messages obey it.
"""

import contextlib
import importlib.machinery
import os
import sys


def silence_tensorflow():
    """Silence TensorFlow, if it is imported after this call.

    With TF_CPP_MIN_LOG_LEVEL=0 in the environment, everything is shown. Errors that are raised as
    Python exceptions are never hidden.
    """
    # At level 2, a machine without a GPU would still report a failed call to CUDA.
    if os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3") != "0":
        sys.meta_path.insert(0, _QuietFinder)


class _QuietFinder:
    """An import finder that leaves every module to the others, but mutes TensorFlow's loading."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        if name != "tensorflow":
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec is not None:
            spec.loader = _QuietLoader(spec.loader.name, spec.loader.path)
        return spec


class _QuietLoader(importlib.machinery.SourceFileLoader):
    def exec_module(self, module):
        with mute_stderr():
            super().exec_module(module)


@contextlib.contextmanager
def mute_stderr():
    """Mute standard error within a block, including native code, which bypasses `sys.stderr`."""
    sys.stderr.flush()
    kept = os.dup(2)
    with open(os.devnull, "wb") as nothing:
        os.dup2(nothing.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
