"""The website on waitress, a server of several threads: `serve` for `fer web`, `start` beside it.

Each request is read whole before a thread works on it, so that a slow client holds none. Bodies
stay in memory: waitress would write large ones to the disk.
"""

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

from fer_lib import live
from fer_lib.exceptions import Problem
from fer_lib.web import app as website

HOST = "127.0.0.1"
PORT = 8000
LARGEST_BODY = 2 * live.MAX_BYTES  # beyond it waitress refuses, and reads no further
SETTINGS = {
    # Whoever works or waits, and some more, so that pages and refusals are answered at once.
    "threads": website.WORKERS + website.WAITING + 4,
    "recv_bytes": 65_536,  # a camera's frame in one piece
    "connection_limit": 200,
    "channel_timeout": 30,  # seconds that a silent client is kept
    "max_request_body_size": LARGEST_BODY,
    "inbuf_overflow": LARGEST_BODY + 1,
    "ident": None,
    # A reverse proxy on this machine tells its clients' addresses and TLS; nobody else can.
    "trusted_proxy": "127.0.0.1",
    "trusted_proxy_headers": {"x-forwarded-for", "x-forwarded-proto"},
    "clear_untrusted_proxy_headers": True,
}


class ErrorAsJson(ErrorTask):
    """Waitress' own answer to what it takes for no request, in the form of the API's errors."""

    def execute(self):
        error = self.request.error
        code = website.code_of(error.reason)
        sentence = f"The server cannot read the request: {error.body}."
        if error.code == 413:
            sentence = website.TOO_LARGE
        content = json.dumps({"error": {"code": code, "sentence": sentence}}).encode()
        self.status = f"{error.code} {error.reason}"
        self.response_headers.append(("Content-Type", "application/json"))
        self.content_length = len(content)
        self.set_close_on_finish()
        self.write(content)


class Channel(HTTPChannel):
    """A connection to a client."""

    error_task_class = ErrorAsJson


class Website:
    """The website on its port, which `run` or `start` brings to life.

    address: where a browser finds it. host, port: see `start` below.
    """

    def __init__(self, host=HOST, port=None):
        application = website.create_app()
        listener = _listen(host, port)
        name = f"[{host}]" if ":" in host else host
        self.address = f"http://{name}:{listener.getsockname()[1]}"
        self._connections = {}
        self._server = create_server(
            application, map=self._connections, sockets=[listener], **SETTINGS
        )
        self._server.channel_class = Channel

    def run(self):
        """Answer requests until Ctrl-C or `stop`."""
        self._server.run()

    def start(self):
        """Answer requests in a thread of its own."""
        self._thread = threading.Thread(target=self.run, name="website", daemon=True)
        self._thread.start()

    def stop(self):
        """End what `start` began: close all connections and free the port."""
        # Only the server's own thread may close what it listens to.
        self._server.trigger.pull_trigger(lambda: wasyncore.close_all(self._connections))
        self._thread.join()
        self._server.task_dispatcher.shutdown()


def serve(host=HOST, port=None):
    """Run the website until Ctrl-C, and print its address; see `start`."""
    # Waitress warns of who waits: strangers must not fill the terminal.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    cv2.setNumThreads(1)  # the workers share the cores already
    running = Website(host, port)
    print(f"The website is at {running.address} - Ctrl-C stops it", flush=True)
    running.run()


def start(host=HOST, port=None):
    """Run the website in the background, and return it as a `Website` to stop.

    host: whom it listens to; 127.0.0.1 is this machine alone. port: None for 8000, or a free one
    where that is taken. Raises Problem if a port that was asked for is taken or not allowed, the
    host is not this machine's, or the models are missing.
    """
    running = Website(host, port)
    running.start()
    return running


def _listen(host, port):
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, PORT if port is None else port), family=family)
    except OSError as error:
        if port is None and error.errno == errno.EADDRINUSE:
            return socket.create_server((host, 0), family=family)
        reason = error.strerror.partition(" (while")[0]  # Python adds the address
        raise Problem(
            f"cannot listen on {host}, port {PORT if port is None else port} ({reason}); give "
            "another --port, or --host 127.0.0.1"
        ) from error
    except OverflowError as error:
        raise Problem(f"{port} is no port; give one from 1 to 65535") from error
