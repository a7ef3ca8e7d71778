"""The website as a Flask application: pages, headers, limits, and error responses."""

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
from fer_lib.data.synthetic_faces import draw_face
from fer_lib.labels import ACTION_UNITS, LABELS
from fer_lib.live import frontend
from fer_lib.models import shipped
from fer_lib.web import api, card
from fer_lib.web.errors import ApiError
from fer_lib.web.workers import Workers

WORKERS = os.cpu_count() or 1
WAITING = 2 * WORKERS
# Pixels of 640, by the API's parameter `small`: a face before a camera is large, in a photograph it
# need not be.
MIN_FACE = {False: 80, True: 40}
# A camera of 30 FPS sends no more than that.
REQUESTS_PER_SECOND = 40
TOO_LARGE = f"The request is too large. Send one image of at most {live.MAX_BYTES // 10**6} MB."
TOO_MANY = "Too many requests in one second. Send fewer."
FORM_BYTES = 65_536  # what a form may add to its image

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
BAD_IMAGES = {
    "empty": 400,
    "too_many_bytes": 413,
    "too_many_pixels": 413,
    "not_an_image": 415,
    "damaged": 422,
    "too_small": 422,
}
ASTRONAUT = "astronaut"
EXAMPLES = (*LABELS, ASTRONAUT)
EXAMPLE_SIDE = 240
EXAMPLE_BORDER = 80

pages = Blueprint("pages", __name__)
# The address is the folder's place beside `static/`, so that the scripts there import these modules
# by the same relative path as in the repository.
modules = Blueprint(
    "modules", __name__, static_folder=frontend.JAVASCRIPT, static_url_path="/live/javascript"
)


class Request(flask.Request):
    """A request whose files stay in memory: Werkzeug would write large ones to the disk."""

    def _get_file_stream(self, *arguments, **named):
        return io.BytesIO()


class ResponseCounter:
    """Counts responses by status, which is all that the website remembers. Thread-safe."""

    def __init__(self):
        self._counts = collections.Counter()
        self._lock = threading.Lock()

    def add(self, status):
        """Count a response with this status."""
        with self._lock:
            self._counts[str(status)] += 1

    def counts(self):
        """Return {status: number of responses}."""
        with self._lock:
            return dict(self._counts)


def make_worker(make_detector=live.detector):
    """Make a worker: what processes images, on one core and for one thread at a time.

    Args:
        make_detector: Callable from the smallest face's side, in pixels, to a detector.

    Returns:
        {(small, by_label): `LiveClassifier`}, with True for one that also finds small faces, and
        for one that says what FER2013's label says. They don't smooth, since a worker serves many
        clients.

    Raises:
        Problem: If the model is missing.
    """
    network = models.load(shipped.FLOAT16, threads=1)
    answers = {False: network, True: functools.partial(models.predict, network)}
    detectors = {small: make_detector(min_size) for small, min_size in MIN_FACE.items()}
    return {
        (small, by_label): live.LiveClassifier(0, detector, classify)
        for small, detector in detectors.items()
        for by_label, classify in answers.items()
    }


def create_app(
    make=make_worker,
    workers=WORKERS,
    waiting=WAITING,
    requests_per_second=REQUESTS_PER_SECOND,
):
    """Create the website as a Flask application.

    Args:
        make: Callable that makes a worker, as `make_worker` does.
        workers: Number of images processed at once.
        waiting: Number of requests that may wait for a worker.
        requests_per_second: Limit for one client, for each address.

    Returns:
        The `Flask` application.

    Raises:
        Problem: If the models or their recorded run are missing.
    """
    app = Flask(__name__)
    app.request_class = Request
    app.config["MAX_CONTENT_LENGTH"] = live.MAX_BYTES + FORM_BYTES
    app.extensions["workers"] = Workers(make, workers, waiting)
    app.extensions["facts"] = card.facts()
    app.extensions["responses"] = ResponseCounter()
    limit = [f"{requests_per_second} per second"]
    Limiter(get_remote_address, app=app, default_limits=limit, storage_uri="memory://")
    for blueprint in (pages, modules, api.blueprint):
        app.register_blueprint(blueprint)
    for error, handler in ERROR_HANDLERS.items():
        app.register_error_handler(error, handler)
    app.after_request(_finish)
    return app


@pages.get("/")
def home():
    """Show the home page."""
    facts = flask.current_app.extensions["facts"]
    return render_template(
        "home.html", accuracy=card.describe(facts), paper_accuracy=paper.ACCURACY["test"]
    )


@pages.get("/image")
def image():
    """Show the page for images."""
    return render_template(
        "image.html",
        settings=frontend.settings(),
        examples=EXAMPLES,
        max_bytes=live.MAX_BYTES,
        max_pixels=live.MAX_PIXELS,
    )


@pages.get("/realtime")
def realtime():
    """Show the page for the camera."""
    return render_template("realtime.html", settings=frontend.settings())


@pages.get("/examples/<name>.jpg")
def example(name):
    """Send an example image."""
    if name not in EXAMPLES:
        flask.abort(404)
    return flask.Response(_example(name), mimetype="image/jpeg")


@functools.cache
def _example(name):
    """Return an example's JPEG bytes; a synthetic face has a border, so that detectors find it."""
    if name == ASTRONAUT:
        pixels = cv2.cvtColor(astronaut(), cv2.COLOR_RGB2BGR)
    else:
        face = draw_face(dict.fromkeys(ACTION_UNITS[name], 1.0), size=EXAMPLE_SIDE)
        pixels = cv2.copyMakeBorder(face, *[EXAMPLE_BORDER] * 4, cv2.BORDER_REPLICATE)
    return cv2.imencode(".jpg", pixels)[1].tobytes()


def _on_bad_image(error):
    return _error_response(BAD_IMAGES[error.code], error.code, str(error))


def _on_api_error(error):
    return _error_response(error.status, error.code, error.message)


def _on_http_error(error):
    message = {413: TOO_LARGE, 429: TOO_MANY}.get(error.code, error.description)
    response = _error_response(error.code, code_of(error.name), message)
    response.allow.update(getattr(error, "valid_methods", None) or ())
    return response


ERROR_HANDLERS = {
    live.BadImage: _on_bad_image,
    ApiError: _on_api_error,
    HTTPException: _on_http_error,
}


def code_of(name):
    """Convert the name of an HTTP status to an error code: `"Bad Request"` to `"bad_request"`."""
    return name.lower().replace(" ", "_")


def _error_response(status, code, message):
    if request.path.startswith("/api/"):
        response = jsonify(error={"code": code, "message": message})
    else:
        response = flask.make_response(render_template("error.html", message=message))
    response.status_code = status
    if status in (429, 503):
        response.headers["Retry-After"] = "1"
    return response


def _finish(response):
    response.headers.update(HEADERS)
    if request.path.startswith("/api/"):
        response.headers["Cache-Control"] = "no-store"
    flask.current_app.extensions["responses"].add(response.status_code)
    return response
