"""The thread on which work is done in turn."""

from __future__ import annotations

import threading

import pytest

from dsa110_vis.clean.turns import Turns

WAIT = 30


@pytest.fixture
def closed():
    return []


@pytest.fixture
def turns(closed):
    made = Turns(
        "test", failed=lambda error, pressing: ValueError(f"{error}, {pressing}"), closed=lambda: closed.append(1)
    )
    yield made
    made.close()


def test_work_is_done_in_order_on_one_thread(turns):
    threads, order = set(), []

    def work(number):
        threads.add(threading.current_thread())
        order.append(number)
        return number

    futures = [turns.submit(lambda number=number: work(number)) for number in range(20)]
    assert [future.result(WAIT) for future in futures] == order == list(range(20))
    assert len(threads) == 1
    assert threading.current_thread() not in threads


def test_pressing_work_is_done_in_between_and_before_what_waits(turns):
    order, begun, going = [], threading.Event(), threading.Event()

    def long():
        begun.set()
        going.wait(WAIT)
        assert turns.between() is None
        order.append("long")

    first = turns.submit(long)
    begun.wait(WAIT)
    last = turns.submit(lambda: order.append("next"))
    turns.submit(lambda: order.append("pressing"), pressing=True)
    going.set()
    first.result(WAIT)
    last.result(WAIT)
    assert order == ["pressing", "long", "next"]


def test_asking_to_rest_reaches_what_goes_on_and_drops_what_waits(turns):
    begun, going = threading.Event(), threading.Event()

    def long():
        begun.set()
        going.wait(WAIT)
        return turns.between()

    first = turns.submit(long)
    begun.wait(WAIT)
    second = turns.submit(lambda: None)
    assert turns.ask_to_rest("now")
    going.set()
    assert first.result(WAIT) == "now"
    assert second.cancelled()
    assert turns.submit(turns.between).result(WAIT) is None  # it was asked of the other


def test_failures_are_told_as_they_are_to_be_shown(turns):
    def bad():
        return int("no")

    with pytest.raises(ValueError, match="'no', False"):
        turns.submit(bad).result(WAIT)
    with pytest.raises(ValueError, match="'no', True"):
        turns.submit(bad, pressing=True).result(WAIT)
    assert turns.submit(lambda: 1).result(WAIT) == 1


def test_closing_ends_the_thread_once(turns, closed):
    begun, going = threading.Event(), threading.Event()

    def long():
        begun.set()
        going.wait(WAIT)

    turns.submit(long)
    begun.wait(WAIT)
    waiting = turns.submit(lambda: None)
    threading.Timer(0.05, going.set).start()
    turns.close()
    turns.close()
    assert closed == [1]
    assert waiting.cancelled()
    assert turns.submit(lambda: None) is None
