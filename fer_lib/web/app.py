"""The website as a Flask application: pages, headers, limits, and error responses."""

import collections
import functools
import io
import os
import secrets
import threading

import flask
from flask import Blueprint, Flask, jsonify, render_template, request, session
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from werkzeug.exceptions import HTTPException

from fer_lib import live, models, paper
from fer_lib.live import frontend
from fer_lib.models import shipped
from fer_lib.web import api, card, examples
from fer_lib.web.browser import build
from fer_lib.web.errors import ApiError
from fer_lib.web.workers import Workers

WORKERS = os.cpu_count() or 1
WAITING = 2 * WORKERS
# Pixels of 640, by the API's parameter `small`: a face before a camera is large, in a photograph it
# need not be.
MIN_FACE = {False: 80, True: 40}
# Of one client. A camera of 30 FPS sends no more than that.
REQUESTS_PER_SECOND = 40
CLIENT = "client"  # the number in a client's cookie
TOO_LARGE = f"The request is too large. Send one image of at most {live.MAX_BYTES // 10**6} MB."
TOO_MANY = "Too many requests in one second. Send fewer."
FORM_BYTES = 65_536  # what a form may add to its image

NOT_FRAMED = "; frame-ancestors 'none'"
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; form-action 'none'; base-uri 'none'" + NOT_FRAMED
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

pages = Blueprint("pages", __name__)
# The address is the folder's place beside `static/`, so that the scripts there import these modules
# by the same relative path as in the repository.
modules = Blueprint(
    "modules", __name__, static_folder=frontend.JAVASCRIPT, static_url_path="/live/javascript"
)


# The cookie ends with the browser's session, and no other website makes the browser send it.
COOKIE = {"SESSION_COOKIE_NAME": "faces", "SESSION_COOKIE_SAMESITE": "Strict"}
browser_demo = Blueprint("demo", __name__, url_prefix="/demo")


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
    demo=None,
):
    """Create the website as a Flask application.

    Args:
        make: Callable that makes a worker, as `make_worker` does.
        workers: Number of images processed at once.
        waiting: Number of requests that may wait for a worker.
        requests_per_second: Limit for one client: for each visitor of the pages, by a signed
            cookie, and for each address of programs without one. Visitors behind one address don't
            share a limit.
        demo: Folder of the demo that runs in the browser (see `browser.build`); its pages replace
            those that need the server's inference.

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
    app.extensions["demo"] = demo
    app.config.update(SECRET_KEY=os.environ.get("FER_WEB_KEY") or secrets.token_bytes(32), **COOKIE)
    limit = [f"{requests_per_second} per second"]
    limiter = Limiter(client, app=app, default_limits=limit, storage_uri="memory://")
    limiter.exempt(browser_demo)  # a page with all its files is more than a second's requests
    for blueprint in (pages, modules, browser_demo, api.blueprint):
        app.register_blueprint(blueprint)
    for error, handler in ERROR_HANDLERS.items():
        app.register_error_handler(error, handler)
    app.after_request(_finish)
    return app


def client():
    """Name whoever sends the request: by the signed cookie that a page set, or else by address."""
    return session.get(CLIENT) or get_remote_address()


@pages.before_request
def _know_client():
    session.setdefault(CLIENT, secrets.token_urlsafe(16))


@pages.get("/")
def home():
    """Show the home page."""
    facts = flask.current_app.extensions["facts"]
    return render_template(
        "home.html", accuracy=card.describe(facts), paper_accuracy=paper.ACCURACY["test"]
    )


@pages.get("/image")
def image():
    """Show the page for images, or the demo's."""
    if flask.current_app.extensions["demo"]:
        return flask.redirect(flask.url_for("demo.file", name="image.html"))
    return render_template(
        "image.html",
        settings=frontend.settings(),
        examples=examples.NAMES,
        max_bytes=live.MAX_BYTES,
        max_pixels=live.MAX_PIXELS,
    )


@pages.get("/realtime")
def realtime():
    """Show the page for the camera, or the demo's."""
    if flask.current_app.extensions["demo"]:
        return flask.redirect(flask.url_for("demo.file"))
    return render_template("realtime.html", settings=frontend.settings())


@pages.get("/examples/<name>.jpg")
def example(name):
    """Send an example image."""
    if name not in examples.NAMES:
        flask.abort(404)
    return flask.Response(examples.jpeg(name), mimetype="image/jpeg")


@browser_demo.get("/")
@browser_demo.get("/<path:name>")
def file(name="index.html"):
    """Send a file of the demo that runs in the browser."""
    folder = flask.current_app.extensions["demo"] or flask.abort(404)
    response = flask.send_from_directory(folder, name)
    response.headers["Content-Security-Policy"] = build.POLICY + NOT_FRAMED
    return response


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
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.path.startswith("/api/"):
        response.headers["Cache-Control"] = "no-store"
    flask.current_app.extensions["responses"].add(response.status_code)
    return response
