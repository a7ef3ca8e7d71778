"""The build of the demo that runs in the browser: what the folder holds, and what goes wrong."""

import html
import json
import re
import shutil

import pytest

from fer_lib import paths
from fer_lib.exceptions import Problem
from fer_lib.live import frontend
from fer_lib.models import shipped
from fer_lib.web.browser import build, npm

SCRIPTS = ("index.html", "image.html", "realtime.js", "image.js", "offline.js", "worker.js")
# Addresses in LiteRT's messages, in a license, and of a paper that the page links to.
READ_ONLY = r"https?://(?:www\.apache\.org|doi\.org|ai\.google\.dev|www\.w3\.org|github\.com)"


def test_the_folder_holds_both_networks_unchanged_and_their_licenses(demo):
    assert shipped.sha256(demo / "classifier.tflite") == shipped.sha256(
        paths.MODELS / shipped.FLOAT16
    )
    assert (demo / "detector.tflite").read_bytes()[4:8] == b"TFL3"
    assert "Apache License" in (demo / "LICENSE-Apache-2.0.txt").read_text()
    assert "LiteRT.js" in (demo / "LICENSES.txt").read_text()


def test_the_pages_bring_python_s_settings_and_use_relative_addresses(demo):
    for name in ("index.html", "image.html"):
        text = (demo / name).read_text(encoding="utf-8")
        settings = json.loads(html.unescape(re.search(r'data-settings="([^"]+)"', text)[1]))
        expected = json.loads(json.dumps(frontend.settings()))
        assert settings == expected | {"networks": "./"}
        addresses = re.findall(r'(?:src|href|data-example)="([^"#]+)', text)
        own = [each for each in addresses if not each.startswith("https://doi.org/")]
        assert own and not [each for each in own if re.match(r"/|\w+:", each)]
        for address in own:
            assert address == "../" or (demo / address).is_file()


def test_each_page_has_the_policy_and_nothing_inline(demo):
    for name in ("index.html", "image.html"):
        text = (demo / name).read_text(encoding="utf-8")
        assert build.POLICY in html.unescape(text)
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\bstyle=|\bon\w+=", text)


def test_our_scripts_name_no_other_host(demo):
    for name in SCRIPTS:
        text = (demo / name).read_text(encoding="utf-8")
        hosts = re.findall(r"https?://[\w.-]+", text)
        assert [host for host in hosts if not re.match(READ_ONLY, host)] == [], name


def test_the_service_worker_keeps_every_file(demo):
    text = (demo / "service_worker.js").read_text()
    files = {path.relative_to(demo).as_posix() for path in demo.rglob("*") if path.is_file()}
    kept = set(json.loads(re.search(r"\[[^\]]*index\.html[^\]]*\]", text)[0]))
    assert kept == files - {"service_worker.js"} | {"./"}


def test_a_build_is_found_while_its_model_is_the_shipped_one(demo, tmp_path):
    assert build.built(demo) == demo
    assert build.built(tmp_path) is None
    (tmp_path / "classifier.tflite").write_bytes(b"another")
    assert build.built(tmp_path) is None


def test_a_build_replaces_an_earlier_one_and_nothing_else(demo, tmp_path):
    folder = tmp_path / "demo"
    shutil.copytree(demo, folder)
    (folder / "left over.js").touch()
    assert build.build(folder) == folder
    assert not (folder / "left over.js").exists() and (folder / "index.html").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["demo"]
    (tmp_path / "mine.txt").touch()
    with pytest.raises(Problem, match="not an earlier build. Name a new folder"):
        build.build(tmp_path)
    assert (tmp_path / "mine.txt").exists()


def test_missing_node_is_explained(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda *arguments, **options: None)
    with pytest.raises(Problem, match="npm is missing. Install Node.js, or run `pip install"):
        npm.run("npm", "ci")


def test_a_failure_of_npm_is_explained(monkeypatch, tmp_path):
    program = tmp_path / "npm"
    program.write_text("#!/bin/sh\necho 'npm error: no network' >&2\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setattr(shutil, "which", lambda *arguments, **options: str(program))
    with pytest.raises(Problem, match="`npm ci` failed: npm error: no network. Fix that"):
        npm.run("npm", "ci")


def test_packages_are_installed_once(monkeypatch, tmp_path):
    ran = []
    monkeypatch.setattr(paths, "REPOSITORY", tmp_path)
    monkeypatch.setattr(npm, "PACKAGES", tmp_path / "node_modules")
    monkeypatch.setattr(npm, "run", lambda *command: ran.append(command[:2]))
    (tmp_path / "package-lock.json").touch()
    npm.install()
    (tmp_path / "node_modules").mkdir()
    (tmp_path / "node_modules" / ".package-lock.json").touch()
    npm.install()
    assert ran == [("npm", "ci")]
