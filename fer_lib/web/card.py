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
    """Describe the accuracy of each answer in short sentences, with 95% CIs.

    Args:
        facts: As from `facts`.

    Returns:
        A dict from `PEOPLE` and `LABEL` to a paragraph.
    """
    people, label = facts[PEOPLE], facts[LABEL]
    recall = people["recall"]
    worst, best = min(recall, key=recall.get), max(recall, key=recall.get)
    return {
        PEOPLE: (
            f"On {people['images']:,} of FER2013's PrivateTest images, most voters agree. The "
            f"model gives their answer for {_in_percent(people)}. By expression, that ranges from "
            f"{recall[worst]:.0%} ({worst}) to {recall[best]:.0%} ({best})."
        ),
        LABEL: (
            "Through the API, the model also answers what FER2013's label says. That is correct "
            f"for {_in_percent(label)} of all {label['images']:,} PrivateTest images."
        ),
    }


def _in_percent(results):
    low, high = results["interval"]
    return f"{results['accuracy']:.1%} (95% CI {low:.1%} to {high:.1%})"
