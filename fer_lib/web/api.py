"""The website's API: pictures in, faces with expressions out, as JSON."""

import time

import numpy as np
from flask import Blueprint, current_app, jsonify, request

from fer_lib import live
from fer_lib.labels import LABELS
from fer_lib.live.pipeline import LiveFace
from fer_lib.web import openapi
from fer_lib.web.refusal import Refusal

blueprint = Blueprint("api", __name__, url_prefix="/api")


@blueprint.post("/predict")
def predict():
    """Faces of the picture sent; its parameters are described in `openapi`."""
    whole, small = _flag("whole"), _flag("small")
    content = _content()
    with current_app.extensions["workers"].borrow() as worker:
        classifier = worker[small]
        started = time.perf_counter()
        frame, size = live.decode_image(content)
        decoded = time.perf_counter()
        found = [_whole(classifier, frame)] if whole else classifier.process(frame)
        ended = time.perf_counter()
    stages = {} if whole else classifier.milliseconds
    milliseconds = {"decode": 1000 * (decoded - started), **stages, "all": 1000 * (ended - started)}
    rounded = {stage: round(spent, 2) for stage, spent in milliseconds.items()}
    scale = size[0] / frame.shape[1]
    return jsonify(faces=[_as_json(face, scale) for face in found], milliseconds=rounded)


@blueprint.get("/health")
def health():
    """That the website runs, and how many answers of each status it gave."""
    return jsonify(status="ok", answers=current_app.extensions["answers"].counts())


@blueprint.get("/model")
def model():
    """Facts of the classifier."""
    return jsonify(current_app.extensions["facts"])


@blueprint.get("/openapi.json")
def description():
    """This API's OpenAPI description."""
    return jsonify(openapi.DESCRIPTION)


def _flag(name):
    text = request.args.get(name, "false")
    if text not in ("true", "false"):
        raise Refusal(400, "bad_parameter", f'The parameter "{name}" must be "true" or "false".')
    return text == "true"


def _content():
    """The picture's bytes: the field "image" of a form, or else the whole body."""
    if request.mimetype != "multipart/form-data":
        return request.get_data(cache=False, parse_form_data=False)
    if "image" not in request.files:
        sentence = 'The form has no file named "image": send the picture under that name.'
        raise Refusal(400, "no_image", sentence)
    return request.files["image"].read()


def _whole(classifier, frame):
    """The picture's middle square as a face: FER2013's own crops leave no border to find one."""
    height, width = frame.shape[:2]
    side = min(height, width)
    box = live.Box((width - side) // 2, (height - side) // 2, side, side)
    probabilities = classifier.classify(live.crop(frame, box)[np.newaxis])[0]
    return LiveFace(box, 0, probabilities, probabilities, {})


def _as_json(face, scale):
    named = zip(LABELS, face.probabilities.tolist(), strict=True)
    return {
        "box": [round(number * scale) for number in face.box],
        "label": face.label,
        "probabilities": {label: round(value, 4) for label, value in named},
    }
