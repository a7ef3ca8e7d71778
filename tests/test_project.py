"""The project's promises: a light import, one list of versions, no image of FER2013."""

import ast
import base64
import io
import os
import re
import subprocess
import sys
import tomllib
from importlib import metadata

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from PIL import Image

from fer_lib.paths import REPOSITORY

PROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
HEAVY = ("tensorflow", "keras", "matplotlib", "cv2", "pandas", "numpy")
PICTURES = {".jpg", ".jpeg", ".png", ".gif", ".bmp", ".webp", ".tif", ".tiff"}
# A FER2013 image is 48 px wide and high; a figure is far larger.
SMALLEST_PICTURE = 100
LARGEST_FILE = 20 * 2**20
LOG_LEVEL = "TF_CPP_MIN_LOG_LEVEL"
REGISTRY = re.compile(
    r"\b(?:pypi|pythonhosted|anaconda|npmjs)\.(?:org|com)\b|(?:index-url|find-links)[= ]+\S*[:/]"
)
EMBEDDED_PICTURE = re.compile(rb"data:image/(?:png|jpeg|gif|webp);base64,([A-Za-z0-9+/=]+)")


@pytest.fixture(scope="module")
def files():
    """What is in the repository, or would be after `git add --all`."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True)
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    found = [REPOSITORY / name for name in listed.stdout.split("\0") if name]
    return [path for path in found if path.is_file()]


def constraints():
    """{canonical name: version} of constraints.txt, whose lines must all pin one."""
    pins = {}
    for line in (REPOSITORY / "constraints.txt").read_text().splitlines():
        if not line.startswith("#"):
            match = re.fullmatch(r"([\w.-]+)==([\w.+!-]+)(?: ; .+)?", line.strip())
            assert match, f"constraints.txt does not pin: {line}"
            pins[canonicalize_name(match[1])] = match[2]
    return pins


def requirements():
    extras = PROJECT["optional-dependencies"].values()
    return [Requirement(text) for part in [PROJECT["dependencies"], *extras] for text in part]


def output_of(code):
    # Keras imports jax where it is installed, which sets this variable for its own process.
    environment = {key: value for key, value in os.environ.items() if key != LOG_LEVEL}
    command = [sys.executable, "-c", code]
    return subprocess.run(command, capture_output=True, text=True, check=True, env=environment)


def test_importing_the_library_loads_nothing_heavy():
    code = f"import sys, fer_lib; print([name for name in {HEAVY} if name in sys.modules])"
    assert output_of(code).stdout.strip() == "[]"


def test_tensorflow_starts_without_a_word():
    printed = output_of("import fer_lib, keras; keras.Variable([1.0])")
    assert (printed.stdout, printed.stderr) == ("", "")


def test_every_requirement_is_pinned_to_a_version_that_it_allows():
    pins = constraints()
    for requirement in requirements():
        assert pins[canonicalize_name(requirement.name)] in requirement.specifier


def test_every_import_of_the_library_is_a_declared_dependency():
    declared = {canonicalize_name(Requirement(text).name) for text in PROJECT["dependencies"]}
    distributions = metadata.packages_distributions()
    for path in (REPOSITORY / "fer_lib").rglob("*.py"):
        for name in imported_packages(path) - sys.stdlib_module_names - {"fer_lib"}:
            offered_by = {canonicalize_name(dist) for dist in distributions.get(name, [])}
            assert offered_by & declared, f"{path.name} imports {name}: name it in pyproject.toml"


def imported_packages(path):
    """Top-level names of what a module imports, at its head or inside a function."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names.add(node.module.split(".")[0])
    return names


def test_conda_installs_the_same_versions():
    lines = (REPOSITORY / "environment.yml").read_text().splitlines()
    pip_section = lines[lines.index("  - pip:") + 1 :]
    assert [line.strip() for line in pip_section] == ["- -c constraints.txt", "- -e ."]


def test_the_version_is_told_once_the_same():
    import fer_lib

    citation = (REPOSITORY / "CITATION.cff").read_text()
    assert PROJECT["version"] == fer_lib.__version__
    assert f"\nversion: {fer_lib.__version__}\n" in citation


def test_the_readme_names_the_two_commands():
    readme = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    assert "make course" in readme
    assert "make test" in readme


def test_no_file_names_a_package_registry(files):
    texts = {path.name: path.read_bytes().decode("utf-8", errors="ignore") for path in files}
    assert [name for name, text in texts.items() if REGISTRY.search(text)] == []


def test_no_fer2013_image_is_in_the_repository(files):
    pictures = {path.name: path.read_bytes() for path in files if path.suffix.lower() in PICTURES}
    for path in files:
        if path.suffix in {".ipynb", ".md", ".html"}:
            for encoded in EMBEDDED_PICTURE.findall(path.read_bytes()):
                pictures[f"{path.name}: ...{encoded[-30:].decode()}"] = base64.b64decode(encoded)
    sizes = {name: Image.open(io.BytesIO(content)).size for name, content in pictures.items()}
    assert {name: size for name, size in sizes.items() if min(size) < SMALLEST_PICTURE} == {}


def test_no_file_is_too_large_to_clone(files):
    assert [path.name for path in files if path.stat().st_size > LARGEST_FILE] == []


def test_the_readme_gives_the_results_as_notebook_03_computed_them():
    results = (REPOSITORY / "figures" / "results.md").read_text(encoding="utf-8").strip()
    assert results in (REPOSITORY / "README.md").read_text(encoding="utf-8")
