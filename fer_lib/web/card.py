"""The website's model card, computed from the recorded run that its model comes from."""

from fer_lib import evaluation
from fer_lib.data import manifest
from fer_lib.evaluation import people
from fer_lib.labels import LABEL, LABELS, PEOPLE
from fer_lib.models import shipped


def facts(run=None):
    """Collect facts about the classifier for the home page and `GET /api/model`.

    Args:
        run: Recorded `Run`; defaults to the one of the shipped models.

    Returns:
        Dict for JSON: `run` (its name), `labels`, `input`, and results on FER2013's PrivateTest, as
        from `_results`: `people`, of what people would say, on the images on which most voters
        agree; and `label`, of what FER2013's label says, on all images.

    Raises:
        Problem: If that run or the models' record is missing.
    """
    run = run or shipped.run()
    judged = people.judge(run, manifest.load(), answer=PEOPLE)
    return {
        "run": run.name,
        "labels": list(LABELS),
        "input": "grayscale faces of 48×48 pixels, cropped like FER2013's",
        PEOPLE: _results(judged.crowd, judged.probabilities),
        LABEL: _results(*run.usage("PrivateTest")),
    }


def _results(truth, probabilities):
    """Number of images, accuracy (0-1), its interval (95% bootstrap CI), and recall by class."""
    accuracy = evaluation.interval(evaluation.accuracy, truth, probabilities)
    recalls = evaluation.recalls(truth, probabilities).tolist()
    return {
        "images": len(truth),
        "accuracy": accuracy.value,
        "interval": [float(accuracy.low), float(accuracy.high)],
        "recall": dict(zip(LABELS, recalls, strict=True)),
    }


def describe(facts):
    """Describe the accuracy in `facts` in two sentences, with CIs and the extreme classes."""
    images, accuracy, low, high = _in_percent(facts[PEOPLE])
    recall = {label: 100 * share for label, share in facts[PEOPLE]["recall"].items()}
    best, worst = max(recall, key=recall.get), min(recall, key=recall.get)
    by_label, accuracy_by_label, low_by_label, high_by_label = _in_percent(facts[LABEL])
    return (
        f"The model says what most people say for {accuracy:.1f}% of {images:,} PrivateTest images "
        f"of FER2013 (95% CI {low:.1f}% to {high:.1f}%): best {best} ({recall[best]:.0f}%), "
        f"worst {worst} ({recall[worst]:.0f}%). Asked for FER2013's label, it is correct for "
        f"{accuracy_by_label:.1f}% of {by_label:,} images ({low_by_label:.1f}% to "
        f"{high_by_label:.1f}%)."
    )


def _in_percent(results):
    shares = (results["accuracy"], *results["interval"])
    return results["images"], *(100 * share for share in shares)
