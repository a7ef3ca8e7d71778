"""The course's figures: one module per notebook's topic, one style for all.

`show` displays a figure with its alt text and `save_table` writes a table to `figures/`; `style`
holds the palette and shared parts. Figure functions take data and a title, and return a Figure:
what a figure shows is for the notebook to say, beside the text that argues it.
"""

import lazy_loader as lazy

__getattr__, __dir__, __all__ = lazy.attach(
    __name__,
    submodules=[
        "better_network",
        "clear_faces",
        "animation",
        "data_exploration",
        "error_analysis",
        "evaluation",
        "experiments",
        "label_quality",
        "live_demo",
        "networks",
        "output",
        "style",
        "transfer_learning",
    ],
    submod_attrs={
        "style": ["new_figure"],
        "output": ["DIAGRAM", "RECORDED", "live", "save_table", "show", "show_saved", "to_png"],
    },
)
