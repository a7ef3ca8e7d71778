"""From camera frame to labeled faces: what the notebook's demo and the website share.

`LiveClassifier` detects, crops, classifies, tracks, and smooths. `detection` holds the detectors,
`images` decodes what a browser sends, `frontend` holds what pages share, and `sample_video` stands
in for a camera. `stress` measures what makes the demo fail, `smoothing` what calms it.
"""

import lazy_loader as lazy

__getattr__, __dir__, __all__ = lazy.attach(
    __name__,
    submodules=[
        "detection",
        "frontend",
        "images",
        "pipeline",
        "sample_video",
        "smoothing",
        "stress",
    ],
    submod_attrs={
        "pipeline": [
            "UNSURE",
            "MIN_CONFIDENCE",
            "SMOOTHING",
            "MIN_OVERLAP",
            "FORGET_AFTER",
            "REMOTE_KERNELS",
            "where_frames_go",
            "LiveFace",
            "LiveClassifier",
        ],
        "detection": [
            "CASCADE",
            "HAAR_LONGEST_SIDE",
            "YUNET_FILE",
            "YUNET_URL",
            "YUNET_SHA256",
            "YUNET_LONGEST_SIDE",
            "YUNET_MIN_SIDE",
            "YUNET_MIN_SCORE",
            "YUNET_SIDE",
            "YUNET_SHIFT",
            "HOW_TO_GET_YUNET",
            "Box",
            "detector",
            "fetch_yunet",
            "HaarDetector",
            "YuNetDetector",
            "crop",
        ],
        "images": [
            "FORMATS",
            "MAX_BYTES",
            "MAX_PIXELS",
            "MAX_FRAME_PIXELS",
            "LONGEST_SIDE",
            "SIDEWAYS",
            "DAMAGE",
            "BadImage",
            "decode_image",
            "decode_frame",
        ],
    },
)
