"""The JavaScript that pages share: its modules fit together, and its constants come from Python."""

import json
import re
import shutil
import subprocess

import numpy as np
import pytest

from fer_lib import live
from fer_lib.labels import COLORS, LABELS
from fer_lib.live import frontend
from fer_lib.paths import REPOSITORY

FOLDERS = (frontend.JAVASCRIPT, *(REPOSITORY / "fer_lib" / name for name in ("web", "widgets")))
MODULES = sorted(path for folder in FOLDERS for path in folder.rglob("*.js"))
WIDGETS = ("live_view.js", "upload_panel.js")
IMPORT = re.compile(r'^import ([^"]*) from "([^"]+)";$', re.MULTILINE)
EXPORT = re.compile(r"^export (?:async )?(?:function|class|const) (\w+)", re.MULTILINE)

needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="needs Node.js")


def names_of(path):
    return path.relative_to(REPOSITORY).as_posix()


def run_node(script, *arguments):
    command = ["node", *arguments, "--input-type=module", "-"]
    return subprocess.run(command, input=script, capture_output=True, text=True, encoding="utf-8")


def evaluate(module, expression):
    """The value of a JavaScript expression with all of a shared module's exports in scope."""
    text = (frontend.JAVASCRIPT / module).read_text(encoding="utf-8")
    names = ", ".join(EXPORT.findall(text))
    address = (frontend.JAVASCRIPT / module).as_uri()
    settings = json.dumps(frontend.settings())
    ran = run_node(
        f'import {{ {names} }} from "{address}"; const settings = {settings};'
        f"console.log(JSON.stringify({expression}));"
    )
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


@pytest.mark.parametrize("module", MODULES, ids=names_of)
def test_a_module_imports_only_what_other_modules_export(module):
    text = module.read_text(encoding="utf-8")
    imports = IMPORT.findall(text)
    assert len(imports) == len(re.findall(r"\bimport\b", text))
    for names, path in imports:
        if not path.startswith("."):
            continue  # a package of npm's, which the build needs, too
        inside = re.fullmatch(r"\{([\w\s,]+)\}", names)  # no default, no renaming
        exported = EXPORT.findall((module.parent / path).read_text(encoding="utf-8"))
        assert set(re.findall(r"\w+", inside[1])) <= set(exported)


def test_the_shared_modules_import_nothing_from_widgets_or_website():
    for module in frontend.JAVASCRIPT.iterdir():
        paths = [path for _, path in IMPORT.findall(module.read_text(encoding="utf-8"))]
        assert all(re.fullmatch(r"\./\w+\.js", path) for path in paths)


@pytest.mark.parametrize("name", WIDGETS)
def test_a_widget_s_bundle_holds_each_module_once_and_no_import(name):
    bundle = frontend.bundle(REPOSITORY / "fer_lib" / "widgets" / name)
    assert not re.search(r"^import\b", bundle, re.MULTILINE)
    assert re.findall(r"^export .*", bundle, re.MULTILINE) == ["export default { render };"]
    for declaration in ("function element(", "function drawBox(", "class Alert "):
        assert bundle.count(declaration) == 1


@needs_node
@pytest.mark.parametrize("name", WIDGETS)
def test_a_widget_s_bundle_is_a_valid_module(name):
    checked = run_node(frontend.bundle(REPOSITORY / "fer_lib" / "widgets" / name), "--check")
    assert checked.returncode == 0, checked.stderr


def test_the_settings_are_those_of_python():
    settings = json.loads(json.dumps(frontend.settings()))
    assert settings["labels"] == list(LABELS) and settings["colors"] == COLORS
    assert settings["unsure"] == live.UNSURE
    assert settings["minConfidence"] == live.MIN_CONFIDENCE
    assert settings["minOverlap"] == live.MIN_OVERLAP
    assert settings["maxBytes"] == live.MAX_BYTES
    assert settings["camera"]["audio"] is False


@needs_node
def test_a_label_below_the_confidence_is_unsure():
    sure, unsure = [0.1, 0, 0, 0.9, 0, 0, 0], [0.4, 0, 0, 0.3, 0, 0, 0.3]
    assert evaluate("faces.js", f"labelOf({sure}, settings)") == "happy"
    assert evaluate("faces.js", f"labelOf({unsure}, settings)") == live.UNSURE


@needs_node
def test_faces_in_words():
    face = {"label": "happy", "probabilities": [0, 0, 0.1, 0.824, 0, 0.076, 0]}
    assert evaluate("faces.js", f"describeFace({json.dumps(face)}, settings)") == "happy 82%"
    face["label"] = live.UNSURE
    assert evaluate("faces.js", f"describeFace({json.dumps(face)}, settings)") == "unsure"
    assert evaluate("faces.js", 'countFaces(["sad"])') == "One face: sad."
    assert evaluate("faces.js", 'countFaces(["sad", "happy"])') == "2 faces: sad, happy."


def tracked(frames):
    """The tracks of JavaScript's Tracker after each frame, [moment, faces]."""
    script = f"""(() => {{
      const tracker = new Tracker(settings);
      return {json.dumps(frames)}.map(([at, faces]) => tracker.follow(faces, at).map(
        ({{ id, box, probabilities }}) => ({{ id, box, probabilities }})));
    }})()"""
    return evaluate("tracks.js", script)


@needs_node
def test_tracks_are_those_of_python():
    """Faces that come, move past each other, vanish for a while, and are forgotten."""
    generator = np.random.default_rng(0)
    frames = []
    for number in range(60):
        places = [(3 * number, 0), (150 - 3 * number, 40), (20, 300)]
        shown = [0, 1] if number % 7 == 3 or 20 < number < 55 else [0, 1, 2]
        faces = [
            {"box": [*places[index], 100, 100], "probabilities": generator.dirichlet(np.ones(7))}
            for index in shown
        ]
        frames.append((number / 15, faces))
    replay = Replay(frames)
    live_classifier = live.LiveClassifier(detector=replay, classify=replay.classify)
    for (moment, _), found in zip(frames, tracked(as_lists(frames)), strict=True):
        expected = live_classifier.process(np.zeros((480, 640, 3), np.uint8), moment)
        assert [face["id"] for face in found] == [face.track_id for face in expected]
        for face, other in zip(found, expected, strict=True):
            assert tuple(face["box"]) == other.box
            np.testing.assert_allclose(face["probabilities"], other.probabilities, rtol=1e-9)


def as_lists(frames):
    return [
        [at, [{**face, "probabilities": face["probabilities"].tolist()} for face in faces]]
        for at, faces in frames
    ]


class Replay:
    """A detector and a classifier that find what is in a list."""

    def __init__(self, frames):
        self.frames = iter(frames)

    def detect(self, frame):
        _, self.faces = next(self.frames)
        return [live.Box(*face["box"]) for face in self.faces]

    def classify(self, crops):
        return np.array([face["probabilities"] for face in self.faces])


@needs_node
def test_what_is_shown_of_a_track_follows_smoothly_or_at_once():
    first = {"box": [0, 0, 100, 100], "probabilities": [1, 0]}
    moved = {"box": [20, 0, 100, 100], "probabilities": [0, 1]}
    script = f"""(() => {{
      const tracker = new Tracker({{ ...settings, smoothing: 1e-9 }});
      tracker.follow([{json.dumps(first)}], 0);
      tracker.follow([{json.dumps(moved)}], 0.1);
      tracker.ease(0.08);
      const [eased] = tracker.tracks.map(({{ shown }}) => ({{ ...shown }}));
      tracker.settle();
      return [eased, tracker.tracks[0].shown];
    }})()"""
    eased, settled = evaluate("tracks.js", script)
    assert eased["box"][0] == pytest.approx(12.64, abs=0.01)
    assert eased["probabilities"] == pytest.approx([0.3679, 0.6321], abs=1e-4)
    assert settled == moved


@needs_node
@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("NotAllowedError", "doesn't allow the camera"),
        ("NotFoundError", "No camera was found"),
        ("NotReadableError", "other program"),
        ("AbortError", "stopped while it was starting"),
        ("SecurityError", "forbid cameras"),
        ("OtherError", "can't be opened (no reason)"),
    ],
)
def test_camera_errors_are_explained(name, words):
    error = f"Object.assign(new Error('no reason'), {{ name: '{name}' }})"
    explained = f"((globalThis.window = {{ isSecureContext: true }}), explainCameraError({error}))"
    assert words in evaluate("camera.js", explained)
    insecure = explained.replace("true", "false")
    assert "over HTTPS" in evaluate("camera.js", insecure)
