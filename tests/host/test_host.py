"""A session in a kernel of its own, as its owner has it."""

import json
import os
import re
import subprocess
import sys
import threading
import time
from importlib.metadata import EntryPoint
from pathlib import Path

import numpy as np
import pytest
from jupyter_client.provisioning import KernelProvisionerFactory

from dsa110_vis.clean.states import State
from dsa110_vis.errors import (
    CleanError,
    Dsa110VisError,
    MeasurementSetNotFoundError,
    ParameterError,
    SessionBusyError,
)
from dsa110_vis.host import KernelLostError, KernelStartError, SessionHost
from dsa110_vis.host.errors import error_from
from dsa110_vis.host.kernel import Kernel
from dsa110_vis.host.wire import OWN
from dsa110_vis.view.protocol import RequestError
from dsa110_vis.work import WorkerLostError


def until(condition, timeout=30.0):
    """Wait for something that nothing tells of."""
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, "it did not come"
        threading.Event().wait(0.02)


def lives(pid):
    """Whether a process runs: one that has ended and was not asked how does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_cycles_one_by_one(host):
    host.run(2)
    assert host.wait(timeout=60) is State.READY
    latest = host.latest
    assert [entry["kind"] for entry in latest["cycles"]] == ["dirty", "mask", "cycle", "cycle"]
    assert latest["cycle"] == latest["cycles"][-1]["id"]
    assert latest["cycles"][-1]["peak"] < latest["cycles"][-2]["peak"]
    assert latest["failure"] is None
    assert latest["progress"]["text"]


def test_convergence_comes_as_the_session_has_it(host):
    host.run(3)
    host.wait(timeout=60)
    frame = host.convergence()
    assert len(frame) == 4
    assert frame["iterations"][0] == 0
    assert np.isnan(frame["cycle_threshold"][0])
    assert frame["peak_inside"][1:].is_monotonic_decreasing
    assert frame["peak_inside"].isna().tolist() == [True, False, False, False]
    assert str(frame["flux"].dtype) == "float64"


def test_a_mask_there_and_back(host):
    wanted = np.random.default_rng(1).random((1, 1, 64, 64)) < 0.3
    told = threading.Event()
    host.listen(lambda event, data: told.set() if event == "masks" and data["pixels"] == [wanted.sum()] else None)
    host.set_masks([wanted])
    host.wait(timeout=60)
    assert told.wait(30)
    (found,) = host.masks()
    np.testing.assert_array_equal(found, wanted)


def test_undo_redo_and_a_branch(host):
    host.run(2)
    host.wait(timeout=60)
    last = host.latest["cycle"]
    host.undo()
    host.wait(timeout=60)
    assert host.latest["cycle"] == last - 1
    host.redo()
    host.wait(timeout=60)
    assert host.latest["cycle"] == last
    host.go_to(1)
    host.run(1)
    host.wait(timeout=60)
    assert host.latest["cycles"][-1]["parent"] == 1


def test_a_command_that_cannot_be_done_is_raised_by_the_wait(host):
    host.go_to(77)
    with pytest.raises(Dsa110VisError, match="77"):
        host.wait(timeout=60)
    assert host.wait(timeout=60) is State.READY


def test_changed_parameters_are_known_here(host):
    host.set_parameters(niter=7, gain=0.2)
    host.wait(timeout=60)
    assert (host.parameters.niter, host.parameters.gain) == (7, 0.2)
    host.set_parameters(imsize=128)
    with pytest.raises(ParameterError) as caught:
        host.wait(timeout=60)
    assert caught.value.key == "imsize"


def test_the_code_is_a_call_of_tclean(host):
    assert re.match(r"tclean\(.*cycleniter=40", host.code(), re.DOTALL)


def test_an_error_has_its_class_whatever_else_is_imported():
    import dsa110_vis.server.errors  # noqa: F401  which has classes with the same codes

    for kind in (MeasurementSetNotFoundError, ParameterError, RequestError, WorkerLostError, KernelLostError):
        assert type(error_from({"code": kind.code, "message": "Gone."})) is kind
    assert type(error_from({"code": "never heard of"})) is CleanError


def test_an_unknown_operation_lists_the_known_ones(host):
    with pytest.raises(RequestError, match="run"):
        host.request("clean_it_all")


def test_pause_answers_within_a_second_in_a_minor_cycle(host, slow):
    slow(host, minor=0.2)
    host.run(None)
    host.wait({State.MINOR}, timeout=60)
    begun = time.perf_counter()
    host.pause()
    assert host.wait({State.READY}, timeout=60) is State.READY
    assert time.perf_counter() - begun < 1


def test_progress_comes_at_most_ten_times_a_second(host, slow):
    told = []
    host.listen(lambda event, _data: told.append(time.monotonic()) if event == "progress" else None)
    slow(host, major=2.0)
    host.run(1)
    host.wait(timeout=60)
    begun = told[0]
    assert len(told) > 3
    assert all(sum(begun + n <= when < begun + n + 1 for when in told) <= 11 for n in range(3))


def test_what_is_printed_goes_to_the_log_and_nowhere_else(host, capfd):
    folder = Path(host.latest["folder"])
    assert Path(f"/proc/{host.pid}/cwd").samefile(folder)
    for descriptor in (1, 2):
        assert Path(f"/proc/{host.pid}/fd/{descriptor}").samefile(folder / "session.log")
    assert capfd.readouterr() == ("", "")


def test_a_loud_imager_drops_no_message(make_host, capfd):
    host = make_host(engine="loud:Loud")
    host.start()
    host.wait(timeout=60)
    masks = host.masks()
    masks[0][:] = True
    host.set_masks(masks)
    host.run(4)
    host.wait(timeout=60)
    assert [entry["kind"] for entry in host.latest["cycles"]] == ["dirty", "mask", *["cycle"] * 4]
    log = (Path(host.latest["folder"]) / "session.log").read_text()
    assert len(log) > 4_000_000
    assert log.count("line 19 of Python") == log.count("0%....10\na warning of C++") / 20 == 5
    assert capfd.readouterr() == ("", "")


def test_this_process_imports_no_casa_and_no_casacore(parameters, run_python):
    given = parameters()
    found = run_python(
        "import json, sys\n"
        "from dsa110_vis.clean.parameters import Parameters\n"
        "from dsa110_vis.host import SessionHost\n"
        "host = SessionHost(Parameters.from_dict(json.loads(sys.argv[1])), engine='numpy_engine:NumpyEngine')\n"
        "host.start(); host.wait(timeout=60); host.run(1); host.wait(timeout=60); host.convergence(); host.close()\n"
        "maps = open('/proc/self/maps').read()\n"
        "print([name for name in sys.modules if name.startswith('casa')], 'libcasa' in maps, 'casatools' in maps)\n",
        json.dumps(given.to_dict()),
    )
    assert found.stdout == "[] False False\n"


def test_two_sessions_at_once_do_not_disturb_each_other(make_host):
    hosts = [make_host(name) for name in ("one", "two")]
    for host in hosts:
        host.start()
    for number, host in enumerate(hosts):
        host.wait(timeout=60)
        masks = host.masks()
        masks[0][..., : 20 + 10 * number] = True
        host.set_masks(masks)
        host.run(2 + number)
    for number, host in enumerate(hosts):
        host.wait(timeout=60)
        assert host.masks()[0].sum() == 64 * (20 + 10 * number)
        assert sum(entry["kind"] == "cycle" for entry in host.latest["cycles"]) == 2 + number
    hosts[0].kill()
    hosts[1].run(1)
    assert hosts[1].wait(timeout=60) in (State.READY, State.STOPPED)


def test_a_second_session_of_the_same_image_is_refused(host, make_host):
    second = make_host(resume=True)
    second.start()
    with pytest.raises(SessionBusyError, match=str(host.pid)):
        second.wait(timeout=60)
    host.run(1)
    host.wait(timeout=60)


# -- death ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", ["psf", "major", "minor", "resting"])
def test_a_kernel_that_dies_is_noticed_and_made_good(make_host, slow, step):
    host = make_host()
    died = threading.Event()
    host.on_death(lambda _error: died.set())
    slow(host, **{"psf": 20.0} if step == "psf" else {})
    host.start()
    if step == "psf":
        host.wait({State.PSF}, timeout=60)
    else:
        host.wait(timeout=60)
        masks = host.masks()
        masks[0][:] = True
        host.set_masks(masks)
        host.run(1)
        host.wait(timeout=60)
        if step != "resting":
            slow(host, **{step: 20.0})
            host.run(5)
            host.wait({State(step)}, timeout=60)
    before = host.latest["cycle"]
    os.kill(host.pid, 9)
    with pytest.raises(KernelLostError, match=r"SIGKILL.*restart"):
        host.wait({State.FINISHED}, timeout=10)
    assert died.wait(10)
    assert not host.alive
    assert host.latest["state"] == "failed"
    assert host.latest["failure"]["code"] == "kernel-lost"
    with pytest.raises(KernelLostError):
        host.request("hello", timeout=10)
    slow(host)
    host.restart()
    assert host.wait(timeout=60) is State.READY
    assert host.latest["cycle"] == (before or 0)
    assert host.latest["failure"] is None


def test_a_request_that_waits_fails_when_the_kernel_dies(host):
    waiting = host.submit("image", {"name": "residual"})
    os.kill(host.pid, 9)
    with pytest.raises(Exception, match=r"ended|residual"):
        waiting.result(10)
    with pytest.raises(KernelLostError):
        host.submit("hello").result(10)


@pytest.mark.parametrize("state", [State.PSF, State.MINOR, State.MAJOR, State.READY])
def test_killing_takes_less_than_two_seconds(make_host, slow, state):
    host = make_host()
    slow(host, **{state: 30.0})
    host.start()
    if state in (State.MINOR, State.READY):
        host.wait({State.READY}, timeout=60)
    if state is State.MINOR:
        masks = host.masks()
        masks[0][:] = True
        host.set_masks(masks)
        host.run(1)
    host.wait({State.DIRTY if state is State.MAJOR else state}, timeout=60)
    pid = host.pid
    begun = time.perf_counter()
    host.kill()
    assert time.perf_counter() - begun < 2
    assert not lives(pid)
    assert not host.alive


def test_closing_twice_is_harmless_and_ends_all_processes(host):
    with pytest.raises(Exception, match="residual"):
        host.image("residual")  # starts the worker that reads
    group = os.getpgid(host.pid)
    host.close()
    host.close()
    until(lambda: not any(os.getpgid(pid) == group for pid in processes()))
    with pytest.raises(KernelLostError):
        host.run(1)


def processes():
    """Numbers of all living processes."""
    return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit() and lives(int(path.name))]


OWNER = """
import json, sys, threading
from dsa110_vis.clean.parameters import Parameters
from dsa110_vis.host import SessionHost
parameters = Parameters.from_dict(json.loads(sys.argv[1]))
host = SessionHost(parameters, engine="numpy_engine:NumpyEngine", outlive=bool(sys.argv[2]))
host.start()
host.wait(timeout=60)
print(host.pid, flush=True)
threading.Event().wait()
"""


def owner(parameters, outlive):
    """Start a process that owns a session; give it and the number of the kernel."""
    words = [sys.executable, "-c", OWNER, json.dumps(parameters.to_dict()), outlive]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
    return process, int(process.stdout.readline())


def test_an_owner_that_ends_ends_the_session(parameters, run_python):
    code = OWNER.replace("threading.Event().wait()", "")
    pid = int(run_python(code, json.dumps(parameters().to_dict()), "").stdout)
    assert not lives(pid)


def test_the_session_dies_with_its_owner(parameters):
    process, pid = owner(parameters(), "")
    assert lives(pid)
    with process:
        process.kill()
    until(lambda: not lives(pid), 10)


def test_a_session_that_outlives_its_owner_is_found_again(parameters):
    given = parameters()
    process, pid = owner(given, "yes")
    with process:
        process.kill()
    file = Path(f"{given.imagename}.session") / "kernel.json"
    assert file.stat().st_mode & 0o777 == 0o600
    host = SessionHost.attach(given.imagename)
    assert (host.pid, host.latest["state"], host.parameters) == (pid, "ready", given)
    masks = host.masks()
    masks[0][:] = True
    host.set_masks(masks)
    host.run(1)
    assert host.wait(timeout=60) is State.READY
    host.close()
    assert lives(pid)
    host = SessionHost.attach(given.imagename)
    host.end()
    assert not lives(pid)
    with pytest.raises(KernelLostError, match="runs any more"):
        SessionHost.attach(given.imagename, timeout=2)


def test_nothing_to_attach_to(tmp_path):
    with pytest.raises(KernelLostError, match="runs any more"):
        SessionHost.attach(tmp_path / "none", timeout=2)


# -- how it does not begin --------------------------------------------------------------------------------------------


def test_what_cannot_work_is_refused_before_there_is_a_kernel(make_host, tmp_path):
    host = make_host(changes={"vis": str(tmp_path / "absent.ms")})
    with pytest.raises(ParameterError) as caught:
        host.start()
    assert caught.value.key == "vis"
    assert not host.alive
    assert not list(tmp_path.iterdir())


def test_an_unknown_kernel_names_the_known_ones(make_host):
    host = make_host(kernel_name="no-such-kernel")
    with pytest.raises(KernelStartError, match="no-such-kernel"):
        host.start()
    assert not host.alive


def test_a_kernel_without_the_package_says_so(make_host, tmp_path, monkeypatch):
    spoiled = tmp_path / "spoiled"
    (spoiled / "dsa110_vis").mkdir(parents=True)
    (spoiled / "dsa110_vis" / "__init__.py").write_text("")
    monkeypatch.setenv("PYTHONPATH", str(spoiled))
    host = make_host()
    monkeypatch.setattr("dsa110_vis.host.host.ask_desk", lambda *_words, **_options: [])
    with pytest.raises(KernelStartError, match=r"ModuleNotFoundError.*Install dsa110_vis"):
        host.start()
    assert not host.alive


def test_a_kernel_that_dies_at_once_says_what_it_printed(make_host, kernelspec):
    kernelspec("broken", [sys.executable, "-c", "import sys; sys.exit('I have no kernel.')"])
    host = make_host(kernel_name="broken")
    with pytest.raises(KernelStartError, match=r"exit code 1.*I have no kernel"):
        host.start()


def test_a_kernel_that_dies_while_the_session_is_made_is_noticed(make_host, tmp_path, monkeypatch):
    package = tmp_path / "spoiled" / "dsa110_vis" / "host"
    package.mkdir(parents=True)
    for folder in (package.parent, package):
        (folder / "__init__.py").write_text("")
    (package / "boot.py").write_text("import os\nos._exit(3)\n")
    monkeypatch.setenv("PYTHONPATH", str(package.parents[1]))
    monkeypatch.setattr("dsa110_vis.host.host.ask_desk", lambda *_words, **_options: [])
    begun = time.perf_counter()
    with pytest.raises(KernelStartError, match="exit code 3"):
        make_host().start(timeout=60)
    assert time.perf_counter() - begun < 30


def test_a_message_that_is_seen_only_when_the_next_one_comes_is_answered_all_the_same(host, monkeypatch):
    """So kernels have been seen to behave: what comes while they send is noticed with what comes after it."""
    held = []
    say = Kernel._say

    def late(kernel, *words):
        held.append(words)
        if len(held) > 1:
            say(kernel, *held.pop(0))

    monkeypatch.setattr(Kernel, "_say", late)
    assert host.request("hello", timeout=20).result["state"] == "ready"


def test_a_kernelspec_is_used(make_host, kernelspec):
    argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}", "--IPKernelApp.log_level=40"]
    kernelspec("mine", argv)
    host = make_host(kernel_name="mine")
    host.start()
    assert host.wait(timeout=60) is State.READY
    assert "log_level=40" in Path(f"/proc/{host.pid}/cmdline").read_text()


def test_a_provisioner_is_used(make_host, kernelspec, monkeypatch):
    found = KernelProvisionerFactory.instance().provisioners
    entry = EntryPoint("elsewhere", "placing:Elsewhere", KernelProvisionerFactory.GROUP_NAME)
    monkeypatch.setitem(found, "elsewhere", entry)
    argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    kernelspec("remote", argv, {"kernel_provisioner": {"provisioner_name": "elsewhere"}})
    host = make_host(kernel_name="remote")
    host.start()
    assert host.wait(timeout=60) is State.READY
    assert "PLACED=elsewhere" in Path(f"/proc/{host.pid}/environ").read_text()
    os.kill(host.pid, 9)
    with pytest.raises(KernelLostError, match="SIGKILL"):
        host.wait({State.FINISHED}, timeout=10)
    host.restart()
    assert host.wait(timeout=60) is State.READY


def test_killing_ends_a_start_that_is_under_way(make_host, kernelspec):
    kernelspec("sleepy", [sys.executable, "-c", "import threading; threading.Event().wait()"])
    host = make_host(kernel_name="sleepy")
    outcome = []

    def start():
        try:
            host.start()
        except KernelLostError as error:
            outcome.append(error)

    starting = threading.Thread(target=start)
    starting.start()
    until(lambda: host._holding._there is not None)
    begun = time.perf_counter()
    host.kill()
    starting.join(10)
    assert time.perf_counter() - begun < 3
    assert len(outcome) == 1
    assert not host.alive


def test_a_kernel_that_does_not_come_up_in_time(make_host, kernelspec):
    kernelspec("sleepy", [sys.executable, "-c", "import threading; threading.Event().wait()"])
    host = make_host(kernel_name="sleepy")
    with pytest.raises(KernelStartError, match="within 2 s"):
        host.start(timeout=2)
    assert not host.alive


@pytest.fixture
def kernelspec(tmp_path, monkeypatch):
    """Install kernelspecs that only this test sees."""

    def install(name, argv, metadata=None):
        folder = tmp_path / "jupyter" / "kernels" / name
        folder.mkdir(parents=True)
        spec = {"argv": argv, "display_name": name, "language": "python", "metadata": metadata or {}}
        (folder / "kernel.json").write_text(json.dumps(spec))

    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    return install


# -- views ------------------------------------------------------------------------------------------------------------


def test_a_view_asks_through_the_host(host):
    found, events, changed = {}, [], threading.Condition()

    def send(message, buffers):
        with changed:
            if message["kind"] == "event":
                events.append(message["event"])
            else:
                found[message["id"]] = message, buffers
            changed.notify_all()

    view = host.connect(send)
    view.receive({"kind": "request", "id": 5, "op": "hello", "params": {}})
    view.receive({"kind": "request", "id": "run", "op": "run", "params": {"cycles": 1}})
    view.receive({"kind": "request", "id": 6, "op": "masks", "params": {}})
    with changed:
        assert changed.wait_for(lambda: {5, "run", 6} <= set(found) and "done" in events, 60)
    assert found[5][0]["result"]["state"] == "ready"
    assert not found["run"][0]["result"]["command"].startswith(OWN)
    assert len(found[6][1]) == 1
    assert "cycle" in events
    os.kill(host.pid, 9)
    with changed:
        assert changed.wait_for(lambda: "lost" in events, 30)
    view.receive({"kind": "request", "id": 7, "op": "hello", "params": {}})
    assert found[7][0]["error"]["code"] == "kernel-lost"
    view.close()
    host.restart()
    assert events.count("lost") == 1
