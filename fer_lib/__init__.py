"""The library behind the course's notebooks, one room per topic.

From the ground up: `data`, `evaluation`, `models`, `training`, `analysis`, `experiments`, `live`,
`plots`, `widgets` and `web`, `benchmarks`; a room imports only from those before it.
`import fer_lib` is light: a room, or a module in it, is loaded when it is first used.
"""

import lazy_loader as lazy

from fer_lib import quiet

__version__ = "0.1.0"

quiet.silence_tensorflow()

__getattr__, __dir__, __all__ = lazy.attach(
    __name__,
    submodules=[
        "analysis",
        "benchmarks",
        "course",
        "data",
        "evaluation",
        "experiments",
        "exceptions",
        "labels",
        "live",
        "models",
        "paper",
        "paths",
        "plots",
        "runs",
        "training",
        "web",
        "widgets",
    ],
)
