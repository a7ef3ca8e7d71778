"""Questions that the notebooks ask before the cell that shows the answer.

The reader opens the answer that they expect and reads why it is right, or what misleads there. The
texts are in one `.toml` file per notebook; which answer is right is computed in the notebook.
"""

import lazy_loader as lazy

__getattr__, __dir__, __all__ = lazy.attach(
    __name__,
    submodules=["question"],
    submod_attrs={"question": ["ask"]},
)
