"""What the website says of its model, computed from the recorded run that the model comes from."""

from fer_lib import evaluation
from fer_lib.labels import LABELS
from fer_lib.models import shipped


def facts(run=None):
    """Facts of the classifier for the home page and `GET /api/model`, as a dict for JSON.

    accuracy and its 95 % bootstrap interval are shares (0-1) of FER2013's PrivateTest images,
    recall those of each class's images. run: None for the run of the shipped models.
    Raises Problem if that run or the models' record is missing.
    """
    run = run or shipped.run()
    labels, probabilities = run.usage("PrivateTest")
    accuracy = evaluation.interval(evaluation.accuracy, labels, probabilities)
    recalls = evaluation.recalls(labels, probabilities).tolist()
    return {
        "run": run.name,
        "labels": list(LABELS),
        "input": "grey faces of 48x48 pixels, cropped as FER2013's are",
        "images": len(labels),
        "accuracy": accuracy.value,
        "interval": [float(accuracy.low), float(accuracy.high)],
        "recall": dict(zip(LABELS, recalls, strict=True)),
    }


def sentence(facts):
    """The accuracy of `facts` in a sentence, with its interval, the best and the weakest class."""
    accuracy, low, high = (100 * share for share in (facts["accuracy"], *facts["interval"]))
    recall = {label: 100 * share for label, share in facts["recall"].items()}
    best, weakest = max(recall, key=recall.get), min(recall, key=recall.get)
    return (
        f"Of FER2013's {facts['images']:,} PrivateTest images the model names "
        f"{accuracy:.1f} % as their label does (95 % interval {low:.1f} to {high:.1f} %): "
        f"best {best} ({recall[best]:.0f} %), weakest {weakest} ({recall[weakest]:.0f} %)."
    )
