"""`fer bench website`, for three seconds."""

import asyncio

import pytest

pytest.importorskip("playwright")
pytest.importorskip("psutil")

from fer_lib import cli
from fer_lib.benchmarks import website_load


@pytest.mark.slow
def test_every_frame_of_a_light_load_is_answered():
    table, memory = website_load.measure(clients=2, seconds=3)
    assert list(table.index) == ["200"]
    (row,) = table.to_dict("records")
    assert 10 < row["frames"] <= 2 * 3 * website_load.RATE
    assert row["proportion"] == 1
    assert 0 < row["median"] <= row["95%"]
    assert min(memory) > 50


def test_the_command_prints_the_responses_and_the_memory(monkeypatch, capsys):
    table = website_load._table({"200": [4.0, 6.0], "503": [1.0, 1.0]})
    monkeypatch.setattr(website_load, "measure", lambda: (table, [301.5, 302.4]))
    assert cli.main(["bench", "website"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[2].split() == ["200", "2", "0.5", "5.0", "5.9"]
    assert lines[-1] == "The server's memory in MB: 302 302"


def test_a_lost_response_is_counted_by_its_error():
    async def status(content):
        reader = asyncio.StreamReader()
        reader.feed_data(content)
        reader.feed_eof()
        return await website_load._status(reader)

    whole = b"HTTP/1.1 503 Busy\r\nContent-Length: 2\r\n\r\n{}"
    assert asyncio.run(status(whole)) == "503"
    assert asyncio.run(status(whole[:-1])) == "IncompleteReadError"
