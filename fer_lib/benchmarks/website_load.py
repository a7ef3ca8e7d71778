"""The website under more load than it can carry: python tests/load_website.py

30 clients send the camera's rate of 5 frames a second, 640x480, for 60 seconds to `fer web` in a
process of its own. Prints how many were answered, refused and lost, how fast, and the server's
memory. Each client has two connections, as the page has two frames in flight.
"""

import argparse
import asyncio
import collections
import io
import re
import subprocess
import sys
import time

import numpy as np
import psutil
from PIL import Image
from skimage.data import astronaut

RATE = 5  # frames a second of each client
CONNECTIONS = 2  # of each client
SERVE = "import sys; from fer_lib import cli; sys.exit(cli.main(['web', '--port', '0']))"


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--clients", type=int, default=30)
    options.add_argument("--seconds", type=float, default=60)
    options = options.parse_args()
    server = subprocess.Popen([sys.executable, "-c", SERVE], stdout=subprocess.PIPE, text=True)
    try:
        port = int(re.search(r":(\d+) ", server.stdout.readline())[1])
        process = psutil.Process(server.pid)
        load = asyncio.run(send_frames(port, options.clients, options.seconds, process))
    finally:
        server.terminate()
        server.wait()
    print_report(*load)


async def send_frames(port, clients, seconds, process):
    """({status: milliseconds of each answer}, memory of the server in MB, every 5 seconds)."""
    spent, memory = collections.defaultdict(list), []
    end = time.monotonic() + seconds
    watch = asyncio.create_task(measure(process, memory))
    connections = clients * CONNECTIONS
    await asyncio.gather(
        *(
            client(port, f"10.0.0.{index % clients + 1}", index / connections, end, spent)
            for index in range(connections)
        )
    )
    watch.cancel()
    return spent, memory


async def measure(process, memory):
    while True:
        memory.append(process.memory_info().rss / 1e6)
        await asyncio.sleep(5)


async def client(port, address, start, end, spent):
    """Send frames over one connection at `RATE / CONNECTIONS`, the first after `start` periods."""
    request = predict(frame(), address)
    period = CONNECTIONS / RATE
    due = time.monotonic() + start * period
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while due < end:
        await asyncio.sleep(due - time.monotonic())
        started = time.perf_counter()
        writer.write(request)
        status = await answer(reader)
        spent[status].append(1000 * (time.perf_counter() - started))
        due = max(due + period, time.monotonic())
    writer.close()


def frame():
    """A camera's frame with a face: NASA's public-domain portrait of Eileen Collins, as JPEG."""
    content = io.BytesIO()
    Image.fromarray(astronaut()).resize((640, 480)).save(content, "JPEG", quality=80)
    return content.getvalue()


def predict(content, address):
    # The website believes this header from 127.0.0.1, where a reverse proxy would stand.
    head = (
        "POST /api/predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/jpeg\r\n"
        f"X-Forwarded-For: {address}\r\nContent-Length: {len(content)}\r\n\r\n"
    )
    return head.encode() + content


async def answer(reader):
    """The status of the answer, read whole, or why there is none."""
    try:
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
        length = re.search(rb"(?i)content-length: (\d+)", head)[1]
        await reader.readexactly(int(length))
    except (OSError, EOFError, TimeoutError) as error:
        return type(error).__name__
    return head.split()[1].decode()


def print_report(spent, memory):
    sent = sum(map(len, spent.values()))
    for status, milliseconds in sorted(spent.items()):
        median, high = np.percentile(milliseconds, [50, 95])
        print(
            f"{status}: {len(milliseconds)} of {sent} ({len(milliseconds) / sent:.1%}), "
            f"median {median:.0f} ms, 95 % within {high:.0f} ms"
        )
    lost = sent - sum(len(spent[status]) for status in ("200", "429", "503") if status in spent)
    print(f"lost: {lost}")
    print("memory, MB:", " ".join(f"{each:.0f}" for each in memory))


if __name__ == "__main__":
    main()
