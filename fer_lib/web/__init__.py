"""The paper's website (its Figs. 6-8): a home page, expressions in an image and in real time.

`serve()` is `fer web`; `start()` runs the same website behind a notebook.
"""

from fer_lib.web.app import create_app
from fer_lib.web.server import serve, start

__all__ = ["create_app", "serve", "start"]
