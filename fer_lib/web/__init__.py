"""The paper's website (its Figs. 6-8): a home page, and expressions in images and in real time.

`serve()` is `fer web`; `start()` runs the same website behind a notebook. `app` holds the pages,
`api` the API.
"""

import lazy_loader as lazy

__getattr__, __dir__, __all__ = lazy.attach(
    __name__,
    submodules=["api"],
    submod_attrs={"app": ["create_app"], "server": ["serve", "start"]},
)
