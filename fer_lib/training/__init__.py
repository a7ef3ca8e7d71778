"""Training runs: a recipe goes in, a recorded run comes out.

`recipes` lists what the course trains; `train` does it, and resumes after an interruption.
`batches` and `augmentation` prepare the images, `features` computes what a frozen backbone
returns, `task` joins them to a model, and `loop` fits it. `baselines` trains classifiers without a
network, and `small_cnn` a small network from scratch.
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
        "small_cnn",
        "task",
        "trainer",
    ],
    submod_attrs={
        "trainer": ["train", "runs_to_train"],
        "task": ["Task", "prepare", "compile_model"],
        "loop": ["fit", "has_stalled"],
        "batches": [
            "Batches",
            "one_hot",
            "label_targets",
            "distilled",
            "vote_targets",
            "balanced_class_weights",
        ],
    },
)
