"""Recipes that train in seconds on synthetic faces."""

from dataclasses import replace

from fer_lib.training import recipes

FROZEN = replace(recipes.PAPER, name="small", size=48, epochs=6, patience=None, batch_size=16)
FINETUNED = replace(
    recipes.FINETUNE_BRIEFLY,
    name="small-finetuned",
    size=48,
    epochs=2,
    batch_size=16,
    mixup=0.2,
    label_smoothing=0.1,
)
