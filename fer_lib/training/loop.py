"""The training loop: epoch by epoch, with early stopping and checkpoints."""

import time

import keras
import numpy as np
import pandas as pd

from fer_lib.models import answer_of
from fer_lib.training import checkpoint, devices
from fer_lib.training.batches import Batches, balanced_class_weights, one_hot


def fit(task, recipe, seed, folder, verbose=1):
    """Fit a task's model until its recipe ends.

    Args:
        task: The `Task`, its model compiled. The model ends with the weights of the epoch that
            `recipe.keep` names.
        recipe: The `Recipe`.
        seed: Seed of the images' order and augmentation.
        folder: Folder of the checkpoint, from which an interrupted fit resumes. It is removed at
            the end.
        verbose: As in Keras: 0 for silence, 1 for progress bars, 2 for one line per epoch.

    Returns:
        The history, a DataFrame with one row per epoch: epoch (from 1), accuracy, loss,
        validation_accuracy, validation_loss, learning_rate, seconds. Accuracies are 0-1.
    """
    history = checkpoint.resume(task.model, folder)
    while len(history) < recipe.epochs and not has_stalled(history, recipe.patience):
        row = _fit_epoch(task, recipe, seed, len(history), verbose)
        history = pd.concat([history, pd.DataFrame([row])], ignore_index=True)
        checkpoint.save(task.model, history, folder)
        if verbose:
            _report(history, recipe)
    if recipe.keep == "best":
        task.model.load_weights(folder / "best.weights.h5")
    checkpoint.remove(folder)
    return history.round(6)


def _fit_epoch(task, recipe, seed, epoch, verbose):
    """Fit one epoch, counted from 0; returns its row of the history."""
    model, (inputs, labels) = task.model, task.training
    start = time.perf_counter()
    logs = model.fit(
        Batches(inputs, task.targets, recipe, seed, epoch),
        initial_epoch=epoch,
        epochs=epoch + 1,
        shuffle=False,  # images are shuffled; backends would each take the batches in another order
        class_weight=balanced_class_weights(labels) if recipe.balanced_classes else None,
        verbose=verbose,
    ).history
    # Averaged weights are the optimizer's own arrays on JAX, where predicting would free them.
    model.set_weights(model.get_weights())
    loss, accuracy = evaluate(model, *task.validation)
    return {
        "epoch": epoch + 1,
        "accuracy": logs.get("accuracy", logs.get("label_accuracy"))[0],
        "loss": logs["loss"][0],
        "validation_accuracy": accuracy,
        "validation_loss": loss,
        "learning_rate": float(keras.ops.convert_to_numpy(model.optimizer.learning_rate)),
        "seconds": round(time.perf_counter() - start, 1),
    }


def evaluate(model, inputs, labels):
    """Evaluate a model's answer to what the label says, without dropout or augmentation.

    Args:
        model: The Keras model of a `Task`.
        inputs: What it takes, `(n, ...)`.
        labels: Class indices, `(n,)`.

    Returns:
        A pair: cross-entropy, and accuracy (0-1).
    """
    probabilities = answer_of(devices.predict(model, inputs))
    losses = keras.losses.categorical_crossentropy(one_hot(labels), probabilities)
    loss = float(keras.ops.convert_to_numpy(losses).mean())
    return loss, float(np.mean(probabilities.argmax(axis=1) == labels))


def has_stalled(history, patience):
    """Check whether to stop early.

    Args:
        history: The history so far, with one row per epoch and a column validation_loss.
        patience: Number of epochs to wait for a lower loss; None to wait forever.

    Returns:
        Whether the last `patience` epochs brought no new lowest validation loss.
    """
    if patience is None or history.empty:
        return False
    since_lowest = len(history) - 1 - int(history["validation_loss"].to_numpy().argmin())
    return since_lowest >= patience


def _report(history, recipe):
    last = history.iloc[-1]
    left = (recipe.epochs - len(history)) * history["seconds"].mean() / 60
    at_most = "" if recipe.patience is None else "at most "
    print(
        f"epoch {len(history)}/{recipe.epochs}: accuracy {last['accuracy']:.1%}, "
        f"validation {last['validation_accuracy']:.1%} (loss {last['validation_loss']:.3f}), "
        f"{last['seconds']:.0f} s; {at_most}{left:.0f} min left",
        flush=True,
    )
