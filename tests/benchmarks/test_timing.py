"""The one way of timing: medians of the same calls, after a warm-up."""

import pytest

from fer_lib import benchmarks
from fer_lib.benchmarks import timing


class Clock:
    """A clock that stands still but for the work, whose calls take these milliseconds in turn."""

    def __init__(self, *spent):
        self.now, self.calls, self._spent = 0.0, 0, iter(spent)

    def work(self):
        self.calls += 1
        self.last = next(self._spent)
        self.now += self.last / 1000

    def stages(self):
        return {"find": 0.25 * self.last, "classify": 0.75 * self.last}


@pytest.fixture
def clock(monkeypatch):
    clock = Clock(1000, 900, 2, 500, 4)
    monkeypatch.setattr(timing.time, "perf_counter", lambda: clock.now)
    return clock


def test_time_is_the_median_after_warming_up(clock):
    assert benchmarks.median_milliseconds(clock.work, repeats=3) == pytest.approx(4)
    assert clock.calls == 5


def test_every_call_counts_without_a_warm_up(clock):
    median = benchmarks.median_milliseconds(clock.work, repeats=3, warm_up=0)
    assert median == pytest.approx(900)
    assert clock.calls == 3


def test_stages_and_total_are_of_the_same_calls(clock):
    """Warm-up calls, slow ones, once counted in the stages alone: a stage exceeded the total."""
    medians = benchmarks.median_milliseconds(clock.work, repeats=3, stages=clock.stages)
    assert medians == pytest.approx({"total": 4, "find": 1, "classify": 3})
