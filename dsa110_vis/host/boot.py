"""What runs first in the kernel of a clean session: it makes the session and answers for it.

The owner sends one JSON text and nothing else: no text of a user becomes code.
"""

from __future__ import annotations

import json
import logging
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dsa110_vis.clean.states import State
from dsa110_vis.errors import Dsa110VisError, OutputError
from dsa110_vis.host.orphan import release
from dsa110_vis.view.protocol import described

if TYPE_CHECKING:
    from dsa110_vis.clean.session import CleanSession
    from dsa110_vis.view.dispatcher import Dispatcher

__all__ = ["CONNECTION", "TARGET", "boot"]

TARGET = "dsa110_vis.clean"
"""Name of the comm through which the owner speaks."""
CONNECTION = "kernel.json"
"""In the folder of a session that outlives its owner: how to reach its kernel."""
LOG = "session.log"


def boot(text: str) -> None:
    """Make the session, and wait for its owner to open a comm.

    Parameters
    ----------
    text : str
        JSON: ``parameters``, ``resume``, ``outlive``, ``chunk_seconds``, and ``engine`` ("module:factory" or null).
    """
    job = json.loads(text)
    session: CleanSession | None = None
    failure: Dsa110VisError | None = None
    try:
        session = _make(job)
    except Dsa110VisError as error:
        failure = error
    _serve(session, failure)


def _make(job: dict[str, Any]) -> CleanSession:
    from dsa110_vis.clean.parameters import Parameters  # noqa: PLC0415  the log is set up before all else
    from dsa110_vis.clean.session import CleanSession  # noqa: PLC0415
    from dsa110_vis.work.serve import resolve  # noqa: PLC0415

    session = CleanSession(
        Parameters.from_dict(job["parameters"]),
        engine=None if job["engine"] is None else resolve(job["engine"]),
        resume=job["resume"],
        chunk_seconds=job["chunk_seconds"],
    )
    _settle_in(session.folder)
    if job["outlive"]:
        _leave_word_when_held(session)
    return session


def _settle_in(folder: Path) -> None:
    """Work in the session's folder, and print into its log.

    A kernel passes on what is printed, also by C++; a major cycle prints so much that other messages could be dropped.
    """
    try:
        folder.mkdir(exist_ok=True)
        os.chdir(folder)
        log = os.open(LOG, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
    except OSError as error:
        message = f"The session's folder {folder} cannot be used: {error.strerror or error}."
        raise OutputError(message, "Choose an image name in a folder that you may write to.") from None
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    for descriptor in (1, 2):
        os.dup2(log, descriptor)
    sys.stdout = os.fdopen(os.dup(log), "w", buffering=1)
    sys.stderr = os.fdopen(log, "w", buffering=1)
    logging.basicConfig(
        stream=sys.stderr, level=logging.INFO, force=True, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )


def _leave_word_when_held(session: CleanSession) -> None:
    """Leave word as soon as the session is this process's: before, the folder may be that of another one."""

    def listen(event: str, data: dict[str, Any]) -> None:
        if event == "state" and data["state"] not in (State.STARTING, State.FAILED):
            unlisten()
            _leave_word(session.folder)
            release()

    unlisten = session.listen(listen)


def _leave_word(folder: Path) -> None:
    """Write down how to reach this kernel, for its user alone."""
    from ipykernel.connect import get_connection_file  # noqa: PLC0415

    fresh = folder / f"{CONNECTION}.{os.getpid()}"
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(Path(get_connection_file()).read_text())
    fresh.replace(folder / CONNECTION)


def _serve(session: CleanSession | None, failure: Dsa110VisError | None) -> None:
    from comm import get_comm_manager  # noqa: PLC0415  part of every kernel

    from dsa110_vis.view.clean_session import connect  # noqa: PLC0415

    def opened(comm: Any, _message: dict[str, Any]) -> None:
        if session is None:
            assert failure is not None  # noqa: S101  one of the two is there
            error = described(failure)
            comm.on_msg(
                lambda message: comm.send(
                    {"kind": "response", "id": message["content"]["data"].get("id"), "ok": False, "error": error}
                )
            )
            return
        dispatcher: Dispatcher = connect(session, lambda message, buffers: comm.send(message, buffers=buffers))
        comm.on_msg(lambda message: dispatcher.receive(message["content"]["data"], message["buffers"]))
        comm.on_close(lambda _message: dispatcher.close())

    get_comm_manager().register_target(TARGET, opened)
