"""How fast things run on this machine: times, and their ratios within one run.

`fer bench` prints `speed`'s tables, `fer peers` compares our classifier with another package's.
The measurements that need a browser are here too, so that tests only test.
"""

import lazy_loader as lazy

__getattr__, __dir__, __all__ = lazy.attach(
    __name__,
    submodules=["peers", "speed", "timing"],
    submod_attrs={
        "timing": ["REPEATS", "median_milliseconds"],
    },
)
