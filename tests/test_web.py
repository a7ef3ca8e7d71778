"""The website by Flask's test client: its pages, its answers to pictures of every kind."""

import io
import re
import struct
import threading
import zlib

import cv2
import numpy as np
import pytest
from PIL import Image

from fer_lib import live, runtime
from fer_lib.faces import HaarDetector
from fer_lib.labels import LABELS
from fer_lib.runs import Run, predictions_table
from fer_lib.synthetic import draw_face
from fer_lib.web import card, create_app, pictures
from fer_lib.web.refusal import Refusal
from fer_lib.web.workers import Workers

PAGES = ("/", "/image", "/realtime")


def classifier():
    return live.LiveClassifier(0, HaarDetector(), runtime.Classifier(threads=1))


@pytest.fixture(scope="module")
def app():
    return create_app(classifier, workers=1, requests_per_second=10_000)


@pytest.fixture
def client(app):
    return app.test_client()


def portrait(width=400, height=300):
    """A drawn face a little right of the middle, as a grey Pillow image."""
    frame = np.full((height, width), 105, np.uint8)
    frame[50:250, 150:350] = draw_face({6: 1.0, 12: 1.0}, size=200)
    return Image.fromarray(frame)


def encoded(image, form="JPEG", **options):
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def boasting(width, height):
    """A small PNG whose header claims that size."""
    content = encoded(portrait(), "PNG")
    header = content[12:16] + struct.pack(">II", width, height) + content[24:29]
    return content[:12] + header + struct.pack(">I", zlib.crc32(header)) + content[33:]


def sixteen_bits(image):
    return cv2.imencode(".png", np.asarray(image).astype(np.uint16) * 257)[1].tobytes()


def transparent(image):
    pixels = np.asarray(image)
    return Image.fromarray(np.dstack([pixels, np.full_like(pixels, 255)]), "LA")


def rotated(image):
    """The picture lying on its side, and EXIF's word that it must be turned upright."""
    exif = Image.Exif()
    exif[0x0112] = 6
    return encoded(image.transpose(Image.Transpose.ROTATE_90), exif=exif)


GOOD = {
    "JPEG": encoded(portrait()),
    "PNG": encoded(portrait(), "PNG"),
    "WebP": encoded(portrait(), "WEBP"),
    "CMYK JPEG": encoded(portrait().convert("CMYK")),
    "PNG of 16 bits": sixteen_bits(portrait()),
    "PNG with transparency": encoded(transparent(portrait()), "PNG"),
    "PNG with a palette": encoded(portrait().convert("P"), "PNG"),
    "animated PNG": encoded(portrait(), "PNG", save_all=True, append_images=[portrait()]),
    "turned by EXIF": rotated(portrait()),
}
BAD = {
    "nothing": (b"", 400, "empty"),
    "text": (b"not a picture at all", 415, "not_a_picture"),
    "SVG": (b'<svg xmlns="http://www.w3.org/2000/svg"/>', 415, "not_a_picture"),
    "GIF": (encoded(portrait(), "GIF"), 415, "not_a_picture"),
    "animated GIF": (
        encoded(portrait(), "GIF", save_all=True, append_images=[Image.new("L", (400, 300))]),
        415,
        "not_a_picture",
    ),
    "JPEG cut off": (GOOD["JPEG"][:-2000], 422, "damaged"),
    "PNG cut off": (GOOD["PNG"][:-2000], 422, "damaged"),
    "WebP cut off": (GOOD["WebP"][:-500], 422, "damaged"),
    "one pixel": (encoded(Image.new("RGB", (1, 1))), 422, "too_small"),
    "a thin line": (encoded(Image.new("L", (60_000, 2)), "PNG"), 422, "too_small"),
    "900 megapixels": (boasting(30_000, 30_000), 413, "too_many_pixels"),
    "26 megapixels": (boasting(26_000, 1_000), 413, "too_many_pixels"),
    "too many bytes": (bytes(8_000_001), 413, "too_many_bytes"),
    "far too many bytes": (bytes(9_000_000), 413, "request_entity_too_large"),
}


def error(response):
    """(status, code) of an answer that must be JSON with a sentence."""
    answer = response.get_json()["error"]
    assert re.fullmatch(r"[A-Z].+\.", answer["sentence"]), answer["sentence"]
    return response.status_code, answer["code"]


@pytest.mark.parametrize("name", GOOD)
def test_the_face_is_found_in_pictures_of_many_kinds(client, name):
    response = client.post("/api/predict", data=GOOD[name], content_type="text/plain")
    assert response.status_code == 200
    (face,) = response.get_json()["faces"]
    x, y, width, height = face["box"]
    assert abs(x + width / 2 - 250) < 25 and abs(y + height / 2 - 150) < 25
    assert set(face["probabilities"]) == set(LABELS)
    assert sum(face["probabilities"].values()) == pytest.approx(1, abs=0.001)
    assert face["label"] in (*LABELS, live.UNSURE)


@pytest.mark.parametrize("name", BAD)
def test_a_bad_picture_gets_a_sentence_and_the_next_one_is_answered(client, name):
    content, status, code = BAD[name]
    assert error(client.post("/api/predict", data=content)) == (status, code)
    assert client.post("/api/predict", data=GOOD["JPEG"]).status_code == 200


@pytest.mark.parametrize("filename", ["face.jpg", "../../etc/passwd", "a.php\0.jpg", "", "é" * 300])
def test_a_form_s_picture_is_taken_whatever_its_name(client, filename):
    form = {"image": (io.BytesIO(GOOD["JPEG"]), filename or "blob")}
    response = client.post("/api/predict", data=form, content_type="multipart/form-data")
    assert len(response.get_json()["faces"]) == 1


def test_a_form_without_a_picture_is_told_so(client):
    for form in ({}, {"image": "text"}, {"other": (io.BytesIO(GOOD["JPEG"]), "face.jpg")}):
        response = client.post("/api/predict", data=form, content_type="multipart/form-data")
        assert error(response) == (400, "no_image")


def test_a_large_form_writes_nothing_to_the_disk(client, monkeypatch):
    monkeypatch.setattr("tempfile._get_candidate_names", None)
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 255, (900, 900), np.uint8))
    content = encoded(noise, "PNG")
    assert len(content) > 500_000
    form = {"image": (io.BytesIO(content), "noise.png")}
    assert client.post("/api/predict", data=form).status_code == 200


def test_a_picture_without_a_face_gives_none_and_as_a_whole_its_middle_square(client):
    content = encoded(Image.new("RGB", (200, 100), "grey"))
    assert client.post("/api/predict", data=content).get_json()["faces"] == []
    (face,) = client.post("/api/predict?whole=true", data=content).get_json()["faces"]
    assert face["box"] == [50, 0, 100, 100]


def test_a_crop_as_a_whole_is_classified_as_the_notebook_would(client):
    crop = draw_face({1: 1.0, 2: 1.0, 5: 1.0, 26: 1.0})
    response = client.post("/api/predict?whole=true", data=encoded(Image.fromarray(crop), "PNG"))
    expected = runtime.Classifier(threads=1)(crop[np.newaxis, ..., np.newaxis])[0]
    shares = response.get_json()["faces"][0]["probabilities"]
    np.testing.assert_allclose([shares[label] for label in LABELS], expected, atol=1e-4)


def test_an_unknown_value_of_a_parameter_is_refused(client):
    response = client.post("/api/predict?whole=maybe", data=GOOD["JPEG"])
    assert error(response) == (400, "bad_parameter")


def test_wrong_methods_and_addresses_of_the_api_get_json(client):
    response = client.get("/api/predict")
    assert error(response) == (405, "method_not_allowed")
    assert set(response.headers["Allow"].split(", ")) == {"OPTIONS", "POST"}
    assert error(client.get("/api/nothing")) == (404, "not_found")


def test_wrong_methods_and_addresses_of_the_pages_get_a_page(client):
    assert client.post("/").status_code == 405
    for address in (
        "/nothing",
        "/examples/bored.png",
        "/static/../app.py",
        "/static/%2e%2e/app.py",
    ):
        response = client.get(address)
        assert response.status_code == 404 and "That did not work" in response.text


def test_too_many_requests_of_one_client_are_refused_and_others_are_not():
    app = create_app(classifier, workers=1, requests_per_second=2)
    responses = [app.test_client().get("/api/health") for _ in range(6)]
    assert [response.status_code for response in responses[:2]] == [200, 200]
    (refused, *_) = [response for response in responses if response.status_code != 200]
    assert error(refused) == (429, "too_many_requests")
    assert refused.headers["Retry-After"] == "1"
    other = app.test_client().get("/api/health", environ_base={"REMOTE_ADDR": "10.0.0.2"})
    assert other.status_code == 200


def test_who_finds_the_waiting_line_full_is_told_at_once():
    entered, go = threading.Event(), threading.Event()

    class Slow:
        milliseconds = {}

        def process(self, frame):
            entered.set()
            assert go.wait(10)
            return []

    app = create_app(Slow, workers=1, waiting=0, requests_per_second=10_000)
    first = threading.Thread(
        target=app.test_client().post, args=["/api/predict"], kwargs={"data": GOOD["JPEG"]}
    )
    first.start()
    assert entered.wait(10)
    response = app.test_client().post("/api/predict", data=GOOD["JPEG"])
    go.set()
    first.join()
    assert error(response) == (503, "busy")
    assert response.headers["Retry-After"] == "1"
    assert app.test_client().post("/api/predict", data=GOOD["JPEG"]).status_code == 200


def test_a_worker_comes_back_after_an_error_and_serves_one_at_a_time():
    workers = Workers(iter([["one"]]).__next__, count=1, waiting=0)
    for _ in range(3):
        with pytest.raises(KeyError), workers.borrow():
            raise KeyError
    with workers.borrow() as worker, pytest.raises(Refusal), workers.borrow():
        pass
    assert worker == ["one"]


@pytest.mark.parametrize("address", PAGES)
def test_a_page_has_nothing_inline_and_nothing_from_other_hosts(client, address):
    response = client.get(address)
    assert response.status_code == 200
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\bstyle=|\bon\w+=", response.text)
    loaded = re.findall(r'(?:src|rel="(?:icon|stylesheet)" href)="([^"]+)"', response.text)
    assert loaded
    for place in loaded:
        assert place.startswith("/") and client.get(place).status_code == 200, place


@pytest.mark.parametrize("address", PAGES)
def test_a_page_can_be_read_aloud(client, address):
    page = client.get(address).text
    assert '<html lang="en">' in page and page.count("<h1>") == 1
    assert page.count('aria-current="page"') == 1
    assert all("alt=" in image for image in re.findall(r"<img[^>]*>", page))


@pytest.mark.parametrize("address", [*PAGES, "/static/faces.js", "/api/health", "/nothing"])
def test_every_answer_has_the_security_headers(client, address):
    headers = client.get(address).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy and "*" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize("label", LABELS)
def test_an_example_is_a_picture_with_a_face(client, label):
    content = client.get(f"/examples/{label}.png").data
    assert len(client.post("/api/predict", data=content).get_json()["faces"]) == 1


def test_the_answers_are_counted_and_nothing_else_is_told(app):
    before = app.test_client().get("/api/health").get_json()["answers"]
    app.test_client().post("/api/predict", data=b"text")
    after = app.test_client().get("/api/health").get_json()
    assert after["status"] == "ok" and set(after) == {"status", "answers"}
    assert after["answers"]["415"] == before.get("415", 0) + 1


def test_the_home_page_s_accuracy_is_computed_from_the_recorded_run(client):
    labels = np.repeat([0, 3], 50)
    probabilities = np.full((100, 7), 0.01)
    probabilities[np.arange(100), np.repeat([3, 3], 50)] = 0.94
    facts = card.facts(recorded(labels, probabilities))
    assert facts["accuracy"] == 0.5 and facts["images"] == 100
    assert facts["recall"]["happy"] == 1 and facts["recall"]["angry"] == 0
    assert "names 50.0 % as their label does" in card.sentence(facts)
    shown = client.get("/api/model").get_json()
    assert card.sentence(shown) in client.get("/").text.replace("&#39;", "'")


def recorded(labels, probabilities):
    class Images:
        names = [str(index) for index in range(len(labels))]
        usages = ["PrivateTest"] * len(labels)

    Images.labels = labels
    return Run("try", {}, None, predictions_table([("test", Images, probabilities)]))


def test_the_openapi_description_names_each_route_of_the_api(app, client):
    described = client.get("/api/openapi.json").get_json()
    assert described["openapi"] == "3.1.0"
    routes = {rule.rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/api/")}
    assert routes - {"/api/openapi.json"} == set(described["paths"])
    declared = set(described["paths"]["/api/predict"]["post"]["responses"])
    assert {str(status) for _, status, _ in BAD.values()} | {"429", "503"} <= declared


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_what_pillow_raises_on_damage_is_a_refusal():
    generator = np.random.default_rng(0)
    for name in ("JPEG", "PNG", "WebP", "turned by EXIF", "PNG with a palette"):
        for _ in range(40):
            content = bytearray(GOOD[name])
            for place in generator.integers(0, min(len(content), 600), 4):
                content[place] = generator.integers(256)
            try:
                frame = pictures.decode(bytes(content))
            except Refusal as refusal:
                assert 400 <= refusal.status < 500
            else:
                assert frame.dtype == np.uint8 and frame.ndim == 3


def test_sixteen_bits_are_scaled_and_not_clipped():
    frame = pictures.decode(GOOD["PNG of 16 bits"])
    np.testing.assert_array_equal(frame[..., 0], np.asarray(portrait()))


def test_transparent_parts_lie_on_white():
    image = Image.new("RGBA", (60, 60), (0, 0, 0, 0))
    assert (pictures.decode(encoded(image, "PNG")) == 255).all()
