"""The name of each run for readers, as tables and legends show it."""

from fer_lib.analysis import ablation, reproduction
from fer_lib.exceptions import Problem
from fer_lib.runs import RunName
from fer_lib.training import baselines, recipes

# Of recipes whose name can't be told from what they change.
NAMES = {
    recipes.PAPER.name: "our reproduction",
    recipes.SMALL_CNN: "small CNN",
    recipes.ABLATION.name: "short fine-tuning",
    recipes.ABLATION_WITHOUT_COPIES.name: "short fine-tuning, without copies",
    recipes.FINETUNE_BRIEFLY.name: "fine-tuned, 8 epochs",
    recipes.FINETUNE_64PX.name: "fine-tuned at 64 px",
    recipes.FINETUNE_RESTARTED.name: "fine-tuned, 12 more epochs",
    recipes.FINETUNE_DISTILLED.name: "fine-tuned, distilled",
    recipes.FINETUNE_MIXED.name: "fine-tuned at 128 px, with mixup",
    recipes.FINETUNE.name: "fine-tuned network",
    recipes.FINETUNE_LONGER.name: "fine-tuned network, longer",
    recipes.TWO_ANSWERS.name: "network with two answers",
    recipes.TWO_STAGES.name: "two answers in two stages",
    recipes.TWO_STAGES_10_EPOCHS.name: "two stages, 10 epochs",
    recipes.TEACHER.name: "first of two stages",
    recipes.TEACHER_LABELS_ONLY.name: "first of two stages, labels only",
}


def of(name, seed=True):
    """Name a run for readers.

    Args:
        name: Name of the run, e.g. `"paper-96px-flip-seed0"`.
        seed: Whether to add the seed.

    Returns:
        A text such as "96 px, 128 units, flips, seed 0". The name itself if the course has no such
        recipe.
    """
    if name == baselines.LOGISTIC_REGRESSION:
        return "logistic regression"
    try:
        recipe, number = RunName.parse(name)
    except Problem:
        return name
    known = _of_recipe(recipe)
    if known is None:
        return name
    return f"{known}, seed {number}" if seed else known


def _of_recipe(name):
    """The name of a recipe; None if the course has no such recipe."""
    if name in NAMES:
        return NAMES[name]
    if name in ablation.CHANGES:
        return f"{NAMES[recipes.ABLATION.name]}, {ablation.CHANGES[name]}"
    variants = {recipe.name: recipe for recipe in recipes.PAPER_VARIANTS}
    return reproduction.setting(variants[name]) if name in variants else None
