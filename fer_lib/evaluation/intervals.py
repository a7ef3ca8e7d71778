"""How certain a number is: bootstrap intervals over images, and the spread over seeds."""

from typing import NamedTuple

import numpy as np
import pandas as pd

LEVEL = 0.95


class Estimate(NamedTuple):
    """A number, or an array of numbers, with its 95% confidence interval.

    Attributes:
        value: The number or array.
        low: Lower end of the interval, of the same shape.
        high: Upper end of the interval, of the same shape.
    """

    value: float
    low: float
    high: float

    def __str__(self):
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


def bootstrap(statistic, *arrays, resamples=1000):
    """Compute a statistic on samples of the images, drawn with replacement.

    The samples are the same on every call. Source: Efron & Tibshirani 1993.

    Args:
        statistic: Callable taking the arrays.
        *arrays: The statistic's arguments, one row per image each. The same images are drawn from
            all, so that two models on the same images are compared pair by pair.
        resamples: Number of samples.

    Returns:
        Array `(resamples, ...)` of the statistic's values.
    """
    generator = np.random.default_rng(0)
    count = len(arrays[0])
    samples = (generator.integers(0, count, count) for _ in range(resamples))
    # np.take draws rows three times as fast as indexing does.
    draws = ((np.take(array, sample, axis=0) for array in arrays) for sample in samples)
    return np.array([statistic(*drawn) for drawn in draws])


def interval(statistic, *arrays, resamples=1000):
    """Estimate a statistic with its 95% confidence interval, from bootstrap percentiles.

    The interval covers what other images would have given, not another training run: see `spread`.

    Args:
        statistic: Callable taking the arrays.
        *arrays: The statistic's arguments, one row per image each.
        resamples: Number of samples, see `bootstrap`.

    Returns:
        The `Estimate`.
    """
    values = bootstrap(statistic, *arrays, resamples=resamples)
    low, high = np.quantile(values, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
    return Estimate(statistic(*arrays), low, high)


def clustered(statistic, clusters, resamples=1000):
    """Estimate a statistic with its 95% confidence interval; the bootstrap draws clusters.

    Images of one cluster, e.g. copies of one photograph, are not independent. They are drawn
    together. Source: Davison & Hinkley 1997, section 3.8.

    Args:
        statistic: Callable taking how many times each image is drawn, `(n,)`.
        clusters: The cluster of each image, `(n,)`; any values.
        resamples: Number of samples, see `bootstrap`.

    Returns:
        The `Estimate`.
    """
    names, numbers = np.unique(clusters, return_inverse=True)

    def of_clusters(drawn):
        return statistic(np.bincount(drawn, minlength=len(names))[numbers])

    return interval(of_clusters, np.arange(len(names)), resamples=resamples)


def clustered_mean(values, clusters, weights=1.0):
    """Estimate a mean over images with its 95% confidence interval; the bootstrap draws clusters.

    Args:
        values: One number per image, `(n,)`.
        clusters: The cluster of each image, `(n,)`, as in `clustered`.
        weights: How much each image counts, `(n,)`; by default all the same.

    Returns:
        The `Estimate`.
    """
    return clustered(lambda drawn: np.average(values, weights=drawn * weights), clusters)


def difference(metric, labels, first, second, **options):
    """Estimate how much a metric improves between two models on the same images.

    Args:
        metric: Callable taking `(labels, probabilities)`.
        labels: Class indices, shape `(n,)`.
        first: Baseline probabilities, `(n, 7)`.
        second: New model's, for the same images.
        **options: Passed to `interval`.

    Returns:
        `Estimate` of second minus first (paired bootstrap).
    """

    def gain(labels, first, second):
        return metric(labels, second) - metric(labels, first)

    return interval(gain, labels, first, second, **options)


def paired(first, second, usage):
    """Collect the labels and both runs' probabilities of the same images.

    Args:
        first: A `runs.Run`.
        second: A `runs.Run` that predicted the same images.
        usage: "PublicTest" or "PrivateTest".

    Returns:
        Labels `(n,)`, the first run's probabilities `(n, 7)`, and the second run's.

    Raises:
        ValueError: If the two runs did not predict the same images in the same order.
    """
    names = [
        run.predictions.loc[run.predictions["usage"] == usage, "name"] for run in (first, second)
    ]
    if not np.array_equal(*names):
        raise ValueError(
            f"{first.name} and {second.name} did not predict the same {usage} images. "
            "Choose runs that did."
        )
    return *first.usage(usage), second.usage(usage)[1]


def spread(tables):
    """Compute the mean and standard deviation (n - 1) of tables, cell by cell.

    Over runs that differ only in their seed, it shows what another training run would have given.

    Args:
        tables: List of DataFrames with the same rows and columns.

    Returns:
        Two DataFrames of that shape: means and standard deviations.
    """
    stacked = np.stack([table.to_numpy(float) for table in tables])
    rows, columns = tables[0].index, tables[0].columns
    mean, deviation = stacked.mean(axis=0), stacked.std(axis=0, ddof=1)
    return pd.DataFrame(mean, rows, columns), pd.DataFrame(deviation, rows, columns)
