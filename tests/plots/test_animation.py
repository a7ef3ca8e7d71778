import numpy as np
from PIL import Image

from fer_lib import paths
from fer_lib.labels import LABELS
from fer_lib.live import Box, LiveFace
from fer_lib.plots import animation

FRAME = np.full((480, 640, 3), 90, np.uint8)
HAPPY = np.where(np.array(LABELS) == "happy", 0.94, 0.01)
FACE = LiveFace(Box(240, 160, 160, 160), 1, HAPPY, HAPPY, {})


def test_a_frame_shows_the_box_and_the_longest_bar_is_the_answers():
    pixels = np.asarray(animation.demo_frame(FRAME, [FACE])).astype(int)
    assert pixels.shape == (240, 560, 3)
    assert (pixels[80:160, 120] != 90).any(axis=-1).all(), "the box's left edge"
    colored = (np.ptp(pixels[:, animation.BARS_LEFT + 5 :], axis=2) > 20).sum(axis=1)
    row = (np.argmax(colored) - 14) // animation.ROW_HEIGHT
    assert LABELS[row] == "happy"


def test_a_frame_without_a_face_has_no_box_and_no_bars():
    pixels = np.asarray(animation.demo_frame(FRAME, []))
    assert (pixels[:, :320] == 90).all()
    assert (pixels[:, animation.BARS_LEFT + 2 :] == 255).all()


def test_an_animation_is_saved_and_shown_with_its_alt_text(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(paths, "FIGURES", tmp_path)
    shown = []
    monkeypatch.setattr("IPython.display.display", lambda html: shown.append(html.data))
    pictures = [animation.demo_frame(FRAME, faces) for faces in ([], [FACE])]
    animation.show(pictures, 200, 'A face "smiles"', "demo", source="Live on a clip")
    with Image.open(tmp_path / "demo.webp") as saved:
        assert saved.n_frames == 2 and saved.size == (560, 240)
    assert "image/webp" in shown[0] and "A face &quot;smiles&quot;" in shown[0]
    assert "<figcaption>Live on a clip.</figcaption>" in shown[0]
