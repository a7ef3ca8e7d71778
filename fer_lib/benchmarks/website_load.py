"""The website under more load than it can carry.

Clients send frames at a camera's rate, 5 per second and 640×480 pixels each, to a website in a
process of its own. Each client has two connections, as the page has two frames in flight. All have
one address, as a class behind a router has, and each has the cookie of its visit.
"""

import asyncio
import collections
import contextlib
import io
import re
import subprocess
import sys
import time
import urllib.request

import numpy as np
import pandas as pd
from PIL import Image
from skimage.data import astronaut

from fer_lib.benchmarks.extras import psutil

CLIENTS = 30
SECONDS = 60
RATE = 5  # frames per second of each client
CONNECTIONS = 2  # of each client
PATIENCE = 10  # seconds for a response
SERVE = "from fer_lib import web; web.serve(port=0)"


def measure(clients=CLIENTS, seconds=SECONDS):
    """Send frames to the website from many clients at once.

    Args:
        clients: Number of clients.
        seconds: For how long they send.

    Returns:
        DataFrame with one row per kind of response: its HTTP status, or the error's name if there
        was none. Columns: number of frames, their proportion, and the response time in milliseconds
        (median and 95th percentile). Also the server's memory in MB, every 5 seconds.

    Raises:
        Problem: If one of the test extras is missing.
    """
    with _server() as (process, port):
        cookies = [_visit(port) for _ in range(clients)]
        spent, memory = asyncio.run(_send_frames(port, cookies, seconds, process))
    return _table(spent), memory


def report():
    """Describe in text what `measure` finds."""
    table, memory = measure()
    sizes = " ".join(f"{each:.0f}" for each in memory)
    return f"{table.round(3).to_string()}\n\nThe server's memory in MB: {sizes}"


@contextlib.contextmanager
def _server():
    server = subprocess.Popen([sys.executable, "-c", SERVE], stdout=subprocess.PIPE, text=True)
    try:
        port = int(re.search(r":(\d+) ", server.stdout.readline())[1])
        yield psutil.Process(server.pid), port
    finally:
        server.terminate()
        server.communicate()


async def _send_frames(port, cookies, seconds, process):
    spent, memory = collections.defaultdict(list), []
    clients = len(cookies)
    end = time.monotonic() + seconds
    watch = asyncio.create_task(_watch_memory(process, memory))
    connections = clients * CONNECTIONS
    await asyncio.gather(
        *(
            _client(port, cookies[index % clients], index / connections, end, spent)
            for index in range(connections)
        )
    )
    watch.cancel()
    return spent, memory


async def _watch_memory(process, memory):
    while True:
        memory.append(process.memory_info().rss / 1e6)
        await asyncio.sleep(5)


def _visit(port):
    """The cookie of a visit to the first page; the others may lead on to the built demo."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/") as page:
        return page.headers["Set-Cookie"].partition(";")[0]


async def _client(port, cookie, start, end, spent):
    """Send frames over one connection, the first after `start` periods."""
    request = _request(_frame(), cookie)
    period = CONNECTIONS / RATE
    due = time.monotonic() + start * period
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while due < end:
        await asyncio.sleep(due - time.monotonic())
        started = time.perf_counter()
        writer.write(request)
        status = await _status(reader)
        spent[status].append(1000 * (time.perf_counter() - started))
        due = max(due + period, time.monotonic())
    writer.close()


def _frame():
    """A camera's frame with a face, as JPEG: NASA's public-domain portrait of Eileen Collins."""
    content = io.BytesIO()
    Image.fromarray(astronaut()).resize((640, 480)).save(content, "JPEG", quality=80)
    return content.getvalue()


def _request(content, cookie):
    head = (
        "POST /api/predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/jpeg\r\n"
        f"Cookie: {cookie}\r\nContent-Length: {len(content)}\r\n\r\n"
    )
    return head.encode() + content


async def _status(reader):
    """The status of the next response, which is read to its end, or why there is none."""
    try:
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), PATIENCE)
        length = re.search(rb"(?i)content-length: (\d+)", head)[1]
        await reader.readexactly(int(length))
    except (OSError, EOFError, TimeoutError) as error:
        return type(error).__name__
    return head.split()[1].decode()


def _table(spent):
    sent = sum(map(len, spent.values()))
    rows = [
        (status, len(times), len(times) / sent, *np.percentile(times, [50, 95]))
        for status, times in sorted(spent.items())
    ]
    columns = ["response", "frames", "proportion", "median", "95%"]
    return pd.DataFrame(rows, columns=columns).set_index("response")
