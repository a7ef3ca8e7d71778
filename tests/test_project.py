"""The project's promises: rooms, a light import, one list of versions, no image of FER2013."""

import ast
import base64
import collections
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
LIBRARY, TESTS = REPOSITORY / "fer_lib", REPOSITORY / "tests"
MOST_FLAT_MODULES = 10
HEAVY = ("tensorflow", "keras", "matplotlib", "cv2", "pandas", "numpy")
IMAGES = {".jpg", ".jpeg", ".png", ".gif", ".bmp", ".webp", ".tif", ".tiff"}
# A FER2013 image is 48 px wide and high; a figure is far larger.
SMALLEST_IMAGE = 100
LARGEST_FILE = 20 * 2**20
EXTRA_OF_ROOM = {"benchmarks": "test", "teaching": "teaching"}
# The website's classifiers, which include the live view's, on a frame with a face.
ANALYZE = """
import sys
from fer_lib.live import HaarDetector, sample_video
from fer_lib.web.app import make_worker
frame = sample_video.portrait()
found = [len(classifier.process(frame)) for classifier in make_worker(HaarDetector).values()]
print(found, [name for name in ("keras", "tensorflow") if name in sys.modules])
"""
LOG_LEVEL = "TF_CPP_MIN_LOG_LEVEL"
REGISTRY = re.compile(
    r"\b(?:pypi|pythonhosted|anaconda|npmjs)\.(?:org|com)\b|(?:index-url|find-links)[= ]+\S*[:/]"
)
EMBEDDED_IMAGE = re.compile(rb"data:image/(?:png|jpeg|gif|webp);base64,([A-Za-z0-9+/=]+)")


@pytest.fixture(scope="module")
def files():
    """The repository's files, including what `git add --all` would add."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True)
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    found = [REPOSITORY / name for name in listed.stdout.split("\0") if name]
    return [path for path in found if path.is_file()]


def constraints():
    """{canonical name: version} of constraints.txt. Each of its lines must pin one."""
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


def declared(*extras):
    """Canonical names of what the project and these extras require."""
    texts = PROJECT["dependencies"] + [
        text for extra in extras for text in PROJECT["optional-dependencies"][extra]
    ]
    return {canonicalize_name(Requirement(text).name) for text in texts}


def output_of(code):
    # Keras imports jax where it is installed, which sets this variable for its own process.
    environment = {key: value for key, value in os.environ.items() if key != LOG_LEVEL}
    command = [sys.executable, "-c", code]
    return subprocess.run(command, capture_output=True, text=True, check=True, env=environment)


def test_importing_the_library_loads_nothing_heavy():
    code = f"import sys, fer_lib; print([name for name in {HEAVY} if name in sys.modules])"
    assert output_of(code).stdout.strip() == "[]"


def test_the_live_demo_needs_neither_keras_nor_tensorflow():
    """Which take seconds to start, and hundreds of megabytes."""
    assert output_of(ANALYZE).stdout.strip() == "[1, 1, 1, 1] []"


@pytest.mark.slow
def test_tensorflow_starts_without_output():
    printed = output_of("import fer_lib, keras; keras.Variable([1.0])")
    assert (printed.stdout, printed.stderr) == ("", "")


def test_every_requirement_is_pinned_to_a_version_that_it_allows():
    pins = constraints()
    for requirement in requirements():
        assert pins[canonicalize_name(requirement.name)] in requirement.specifier


def test_every_import_of_the_library_is_a_declared_dependency():
    distributions = metadata.packages_distributions()
    for path in LIBRARY.rglob("*.py"):
        extra = EXTRA_OF_ROOM.get(path.parent.name)
        allowed = declared(extra) if extra else declared()
        packages = {name.split(".")[0] for name in imported_modules(path)}
        for name in packages - sys.stdlib_module_names - {"fer_lib"}:
            offered_by = {canonicalize_name(dist) for dist in distributions.get(name, [])}
            assert offered_by & allowed, f"{path.name} imports {name}: name it in pyproject.toml"


def imported_modules(path):
    """Dotted names of what a module imports, at its head or inside a function."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            names |= {f"{module}.{alias.name}" for alias in node.names}
    return names


def test_no_test_file_imports_another():
    """What tests share is in tests/support, the only folder of tests to import from."""
    folders = {path.name for path in TESTS.iterdir() if path.is_dir()} - {"support"}
    files = {path.stem for path in TESTS.rglob("test_*.py")} | {"conftest"}
    for path in TESTS.rglob("*.py"):
        for name in imported_modules(path):
            first, *rest = name.split(".")
            assert first not in folders | files | {"", "tests"}, f"{path.name} imports {name}"
            assert not files & set(rest), f"{path.name} imports {name}"


def test_each_room_imports_only_from_those_below_it():
    code = (
        "import sys; from importlinter.cli import lint_imports; "
        "sys.exit(lint_imports(no_cache=True))"
    )
    command = [sys.executable, "-c", code]
    finished = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True)
    assert finished.returncode == 0, finished.stdout


def test_modules_are_in_rooms_and_known_by_their_names():
    flat = [path.name for path in LIBRARY.glob("*.py") if path.name != "__init__.py"]
    assert len(flat) <= MOST_FLAT_MODULES
    counts = collections.Counter(path.name for path in LIBRARY.rglob("*.py"))
    del counts["__init__.py"]
    assert [name for name, count in counts.items() if count > 1] == []


def test_conda_installs_the_same_versions():
    lines = (REPOSITORY / "environment.yml").read_text().splitlines()
    pip_section = lines[lines.index("  - pip:") + 1 :]
    assert [line.strip() for line in pip_section] == ["- -c constraints.txt", "- -e .[test,site]"]


def test_the_version_is_the_same_everywhere():
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
    images = {path.name: path.read_bytes() for path in files if path.suffix.lower() in IMAGES}
    for path in files:
        if path.suffix in {".ipynb", ".md", ".html"}:
            for encoded in EMBEDDED_IMAGE.findall(path.read_bytes()):
                images[f"{path.name}: ...{encoded[-30:].decode()}"] = base64.b64decode(encoded)
    sizes = {name: Image.open(io.BytesIO(content)).size for name, content in images.items()}
    assert {name: size for name, size in sizes.items() if min(size) < SMALLEST_IMAGE} == {}


def test_no_file_is_too_large_to_clone(files):
    assert [path.name for path in files if path.stat().st_size > LARGEST_FILE] == []


def test_the_results_in_the_readmes_are_as_notebook_05_computed_them():
    results = (REPOSITORY / "figures" / "results.md").read_text(encoding="utf-8").strip()
    assert results in (REPOSITORY / "figures" / "README.md").read_text(encoding="utf-8")
    readme = (REPOSITORY / "README.md").read_text(encoding="utf-8").splitlines()
    starts = ("| FER2013,", "| PublicTest", "| PrivateTest")
    shown = [line for line in readme if line.startswith(starts)]
    assert len(shown) == 5
    assert set(shown) <= set(results.splitlines())
