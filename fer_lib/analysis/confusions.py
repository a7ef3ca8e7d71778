"""Which expressions a classifier confuses, why, and what these errors cost.

Labels are class indices `(n,)` and probabilities `(n, 7)`, both in `LABELS` order. Several runs'
probabilities for the same images are `(runs, n, 7)` or a list of `(n, 7)`, and the classes that
they predict `(runs, n)`.
"""

import numpy as np
import pandas as pd

from fer_lib import evaluation, paper
from fer_lib.labels import LABELS

PAIRS = len(LABELS) * (len(LABELS) - 1)  # confusions have a direction
RUNNERS_UP = 2
OFF_DIAGONAL = ~np.eye(len(LABELS), dtype=bool)
SUSPECTS = (*((name,) for name in LABELS), ("disgust", "fear"))  # the last is the paper's


def confused_pairs(labels, probabilities, top=5):
    """Rank the confusions, each direction on its own, by the proportion of the class affected.

    Args:
        labels: Class indices, shape `(n,)`.
        probabilities: Probabilities, `(n, 7)`.
        top: Number of directions, at most the 42 that there are.

    Returns:
        DataFrame with one row per direction: label, predicted, images, proportion of class (of
        the label's images), and proportion of errors (of all misclassified images), both 0-1.
    """
    counts = evaluation.confusion_counts(labels, probabilities)
    errors = counts.sum() - np.trace(counts)
    rows = [
        {
            "label": LABELS[label],
            "predicted": LABELS[predicted],
            "images": counts[label, predicted],
            "proportion of class": counts[label, predicted] / max(counts[label].sum(), 1),
            "proportion of errors": counts[label, predicted] / max(errors, 1),
        }
        for label, predicted in np.argwhere(OFF_DIAGONAL)
    ]
    pairs = pd.DataFrame(rows).sort_values("proportion of class", ascending=False, kind="stable")
    return pairs.head(top).reset_index(drop=True)


def weighted_counts(labels, predicted, weights):
    """Count the images by true and predicted class, each with a weight.

    Inside of `evaluation.clustered`, the weights are how many times each image is drawn; a boolean
    mask counts a subset.

    Args:
        labels: Class indices, shape `(n,)`.
        predicted: Predicted classes of several runs, `(runs, n)`.
        weights: Weight of each image, `(n,)`.

    Returns:
        Array `(runs, 7, 7)`: rows are true labels, columns the predicted classes.
    """
    size = len(LABELS)
    counts = [
        np.bincount(labels * size + classes, weights, minlength=size**2) for classes in predicted
    ]
    return np.reshape(counts, (-1, size, size))


def observed_over_expected(counts, apart=()):
    """Compare confusions with those expected from how often classes are wrong and are predicted.

    Expected is quasi-independence (Goodman 1968): off the diagonal, a row factor times a column
    factor. They are fitted by Poisson regression to the cells off the diagonal.

    Args:
        counts: Confusion matrix, `(7, 7)`, not necessarily integers; the diagonal is ignored.
        apart: Pairs of class names that the expectation isn't fitted to, in neither direction: a
            very frequent confusion raises what is expected of its row and column, so that the
            others seem rare.

    Returns:
        Array `(7, 7)`: 1 is as often as expected, 2 is twice as often; NaN on the diagonal.

    Raises:
        ValueError: If a class is never misclassified, or never predicted by mistake: then nothing
            can be expected of it.
    """
    from statsmodels.api import GLM, families

    rows, columns = np.nonzero(OFF_DIAGONAL)
    observed = np.asarray(counts, dtype=float)[rows, columns]
    classes = np.arange(len(LABELS))
    factors = np.hstack([rows[:, np.newaxis] == classes, columns[:, np.newaxis] == classes[1:]])
    if min(np.bincount(rows, observed).min(), np.bincount(columns, observed).min()) == 0:
        raise ValueError(
            "A class is never misclassified or never predicted by mistake. Use more predictions."
        )
    aside = {frozenset(map(LABELS.index, pair)) for pair in apart}
    fitted = [frozenset(cell) not in aside for cell in zip(rows, columns, strict=True)]
    model = GLM(observed[fitted], factors[fitted].astype(float), family=families.Poisson())
    ratios = np.full((len(LABELS), len(LABELS)), np.nan)
    ratios[rows, columns] = observed / model.predict(model.fit().params, factors.astype(float))
    return ratios


def ratio_table(ratios, apart, counts, people, pairs):
    """Tabulate observed / expected confusions of some pairs of classes, in both directions.

    Args:
        ratios: `evaluation.Estimate` of `observed_over_expected` on the sum of all runs.
        apart: The same with some pairs set apart.
        counts: Confusion matrices of the runs, `(runs, 7, 7)`.
        people: `observed_over_expected` of people's confusions, `(7, 7)`.
        pairs: Pairs of class names.

    Returns:
        DataFrame, one row per direction: images per run, and how many of them are more than
        expected; the two ratios with their CI; the lowest and highest ratio of a single run; and
        people's ratio. Ratios are texts.
    """
    by_run = np.array([observed_over_expected(run) for run in counts])
    rows = {}
    for one, other in (order for pair in pairs for order in (pair, pair[::-1])):
        cell = (LABELS.index(one), LABELS.index(other))
        images, single = counts[:, *cell].mean(), by_run[:, *cell]
        rows[f"{one} → {other}"] = {
            "images": round(images),
            "in excess": round(images - images / ratios.value[cell]),
            "ratio": _with_ci(ratios, cell),
            "runs": f"{single.min():.2f} to {single.max():.2f}",
            "ratio, two pairs apart": _with_ci(apart, cell),
            "people": f"{people[cell]:.2f}",
        }
    return pd.DataFrame.from_dict(rows, orient="index")


def _with_ci(estimate, cell):
    return f"{estimate.value[cell]:.2f} [{estimate.low[cell]:.2f}, {estimate.high[cell]:.2f}]"


def class_permutation_test(values, similarity, given=None):
    """Test whether pairs of classes with higher similarity also have higher values.

    The cells of a confusion matrix depend on one another, so the test exchanges whole classes: it
    compares the rank correlation with that of every relabeling of `similarity` (Hubert 1987; also
    known as QAP). With seven classes there are 5,040, and the p-value is exact.

    Args:
        values: `(n, n)`, e.g. of `observed_over_expected`. The diagonal is ignored.
        similarity: `(n, n)`, of the same classes in the same order.
        given: `(n, n)` to hold constant, e.g. the frequency of the predicted class: the
            correlation is then the partial rank correlation. Nothing by default.

    Returns:
        SciPy's `PermutationTestResult`: `statistic`, and the one-sided `pvalue` of a correlation
        as high as this.
    """
    from scipy.stats import pearsonr, permutation_test

    off = ~np.eye(len(values), dtype=bool)
    similar, value = _ranks(similarity), _ranks(values)[off]
    control = None if given is None else _ranks(given)[off]

    def correlation(order, axis):
        order = order.astype(int)
        relabeled = similar[order[..., :, np.newaxis], order[..., np.newaxis, :]][..., off]

        def with_relabeled(other):
            other = np.broadcast_to(other, relabeled.shape)
            return pearsonr(relabeled, other, axis=-1).statistic

        plain = with_relabeled(value)
        if control is None:
            return plain
        first, second = with_relabeled(control), pearsonr(value, control).statistic
        return (plain - first * second) / np.sqrt((1 - first**2) * (1 - second**2))

    return permutation_test(
        (np.arange(len(off)),),
        correlation,
        permutation_type="pairings",
        n_resamples=np.inf,
        alternative="greater",
        vectorized=True,
    )


def permutation_table(comparisons):
    """Apply `class_permutation_test` to several comparisons.

    Args:
        comparisons: Mapping of a name to the arguments of the test.

    Returns:
        DataFrame, one row per comparison: rank correlation, and p (one-sided).
    """
    tests = {name: class_permutation_test(*matrices) for name, matrices in comparisons.items()}
    rows = {name: [test.statistic, test.pvalue] for name, test in tests.items()}
    return pd.DataFrame.from_dict(rows, orient="index", columns=["rank correlation", "p"])


def _ranks(matrix):
    """Ranks of the cells off the diagonal, the lowest first; ties share their mean rank."""
    from scipy.stats import rankdata

    off = ~np.eye(len(matrix), dtype=bool)
    ranks = np.zeros(off.shape)
    ranks[off] = rankdata(np.asarray(matrix)[off])
    return ranks


def people_counts(shares):
    """Build people's own confusion matrix: what others chose where one voter chose a class.

    Args:
        shares: Of `ferplus.load_vote_shares`.

    Returns:
        DataFrame `(7, 7)` in numbers of images, symmetric; votes for other options are left out.
    """
    voters = shares.xs("voter", level="given")
    counts = voters[list(LABELS)].mul(voters["images"], axis=0)
    return counts.groupby("class").sum().loc[list(LABELS)]


def distances(similarity):
    """Turn a similarity of classes into symmetric distances by rank: the more similar, the closer.

    Args:
        similarity: `(n, n)`, 0 or more, e.g. of `observed_over_expected`; the two directions of a
            pair are multiplied.

    Returns:
        Array `(n, n)`, 0 on the diagonal.
    """
    similarity = np.asarray(similarity)
    return _ranks(-similarity * similarity.T)


def class_map(distances):
    """Place classes in the plane so that the order of their distances is kept as far as possible.

    This is nonmetric multidimensional scaling (Kruskal 1964).

    Args:
        distances: `(n, n)`, symmetric, 0 on the diagonal.

    Returns:
        `(positions, stress)`: `(n, 2)`, and Kruskal's stress-1: 0 for a perfect map.
    """
    from sklearn.manifold import MDS

    scaling = MDS(
        metric="precomputed",
        metric_mds=False,
        normalized_stress=True,
        init="random",
        n_init=4,  # several starts, because one may end in a poorer map
        eps=1e-5,
        random_state=0,
    )
    return scaling.fit_transform(distances), scaling.stress_


def shuffled(distances):
    """Shuffle the distances among the pairs of classes: a map of these has nothing to show.

    Args:
        distances: `(n, n)`, symmetric, 0 on the diagonal.

    Yields:
        20 arrays of that shape, the same on every call.
    """
    from scipy.spatial.distance import squareform

    generator = np.random.default_rng(0)
    pairs = squareform(distances)
    for _ in range(20):
        yield squareform(generator.permutation(pairs))


def perfect_recall_gains(counts):
    """Compute what accuracy and macro F1 would gain if some classes were always recognized.

    Nothing else changes: other classes' images that are misclassified as these stay errors.

    Args:
        counts: Confusion matrix, `(7, 7)`.

    Returns:
        Array `(8, 2)` in 0-1, one row for each of `SUSPECTS`: gain in accuracy, and in macro F1.
    """
    before = _accuracy_and_macro_f1(counts)
    gains = []
    for classes in SUSPECTS:
        perfect = counts.copy()
        for label in map(LABELS.index, classes):
            perfect[label] = 0
            perfect[label, label] = counts[label].sum()
        gains.append(_accuracy_and_macro_f1(perfect) - before)
    return np.array(gains)


def _accuracy_and_macro_f1(counts):
    """The two scores of a confusion matrix, as `evaluation.accuracy` and `evaluation.macro_f1`."""
    correct = np.diag(counts)
    f1 = 2 * correct / np.maximum(counts.sum(axis=0) + counts.sum(axis=1), 1)
    return np.array([correct.sum() / counts.sum(), f1.mean()])


def recall_by_agreement(labels, predicted, photographs, crowd, resamples=500):
    """Compare recall where the crowd agrees with the label and where it names another class.

    Args:
        labels: Class indices, shape `(n,)`.
        predicted: Predicted classes of several runs, `(runs, n)`.
        photographs: Number of each image's photograph, `(n,)`; copies are drawn together.
        crowd: The crowd's class of each image, `(n,)` of names; missing where it has none.
        resamples: Number of samples of the bootstrap.

    Returns:
        DataFrame indexed by class, in percent: of each part its number of images, recall (mean of
        the runs with its CI over images), and the standard deviation over the runs; and the
        difference of the two recalls with its CI over images.
    """
    crowd, names = np.asarray(crowd), np.array(LABELS)[labels]
    parts = {"agrees": crowd == names, "differs": pd.notna(crowd) & (crowd != names)}

    def recalls(drawn):
        means = [_recalls(labels, predicted, drawn * part).mean(axis=0) for part in parts.values()]
        return np.array([*means, means[0] - means[1]])

    estimates = evaluation.clustered(recalls, photographs, resamples)
    cells = np.moveaxis(estimates, 0, -1)  # (3, 7, value and ends)
    texts = [[f"{mean:.0f} [{low:.0f}, {high:.0f}]" for mean, low, high in row] for row in cells]
    columns = {}
    for (name, part), text in zip(parts.items(), texts[:2], strict=True):
        deviations = _recalls(labels, predicted, part).std(axis=0, ddof=1)
        columns[f"crowd {name}", "images"] = np.bincount(labels[part], minlength=len(LABELS))
        columns[f"crowd {name}", "recall"] = text
        columns[f"crowd {name}", "sd"] = deviations.round().astype(int)
    columns["difference", ""] = texts[2]
    return pd.DataFrame(columns, index=pd.Index(LABELS, name="label"))


def _recalls(labels, predicted, weights):
    """Recalls of each run in percent, `(runs, 7)`; 0 for a class without weight."""
    counts = weighted_counts(labels, predicted, weights)
    images = counts.sum(axis=2)
    return 100 * np.diagonal(counts, axis1=1, axis2=2) / np.where(images > 0, images, 1)


def mean_probabilities(labels, probabilities):
    """Average the probabilities over the images of each class.

    Args:
        labels: Class indices, shape `(n,)`.
        probabilities: Probabilities, `(n, 7)`.

    Returns:
        DataFrame `(7, 7)` in 0-1, one row per true label, one column per class.
    """
    means = [probabilities[labels == label].mean(axis=0) for label in range(len(LABELS))]
    index, columns = pd.Index(LABELS, name="true label"), pd.Index(LABELS, name="predicted")
    return pd.DataFrame(means, index, columns)


def table_2(labels, tests):
    """Set our means over each class's images and all runs beside the paper's Table 2.

    Args:
        labels: Class indices, shape `(n,)`.
        tests: Probabilities of several runs, `(runs, n, 7)`.

    Returns:
        DataFrame of texts in percent, indexed by label: the label's probability and the two next
        highest ones, of the paper's single image and of our mean; and where the paper's image
        stands among ours, see `below_paper` (mean ± standard deviation over the runs).
    """
    means = mean_probabilities(labels, np.mean(tests, axis=0)) * 100
    ours = {label: _highest(means.loc[label], label) for label in LABELS}
    theirs = {label: _highest(pd.Series(paper.TABLE_2[label]), label) for label in LABELS}
    below = 100 * np.array([_below_by_class(labels, test) for test in tests])
    places = zip(below.mean(axis=0), below.std(axis=0, ddof=1), strict=True)
    columns = {
        "one image, paper (%)": theirs,
        "mean of the class, ours (%)": ours,
        "of our images below the paper's (%)": [f"{mean:.0f} ± {sd:.0f}" for mean, sd in places],
    }
    return pd.DataFrame(columns, index=pd.Index(LABELS, name="label"))


def _highest(scores, label):
    """The label's score and the next highest ones as text: "happy 66 (sad 11, disgust 11)"."""
    others = scores.drop(label).sort_values(ascending=False, kind="stable").head(RUNNERS_UP)
    rest = ", ".join(f"{name} {score:.0f}" for name, score in others.items())
    return f"{label} {scores[label]:.0f} ({rest})"


def below_paper(labels, probabilities):
    """Find the images whose label gets less probability than in the paper's example of the class.

    Args:
        labels: Class indices, shape `(n,)`.
        probabilities: Probabilities, `(n, 7)`.

    Returns:
        Booleans, `(n,)`.
    """
    examples = np.array([paper.TABLE_2[label][label] / 100 for label in LABELS])
    return probabilities[np.arange(len(labels)), labels] < examples[labels]


def _below_by_class(labels, probabilities):
    below = below_paper(labels, probabilities)
    return [below[labels == label].mean() for label in range(len(LABELS))]


def like_paper(labels, probabilities):
    """Find the images that are as ambiguous as the paper's example of their class.

    Args:
        labels: Class indices, shape `(n,)`.
        probabilities: Probabilities, `(n, 7)`.

    Returns:
        Booleans, `(n,)`: each other class that the paper's Table 2 names gets at least the
        probability that it has there.
    """
    needed = np.zeros((len(LABELS), len(LABELS)))
    for label, scores in paper.TABLE_2.items():
        for other in set(scores) - {label}:
            needed[LABELS.index(label), LABELS.index(other)] = scores[other] / 100
    return (probabilities >= needed[labels]).all(axis=1)


def recall_gains(labels, first, second, photographs, resamples=1000):
    """Estimate how much a second network improves the recall of each class, on the same images.

    Args:
        labels: Class indices, shape `(n,)`.
        first: Predicted classes of several runs of the first network, `(runs, n)`.
        second: Predicted classes of the second network, `(n,)`.
        photographs: Number of each image's photograph, `(n,)`; copies are drawn together.
        resamples: Number of samples of the bootstrap.

    Returns:
        DataFrame indexed by label, in percent: images (their number); first (mean recall of the
        runs) and second; difference, low, and high (with the 95% interval over images); smallest
        and largest (the difference from a single run).
    """

    def gains(drawn):
        *runs, last = _recalls(labels, [*first, second], drawn)
        return last - np.mean(runs, axis=0)

    *runs, last = _recalls(labels, [*first, second], np.ones(len(labels)))
    difference, low, high = evaluation.clustered(gains, photographs, resamples)
    columns = {
        "images": np.bincount(labels, minlength=len(LABELS)),
        "first": np.mean(runs, axis=0),
        "second": last,
        "difference": difference,
        "low": low,
        "high": high,
        "smallest": np.min(last - runs, axis=0),
        "largest": np.max(last - runs, axis=0),
    }
    return pd.DataFrame(columns, index=pd.Index(LABELS, name="label"))
