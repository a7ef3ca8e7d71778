"""Training runs: a recipe goes in, a recorded run comes out.

`recipes` lists what the course trains; `train` does it, and resumes after an interruption.
`augmentation` and `batches` prepare the images, `features` computes what a frozen backbone gives,
`baselines` trains classifiers without a network.
"""

import lazy_loader as lazy

__getattr__, __dir__, __all__ = lazy.attach(
    __name__,
    submodules=[
        "augmentation",
        "baselines",
        "batches",
        "checkpoint",
        "devices",
        "features",
        "loop",
        "recipes",
    ],
    submod_attrs={
        "loop": ["MONITORED", "Task", "train", "prepare", "compile_model", "fit", "has_stalled"],
        "batches": ["Batches", "one_hot", "soft_targets", "balanced_class_weights"],
    },
)
