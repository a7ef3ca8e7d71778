"""Classifiers for several requests at once: each serves one, few wait, the others are told so."""

import contextlib
import queue
import threading

from fer_lib.web.refusal import Refusal


class Workers:
    """A fixed number of workers, of which a thread borrows one at a time.

    make: a function without arguments that makes a worker. count: of workers. waiting: how many
    threads may wait for one.
    """

    def __init__(self, make, count, waiting):
        self._idle = queue.SimpleQueue()
        for _ in range(count):
            self._idle.put(make())
        self._places = threading.Semaphore(count + waiting)

    @contextlib.contextmanager
    def borrow(self):
        """Give a worker that nobody else uses in the block.

        Raises Refusal at once if too many wait already.
        """
        if not self._places.acquire(blocking=False):
            sentence = "All workers are busy: send the picture again in a second."
            raise Refusal(503, "busy", sentence)
        try:
            worker = self._idle.get()
            try:
                yield worker
            finally:
                self._idle.put(worker)
        finally:
            self._places.release()
