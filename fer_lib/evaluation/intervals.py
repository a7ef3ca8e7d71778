"""How sure a number is: bootstrap intervals over images, and the spread over seeds."""

from typing import NamedTuple

import numpy as np
import pandas as pd


class Estimate(NamedTuple):
    """A number or an array of numbers, with the ends of its interval."""

    value: float
    low: float
    high: float

    def __str__(self):
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


def bootstrap(statistic, *arrays, resamples=1000, seed=0):
    """Values of `statistic` on samples of the images drawn with replacement, (resamples, ...).

    arrays: the statistic's arguments, a row an image each; the same images are drawn from all,
    so that two models on the same images are compared pair by pair (Efron & Tibshirani 1993).
    """
    generator = np.random.default_rng(seed)
    count = len(arrays[0])
    samples = (generator.integers(0, count, count) for _ in range(resamples))
    return np.array([statistic(*(array[sample] for array in arrays)) for sample in samples])


def interval(statistic, *arrays, level=0.95, resamples=1000, seed=0):
    """The statistic and its bootstrap interval (percentiles), an Estimate.

    It tells what other images would have given, not another training: see `spread`.
    """
    values = bootstrap(statistic, *arrays, resamples=resamples, seed=seed)
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return Estimate(statistic(*arrays), low, high)


def difference(metric, labels, first, second, **options):
    """By how much the second model's metric is higher, on the same images, an Estimate.

    first, second: probabilities of the two models. options: as for `interval`.
    """

    def gain(labels, first, second):
        return metric(labels, second) - metric(labels, first)

    return interval(gain, labels, first, second, **options)


def paired(first, second, usage):
    """Labels and both runs' probabilities of the images of `usage`, image by image: three arrays.

    Raises ValueError if the two runs did not predict the same images in the same order.
    """
    names = [
        run.predictions.loc[run.predictions["usage"] == usage, "name"] for run in (first, second)
    ]
    if not np.array_equal(*names):
        raise ValueError(f"{first.name} and {second.name} did not predict the same {usage} images")
    return *first.usage(usage), second.usage(usage)[1]


def spread(tables):
    """Mean and standard deviation (n - 1) of equally shaped tables: two DataFrames.

    Of runs that differ in their seed alone it tells what another training would have given.
    """
    stacked = np.stack([table.to_numpy(float) for table in tables])
    rows, columns = tables[0].index, tables[0].columns
    mean, deviation = stacked.mean(axis=0), stacked.std(axis=0, ddof=1)
    return pd.DataFrame(mean, rows, columns), pd.DataFrame(deviation, rows, columns)
