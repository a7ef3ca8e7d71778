"""2,400 requests that nobody should send: each gets an error message, and the website stays up.

Some the API's description allows, or nearly so; the others are images with bytes changed, lost, and
added.
"""

import io

import numpy as np
import psutil
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance
from support.example_images import BAD, GOOD
from support.website import worker

from fer_lib.web import create_app

pytestmark = pytest.mark.slow

MUTATED = 1600
DESCRIBED = 400  # allowed ones, and as many nearly so
LEAK = 40e6  # bytes; a single image of 400×300 pixels, kept in each request, would be 360e6
NAMES = ["face.jpg", "../../etc/passwd", "a\\..\\b.png", "x" * 5000, "\0", "é.jpg", ""]


@pytest.fixture(scope="module")
def app():
    created = create_app(worker, workers=1, requests_per_second=100_000)
    yield created
    counts = created.extensions["responses"].counts()
    print(f"{sum(counts.values())} responses by status: {counts}")
    assert all(status < "500" for status in counts)


@pytest.fixture(scope="module")
def description(app):
    return schemathesis.openapi.from_wsgi("/api/openapi.json", app)


@pytest.mark.parametrize(
    ("method", "address", "mode"),
    [
        ("POST", "/api/predict", GenerationMode.POSITIVE),
        ("POST", "/api/predict", GenerationMode.NEGATIVE),
        ("GET", "/api/health", GenerationMode.POSITIVE),
        ("GET", "/api/model", GenerationMode.POSITIVE),
    ],
)
def test_the_api_conforms_to_its_description(description, method, address, mode):
    operation = description[address][method]

    @given(operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=DESCRIBED,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    def send(case):
        # The description can't say which bytes are an image.
        case.call_and_validate(excluded_checks=[positive_data_acceptance])

    send()


def mutated(content, generator):
    """The bytes with some lost, added or changed, most often in the first 700, the headers."""
    changed = bytearray(content)
    place, length = generator.integers(len(changed)), generator.integers(1, 50)
    how = generator.integers(4)
    if how == 0:
        del changed[place:]
    elif how == 1:
        del changed[place : place + length]
    elif how == 2:
        changed[place:place] = generator.bytes(length)
    reach = len(changed) if generator.random() < 0.3 else min(len(changed), 700)
    for index in generator.integers(0, max(reach, 1), generator.integers(8) if reach else 0):
        changed[index] = generator.integers(256)
    return bytes(changed)


def test_mutated_images_are_analyzed_or_rejected_and_no_memory_leaks(app):
    client, generator = app.test_client(), np.random.default_rng(0)
    originals = [
        *GOOD.values(),
        *(content for content, _ in BAD.values() if 0 < len(content) < 1e6),
    ]
    memory = []
    for number in range(MUTATED):
        content = mutated(originals[number % len(originals)], generator)
        response = client.post("/api/predict", data=content)
        assert response.status_code in (200, 400, 413, 415, 422), content
        found = response.get_json()
        assert "faces" in found if response.status_code == 200 else found["error"]["message"]
        memory.append(psutil.Process().memory_info().rss)
    assert client.post("/api/predict", data=GOOD["JPEG"]).status_code == 200
    assert max(memory[-100:]) - max(memory[: MUTATED // 3]) < LEAK


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "TRACE", "FOO"])
@pytest.mark.parametrize("address", ["/api/predict", "/api/health", "/image", "/static/style.css"])
def test_other_methods_get_a_response_and_never_fail(app, address, method):
    with app.test_client().open(address, method=method, data=GOOD["JPEG"]) as response:
        assert response.status_code in (200, 405)  # closed, because a static file's is open


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("type", ["image/jpeg", "text/html", "image/svg+xml", ""])
def test_names_and_types_of_files_change_nothing(app, name, type):
    form = {"image": (io.BytesIO(GOOD["JPEG"]), name or "blob", type)}
    response = app.test_client().post("/api/predict", data=form)
    assert len(response.get_json()["faces"]) == 1


@pytest.mark.parametrize(
    "form",
    [
        b"",
        b"--",
        b"--x\r\n\r\n",
        b"--x\r\nContent-Disposition: form-data; name=image; filename=a\r\n\r\n",
        b"--x\r\nContent-Disposition: form-data; name=image; filename=a\r\n\r\n\r\n--x--\r\n",
        b'--x\r\nContent-Disposition: form-data; name="image\r\n\r\n--x--\r\n',
        b"--x\r\n" + b"A: b\r\n" * 10_000,
        b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n\r\n' * 1000 + b"--x--",
    ],
    ids=["none", "dashes", "no head", "no end", "empty", "open quote", "many lines", "many parts"],
)
@pytest.mark.parametrize("boundary", ["; boundary=x", "; boundary=", ""])
def test_broken_forms_are_rejected(app, form, boundary):
    type = f"multipart/form-data{boundary}"
    response = app.test_client().post("/api/predict", data=form, content_type=type)
    assert 400 <= response.status_code < 500
    assert response.get_json()["error"]["message"]
