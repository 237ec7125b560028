import logging
import threading
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsa110_vis.errors import OptionError
from dsa110_vis.view.dispatcher import Dispatcher
from dsa110_vis.view.lanes import Lane
from dsa110_vis.view.protocol import DOWN_BYTES, UP_BYTES, Params, Reply, RequestError, plain


class Wire:
    """The other side: keeps what was sent, and waits for it."""

    def __init__(self):
        self.messages = []
        self.changed = threading.Condition()

    def send(self, message, buffers):
        with self.changed:
            self.messages.append((message, buffers))
            self.changed.notify_all()

    def wait(self, number, timeout=10.0):
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.messages) >= number, timeout), self.messages
            return list(self.messages)


@pytest.fixture
def wire():
    return Wire()


@pytest.fixture
def dispatcher(wire):
    made = Dispatcher(wire.send, name="test")
    yield made
    made.close()


def ask(dispatcher, op, ident="1", buffers=(), **params):
    dispatcher.receive({"kind": "request", "id": ident, "op": op, "params": params}, buffers)


def test_one_response_with_result_and_buffers(dispatcher, wire):
    dispatcher.register("double", lambda call: Reply({"twice": 2 * call.params.integer("n")}, [b"abc"]))
    ask(dispatcher, "double", n=21)
    message, buffers = wire.wait(1)[0]
    assert message == {"kind": "response", "id": "1", "ok": True, "result": {"twice": 42}}
    assert buffers == [b"abc"]


def test_handlers_run_on_other_threads_and_the_caller_is_not_kept(dispatcher, wire):
    started, go = threading.Event(), threading.Event()
    seen = []

    def handler(_call):
        seen.append(threading.current_thread().name)
        started.set()
        go.wait(10)

    dispatcher.register("wait", handler)
    before = time.perf_counter()
    ask(dispatcher, "wait")
    assert time.perf_counter() - before < 0.5
    assert started.wait(10)
    assert seen == ["test-quick"]
    assert wire.messages == []
    go.set()
    assert wire.wait(1)[0][0] == {"kind": "response", "id": "1", "ok": True, "result": {}}


def test_slow_work_does_not_keep_quick_work(dispatcher, wire):
    go = threading.Event()
    dispatcher.register("slow", lambda _call: go.wait(10) and None, slow=True)
    dispatcher.register("quick", lambda _call: {"n": 1})
    ask(dispatcher, "slow", "s")
    ask(dispatcher, "quick", "q")
    assert wire.wait(1)[0][0]["id"] == "q"
    go.set()
    assert wire.wait(2)[1][0]["id"] == "s"


def test_unknown_operation_lists_the_known_ones(dispatcher, wire):
    dispatcher.register("hello", lambda _call: None)
    ask(dispatcher, "helo")
    error = wire.wait(1)[0][0]["error"]
    assert error["code"] == "bad-request"
    assert "'helo'" in error["message"]
    assert "hello" in error["hint"]


@pytest.mark.parametrize(
    ("params", "text"),
    [({}, "missing"), ({"n": "x"}, "whole number"), ({"n": 1.5}, "whole number"), ({"n": True}, "whole number")],
)
def test_wrong_parameters_are_the_callers_error(dispatcher, wire, params, text):
    dispatcher.register("op", lambda call: {"n": call.params.integer("n")})
    ask(dispatcher, "op", **params)
    error = wire.wait(1)[0][0]["error"]
    assert error["code"] == "bad-request"
    assert text in error["message"] + error["hint"]


def test_params_that_are_no_object(dispatcher, wire):
    dispatcher.register("op", lambda _call: None)
    dispatcher.receive({"kind": "request", "id": 5, "op": "op", "params": [1]})
    assert wire.wait(1)[0][0]["error"]["code"] == "bad-request"
    assert wire.messages[0][0]["id"] == 5


def test_an_error_on_purpose_keeps_code_and_hint(dispatcher, wire):
    def handler(_call):
        message = "No."
        raise OptionError(message, "Say yes.")

    dispatcher.register("op", handler)
    ask(dispatcher, "op")
    assert wire.wait(1)[0][0]["error"] == {"code": "bad-option", "message": "No.", "hint": "Say yes."}


def test_an_unexpected_error_is_short_for_the_user_and_whole_in_the_log(dispatcher, wire, caplog):
    dispatcher.register("op", lambda _call: {"n": 1 // 0})
    with caplog.at_level(logging.ERROR):
        ask(dispatcher, "op")
        error = wire.wait(1)[0][0]["error"]
    assert error["code"] == "internal"
    assert "Traceback" not in str(error)
    assert "ZeroDivisionError" in caplog.text
    assert "Traceback" in caplog.text


def test_a_result_that_is_no_json_is_internal(dispatcher, wire, caplog):
    dispatcher.register("op", lambda _call: {"n": object()})
    with caplog.at_level(logging.CRITICAL, logger="dsa110_vis"):
        ask(dispatcher, "op")
        assert wire.wait(1)[0][0]["error"]["code"] == "internal"


def test_cancel_answers_at_once_and_only_once(dispatcher, wire):
    started, go, cancelled = threading.Event(), threading.Event(), []

    def handler(call):
        started.set()
        go.wait(10)
        cancelled.append(call.cancelled)
        return {"n": 1}

    dispatcher.register("wait", handler)
    dispatcher.register("next", lambda _call: {})
    ask(dispatcher, "wait", "a")
    assert started.wait(10)
    dispatcher.receive({"kind": "cancel", "id": "a"})
    assert wire.wait(1)[0][0]["error"]["code"] == "cancelled"
    go.set()
    ask(dispatcher, "next", "b")
    messages = wire.wait(2)
    assert [m["id"] for m, _ in messages] == ["a", "b"]
    assert cancelled == [True]


def test_a_waiting_request_that_is_cancelled_never_runs(dispatcher, wire):
    go, ran = threading.Event(), []
    dispatcher.register("wait", lambda _call: go.wait(10) and None)
    dispatcher.register("note", lambda _call: ran.append(1))
    ask(dispatcher, "wait", "a")
    ask(dispatcher, "note", "b")
    dispatcher.receive({"kind": "cancel", "id": "b"})
    go.set()
    ask(dispatcher, "wait", "c")
    assert sorted(m["id"] for m, _ in wire.wait(3)) == ["a", "b", "c"]
    assert ran == []


def test_cancelling_what_is_not_there_is_nothing(dispatcher, wire):
    dispatcher.register("op", lambda _call: None)
    dispatcher.receive({"kind": "cancel", "id": "none"})
    ask(dispatcher, "op")
    assert len(wire.wait(1)) == 1


@pytest.mark.parametrize(
    "message",
    [
        {},
        {"kind": "request"},
        {"kind": "request", "id": None, "op": "op"},
        {"kind": "other", "id": 1},
        "text",
        None,
        {"kind": "request", "id": [1], "op": "op"},
        {"kind": "request", "id": True, "op": "op"},
    ],
)
def test_what_is_no_request_is_dropped_and_logged(dispatcher, wire, caplog, message):
    with caplog.at_level(logging.WARNING):
        dispatcher.receive(message)
    assert "dropped" in caplog.text
    assert wire.messages == []


def test_an_id_in_use_is_not_answered_twice(dispatcher, wire, caplog):
    go = threading.Event()
    dispatcher.register("wait", lambda _call: go.wait(10) and None)
    ask(dispatcher, "wait", "a")
    with caplog.at_level(logging.WARNING):
        ask(dispatcher, "wait", "a")
    go.set()
    wire.wait(1)
    time.sleep(0.05)
    assert len(wire.messages) == 1
    assert "in use" in caplog.text


def test_too_large_either_way(dispatcher, wire):
    dispatcher.register("op", lambda _call: Reply({}, [bytes(DOWN_BYTES + 1)]))
    ask(dispatcher, "op", "down")
    ask(dispatcher, "op", "up", buffers=[bytes(UP_BYTES + 1)])
    assert {m["id"]: m["error"]["code"] for m, _ in wire.wait(2)} == {"down": "too-large", "up": "too-large"}


def test_too_many_at_once(dispatcher, wire):
    go = threading.Event()
    dispatcher.register("wait", lambda _call: go.wait(20) and None)
    for n in range(300):
        ask(dispatcher, "wait", n)
    refused = [m for m, _ in wire.wait(30) if not m["ok"]]
    assert refused
    assert all(m["error"]["code"] == "bad-request" for m in refused)
    go.set()
    assert sorted(m["id"] for m, _ in wire.wait(300)) == list(range(300))


def test_many_threads_each_request_answered_once(dispatcher, wire):
    dispatcher.register("echo", lambda call: {"n": call.params.integer("n")})
    dispatcher.register("slow-echo", lambda call: {"n": call.params.integer("n")}, slow=True)

    def client(k):
        for i in range(20):
            n = 100 * k + i
            ask(dispatcher, "slow-echo" if n % 2 else "echo", n, n=n)
            if i % 3 == 0:
                dispatcher.receive({"kind": "cancel", "id": n})

    threads = [threading.Thread(target=client, args=(k,)) for k in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    messages = [m for m, _ in wire.wait(160)]
    assert sorted(m["id"] for m in messages) == sorted(100 * k + i for k in range(8) for i in range(20))
    assert all(m["result"]["n"] == m["id"] for m in messages if m["ok"])
    assert all(m["error"]["code"] == "cancelled" for m in messages if not m["ok"])


def test_events_and_silence_after_close(dispatcher, wire):
    dispatcher.emit("progress", {"fraction": np.float32(0.5), "nan": float("nan")}, [b"x"])
    assert wire.messages[0] == (
        {"kind": "event", "event": "progress", "data": {"fraction": 0.5, "nan": None}},
        [b"x"],
    )
    dispatcher.close()
    dispatcher.emit("progress", {})
    dispatcher.register("op", lambda _call: None)
    ask(dispatcher, "op")
    time.sleep(0.05)
    assert len(wire.messages) == 1


def test_a_transport_that_fails_is_logged(caplog):
    def send(_message, _buffers):
        message = "gone"
        raise OSError(message)

    dispatcher = Dispatcher(send)
    with caplog.at_level(logging.ERROR):
        dispatcher.emit("x", {})
    assert "could not be sent" in caplog.text


def test_a_lane_ends_its_thread_and_starts_another():
    lane = Lane("short", linger=0.05)
    seen = []
    assert lane.submit(lambda: seen.append(threading.current_thread()))
    deadline = time.monotonic() + 10
    while not seen and time.monotonic() < deadline:
        time.sleep(0.01)
    seen[0].join(10)
    assert not seen[0].is_alive()
    done = threading.Event()
    lane.submit(done.set)
    assert done.wait(10)
    lane.close()
    assert not lane.submit(done.set)


def test_plain_numbers():
    assert plain({"a": np.int64(3), "b": np.array([1.0, np.nan]), "c": (1, "x"), 4: True}) == {
        "a": 3,
        "b": [1.0, None],
        "c": [1, "x"],
        "4": True,
    }
    with pytest.raises(TypeError, match="bytes"):
        plain(b"x")


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_plain_is_always_json(value):
    import json

    json.dumps(plain(value), allow_nan=False)


def test_rows():
    assert Params({"b": [[1, 2.0], (3, 4)]}).rows("b", 2) == [(1, 2), (3, 4)]
    assert Params({}).rows("b", 2) == []
    for wrong in ("x", [[1]], [[1, "a"]], [1, 2]):
        with pytest.raises(RequestError, match="'b'"):
            Params({"b": wrong}).rows("b", 2)
    with pytest.raises(RequestError, match="m"):
        Params({"m": 1}).mapping("m")
    with pytest.raises(RequestError, match="one of"):
        Params({"t": "z"}).text("t", allowed=("a", "b"))
