"""A pool of workers for concurrent requests, with a short queue; further requests are rejected."""

import contextlib
import queue
import threading

from fer_lib.web.errors import ApiError


class Workers:
    """A fixed pool of workers, of which a thread borrows one at a time.

    Args:
        make: Callable without arguments that makes a worker.
        count: Number of workers.
        waiting: Number of threads that may wait for one.
    """

    def __init__(self, make, count, waiting):
        self._idle = queue.SimpleQueue()
        for _ in range(count):
            self._idle.put(make())
        self._places = threading.Semaphore(count + waiting)

    @contextlib.contextmanager
    def borrow(self):
        """Give the block a worker that nobody else uses.

        Yields:
            The worker.

        Raises:
            ApiError: At once, if the queue is full.
        """
        if not self._places.acquire(blocking=False):
            raise ApiError(503, "busy", "All workers are busy. Send the image again in a second.")
        try:
            worker = self._idle.get()
            try:
                yield worker
            finally:
                self._idle.put(worker)
        finally:
            self._places.release()
