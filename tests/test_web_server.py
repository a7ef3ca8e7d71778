"""The website on its server: ports, slow clients, and an end that frees everything."""

import json
import socket
import threading
import time
import urllib.request

import pytest

from fer_lib.problems import Problem
from fer_lib.web import server, start


@pytest.fixture
def website(monkeypatch):
    monkeypatch.setattr(server, "PORT", 0)
    running = start()
    yield running
    running.stop()


def get(address):
    with urllib.request.urlopen(address, timeout=10) as answer:
        return json.load(answer)


def test_it_answers_at_its_address_and_frees_the_port(monkeypatch):
    monkeypatch.setattr(server, "PORT", 0)
    before = threading.active_count()
    website = start()
    assert get(f"{website.address}/api/health")["status"] == "ok"
    website.stop()
    port = int(website.address.rpartition(":")[2])
    socket.create_server(("127.0.0.1", port)).close()
    assert threading.active_count() <= before + 1  # the limiter's clock


def test_where_the_usual_port_is_taken_it_finds_a_free_one(monkeypatch):
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
        pytest.raises(Problem, match="cannot listen on 127.0.0.1, port"),
    ):
        start(port=other.getsockname()[1])
    with pytest.raises(Problem, match="is no port"):
        start(port=70_000)
    with pytest.raises(Problem, match="cannot listen on no.such.host.invalid"):
        start(host="no.such.host.invalid")


def test_slow_clients_hold_no_thread(website):
    host, port = website.address.removeprefix("http://").split(":")
    slow = [socket.create_connection((host, int(port))) for _ in range(60)]
    for connection in slow:
        connection.sendall(b"POST /api/predict HTTP/1.1\r\nHost: x\r\nContent-Length: 999\r\n\r\nx")
    started = time.perf_counter()
    assert get(f"{website.address}/api/health")["status"] == "ok"
    assert time.perf_counter() - started < 5
    for connection in slow:
        connection.close()


def test_a_body_beyond_all_limits_is_refused_without_being_read(website):
    host, port = website.address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(
            b"POST /api/predict HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n"
        )
        assert b" 413 " in connection.recv(100)


def test_the_server_does_not_tell_what_it_is(website):
    with urllib.request.urlopen(f"{website.address}/", timeout=10) as answer:
        assert answer.headers["Server"] is None
