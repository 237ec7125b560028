"""Objects in real processes: what they answer, tell and print, and what becomes of their owner when they die."""

from __future__ import annotations

import contextlib
import logging
import os
import select
import signal
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from dsa110_vis.errors import OptionError
from dsa110_vis.work import WorkerLostError
from dsa110_vis.work.processes import Process

linux = pytest.mark.skipif(sys.platform != "linux", reason="other systems have neither a zygote nor pidfd_open")


@contextlib.contextmanager
def watching(pid):
    """Give what waits for the end of a process, and says whether it came."""
    descriptor = os.pidfd_open(pid)
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    try:
        yield lambda: bool(poll.poll(30_000))
    finally:
        os.close(descriptor)


def test_methods_and_attributes(start):
    remote = start("Counter", 5)
    assert remote.call("add", n=2) == 7
    assert remote.call("value") == 7
    np.testing.assert_array_equal(remote.call("array", 3_000_000)[-2:], [2_999_998, 2_999_999])
    assert remote.call("place")[0] == remote.pid != os.getpid()


def test_errors_keep_their_class_and_hint(start):
    remote = start("Counter")
    with pytest.raises(OptionError, match="Say please") as refusal:
        remote.call("refuse")
    assert refusal.value.hint == "Say please."
    with pytest.raises(ZeroDivisionError):
        remote.call("fail")
    with pytest.raises(RuntimeError, match="cannot be handed over"):
        remote.call("hand_over")
    with pytest.raises(AttributeError):
        remote.call("nonsense")
    assert remote.call("add") == 1


def test_what_cannot_be_made_says_so_whatever_is_asked(start):
    remote = start("Counter", "wrong")
    for method in ("add", "value"):
        with pytest.raises(OptionError, match="no number"):
            remote.call(method)


def test_events_come_in_order_and_before_the_answer(start, gather):
    remote = start("Counter", listener=gather)
    gather.wait(1)
    for n in range(1, 20):
        remote.call("add")
        assert gather.found[-1] == ("value", n)
    remote.call("add_later", 50)
    gather.wait(70)
    assert gather.found == [("value", n) for n in range(70)]


def test_who_waits_for_an_answer_handles_its_events(start, gather):
    remote = start("Counter", listener=gather)
    gather.wait(1)
    gather.threads.clear()
    remote.call("add")
    assert gather.threads == {threading.current_thread()}


def test_a_listener_may_call(start, gather):
    there = threading.Event()

    def listener(_event, _data):
        there.wait(60)
        gather(remote.call("value") if remote.handling else "not handling")

    remote = start("Counter", 3, listener=listener)
    there.set()
    assert gather.wait(1) == [3]
    assert not remote.handling
    remote.call("add")
    assert gather.found == [3, 4]


def test_a_listener_that_fails_is_logged_and_called_again(start, gather, caplog):
    def listener(_event, value):
        gather(value)
        return 1 / (value - 1)

    remote = start("Counter", listener=listener)
    gather.wait(1)
    assert [remote.call("add"), remote.call("add")] == [1, 2]
    assert gather.wait(3) == [0, 1, 2]
    assert "division by zero" in caplog.text


def test_listeners_that_call_each_others_objects_do_not_wait_for_each_other(start, gather):
    def calls(name):
        def listener(_event, value):
            if value:
                busy.wait(60)  # both are handling an event now
                gather(name, remotes[other[name]].call("value"))

        return listener

    other = {"a": "b", "b": "a"}
    busy = threading.Barrier(2)
    remotes = {}
    for name in other:
        remotes[name] = start("Counter", listener=calls(name))
    threads = [threading.Thread(target=remote.call, args=("add",), daemon=True) for remote in remotes.values()]
    for thread in threads:
        thread.start()
    assert sorted(gather.wait(2)) == [("a", 1), ("b", 1)]
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()


def test_a_failure_is_told_as_the_error_itself(start, gather):
    remote = start("Counter", listener=gather)
    remote.call("fall_ill")
    event, error = gather.found[-1]
    assert event == "failure"
    assert isinstance(error, OptionError)
    assert error.hint == "Rest."


def test_messages_are_relayed_with_their_buffers(start, gather):
    remote = start("Counter", relay=gather)
    remote.receive({"kind": "request", "id": 7}, [memoryview(b"ab"), b"c" * 5_000_000])
    [(message, buffers)] = gather.wait(1)
    assert message["id"] == 7
    assert bytes(buffers[0]) == b"abab"
    assert len(buffers[1]) == 10_000_000


def test_log_records_come_home(start, caplog):
    with caplog.at_level(logging.WARNING, "dsa110_vis.test"):
        start("Counter").call("say", "100 % of it")
    assert "100 % of it" in caplog.text


@pytest.mark.parametrize("number", [signal.SIGABRT, signal.SIGKILL, signal.SIGSEGV])
def test_a_death_is_told_to_all_who_wait(start, gather, number):
    remote = start("Counter", on_lost=gather)
    waiting = remote.submit("wait")
    with pytest.raises(WorkerLostError, match=number.name):
        remote.call("die", number)
    assert isinstance(waiting.exception(60), WorkerLostError)
    [lost] = gather.wait(1)
    assert "terminate called" in lost.output
    with pytest.raises(WorkerLostError):
        remote.call("add")
    assert start("Counter").call("add") == 1


def test_an_exit_is_told_with_its_code(start):
    with pytest.raises(WorkerLostError, match="exit code 3"):
        start("Counter").call("leave", 3)


@linux
def test_closing_ends_the_process_at_once_and_is_no_loss(start, gather):
    remote = start("Counter", on_lost=gather)
    remote.call("place")
    with watching(remote.pid) as ended:
        waiting = remote.submit("wait")
        remote.close()
        remote.close()
        assert isinstance(waiting.exception(60), WorkerLostError)
        assert ended()
    assert not gather.found


def test_one_that_is_closed_before_it_is_there_never_works(start):
    remote = start("Counter")
    remote.close()
    with pytest.raises(WorkerLostError, match="closed"):
        remote.submit("wait").result(60)


def test_many_at_once(start):
    remotes = [start("Counter", n) for n in range(12)]
    assert [remote.submit("value").result(60) for remote in remotes] == list(range(12))
    assert len({remote.pid for remote in remotes}) == 12


OWNER = """
import sys
sys.path.insert(0, {folder!r})
from dsa110_vis.work import Remote
remotes = [Remote("working:Counter", preload=("dsa110_vis.errors",)) for _ in range(2)]
print(*[remote.call("place")[0] for remote in remotes], remotes[0].call("place")[1], flush=True)
remotes[0].submit("wait")
sys.stdin.readline()
{end}
"""


@pytest.mark.parametrize("end", ["", "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"])
@linux
def test_nothing_outlives_its_owner(end):
    code = OWNER.format(folder=str(Path(__file__).parent), end=end)
    with contextlib.ExitStack() as stack:
        owner = stack.enter_context(
            subprocess.Popen(
                [sys.executable, "-W", "error", "-c", code],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            )
        )  # fmt: skip
        pids = owner.stdout.readline().split()
        assert len(pids) == 3
        ended = [stack.enter_context(watching(int(pid))) for pid in pids]
        _, printed = owner.communicate("\n", timeout=60)
        assert all(one() for one in ended)
    assert "Error" not in printed
    assert "Warning" not in printed


@linux
@pytest.mark.parametrize("start", ["forked"], indirect=True)
def test_a_dead_zygote_is_replaced(start):
    remote = start("Counter")
    pid, parent = remote.call("place")
    os.kill(parent, signal.SIGKILL)
    # its workers go on: they have their own connections
    assert remote.call("place")[0] == pid
    for _ in range(100):
        try:
            assert start("Counter").call("place")[1] != parent
        except WorkerLostError:
            continue  # asked before the news of its death
        return
    pytest.fail("the zygote was not replaced")


EAGER = """
import sys
sys.path[:0] = {folders!r}
from dsa110_vis.work import Remote
PRELOAD = ("dsa110_vis.errors", "no_such_module_at_all", "step_one", "step_two")
def imported(remote):
    return [name for name in ("step_one", "step_two") if name in remote.call("modules")]
def make():
    return Remote("working:Counter", preload=PRELOAD)
print(imported(make()))
open({begun!r}).close()
late = make()
open({one!r}, "w").close()
print(imported(late))
open({two!r}, "w").close()
print(imported(make()))
"""


@linux
def test_who_asks_while_the_zygote_imports_is_answered_before_it_has_imported_all(run_python, tmp_path):
    """The modules wait for the test, which asks for a process while the first one is being imported."""
    begun, one, two = (str(tmp_path / name) for name in ("begun", "one", "two"))
    for name in (begun, one, two):
        os.mkfifo(name)
    (tmp_path / "step_one.py").write_text(f"open({begun!r}, 'w').close()\nopen({one!r}).close()\n")
    (tmp_path / "step_two.py").write_text(f"open({two!r}).close()\n")
    folders = [str(Path(__file__).parent), str(tmp_path)]
    found = run_python(EAGER.format(folders=folders, begun=begun, one=one, two=two)).stdout.splitlines()
    # at once; after the module in hand; and, now that nobody had asked for a while, all
    assert found == ["[]", "['step_one']", "['step_one', 'step_two']"]


def test_preparing_costs_nothing():
    Process.prepare(("dsa110_vis.errors",))
