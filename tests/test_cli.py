import json
import os
import re
import signal
import subprocess
import sys
import urllib.request

import pandas as pd
import pytest

import fer_lib
from fer_lib import cli, course, data, paths
from fer_lib.data import dataset, fer2013
from fer_lib.exceptions import Problem


@pytest.fixture(autouse=True)
def synthetic_faces_only(tmp_path, monkeypatch):
    monkeypatch.delenv("FER2013", raising=False)
    monkeypatch.setattr(fer2013, "locate", lambda: None)
    monkeypatch.setattr(dataset, "load_synthetic_faces", lambda: DRAWN)
    monkeypatch.setenv("FER_CACHE", str(tmp_path))


DRAWN = data.load_synthetic_faces(70)


def test_data_shows_what_is_available(capsys):
    assert cli.main(["data"]) == 0
    output = capsys.readouterr().out
    assert "No FER2013 here" in output and "fer data --download" in output
    assert "PrivateTest" in output and "surprise" in output


def test_version_is_the_librarys(capsys):
    with pytest.raises(SystemExit) as ended:
        cli.main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"fer_lib {fer_lib.__version__}\n"


def test_a_problem_is_one_line_and_exit_status_1(capsys):
    assert cli.main(["train", "papr"]) == 1
    error = capsys.readouterr().err
    assert error.startswith("fer: No recipe 'papr'") and error.count("\n") == 1


def test_bench_takes_how_long_to_measure(monkeypatch, capsys):
    from fer_lib.benchmarks import image_recorder

    monkeypatch.setattr(image_recorder, "measure", lambda seconds: pd.DataFrame({"s": [seconds]}))
    assert cli.main(["bench", "recorder", "0.5"]) == 0
    assert "0.5" in capsys.readouterr().out


def test_manifest_needs_fer2013(capsys):
    assert cli.main(["data", "--manifest"]) == 1
    assert "manifest needs FER2013. Get a complete copy of FER2013" in capsys.readouterr().err


def test_interruption_says_how_to_resume(monkeypatch, capsys):
    def interrupted():
        raise KeyboardInterrupt

    monkeypatch.setattr(course, "run", interrupted)
    assert cli.main(["course"]) == 130
    assert "same command again to resume" in capsys.readouterr().err


def test_failed_download_is_explained(monkeypatch, tmp_path, capsys):
    import kagglehub

    def no_network(handle):
        raise ConnectionError("network unreachable")

    monkeypatch.setattr(kagglehub, "dataset_download", no_network)
    monkeypatch.setattr(paths, "DATA", tmp_path)
    assert cli.main(["data", "--download"]) == 1
    error = capsys.readouterr().err
    assert "network unreachable" in error and "data/fer2013.zip" in error
    assert list(tmp_path.iterdir()) == []


def notebook(tmp_path, *cells):
    import nbformat

    code = [nbformat.v4.new_code_cell(cell) for cell in cells]
    nbformat.write(nbformat.v4.new_notebook(cells=code), tmp_path / "01_small.ipynb")


def test_course_runs_the_notebooks_and_says_where_to_look(tmp_path, monkeypatch, capsys):
    notebook(tmp_path, "answer = 6 * 7", "print('the answer is', answer)")
    monkeypatch.setattr(paths, "NOTEBOOKS", tmp_path)
    monkeypatch.setattr(course, "OUTPUT", tmp_path / "course")
    course.run()
    page = tmp_path / "course" / "01_small.html"
    assert "the answer is 42" in page.read_text(encoding="utf-8")
    output = capsys.readouterr().out
    assert "synthetic faces" in output and str(page) in output


def test_a_failing_cell_is_named_and_its_page_written(tmp_path, monkeypatch):
    notebook(tmp_path, "print('before')", "1 / 0")
    monkeypatch.setattr(paths, "NOTEBOOKS", tmp_path)
    monkeypatch.setattr(course, "OUTPUT", tmp_path / "course")
    with pytest.raises(Problem, match="01_small.ipynb failed: ZeroDivisionError") as raised:
        course.run()
    assert "\n" not in str(raised.value)
    assert "before" in (tmp_path / "course" / "01_small.html").read_text(encoding="utf-8")


def test_no_notebooks_are_explained(tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "NOTEBOOKS", tmp_path)
    with pytest.raises(Problem, match="no notebook"):
        course.run()


@pytest.mark.skipif(os.name == "nt", reason="Windows sends Ctrl-C to every process of a terminal")
@pytest.mark.slow
def test_web_prints_its_address_serves_there_and_ends_at_ctrl_c():
    code = "import sys; from fer_lib import cli; sys.exit(cli.main(['web', '--port', '0']))"
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-c", code], **pipes) as process:
        address = re.search(r"http://127\.0\.0\.1:\d+", process.stdout.readline())[0]
        with urllib.request.urlopen(f"{address}/api/health", timeout=30) as answer:
            assert json.load(answer)["status"] == "ok"
        assert process.stdout.readline().startswith("Faces are classified ")
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=30) == ("", "")
        assert process.returncode == 0


def test_web_explains_a_port_that_is_none(capsys):
    assert cli.main(["web", "--port", "70000"]) == 1
    assert "Invalid port 70000. Choose one from 1 to 65535" in capsys.readouterr().err
