"""The course's data: FER2013 and synthetic faces, one `Dataset` for both, and what is recorded.

`load()` gives FER2013 where it is available, or else the synthetic faces; `official_split` and
`paper_split` cut either into training, validation, and test. `fer2013` reads and checks the files,
`ferplus` what people said of the same images; `manifest` holds facts about each FER2013 image, and
`transforms` changes one image. `synthetic_faces` makes the synthetic faces: `face_model` describes
a face, `face_drawing` draws it. `user_files` finds and downloads what the user brings.
"""

import lazy_loader as lazy

__getattr__, __dir__, __all__ = lazy.attach(
    __name__,
    submodules=[
        "dataset",
        "synthetic_faces",
        "face_drawing",
        "face_model",
        "fer2013",
        "ferplus",
        "manifest",
        "transforms",
        "user_files",
    ],
    submod_attrs={
        "dataset": [
            "FER2013",
            "SYNTHETIC_FACES",
            "Dataset",
            "Split",
            "load",
            "from_arrays",
            "report",
            "load_synthetic_faces",
            "official_split",
            "paper_split",
            "without_copies",
        ],
    },
)
