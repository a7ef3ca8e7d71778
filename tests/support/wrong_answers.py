"""A wrong answer to each task of the exercises: a common mistake, and the message it must get."""

from typing import NamedTuple


class WrongAnswer(NamedTuple):
    """One wrong answer.

    Attributes:
        exercise: Name of the notebook.
        task: `grade_id` of the solution's cell; its test's is "test-" and this.
        code: What the student writes into the cell.
        message: A part of the error that the test must report.
    """

    exercise: str
    task: str
    code: str
    message: str


WRONG_ANSWERS = [
    WrongAnswer(
        "01_data_exploration",
        "baseline",
        """
def most_frequent(labels):
    return pd.Series(labels).mode()[0]

def two_accuracies(labels, answers):
    accuracy = np.mean(labels == answers)
    return accuracy, accuracy
""",
        "Average over classes, not over images.",
    ),
    WrongAnswer(
        "01_data_exploration",
        "copies",
        """
def copied_share(facts):
    groups = facts.loc[facts["usage"] == "Training", "near_group"]
    test = facts[facts["usage"] != "Training"]
    return test["near_group"].isin(groups).groupby(test["label"]).mean()
""",
        "0 is not a group",
    ),
    WrongAnswer(
        "01_data_exploration",
        "label-faces",
        """
def my_labels():
    return ["happy", "sad"] * 14
""",
        "There are 30 faces, and you wrote 28 names.",
    ),
    WrongAnswer(
        "01_data_exploration",
        "kappa",
        """
def kappa(first, second):
    return (np.mean(first == second) - 1 / 7) / (1 - 1 / 7)
""",
        "You took chance to be one in seven.",
    ),
    WrongAnswer(
        "02_transfer_learning",
        "cross-entropy",
        """
def cross_entropy(labels, probabilities):
    return -np.log(probabilities.max(axis=1)).mean()
""",
        "You took the highest probability.",
    ),
    WrongAnswer(
        "02_transfer_learning",
        "counterexample",
        """
def counterexample():
    good, bad = [0.9, 0.1, 0, 0, 0, 0, 0], [0.1, 0.9, 0, 0, 0, 0, 0]
    return np.array([bad, bad, good, good]), np.array([good] * 4)
""",
        "The second must have the higher one",
    ),
    WrongAnswer(
        "02_transfer_learning",
        "step",
        """
def train_step(network, images, labels, rate, frozen):
    slopes = gradients(network, images, labels)
    for name in ["head"] if frozen else ["backbone", "head"]:
        network[name] -= rate * slopes[name]
    return network
""",
        "Your step changed the old network.",
    ),
    WrongAnswer(
        "02_transfer_learning",
        "train-head",
        """
def train_head(network, images, labels, rate, steps):
    for _ in range(steps):
        network = train_step(network, images, labels, rate, frozen=True)
    return network["head"]
""",
        "They never change while the backbone is frozen.",
    ),
    WrongAnswer(
        "02_transfer_learning",
        "batch-norm",
        """
def update(average, batch_mean, momentum):
    return (1 - momentum) * average + momentum * batch_mean

def steps_to_cover(share, momentum):
    return int(np.ceil(np.log(1 - share) / np.log(momentum)))
""",
        "Momentum is the weight of the old average",
    ),
    WrongAnswer(
        "03_evaluation",
        "scores",
        """
def class_scores(counts):
    correct = np.diag(counts)
    precision = correct / np.maximum(counts.sum(axis=1), 1)
    recall = correct / np.maximum(counts.sum(axis=0), 1)
    return precision, recall, 2 * precision * recall / np.maximum(precision + recall, 1e-9)
""",
        "You swapped precision and recall.",
    ),
    WrongAnswer(
        "03_evaluation",
        "averages",
        """
def macro_average(scores):
    return np.mean(scores)

def weighted_average(scores, counts):
    return np.average(scores, weights=counts.sum(axis=0))
""",
        "Weight by the images of each class (row sums).",
    ),
    WrongAnswer(
        "03_evaluation",
        "difference",
        """
def difference_interval(first, second, generator, resamples=1000):
    n = len(first)
    differences = [
        second[generator.integers(0, n, n)].mean() - first[generator.integers(0, n, n)].mean()
        for _ in range(resamples)
    ]
    return tuple(np.quantile(differences, [0.025, 0.975]))
""",
        "Draw the same images for both models.",
    ),
    WrongAnswer(
        "03_evaluation",
        "calibration",
        """
def calibration(labels, probabilities, bins=10):
    gap = np.mean(probabilities.max(axis=1) - (probabilities.argmax(axis=1) == labels))
    return gap, abs(gap)
""",
        "The two bins cancel out.",
    ),
    WrongAnswer(
        "04_error_analysis",
        "ratio",
        """
def observed_over_expected(counts, label, predicted):
    return counts[label, predicted] / counts[label].sum()
""",
        "Divide it by the base rate.",
    ),
    WrongAnswer(
        "04_error_analysis",
        "within",
        """
def within_class_difference(classes, correct, group):
    return correct[group].mean() - correct[~group].mean()
""",
        "You pooled the classes.",
    ),
    WrongAnswer(
        "04_error_analysis",
        "claim",
        """
def my_claim():
    return "Sharp images are easier than blurry ones.", "higher"

def my_feature(facts):
    return facts["sharpness"]

def high_half(classes, values):
    return np.asarray(values) > np.median(values)
""",
        "You split all images at one median",
    ),
    WrongAnswer(
        "04_error_analysis",
        "verdict",
        """
def verdict(estimate):
    return "higher" if estimate.value > 0 else "lower"
""",
        "the value alone doesn't decide",
    ),
    WrongAnswer(
        "05_a_better_network",
        "intervals",
        """
def intervals_overlap(first, second):
    reach = 1.96 * (first.std() + second.std()) / np.sqrt(len(first))
    return abs(second.mean() - first.mean()) <= reach

def paired_interval(first, second):
    gain = second.mean() - first.mean()
    error = np.sqrt((first.var() + second.var()) / len(first))
    return Estimate(gain, gain - 1.96 * error, gain + 1.96 * error)
""",
        "You combined two separate standard errors.",
    ),
    WrongAnswer(
        "05_a_better_network",
        "seeds",
        """
def prediction_interval(accuracies):
    from scipy import stats

    n = len(accuracies)
    reach = stats.t.ppf(0.975, n - 1) * np.std(accuracies, ddof=1) / np.sqrt(n)
    return np.mean(accuracies) - reach, np.mean(accuracies) + reach
""",
        "One more run varies more.",
    ),
    WrongAnswer(  # only the hidden tests find it
        "05_a_better_network",
        "judge",
        """
def judge(gain, accuracy, seeds):
    if gain.low <= 0 <= gain.high:
        return "undecided"
    return "more than a seed" if accuracy > seeds[1] else "these two models"
""",
        "A change can also harm",
    ),
    WrongAnswer(
        "05_a_better_network",
        "winner",
        """
def winners_gain(base, candidates, choose):
    winner = max(candidates, key=lambda right: right[choose].mean())
    return winner[choose].mean() - base[choose].mean(), winner.mean() - base.mean()
""",
        "Leave out those that made the choice.",
    ),
    WrongAnswer(
        "06_live_demo",
        "smooth",
        """
def smooth(raw, moments, seconds):
    shown = [raw[0]]
    for row in raw[1:]:
        shown.append(0.8 * shown[-1] + 0.2 * row)
    return np.array(shown)
""",
        "A fixed weight per frame smooths a fast camera less",
    ),
    WrongAnswer(
        "06_live_demo",
        "costs",
        """
def flicker(shown, moments):
    names = shown.argmax(axis=1)
    return np.sum(names[1:] != names[:-1]) / (moments[-1] - moments[0])

def latency(seconds):
    return seconds
""",
        "The display switches earlier, at half.",
    ),
    WrongAnswer(
        "06_live_demo",
        "unsure",
        """
def coverage_and_accuracy(labels, probabilities, threshold):
    labeled = probabilities.max(axis=1) >= threshold
    return labeled.mean(), np.mean(labeled & (probabilities.argmax(axis=1) == labels))
""",
        "You counted *unsure* as an error.",
    ),
    WrongAnswer(
        "06_live_demo",
        "choose",
        """
def choose_threshold(labels, probabilities, goal, thresholds):
    for threshold in thresholds:
        labeled = probabilities.max(axis=1) >= threshold
        if np.mean(probabilities.argmax(axis=1)[labeled] == labels[labeled]) >= goal:
            return threshold
""",
        "A lower threshold reaches the goal, too",
    ),
    WrongAnswer(
        "07_website",
        "analyze",
        """
def analyze(client, content, whole=False):
    return client.post("/api/predict", data=content).json
""",
        "the list, not the whole response",
    ),
    WrongAnswer(
        "07_website",
        "ask",
        """
def ask(client, content):
    faces = client.post("/api/predict", data=content).json["faces"]
    return faces, "" if faces else "No face was found."
""",
        "Look at response.status_code before you read the faces.",
    ),
    WrongAnswer(  # only the hidden tests find it
        "07_website",
        "cut",
        """
def cut(image, box):
    x, y, width, height = box
    return image[y : y + height, x : x + width]
""",
        "Cut from 0 there.",
    ),
    WrongAnswer(
        "07_website",
        "sentence",
        """
def sentence(probabilities):
    best = max(probabilities, key=probabilities.get)
    return f"Most people would say {best} ({probabilities[best]:.0%})."
""",
        "No class reaches 50%",
    ),
]
