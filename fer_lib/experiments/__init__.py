"""Experiments that take minutes to hours, recorded so that notebooks 04 to 06 run everywhere.

Each experiment is a module with a function `compute`. `fer experiment <name>` calls it on FER2013,
resumes it after an interruption, and writes `data/experiments/<name>`; `load` reads that record.
`frozen_features` computes what all blocks of a frozen backbone make of the images.
"""

import lazy_loader as lazy

__getattr__, __dir__, __all__ = lazy.attach(
    __name__,
    submodules=[
        "changed_faces",
        "depth",
        "frozen_features",
        "heads",
        "imbalance",
        "label_errors",
        "learning_curves",
        "live_limits",
        "paper_networks",
        "records",
        "saliency_maps",
        "views",
    ],
    submod_attrs={"records": ["load"]},
)
