"""Networks: how the classifier is built, where its weights come from, and how it is shipped.

`build` makes a classifier around a backbone, and `load` opens every trained one: a recorded run,
a shipped model, or a file. `summary` counts layers, parameters, and multiply-adds; `export` makes
the files that are shipped.
"""

import lazy_loader as lazy

__getattr__, __dir__, __all__ = lazy.attach(
    __name__,
    submodules=[
        "backbone",
        "batch_norm",
        "classifier",
        "export",
        "keras_file",
        "litert",
        "loading",
        "shipped",
        "summary",
    ],
    submod_attrs={
        "classifier": [
            "POOLINGS",
            "ANSWER_LAYERS",
            "preprocessing",
            "head",
            "build",
            "feature_extractor",
            "trainable_part",
            "rest_of_backbone",
        ],
        "backbone": [
            "IMAGENET",
            "FINETUNED",
            "HOW_TO_GET_WEIGHTS",
            "imagenet_backbone",
            "starting_backbone",
            "finetuned_backbone",
        ],
        "keras_file": ["save"],
        "loading": ["load", "find_file", "outputs", "predict", "answer_of"],
    },
)
