"""Reading FER2013 in each of its forms, and the messages about incomplete copies."""

import csv
import os
import zipfile
import zlib

import cv2
import numpy as np
import pytest

from fer_lib import paths
from fer_lib.data import fer2013
from fer_lib.exceptions import Problem
from fer_lib.labels import LABELS

KAGGLE_FOLDERS = {"Training": "train", "PublicTest": "test", "PrivateTest": "test"}


def random_image(seed, shape=(48, 48)):
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def jpeg(image):
    return cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 95])[1].tobytes()


@pytest.fixture
def folder(tmp_path):
    """Kaggle's layout with two random images of each class and usage."""
    root = tmp_path / "kaggle"
    for usage, part in KAGGLE_FOLDERS.items():
        for label in LABELS:
            parent = root / part / label
            parent.mkdir(parents=True, exist_ok=True)
            for number in (9, 10):
                seed = zlib.crc32(f"{usage}{label}{number}".encode())
                (parent / f"{usage}_{number}.jpg").write_bytes(jpeg(random_image(seed)))
    return root


@pytest.fixture
def zipped(folder, tmp_path):
    path = tmp_path / "archive.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.rglob("*.jpg"), reverse=True):
            archive.write(file, file.relative_to(folder))
    return path


@pytest.fixture
def rows():
    """Rows of the challenge's csv: one random image of each class and usage."""
    return [
        {
            "emotion": str(number),
            "pixels": " ".join(map(str, random_image(number).ravel())),
            "Usage": usage,
        }
        for usage in fer2013.USAGES
        for number in range(7)
    ]


def write_csv(path, rows):
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    return path


def problem_of(action, *arguments):
    """The one-line message of the Problem that `action` raises; it must say what to do."""
    with pytest.raises(Problem) as caught:
        action(*arguments)
    message = str(caught.value)
    assert "\n" not in message
    assert any(
        remedy in message
        for remedy in ("fer data --download", "Correct the path", "Set FER_CACHE=")
    )
    return message


# Reading


def test_folder_is_read_in_order_of_usage_class_and_name(folder):
    images, labels, names, usages = fer2013.read(folder)
    assert images.shape == (42, 48, 48) and images.dtype == np.uint8
    assert labels.dtype == np.int64
    assert list(usages) == [usage for usage in fer2013.USAGES for _ in range(14)]
    assert list(labels) == [label for _ in range(3) for label in range(7) for _ in range(2)]
    assert list(names[:3]) == [
        "angry/Training_10.jpg",
        "angry/Training_9.jpg",
        "disgust/Training_10.jpg",
    ]
    stored = cv2.imread(str(folder / "train/angry/Training_10.jpg"), cv2.IMREAD_UNCHANGED)
    assert np.array_equal(images[0], stored)


def test_zip_gives_the_same_as_the_folder(folder, zipped):
    for from_folder, from_zip in zip(fer2013.read(folder), fer2013.read(zipped), strict=True):
        assert np.array_equal(from_folder, from_zip)


def test_other_files_and_an_outer_folder_do_not_matter(folder, tmp_path):
    outer = tmp_path / "outer"
    outer.mkdir()
    folder.rename(outer / "fer2013")
    (outer / "fer2013/train/angry/.DS_Store").write_bytes(b"x")
    (outer / "fer2013/train/angry/notes.txt").write_text("x")
    assert len(fer2013.read(outer).labels) == 42


def test_csv_keeps_its_rows_and_translates_its_classes(tmp_path, rows):
    arrays = fer2013.read(write_csv(tmp_path / "fer2013.csv", rows))
    assert arrays.images.shape == (21, 48, 48) and arrays.images.dtype == np.uint8
    assert np.array_equal(arrays.images[8], random_image(1))
    expected = ["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"] * 3
    assert [LABELS[label] for label in arrays.labels] == expected
    assert arrays.names[7] == "PublicTest_row00007"
    assert list(arrays.usages[6:8]) == ["Training", "PublicTest"]


# Bad zips and folders


def test_truncated_zip(zipped):
    zipped.write_bytes(zipped.read_bytes()[:-2000])
    message = problem_of(fer2013.read, zipped)
    assert str(zipped) in message and "not a complete zip file" in message


def test_zip_with_flipped_bytes(zipped):
    content = bytearray(zipped.read_bytes())
    for position in range(500, 20000, 50):
        content[position] ^= 0xFF
    zipped.write_bytes(content)
    assert str(zipped) in problem_of(fer2013.read, zipped)


def test_another_file_named_as_zip(tmp_path):
    path = tmp_path / "fer2013.zip"
    path.write_text("<html>Sign in to download</html>")
    assert f"{path}: not a complete zip file" in problem_of(fer2013.read, path)


def test_zip_of_something_else(tmp_path):
    path = tmp_path / "holiday.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("beach.jpg", jpeg(random_image(0)))
    assert f"{path}: contains no FER2013 image" in problem_of(fer2013.read, path)


def test_empty_directory(tmp_path):
    assert f"{tmp_path}: contains no FER2013 image" in problem_of(fer2013.read, tmp_path)


def test_class_missing(folder):
    for file in (folder / "train/disgust").iterdir():
        file.unlink()
    assert f"{folder}: no Training image of disgust" in problem_of(fer2013.read, folder)


@pytest.mark.parametrize("content", [b"", b"not an image", jpeg(random_image(0))[:100]])
def test_corrupt_jpeg(folder, content):
    (folder / "test/happy/PublicTest_9.jpg").write_bytes(content)
    message = problem_of(fer2013.read, folder)
    assert f"{folder}: test/happy/PublicTest_9.jpg is not a readable JPEG" in message


@pytest.mark.parametrize("shape", [(47, 48), (96, 96), (48, 48, 3)])
def test_image_of_another_size_or_in_color(folder, shape):
    (folder / "train/sad/Training_9.jpg").write_bytes(jpeg(random_image(0, shape)))
    message = problem_of(fer2013.read, folder)
    assert f"{folder}: train/sad/Training_9.jpg has shape {shape}" in message


def forbid(monkeypatch, target, name, path):
    """Make `target.name` reject `path`, as the system does to a user without permission."""
    original = getattr(target, name)

    def refuse(first, *arguments, **options):
        if str(first) == str(path):
            raise PermissionError(13, "Permission denied", str(path))
        return original(first, *arguments, **options)

    monkeypatch.setattr(target, name, refuse)


def test_no_permission_for_a_file(folder, monkeypatch):
    file = folder / "train/sad/Training_9.jpg"
    forbid(monkeypatch, type(file), "read_bytes", file)
    assert f"{file}: no permission to read it" in problem_of(fer2013.read, folder)


def test_no_permission_for_a_folder(folder, monkeypatch):
    forbid(monkeypatch, os, "scandir", folder / "train/sad")
    assert f"{folder / 'train/sad'}: no permission" in problem_of(fer2013.read_checked, folder)


@pytest.mark.skipif(
    os.name == "nt" or os.geteuid() == 0, reason="permissions do not bind this user"
)
def test_no_permission_for_a_zip(zipped):
    zipped.chmod(0)
    assert f"{zipped}: no permission to read it" in problem_of(fer2013.read, zipped)


def test_path_that_is_gone(tmp_path):
    assert str(tmp_path / "gone.zip") in problem_of(fer2013.read, tmp_path / "gone.zip")


# Bad csv


@pytest.mark.parametrize(
    ("column", "value", "complaint"),
    [
        ("pixels", "1 2 3", "3 pixels instead of 2304"),
        ("pixels", "", "0 pixels instead of 2304"),
        ("pixels", "x " * 2304, "a pixel is not an integer"),
        ("pixels", "256 " * 2304, "a pixel is outside 0-255"),
        ("emotion", "7", "label '7' is not one of 0-6"),
        ("emotion", "angry", "label 'angry' is not one of 0-6"),
        ("Usage", "Test", "unknown usage 'Test'"),
    ],
)
def test_bad_csv_row(tmp_path, rows, column, value, complaint):
    rows[2][column] = value
    path = write_csv(tmp_path / "fer2013.csv", rows)
    message = problem_of(fer2013.read, path)
    assert f"{path}, line 4: {complaint}" in message


def test_truncated_csv(tmp_path, rows):
    path = write_csv(tmp_path / "fer2013.csv", rows)
    path.write_bytes(path.read_bytes()[:-3000])
    assert f"{path}, line 22: " in problem_of(fer2013.read, path)


def test_csv_without_the_columns(tmp_path):
    path = tmp_path / "fer2013.csv"
    path.write_text("name,age\nAda,36\n")
    assert f"{path}: no columns emotion, pixels, Usage" in problem_of(fer2013.read, path)


def test_empty_csv(tmp_path):
    path = tmp_path / "fer2013.csv"
    path.write_text("")
    assert f"{path}: no columns" in problem_of(fer2013.read, path)


def test_csv_that_is_no_text(tmp_path):
    path = tmp_path / "fer2013.csv"
    path.write_bytes(b"a" * 200_000 + b"\x00\xff\n")
    assert f"{path}: not a csv file" in problem_of(fer2013.read, path)


def test_csv_of_training_images_only(tmp_path, rows):
    path = write_csv(tmp_path / "fer2013.csv", rows[:7])
    assert f"{path}: no PublicTest image of angry" in problem_of(fer2013.read, path)


# Finding it


def test_named_by_the_environment(folder, monkeypatch):
    monkeypatch.setenv("FER2013", str(folder))
    assert fer2013.locate() == folder


def test_environment_names_what_is_not_there(tmp_path, monkeypatch):
    monkeypatch.setenv("FER2013", str(tmp_path / "missing.zip"))
    message = problem_of(fer2013.locate)
    assert f"FER2013={tmp_path / 'missing.zip'}: no such file or folder" in message


@pytest.mark.parametrize("name", ["fer2013.zip", "archive.zip", "fer2013.csv"])
def test_file_in_the_data_folder(tmp_path, monkeypatch, name):
    monkeypatch.delenv("FER2013", raising=False)
    monkeypatch.setattr(paths, "DATA", tmp_path)
    assert fer2013.locate() is None
    (tmp_path / name).touch()
    assert fer2013.locate() == tmp_path / name


def test_kaggle_folders_in_the_data_folder(folder, monkeypatch):
    monkeypatch.delenv("FER2013", raising=False)
    monkeypatch.setattr(paths, "DATA", folder)
    assert fer2013.locate() == folder


# Checking it


def fake_fer2013():
    """As many images of each class as FER2013 has, all of them black."""
    labels = [np.repeat(np.arange(7), counts) for counts in fer2013.COUNTS.values()]
    usages = np.repeat(fer2013.USAGES, [len(part) for part in labels])
    names = np.array([f"angry/{usage}_{number}.jpg" for number, usage in enumerate(usages)])
    images = np.broadcast_to(np.uint8(0), (len(usages), 48, 48))
    return fer2013.Arrays(images, np.concatenate(labels), names, usages)


def test_too_few_images(folder):
    message = problem_of(fer2013.check, folder, fer2013.read(folder))
    assert f"{folder}: Training has 2 not 3995 angry, 2 not 436 disgust" in message


def test_images_that_are_not_fer2013(tmp_path):
    message = problem_of(fer2013.check, tmp_path, fake_fer2013())
    assert f"{tmp_path}: angry/Training_0.jpg is not an image of FER2013" in message


def test_damaged_image(tmp_path):
    arrays = fake_fer2013()
    arrays.names[0] = "angry/Training_10118481.jpg"
    message = problem_of(fer2013.check, tmp_path, arrays)
    assert f"{tmp_path}: angry/Training_10118481.jpg is damaged" in message


def test_csv_is_checked_by_its_counts(tmp_path):
    fer2013.check(tmp_path / "fer2013.csv", fake_fer2013())


# The cache


@pytest.fixture
def cached(tmp_path, monkeypatch):
    """An empty cache, and a small FER2013 that passes for complete; returns the cache's folder."""
    monkeypatch.setenv("FER_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(fer2013, "check", lambda path, arrays: None)
    return tmp_path / "cache"


def test_second_reading_comes_from_the_cache(zipped, cached, monkeypatch):
    first = fer2013.read_checked(zipped)
    monkeypatch.setattr(fer2013, "read", None)
    for stored, again in zip(first, fer2013.read_checked(zipped), strict=True):
        assert np.array_equal(stored, again)


@pytest.mark.parametrize(
    "damage", [lambda content: content[:-5000], lambda content: b"", lambda content: b"x"]
)
def test_damaged_cache_is_regenerated(zipped, cached, capsys, damage):
    first = fer2013.read_checked(zipped)
    (file,) = cached.iterdir()
    intact = file.read_bytes()
    file.write_bytes(damage(intact))
    assert np.array_equal(fer2013.read_checked(zipped).images, first.images)
    assert "regenerated" in capsys.readouterr().err
    assert file.read_bytes() == intact


def test_cache_with_a_flipped_pixel_is_regenerated(zipped, cached):
    first = fer2013.read_checked(zipped)
    (file,) = cached.iterdir()
    content = bytearray(file.read_bytes())
    content[5000] ^= 1
    file.write_bytes(content)
    assert np.array_equal(fer2013.read_checked(zipped).images, first.images)


@pytest.mark.parametrize("outer", [False, True])
def test_changed_folder_is_read_again(folder, cached, outer):
    root = folder.parent if outer else folder
    first = fer2013.read_checked(root)
    file = folder / "train/angry/Training_10.jpg"
    file.write_bytes(jpeg(random_image(99)))
    os.utime(file, (1, 1))
    assert not np.array_equal(fer2013.read_checked(root).images, first.images)


def test_incomplete_copy_is_not_cached(folder, tmp_path, monkeypatch):
    monkeypatch.setenv("FER_CACHE", str(tmp_path / "cache"))
    problem_of(fer2013.read_checked, folder)
    assert not (tmp_path / "cache").exists()


def test_cache_that_cannot_be_written(zipped, cached):
    cached.write_text("a file where the folder should be")
    assert f"{cached}" in problem_of(fer2013.read_checked, zipped)


# Downloading it


@pytest.fixture
def kaggle(folder, tmp_path, monkeypatch):
    """kagglehub without a network: it "downloads" the small folder; data/ is an empty folder."""
    import kagglehub

    (tmp_path / "data").mkdir()
    monkeypatch.setattr(paths, "DATA", tmp_path / "data")
    monkeypatch.setattr(fer2013, "check", lambda path, arrays: None)
    monkeypatch.setattr(kagglehub, "dataset_download", lambda name: str(folder))
    return kagglehub


def test_download_places_the_folder(kaggle, monkeypatch):
    monkeypatch.delenv("FER2013", raising=False)
    placed = fer2013.download()
    assert fer2013.locate() == placed == paths.DATA / "fer2013"
    assert len(fer2013.read(placed).labels) == 42
    assert list(paths.DATA.iterdir()) == [placed]


def test_download_does_not_overwrite(kaggle):
    fer2013.download()
    with pytest.raises(Problem, match="exists already. Remove it to download"):
        fer2013.download()


def test_download_without_network(kaggle, monkeypatch):
    def fail(name):
        raise ConnectionError("Name or service not known\nand 40 more lines")

    monkeypatch.setattr(kaggle, "dataset_download", fail)
    with pytest.raises(Problem, match="Check the network") as caught:
        fer2013.download()
    assert "\n" not in str(caught.value)
    assert not (paths.DATA / "fer2013").exists()
