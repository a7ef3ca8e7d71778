"""Why a classifier is right or wrong, and how our runs compare with the paper.

`confusions`, `label_noise`, `image_quality`, and `saliency` examine errors; `crowd` compares labels
with people; `reproduction` puts our runs beside the paper's numbers; `ablation` measures what each
change to a recipe is worth; `run_names` names runs for readers; `test_set` evaluates a model on the
test sets and keeps the log of all such evaluations.
"""

import lazy_loader as lazy

__getattr__, __dir__, __all__ = lazy.attach(
    __name__,
    submodules=[
        "ablation",
        "confusions",
        "crowd",
        "image_quality",
        "label_noise",
        "reproduction",
        "run_names",
        "saliency",
        "test_set",
    ],
)
