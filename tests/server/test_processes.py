"""One process for each request: what happens when it dies, takes too long, is not wanted any more, or has no place."""

from __future__ import annotations

import http.client
import os
import re
import signal
import socket
from pathlib import Path

import pytest
from live_server import API, TOKEN, eventually

pytestmark = pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="needs Linux's /proc")


@pytest.fixture
def one_at_a_time(start_server, locked):
    return start_server(locked.parent, "--Dsa110VisApp.max_workers=1", "--Dsa110VisApp.max_queue=1")


def test_a_locked_measurement_set(one_at_a_time):
    answer = one_at_a_time.get("locked.ms", "summary")
    assert (answer.status, answer.json["code"]) == (423, "locked")
    assert answer.headers["Cache-Control"] == "no-store"


def test_an_abort_costs_one_request(one_at_a_time):
    doomed = one_at_a_time.ask("locked.ms", "summary")
    (worker,) = eventually(lambda: one_at_a_time.workers)
    os.kill(worker, signal.SIGABRT)
    answer = doomed()
    assert (answer.status, answer.json["code"]) == (500, "worker-lost")
    assert "SIGABRT" in answer.json["message"]
    assert answer.json["hint"]
    # the server goes on, and so does the next process
    assert one_at_a_time.raw("/dsa110-vis/api/versions").status == 200
    assert one_at_a_time.get("locked.ms", "raster").status == 423


def test_other_requests_go_on_when_one_process_aborts(start_server, locked):
    both = start_server(locked.parent)
    doomed = both.ask("locked.ms", "summary")
    (worker,) = eventually(lambda: both.workers)
    other = both.ask("locked.ms", "antennas")
    eventually(lambda: len(both.workers) == 2)
    os.kill(worker, signal.SIGABRT)
    assert doomed().status == 500
    assert other().status == 423


def test_who_finds_no_place_is_told_when_to_come_again(one_at_a_time):
    answers = [ask() for ask in [one_at_a_time.ask("locked.ms", "summary") for _ in range(4)]]
    # one was worked on and one waited
    assert sorted(answer.status for answer in answers) == [423, 423, 503, 503]
    for refused in (answer for answer in answers if answer.status == 503):
        assert refused.json["code"] == "busy"
        assert re.fullmatch("[1-9][0-9]*", refused.headers["Retry-After"])


def test_a_request_that_takes_too_long_is_ended(start_server, locked):
    hasty = start_server(locked.parent, "--Dsa110VisApp.request_timeout=1.5")
    answer = hasty.get("locked.ms", "summary")
    assert (answer.status, answer.json["code"]) == (504, "timed-out")
    eventually(lambda: not hasty.workers)


def test_waiting_counts_as_well(start_server, locked):
    hasty = start_server(
        locked.parent,
        "--Dsa110VisApp.request_timeout=1.5",
        "--Dsa110VisApp.max_workers=1",
        "--Dsa110VisApp.max_queue=5",
    )
    answers = [hasty.ask("locked.ms", what) for what in ("summary", "antennas", "raster")]
    assert {answer().status for answer in answers} <= {503, 504}


def test_the_work_for_a_client_that_has_gone_is_ended(one_at_a_time):
    with socket.create_connection(("127.0.0.1", one_at_a_time.port)) as client:
        request = f"GET {API}/ms/locked.ms/summary HTTP/1.1\r\nHost: localhost\r\nAuthorization: token {TOKEN}\r\n\r\n"
        client.sendall(request.encode())
        (worker,) = eventually(lambda: one_at_a_time.workers)
    eventually(lambda: worker not in one_at_a_time.workers, 3)  # the lock would have held it for five seconds
    assert "Traceback" not in one_at_a_time.log.read_text()
    assert one_at_a_time.get("locked.ms", "summary").status == 423  # its place is free


def test_a_client_that_goes_while_it_waits_leaves_the_queue(one_at_a_time):
    first = one_at_a_time.ask("locked.ms", "summary")
    eventually(lambda: one_at_a_time.workers)
    request = f"GET {API}/ms/locked.ms/antennas HTTP/1.1\r\nHost: localhost\r\nAuthorization: token {TOKEN}\r\n\r\n"
    for _ in range(3):  # more than may wait, one after the other
        with socket.create_connection(("127.0.0.1", one_at_a_time.port)) as client:
            client.sendall(request.encode())
    assert first().status == 423
    assert eventually(lambda: one_at_a_time.get("locked.ms", "summary").status == 423)


def test_the_servers_own_process_never_loads_what_can_crash_it(server):
    assert server.get("alma.ms", "raster", spw="1").status == 200
    assert server.get("alma.ms", "raster", x="nope").status == 422
    assert server.get("alma.ms", "raster", column="NOPE").status == 422
    maps = Path(f"/proc/{server.process.pid}/maps").read_text()
    assert not [word for word in ("casacore", "casa_", "llvmlite", "numba", "numpy", "_multiarray") if word in maps]


def test_nothing_is_left_when_the_server_stops(start_server, locked):
    server = start_server(locked.parent)
    waiting = server.ask("locked.ms", "summary")
    (worker,) = eventually(lambda: server.workers)
    zygotes = [pid for pid in Path("/proc").iterdir() if pid.name == str(worker)]
    assert zygotes
    server.stop()
    eventually(lambda: not Path(f"/proc/{worker}").exists())
    with pytest.raises((OSError, http.client.HTTPException)):
        waiting()
