"""The one way in which the course measures time."""

import time

import numpy as np

REPEATS = 30
WARM_UP = 2


def median_milliseconds(function, repeats=REPEATS, *, stages=None, warm_up=WARM_UP):
    """Measure the median time of a call.

    Args:
        function: Callable without arguments.
        repeats: Number of timed calls.
        stages: Callable without arguments that returns how long each stage of the last call took,
            `{stage: milliseconds}`. None to time the call as a whole.
        warm_up: Number of calls before the timed ones. Nothing of them is counted, neither their
            time nor their stages: a first call may compile, allocate, or load.

    Returns:
        The median in milliseconds. With `stages` a dict instead: `"total"` and the median of each
        stage over the same calls, so that no stage takes longer than the total.
    """
    for _ in range(warm_up):
        function()
    calls = [_timed(function, stages) for _ in range(repeats)]
    medians = {part: float(np.median([call[part] for call in calls])) for part in calls[0]}
    return medians if stages else medians["total"]


def _timed(function, stages):
    started = time.perf_counter()
    function()
    total = 1000 * (time.perf_counter() - started)
    return {"total": total, **(stages() if stages else {})}
