"""The website through Flask's test client: its pages, its responses to images of every kind."""

import html
import io
import re
import threading

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from support.example_images import BAD, CENTER, GOOD, encoded, portrait
from support.website import worker

from fer_lib import live, models
from fer_lib.data import manifest
from fer_lib.data.synthetic_faces import draw_face
from fer_lib.labels import LABEL, LABELS, PEOPLE
from fer_lib.models import shipped
from fer_lib.runs import Run, predictions_table
from fer_lib.web import card, create_app
from fer_lib.web.errors import ApiError
from fer_lib.web.workers import Workers

PAGES = ("/", "/image", "/realtime")


@pytest.fixture(scope="module")
def app():
    return create_app(worker, workers=1, requests_per_second=10_000)


@pytest.fixture
def client(app):
    return app.test_client()


STATUS = {
    "empty": 400,
    "not_an_image": 415,
    "damaged": 422,
    "too_small": 422,
    "too_many_bytes": 413,
    "too_many_pixels": 413,
}


def error(response):
    """(status, code) of a response that must be JSON with a message."""
    content = response.get_json()["error"]
    assert re.fullmatch(r"[A-Z].+\.", content["message"]), content["message"]
    return response.status_code, content["code"]


@pytest.mark.parametrize("name", GOOD)
def test_the_face_is_found_in_images_of_many_kinds(client, name):
    response = client.post("/api/predict", data=GOOD[name], content_type="text/plain")
    assert response.status_code == 200
    (face,) = response.get_json()["faces"]
    x, y, width, height = face["box"]
    assert abs(x + width / 2 - CENTER[0]) < 25 and abs(y + height / 2 - CENTER[1]) < 25
    assert set(face["probabilities"]) == set(LABELS)
    assert sum(face["probabilities"].values()) == pytest.approx(1, abs=0.001)
    assert face["label"] in (*LABELS, live.UNSURE)


@pytest.mark.parametrize("name", BAD)
def test_a_bad_image_gets_a_message_and_the_next_one_is_analyzed(client, name):
    content, code = BAD[name]
    assert error(client.post("/api/predict", data=content)) == (STATUS[code], code)
    assert client.post("/api/predict", data=GOOD["JPEG"]).status_code == 200


def test_a_body_beyond_the_limit_is_not_even_read(client):
    response = client.post("/api/predict", data=bytes(9_000_000))
    assert error(response) == (413, "request_entity_too_large")


def test_boxes_of_a_large_image_are_in_its_own_pixels(client):
    large = portrait().resize((4000, 3000))
    (face,) = client.post("/api/predict", data=encoded(large)).get_json()["faces"]
    x, y, width, height = face["box"]
    assert abs(x + width / 2 - 2500) < 250 and abs(y + height / 2 - 1500) < 250
    (face,) = client.post("/api/predict?whole=true", data=encoded(large)).get_json()["faces"]
    assert face["box"] == [500, 0, 3000, 3000]


@pytest.mark.parametrize("filename", ["face.jpg", "../../etc/passwd", "a.php\0.jpg", "", "é" * 300])
def test_a_form_s_image_is_accepted_whatever_its_name(client, filename):
    form = {"image": (io.BytesIO(GOOD["JPEG"]), filename or "blob")}
    response = client.post("/api/predict", data=form, content_type="multipart/form-data")
    assert len(response.get_json()["faces"]) == 1


def test_a_form_without_an_image_gets_an_error(client):
    for form in ({}, {"image": "text"}, {"other": (io.BytesIO(GOOD["JPEG"]), "face.jpg")}):
        response = client.post("/api/predict", data=form, content_type="multipart/form-data")
        assert error(response) == (400, "no_image")


def test_a_large_form_writes_nothing_to_the_disk(client, monkeypatch):
    monkeypatch.setattr("tempfile._get_candidate_names", None)
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 255, (900, 900), np.uint8))
    content = encoded(noise, "PNG")
    assert len(content) > 500_000
    form = {"image": (io.BytesIO(content), "noise.png")}
    response = client.post("/api/predict", data=form)
    response.request.environ["wsgi.input"].close()  # the test client's own file
    assert response.status_code == 200


def test_an_image_without_a_face_gives_none_and_as_a_whole_its_central_square(client):
    content = encoded(Image.new("RGB", (200, 100), "gray"))
    assert client.post("/api/predict", data=content).get_json()["faces"] == []
    (face,) = client.post("/api/predict?whole=true", data=content).get_json()["faces"]
    assert face["box"] == [50, 0, 100, 100]


def test_a_crop_as_a_whole_is_classified_as_the_notebook_would(client):
    crop = draw_face({1: 1.0, 2: 1.0, 5: 1.0, 26: 1.0})
    response = client.post("/api/predict?whole=true", data=encoded(Image.fromarray(crop), "PNG"))
    network, image = models.load(shipped.FLOAT16, threads=1), crop[np.newaxis, ..., np.newaxis]
    assert shares_in(response) == pytest.approx(network(image)[0], abs=1e-4)
    response = client.post(
        "/api/predict?whole=true&by_label=true", data=encoded(Image.fromarray(crop), "PNG")
    )
    assert shares_in(response) == pytest.approx(models.predict(network, image)[0], abs=1e-4)


def shares_in(response):
    shares = response.get_json()["faces"][0]["probabilities"]
    return [shares[label] for label in LABELS]


def test_small_faces_are_found_on_request(client):
    image = Image.new("L", (640, 480), 105)
    for place in (60, 360):
        image.paste(portrait().crop((150, 50, 350, 250)).resize((48, 48)), (place, 200))
    for small, number in (("false", 0), ("true", 2)):
        response = client.post(f"/api/predict?small={small}", data=encoded(image))
        assert len(response.get_json()["faces"]) == number


def test_an_unknown_value_of_a_parameter_is_rejected(client):
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
        "/examples/bored.jpg",
        "/static/../app.py",
        "/static/%2e%2e/app.py",
        "/live/javascript/../images.py",
        "/live/javascript/%2e%2e/images.py",
    ):
        response = client.get(address)
        assert response.status_code == 404 and "Something went wrong" in response.text


def test_too_many_requests_of_one_client_are_rejected_and_others_are_not():
    app = create_app(worker, workers=1, requests_per_second=2)
    responses = [app.test_client().get("/api/health") for _ in range(6)]
    assert [response.status_code for response in responses[:2]] == [200, 200]
    (rejected, *_) = [response for response in responses if response.status_code != 200]
    assert error(rejected) == (429, "too_many_requests")
    assert rejected.headers["Retry-After"] == "1"
    other = app.test_client().get("/api/health", environ_base={"REMOTE_ADDR": "10.0.0.2"})
    assert other.status_code == 200


def test_visitors_behind_one_address_have_a_limit_each():
    app = create_app(worker, workers=1, requests_per_second=2)
    visitors = []
    while len(visitors) < 3:  # a class behind one router; without a cookie the address counts
        client = app.test_client()
        if client.get("/realtime").status_code == 200:
            visitors.append(client)
    for client in visitors:
        assert client.get("/api/health").status_code == 200
    statuses = {visitors[0].get("/api/health").status_code for _ in range(6)}
    assert statuses == {200, 429}
    assert visitors[1].get("/api/health").status_code == 200


def test_a_forged_cookie_gives_no_limit_of_its_own():
    app = create_app(worker, workers=1, requests_per_second=2)
    client = app.test_client()
    statuses = []
    for number in range(6):
        client.set_cookie("faces", f"eyJjbGllbnQiOiJ4In0.{number}.forged")
        statuses.append(client.get("/api/health").status_code)
    assert 429 in statuses


def test_only_pages_set_the_cookie_and_scripts_cannot_read_it(client):
    assert "Set-Cookie" not in client.get("/api/health").headers
    cookie = client.get("/realtime").headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Strict" in cookie
    assert "Expires" not in cookie and "Max-Age" not in cookie


class TestBrowserDemo:
    """The pages that a built demo replaces."""

    @pytest.fixture
    def client(self, tmp_path):
        (tmp_path / "index.html").write_text("the camera")
        (tmp_path / "image.html").write_text("the image")
        return create_app(worker, workers=1, demo=tmp_path).test_client()

    @pytest.mark.parametrize("page", ["/realtime", "/image"])
    def test_it_replaces_the_pages_that_need_the_server(self, client, page):
        with client.get(page, follow_redirects=True) as response:
            assert response.text == {"/realtime": "the camera", "/image": "the image"}[page]
        policy = response.headers["Content-Security-Policy"]
        assert "'wasm-unsafe-eval'" in policy and "frame-ancestors 'none'" in policy

    def test_the_api_and_the_home_page_stay(self, client):
        assert client.get("/").status_code == 200
        assert client.post("/api/predict", data=GOOD["JPEG"]).status_code == 200

    def test_its_files_do_not_count_as_requests(self, client):
        statuses = {client.get("/demo/", buffered=True).status_code for _ in range(60)}
        assert statuses == {200}

    @pytest.mark.parametrize("name", ["", "index.html"])
    def test_its_first_page_is_not_redirected(self, client, name):
        with client.get(f"/demo/{name}") as response:  # a service worker can't keep a redirection
            assert response.status_code == 200 and response.text == "the camera"

    def test_nothing_beside_its_files_is_sent(self, client):
        assert client.get("/demo/../app.py").status_code == 404
        assert client.get("/demo/none.js").status_code == 404

    def test_without_a_build_there_is_none(self):
        client = create_app(worker, workers=1).test_client()
        assert client.get("/demo/").status_code == 404
        assert "Runs on the server" in client.get("/realtime").text
        assert "Runs on the server" in client.get("/image").text


def test_a_request_that_finds_the_queue_full_is_rejected_at_once():
    entered, go = threading.Event(), threading.Event()

    class Slow:
        milliseconds = {}

        def process(self, frame):
            entered.set()
            assert go.wait(10)
            return []

    app = create_app(
        lambda: {(False, False): Slow()}, workers=1, waiting=0, requests_per_second=10_000
    )
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
    with workers.borrow() as worker, pytest.raises(ApiError), workers.borrow():
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
        assert place.startswith("/") and client.get(place, buffered=True).status_code == 200, place


@pytest.mark.parametrize("address", PAGES)
def test_a_page_can_be_read_aloud(client, address):
    page = client.get(address).text
    assert '<html lang="en">' in page and page.count("<h1>") == 1
    assert page.count('aria-current="page"') == 1
    assert all("alt=" in image for image in re.findall(r"<img[^>]*>", page))


@pytest.mark.parametrize(
    "address",
    [*PAGES, "/static/api.js", "/live/javascript/drawing.js", "/api/health", "/nothing"],
)
def test_every_response_has_the_security_headers(client, address):
    headers = client.get(address, buffered=True).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy and "*" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize("name", [*LABELS, "astronaut"])
def test_an_example_is_an_image_with_a_face(client, name):
    content = client.get(f"/examples/{name}.jpg").data
    assert len(client.post("/api/predict", data=content).get_json()["faces"]) == 1


def test_the_responses_are_counted_and_nothing_else_is_reported(app):
    before = app.test_client().get("/api/health").get_json()["responses"]
    app.test_client().post("/api/predict", data=b"text")
    after = app.test_client().get("/api/health").get_json()
    assert after["status"] == "ok" and set(after) == {"status", "responses"}
    assert after["responses"]["415"] == before.get("415", 0) + 1


def test_the_accuracy_is_computed_from_the_recorded_run(monkeypatch):
    """All labels are angry or happy, people always see happy, and both answers are happy."""
    labels = np.repeat([0, 3], 50)
    happy = np.full((100, 7), 0.01)
    happy[:, 3] = 0.94
    crowd = ["happy"] * 80 + [None] * 20
    names = [str(index) for index in range(100)]
    people = pd.DataFrame({"name": names, "usage": "PrivateTest", "crowd": crowd, "near_group": 0})
    monkeypatch.setattr(manifest, "load", lambda: people)
    facts = card.facts(recorded(labels, {LABEL: happy, PEOPLE: happy}))
    assert facts["label"]["accuracy"] == 0.5 and facts["label"]["images"] == 100
    assert facts["label"]["recall"]["happy"] == 1 and facts["label"]["recall"]["angry"] == 0
    assert facts["people"]["accuracy"] == 1 and facts["people"]["images"] == 80
    told = card.describe(facts)
    assert "On 80 of FER2013's PrivateTest images, most voters agree" in told["people"]
    assert "their answer for 100.0% (95% CI 100.0% to 100.0%)" in told["people"]
    assert "correct for 50.0% (95% CI " in told["label"] and "of all 100 " in told["label"]


def test_the_home_page_shows_what_the_api_reports(client):
    page = html.unescape(client.get("/").text)
    shown = client.get("/api/model").get_json()
    assert all(paragraph in page for paragraph in card.describe(shown).values())


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
    assert {str(status) for status in STATUS.values()} | {"429", "503"} <= declared
