"""The one way in which the course measures time."""

import time

import numpy as np

REPEATS = 30


def median_milliseconds(function, repeats=REPEATS):
    """Median time of a call of `function`, in milliseconds, after two calls to warm up."""
    for _ in range(2):
        function()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return 1000 * float(np.median(times))
