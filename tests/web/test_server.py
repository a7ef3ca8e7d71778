"""The website on its server: ports, slow clients, and an end that frees everything."""

import http.client
import json
import socket
import threading
import time
import urllib.request

import pytest
from support.example_images import GOOD

from fer_lib.exceptions import Problem
from fer_lib.web import server, start


@pytest.fixture
def website(monkeypatch):
    monkeypatch.setattr(server, "PORT", 0)
    running = start()
    yield running
    running.stop()


def get(address):
    with urllib.request.urlopen(address, timeout=10) as response:
        return json.load(response)


def test_it_responds_at_its_address_and_frees_the_port(monkeypatch):
    monkeypatch.setattr(server, "PORT", 0)
    before = threading.active_count()
    website = start()
    assert get(f"{website.address}/api/health")["status"] == "ok"
    website.stop()
    port = int(website.address.rpartition(":")[2])
    socket.create_server(("127.0.0.1", port)).close()
    assert threading.active_count() <= before + 1  # the limiter's clock


def test_if_the_usual_port_is_taken_it_finds_a_free_one(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        monkeypatch.setattr(server, "PORT", taken)
        website = start()
        try:
            assert website.address != f"http://127.0.0.1:{taken}"
            assert get(f"{website.address}/api/health")["status"] == "ok"
        finally:
            website.stop()


def test_a_port_that_was_asked_for_and_is_taken_is_a_problem():
    with (
        socket.create_server(("127.0.0.1", 0)) as other,
        pytest.raises(Problem, match="Can't listen on 127.0.0.1, port"),
    ):
        start(port=other.getsockname()[1])
    with pytest.raises(Problem, match="Invalid port"):
        start(port=70_000)
    with pytest.raises(Problem, match="Can't listen on no.such.host.invalid"):
        start(host="no.such.host.invalid")


def connect(website):
    host, port = website.address.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)), timeout=10)


def test_slow_clients_block_no_thread(website):
    slow = [connect(website) for _ in range(60)]
    for connection in slow:
        connection.sendall(b"POST /api/predict HTTP/1.1\r\nHost: x\r\nContent-Length: 999\r\n\r\nx")
    started = time.perf_counter()
    assert get(f"{website.address}/api/health")["status"] == "ok"
    with urllib.request.urlopen(f"{website.address}/api/predict", GOOD["JPEG"], 10) as response:
        assert len(json.load(response)["faces"]) == 1
    assert time.perf_counter() - started < 5
    for connection in slow:
        connection.close()


@pytest.mark.parametrize(
    ("head", "status", "code"),
    [
        (b"Content-Length: 99999999999", 413, "request_entity_too_large"),
        (b"Content-Length: minus one", 400, "bad_request"),
        (b"Transfer-Encoding: gzip", 501, "not_implemented"),
        (b"X: " + bytes(300_000), 431, "request_header_fields_too_large"),
    ],
    ids=["too long", "no length", "unknown encoding", "long header"],
)
def test_what_the_server_itself_rejects_gets_json_too(website, head, status, code):
    request = b"POST /api/predict HTTP/1.1\r\nHost: x\r\n" + head + b"\r\n\r\n"
    with connect(website) as connection:
        connection.sendall(request)
        response = http.client.HTTPResponse(connection)
        response.begin()
        error = json.load(response)["error"]
    assert (response.status, error["code"]) == (status, code)
    assert error["message"].endswith(".")


def test_the_server_does_not_name_its_software(website):
    with urllib.request.urlopen(f"{website.address}/", timeout=10) as response:
        assert response.headers["Server"] is None


@pytest.mark.parametrize("demo", [None, "build/demo"])
def test_it_prints_its_address_and_where_faces_are_classified(monkeypatch, capsys, demo):
    class Running:
        address = "http://127.0.0.1:1"

        def __init__(self, host, port, folder):
            assert folder == demo

        def run(self):
            pass

    monkeypatch.setattr(server, "Website", Running)
    monkeypatch.setattr(server.build, "built", lambda: demo)
    server.serve()
    address, engine = capsys.readouterr().out.splitlines()
    assert address.startswith("The website is at http://127.0.0.1:1 ")
    assert engine == (server.IN_BROWSER if demo else server.ON_SERVER)
