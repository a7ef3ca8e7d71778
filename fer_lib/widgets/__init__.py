"""The notebook's widgets: faces and their expressions in live video and in uploaded images.

`base` describes the messages between browser and kernel.
"""

import lazy_loader as lazy

__getattr__, __dir__, __all__ = lazy.attach(
    __name__,
    submodules=["base"],
    submod_attrs={"live_view": ["LiveView"], "upload_panel": ["UploadPanel"]},
)
