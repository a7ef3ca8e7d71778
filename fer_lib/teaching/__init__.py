"""What a teacher prepares for a class: slides, and a folder for a room without network.

`slides` turns the notebooks into presentations; `offline` collects the course and its packages.
The lesson plans are in the repository's folder `teaching/`.
"""

import lazy_loader as lazy

__getattr__, __dir__, __all__ = lazy.attach(__name__, submodules=["offline", "slides"])
