"""The website's model card, computed from the recorded run that its model comes from."""

from fer_lib import evaluation
from fer_lib.labels import LABELS
from fer_lib.models import shipped


def facts(run=None):
    """Collect facts about the classifier for the home page and `GET /api/model`.

    Args:
        run: Recorded `Run`; defaults to the one of the shipped models.

    Returns:
        Dict for JSON: `run` (its name), `labels`, `input`, and, on FER2013's PrivateTest, `images`
        (their number), `accuracy` (0-1), `interval` (its 95% bootstrap CI), and `recall` by class.

    Raises:
        Problem: If that run or the models' record is missing.
    """
    run = run or shipped.run()
    labels, probabilities = run.usage("PrivateTest")
    accuracy = evaluation.interval(evaluation.accuracy, labels, probabilities)
    recalls = evaluation.recalls(labels, probabilities).tolist()
    return {
        "run": run.name,
        "labels": list(LABELS),
        "input": "grayscale faces of 48×48 pixels, cropped like FER2013's",
        "images": len(labels),
        "accuracy": accuracy.value,
        "interval": [float(accuracy.low), float(accuracy.high)],
        "recall": dict(zip(LABELS, recalls, strict=True)),
    }


def describe(facts):
    """Describe the accuracy in `facts` in one sentence, with its CI and the extreme classes."""
    accuracy, low, high = (100 * share for share in (facts["accuracy"], *facts["interval"]))
    recall = {label: 100 * share for label, share in facts["recall"].items()}
    best, worst = max(recall, key=recall.get), min(recall, key=recall.get)
    return (
        f"The model classifies {accuracy:.1f}% of FER2013's {facts['images']:,} PrivateTest images "
        f"correctly (95% CI {low:.1f}% to {high:.1f}%): best {best} ({recall[best]:.0f}%), "
        f"worst {worst} ({recall[worst]:.0f}%)."
    )
