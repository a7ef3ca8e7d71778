"""The website as a Flask application: pages, headers, limits and the answers to errors."""

import collections
import functools
import io
import os
import threading

import cv2
import flask
from flask import Blueprint, Flask, jsonify, render_template, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from skimage.data import astronaut
from werkzeug.exceptions import HTTPException

from fer_lib import live, models, paper
from fer_lib.data.drawn_faces import draw_face
from fer_lib.labels import ACTION_UNITS, COLORS, LABELS
from fer_lib.live.pipeline import MIN_CONFIDENCE, UNSURE, LiveClassifier
from fer_lib.models import shipped
from fer_lib.web import api, card
from fer_lib.web.refusal import Refusal
from fer_lib.web.workers import Workers

WORKERS = os.cpu_count() or 1
WAITING = 2 * WORKERS
# Pixels of 640: before a camera a face is large, in a photograph it need not be.
SMALLEST_FACE = {False: 80, True: 40}
# A camera of 30 frames a second sends no more than that.
REQUESTS_PER_SECOND = 40
TOO_LARGE = "The request is too large: send one picture of at most 8 MB."
FORM_BYTES = 65_536  # what a form may add to its picture

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
BAD_PICTURES = {
    "empty": 400,
    "too_many_bytes": 413,
    "too_many_pixels": 413,
    "not_a_picture": 415,
    "damaged": 422,
    "too_small": 422,
}
ASTRONAUT = "astronaut"
EXAMPLES = (*LABELS, ASTRONAUT)
EXAMPLE_SIDE = 240
EXAMPLE_BORDER = 80

pages = Blueprint("pages", __name__)


class Request(flask.Request):
    """A request whose files stay in memory: Werkzeug would write large ones to the disk."""

    def _get_file_stream(self, *arguments, **named):
        return io.BytesIO()


class Answers:
    """Counts of the answers by status: all that the website remembers."""

    def __init__(self):
        self._counts = collections.Counter()
        self._lock = threading.Lock()

    def count(self, status):
        with self._lock:
            self._counts[str(status)] += 1

    def counts(self):
        with self._lock:
            return dict(self._counts)


def create_app(
    make_worker=None,
    workers=WORKERS,
    waiting=WAITING,
    requests_per_second=REQUESTS_PER_SECOND,
):
    """The website as a Flask application.

    make_worker: makes {small: LiveClassifier}, with True for one that finds small faces, too; None:
    those that do not smooth, since a worker serves many clients, on one core. workers, waiting: how
    many pictures are worked on at once and how many may wait. requests_per_second: of one client,
    to each address.
    Raises Problem if the models or their recorded run are missing.
    """
    app = Flask(__name__)
    app.request_class = Request
    app.config["MAX_CONTENT_LENGTH"] = live.MAX_BYTES + FORM_BYTES
    app.extensions["workers"] = Workers(make_worker or _worker, workers, waiting)
    app.extensions["facts"] = card.facts()
    app.extensions["answers"] = Answers()
    Limiter(
        get_remote_address,
        app=app,
        default_limits=[f"{requests_per_second} per second"],
        storage_uri="memory://",
    )
    app.register_blueprint(pages)
    app.register_blueprint(api.blueprint)
    app.register_error_handler(live.BadImage, _bad_picture)
    app.register_error_handler(Refusal, _refused)
    app.register_error_handler(HTTPException, _failed)
    app.after_request(_finish)
    return app


def _worker():
    classify = models.load(shipped.FLOAT16, threads=1)
    return {
        small: LiveClassifier(0, live.detector(smallest), classify)
        for small, smallest in SMALLEST_FACE.items()
    }


@pages.get("/")
def home():
    facts = flask.current_app.extensions["facts"]
    return render_template(
        "home.html", accuracy=card.sentence(facts), paper_accuracy=paper.ACCURACY["test"]
    )


@pages.get("/image")
def image():
    return render_template("image.html", examples=EXAMPLES, **_shared_with_scripts())


@pages.get("/realtime")
def realtime():
    return render_template("realtime.html", **_shared_with_scripts())


@pages.get("/examples/<name>.jpg")
def example(name):
    if name not in EXAMPLES:
        flask.abort(404)
    return flask.Response(_example(name), mimetype="image/jpeg")


def _shared_with_scripts():
    return {
        "colours": COLORS,
        "least_confidence": MIN_CONFIDENCE,
        "unsure": UNSURE,
        "largest_bytes": live.MAX_BYTES,
    }


@functools.cache
def _example(name):
    """An example as a JPEG file's bytes; a drawn face has room around it, to be found."""
    if name == ASTRONAUT:
        picture = cv2.cvtColor(astronaut(), cv2.COLOR_RGB2BGR)
    else:
        face = draw_face(dict.fromkeys(ACTION_UNITS[name], 1.0), size=EXAMPLE_SIDE)
        picture = cv2.copyMakeBorder(face, *[EXAMPLE_BORDER] * 4, cv2.BORDER_REPLICATE)
    return cv2.imencode(".jpg", picture)[1].tobytes()


def _bad_picture(bad):
    return _error(BAD_PICTURES[bad.code], bad.code, str(bad))


def _refused(refusal):
    return _error(refusal.status, refusal.code, refusal.sentence)


def _failed(error):
    code = code_of(error.name)
    sentence = error.description
    if error.code == 413:
        sentence = TOO_LARGE
    elif error.code == 429:
        sentence = "Too many requests in one second: send fewer."
    response = _error(error.code, code, sentence)
    response.allow.update(getattr(error, "valid_methods", None) or ())
    return response


def code_of(name):
    """An HTTP status' name as the code of an error."""
    return name.lower().replace(" ", "_")


def _error(status, code, sentence):
    if request.path.startswith("/api/"):
        response = jsonify(error={"code": code, "sentence": sentence})
    else:
        response = flask.make_response(render_template("error.html", sentence=sentence))
    response.status_code = status
    if status in (429, 503):
        response.headers["Retry-After"] = "1"
    return response


def _finish(response):
    response.headers.update(HEADERS)
    if request.path.startswith("/api/"):
        response.headers["Cache-Control"] = "no-store"
    flask.current_app.extensions["answers"].count(response.status_code)
    return response
