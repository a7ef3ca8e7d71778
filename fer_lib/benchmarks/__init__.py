"""How fast things run on this computer, and how much memory they take.

`fer bench` prints what `speed` and `memory` measure and, in a browser or under load,
`live_view_speed`, `image_recorder`, `website_load`, `demo_speed`, and `parity`. `fer peers` prints
how our classifier compares with another package's. `timing` is how all of them measure time;
`browser`, `notebook_server`, and `static_server` are what the tests use, too.
"""

import lazy_loader as lazy

__getattr__, __dir__, __all__ = lazy.attach(
    __name__,
    submodules=[
        "browser",
        "demo_speed",
        "image_recorder",
        "live_view_speed",
        "memory",
        "notebook_server",
        "parity",
        "peers",
        "speed",
        "static_server",
        "timing",
        "website_load",
    ],
    submod_attrs={"timing": ["REPEATS", "median_milliseconds"]},
)
