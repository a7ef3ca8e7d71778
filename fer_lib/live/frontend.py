"""What pages in a browser share: JavaScript modules, and the constants that Python sets.

The modules in `javascript/` know neither widgets nor website. A website serves them as files; a
widget is a single text, which `bundle` makes.
"""

import re
from pathlib import Path

from fer_lib.labels import COLORS, LABELS
from fer_lib.live import blazeface, detection, images, pipeline

JAVASCRIPT = Path(__file__).parent / "javascript"
# Constraints of the browser's getUserMedia.
CAMERA = {
    "audio": False,
    "video": {"facingMode": "user", "width": {"ideal": 640}, "height": {"ideal": 480}},
}

_IMPORT = re.compile(r'^import \{[^}]*\} from "(?P<path>[^"]+)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?!default)", re.MULTILINE)


def settings():
    """Collect the constants that the JavaScript modules need, under their names there.

    Returns:
        Dict for JSON: `labels` in their order; `colors` by label; `unsure`, the label below
        `minConfidence`; `minOverlap` (intersection over union), `smoothing`, and `forgetAfter`
        (seconds) of tracks; `blazeface`, the constants of the browser's own detector; `frameSide`
        and `imageSide`, the pixels to which the longer side of a camera frame or of an image is
        reduced; `maxBytes` of an image; `camera`, constraints for getUserMedia.
    """
    return {
        "labels": list(LABELS),
        "colors": COLORS,
        "unsure": pipeline.UNSURE,
        "minConfidence": pipeline.MIN_CONFIDENCE,
        "minOverlap": pipeline.MIN_OVERLAP,
        "smoothing": pipeline.SMOOTHING,
        "forgetAfter": pipeline.FORGET_AFTER,
        "blazeface": {
            "inputSide": blazeface.INPUT_SIDE,
            "grids": blazeface.GRIDS,
            "minScore": blazeface.MIN_SCORE,
            "sameFace": blazeface.SAME_FACE,
            "side": blazeface.SIDE,
            "shift": blazeface.SHIFT,
        },
        "frameSide": detection.HAAR_LONGEST_SIDE,  # the detectors use no more
        "imageSide": images.LONGEST_SIDE,
        "maxBytes": images.MAX_BYTES,
        "camera": CAMERA,
    }


def bundle(path):
    """Join a JavaScript module with all modules that it imports, directly or not.

    The modules become one scope, so their top-level names must differ, and they may import only
    like this: `import { name } from "./other.js";`.

    Args:
        path: The module's file; only its `export default` is kept as an export.

    Returns:
        The text of one module without imports.
    """
    modules = []
    _collect(Path(path).resolve(), modules)
    texts = (module.read_text(encoding="utf-8") for module in modules)
    return "\n".join(_EXPORT.sub("", _IMPORT.sub("", text)) for text in texts)


def _collect(path, modules):
    """Append a module to the list, after the modules that it imports, each once."""
    for found in _IMPORT.finditer(path.read_text(encoding="utf-8")):
        imported = (path.parent / found["path"]).resolve()
        if imported not in modules:
            _collect(imported, modules)
    modules.append(path)
