"""The course's figures: one module per notebook, one style for all.

`show` displays a figure with its alt text and `save_table` writes a table to `figures/`; `style`
holds the palette. Figure functions take data and titles as arguments and return a Figure.
"""

import lazy_loader as lazy

__getattr__, __dir__, __all__ = lazy.attach(
    __name__,
    submodules=[
        "better_network",
        "data_exploration",
        "error_analysis",
        "evaluation",
        "live_demo",
        "networks",
        "style",
        "transfer_learning",
    ],
    submod_attrs={
        "style": ["new_figure", "to_png", "show", "show_saved", "save_table"],
    },
)
