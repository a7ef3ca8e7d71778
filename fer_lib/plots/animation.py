"""The live demo as an animation: frame by frame what its user sees."""

from PIL import Image, ImageDraw

from fer_lib import paths
from fer_lib.labels import COLORS, LABELS
from fer_lib.plots import output, style

VIDEO = (320, 240)
BARS_LEFT, BAR_LENGTH, ROW_HEIGHT = 410, 140, 31


def demo_frame(frame, faces):
    """Draw one frame of the demo: a box with its answer, and the seven probabilities.

    Args:
        frame: RGB image, `(h, w, 3)`, uint8, four units wide and three high.
        faces: List of `live.LiveFace`; the bars are those of the first.

    Returns:
        A PIL image, 560×240 px.
    """
    picture = Image.new("RGB", (560, VIDEO[1]), "white")
    picture.paste(Image.fromarray(frame).resize(VIDEO))
    drawing = ImageDraw.Draw(picture)
    for face in faces:
        _draw_answer(drawing, face, VIDEO[0] / frame.shape[1])
    probabilities = faces[0].probabilities if faces else [0] * len(LABELS)
    _draw_bars(drawing, probabilities)
    return picture


def _draw_answer(drawing, face, scale):
    left, top, side = scale * face.box.x, scale * face.box.y, scale * face.box.width
    drawing.rectangle((left, top, left + side, top + side), outline=style.OURS, width=3)
    drawing.rectangle((left, top - 22, left + side, top), style.OURS)
    answer = f"{face.label} {face.probabilities.max():.0%}"
    drawing.text((left + 5, top - 20), answer, "white", font_size=16)


def _draw_bars(drawing, probabilities):
    for row, (label, probability) in enumerate(zip(LABELS, probabilities, strict=True)):
        top = 14 + ROW_HEIGHT * row
        drawing.text((BARS_LEFT - 80, top), label, style.INK, font_size=16)
        ends = BARS_LEFT, top, BARS_LEFT + BAR_LENGTH * probability, top + 18
        drawing.rectangle(ends, COLORS[label])


def show(pictures, milliseconds, alt_text, name, source=None):
    """Display an animation in a notebook, and save it as `figures/<name>.webp`.

    Args:
        pictures: PIL images of one size, in order.
        milliseconds: How long each is shown.
        alt_text: What the animation shows, in a sentence or two.
        name: File name without its ending.
        source: Where its data come from, for a caption (`output.live`).
    """
    first, *rest = pictures
    path = paths.FIGURES / f"{name}.webp"
    options = {"save_all": True, "append_images": rest, "duration": milliseconds, "loop": 0}
    options |= {"kmin": 1, "kmax": 1}  # each picture whole: differences would leave traces of bars
    with paths.write_atomically(path) as temporary:
        first.save(temporary, "webp", **options)
    output.display_picture(path.read_bytes(), alt_text, first.width, source, kind="webp")
