"""The website on waitress, a threaded server: `serve` for `fer web`, `start` in the background.

Each request is read completely before a thread works on it, so that a slow client blocks none.
Bodies stay in memory: waitress would write large ones to the disk.
"""

import contextlib
import errno
import json
import logging
import socket
import threading

import cv2
from waitress import wasyncore
from waitress.channel import HTTPChannel
from waitress.server import create_server
from waitress.task import ErrorTask

from fer_lib import live, paths
from fer_lib.exceptions import Problem
from fer_lib.web import app as website
from fer_lib.web.browser import build

HOST = "127.0.0.1"
PORT = 8000
MAX_BODY = 2 * live.MAX_BYTES  # beyond it, waitress rejects the request and reads no further
SETTINGS = {
    # For all requests that run or wait, and some more for pages and immediate error responses.
    "threads": website.WORKERS + website.WAITING + 4,
    "recv_bytes": 65_536,  # a camera frame in one piece
    "connection_limit": 200,
    "channel_timeout": 30,  # seconds that a silent client is kept
    "max_request_body_size": MAX_BODY,
    "inbuf_overflow": MAX_BODY + 1,
    "ident": None,
    # A reverse proxy on this machine reports its clients' addresses and TLS; nobody else may.
    "trusted_proxy": "127.0.0.1",
    "trusted_proxy_headers": {"x-forwarded-for", "x-forwarded-proto"},
    "clear_untrusted_proxy_headers": True,
}

IN_BROWSER = "Faces are classified in the browser: images and camera frames stay there."
ON_SERVER = (
    "Faces are classified by this server. `python -m fer_lib.web.browser.build "
    f"{build.FOLDER.relative_to(paths.REPOSITORY)}` makes pages that do it in the browser."
)


class JsonErrorTask(ErrorTask):
    """Waitress's own response to an invalid request, in the form of the API's errors."""

    def execute(self):
        """Write the response."""
        error = self.request.error
        code = website.code_of(error.reason)
        message = f"The server can't read the request: {error.body}."
        if error.code == 413:
            message = website.TOO_LARGE
        content = json.dumps({"error": {"code": code, "message": message}}).encode()
        self.status = f"{error.code} {error.reason}"
        self.response_headers.append(("Content-Type", "application/json"))
        self.content_length = len(content)
        self.set_close_on_finish()
        self.write(content)


class Channel(HTTPChannel):
    """A connection to a client."""

    error_task_class = JsonErrorTask


class Website:
    """The website on its port; `run` or `start` makes it respond.

    Args:
        host: See `start` below.
        port: See `start` below.
        demo: See `app.create_app`.

    Attributes:
        address: URL of the home page.
    """

    def __init__(self, host=HOST, port=None, demo=None):
        application = website.create_app(demo=demo)
        listener = _listen(host, port)
        name = f"[{host}]" if ":" in host else host
        self.address = f"http://{name}:{listener.getsockname()[1]}"
        self._connections = {}
        self._server = create_server(
            application, map=self._connections, sockets=[listener], **SETTINGS
        )
        self._server.channel_class = Channel

    def run(self):
        """Respond to requests until Ctrl-C or `stop`."""
        self._server.run()

    def start(self):
        """Respond to requests in a thread of its own."""
        self._thread = threading.Thread(target=self.run, name="website", daemon=True)
        self._thread.start()

    def stop(self):
        """End what `start` began: close all connections and free the port."""
        # Only the server's own thread may close its listener. If it wakes by itself, it closes the
        # trigger before this call can write to it.
        with contextlib.suppress(OSError):
            self._server.trigger.pull_trigger(lambda: wasyncore.close_all(self._connections))
        self._thread.join()
        self._server.task_dispatcher.shutdown()


def serve(host=HOST, port=None):
    """Run the website until Ctrl-C, and print its address and where it classifies.

    Args:
        host: See `start`.
        port: See `start`.

    Raises:
        Problem: See `start`.
    """
    # Waitress warns about waiting requests: other people must not fill the terminal.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    cv2.setNumThreads(1)  # the workers share the cores already
    demo = build.built()
    running = Website(host, port, demo)
    print(f"The website is at {running.address} - Ctrl-C stops it", flush=True)
    print(IN_BROWSER if demo else ON_SERVER, flush=True)
    running.run()


def start(host=HOST, port=None, demo=None):
    """Run the website in the background.

    Args:
        host: Address to bind to; 127.0.0.1 admits this machine only.
        port: Port; defaults to 8000, or to a free one if that is taken.
        demo: See `app.create_app`; by default, the server classifies.

    Returns:
        The running `Website`; its `stop` ends it.

    Raises:
        Problem: If the given port is taken or not allowed, the host is not this machine's, or the
            models are missing.
    """
    running = Website(host, port, demo)
    running.start()
    return running


def _listen(host, port):
    if port is not None and not 0 <= port <= 65_535:
        raise Problem(f"Invalid port {port}. Choose one from 1 to 65535.")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, PORT if port is None else port), family=family)
    except OSError as error:
        if port is None and error.errno == errno.EADDRINUSE:
            return socket.create_server((host, 0), family=family)
        reason = error.strerror.partition(" (while")[0]  # Python adds the address
        raise Problem(
            f"Can't listen on {host}, port {PORT if port is None else port} ({reason}). Choose "
            "another --port, or --host 127.0.0.1."
        ) from error
