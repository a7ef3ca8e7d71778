"""The website's API: images in, faces with expressions out, as JSON."""

import time

import numpy as np
from flask import Blueprint, current_app, jsonify, request

from fer_lib import live
from fer_lib.labels import LABELS
from fer_lib.web import openapi
from fer_lib.web.errors import ApiError

blueprint = Blueprint("api", __name__, url_prefix="/api")


@blueprint.post("/predict")
def predict():
    """Find and classify the faces of the image sent; `openapi` describes the parameters."""
    whole, small, by_label = _flag("whole"), _flag("small"), _flag("by_label")
    content = _content()
    with current_app.extensions["workers"].borrow() as worker:
        classifier = worker[small, by_label]
        started = time.perf_counter()
        frame, size = live.decode_image(content)
        decoded = time.perf_counter()
        faces = [_whole_image(classifier, frame)] if whole else classifier.process(frame)
        ended = time.perf_counter()
    stages = {} if whole else classifier.milliseconds
    milliseconds = {"decode": 1000 * (decoded - started), **stages, "all": 1000 * (ended - started)}
    rounded = {stage: round(spent, 2) for stage, spent in milliseconds.items()}
    scale = size[0] / frame.shape[1]
    return jsonify(faces=[_as_json(face, scale) for face in faces], milliseconds=rounded)


@blueprint.get("/health")
def health():
    """Report that the website runs, and the number of responses by status."""
    return jsonify(status="ok", responses=current_app.extensions["responses"].counts())


@blueprint.get("/model")
def model():
    """Report facts about the classifier."""
    return jsonify(current_app.extensions["facts"])


@blueprint.get("/openapi.json")
def description():
    """Describe this API in OpenAPI."""
    return jsonify(openapi.DESCRIPTION)


def _flag(name):
    text = request.args.get(name, "false")
    if text not in ("true", "false"):
        message = f'The parameter "{name}" is neither "true" nor "false". Correct or omit it.'
        raise ApiError(400, "bad_parameter", message)
    return text == "true"


def _content():
    """Return the image's bytes: the field "image" of a form, otherwise the whole body."""
    if request.mimetype != "multipart/form-data":
        return request.get_data(cache=False, parse_form_data=False)
    if "image" not in request.files:
        message = 'The form has no file named "image". Send the image under that name.'
        raise ApiError(400, "no_image", message)
    return request.files["image"].read()


def _whole_image(classifier, frame):
    """Use the central square as a face: FER2013's own crops leave no border to detect one."""
    height, width = frame.shape[:2]
    side = min(height, width)
    box = live.Box((width - side) // 2, (height - side) // 2, side, side)
    probabilities = classifier.classify(live.crop(frame, box)[np.newaxis])[0]
    return live.LiveFace(box, 0, probabilities, probabilities, {})


def _as_json(face, scale):
    named = zip(LABELS, face.probabilities.tolist(), strict=True)
    return {
        "box": [round(length * scale) for length in face.box],
        "label": face.label,
        "probabilities": {label: round(value, 4) for label, value in named},
    }
