"""The operations of a clean session: a session on one side, a dispatcher on the other.

What takes long is answered when it is accepted, with the id under which the event ``done`` tells how it ended.
"""

from __future__ import annotations

import os
import socket
import threading
import time
import uuid
from typing import TYPE_CHECKING, Any

from dsa110_vis.errors import CleanError, Dsa110VisError, SessionStateError
from dsa110_vis.view.clean_images import NAMES, ImageWindows, image_path
from dsa110_vis.view.clean_packing import MASK_AXES, Gathering, pack_columns, pack_masks, parts_of, unpack_masks
from dsa110_vis.view.dispatcher import Call, Dispatcher, Send
from dsa110_vis.view.protocol import DOWN_BYTES, Reply, RequestError, described

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

    from dsa110_vis.clean.session import CleanSession

__all__ = ["connect"]

PROGRESS_SECONDS = 0.1
"""Progress is sent no more often than this."""
COMMANDS = ("start", "run", "finish", "restore", "undo", "redo", "go_to", "set_parameters", "set_masks")
QUICK = ("hello", "pause", "stop", "code", "convergence", "masks", "part")


def connect(session: CleanSession, send: Send, *, name: str = "dsa110-vis-clean") -> Dispatcher:
    """Give a session a dispatcher.

    Parameters
    ----------
    session : CleanSession
        Does what is asked; its events are sent.
    send : callable
        Sends a message to the owner.
    name : str
        For the names of the threads.

    Returns
    -------
    Dispatcher
        Takes the messages from the owner. Closing it also stops the events, and leaves the session as it is.
    """
    return _Connected(session, send, name)


class _Connected(Dispatcher):
    def __init__(self, session: CleanSession, send: Send, name: str) -> None:
        super().__init__(send, name=name)
        self._session = session
        self._windows = ImageWindows()
        self._gathering = Gathering()
        self._packed: tuple[str, list[bytes]] = ("", [])
        self._thinned: list[int] = []
        self._progress = _Progress(lambda data: self.emit("progress", data))
        for op in (*COMMANDS, *QUICK):
            self.register(op, getattr(self, f"_{op}_op"))
        for op in ("image", "close"):
            self.register(op, getattr(self, f"_{op}_op"), slow=True)
        self._unlisten = session.listen(self._event)

    def close(self) -> None:
        """Answer nothing more and send no events."""
        self._unlisten()
        self._progress.drop()
        self._windows.close()
        super().close()

    # -- events -----------------------------------------------------------------------------------------------------

    def _event(self, event: str, data: dict[str, Any]) -> None:
        if event == "progress":
            self._progress.tell(data)
            return
        if event == "state":
            self._progress.drop()  # of what is over
        self.emit(event, {key: _plain_error(value) for key, value in data.items()})
        if event == "cycle":
            thinned = [entry["id"] for entry in self._session.cycles if not entry["kept"]]
            if thinned != self._thinned:
                self._thinned = thinned
                self.emit("thinned", {"cycles": thinned})

    # -- commands ---------------------------------------------------------------------------------------------------

    def _accepted(self, call: Call, command: Future[Any]) -> dict[str, Any]:
        def done(future: Future[Any]) -> None:
            error = None if future.cancelled() else future.exception()
            session = self._session
            came_to: dict[str, Any] = {"cycle": session.cycle, "imagenames": session.imagenames}
            if call.op == "start":
                came_to["cycles"] = session.cycles  # a resumed session has some that no event told of
            self.emit("done", {"command": call.id, "op": call.op, "error": _plain_error(error), **came_to})

        command.add_done_callback(done)
        return {"command": call.id}

    def _start_op(self, call: Call) -> dict[str, Any]:
        return self._accepted(call, self._session.start())

    def _run_op(self, call: Call) -> dict[str, Any]:
        cycles = call.params.integer("cycles") if call.params.given("cycles") else None
        return self._accepted(call, self._session.run(cycles))

    def _finish_op(self, call: Call) -> dict[str, Any]:
        return self._accepted(call, self._session.finish())

    def _restore_op(self, call: Call) -> dict[str, Any]:
        return self._accepted(call, self._session.restore())

    def _undo_op(self, call: Call) -> dict[str, Any]:
        return self._accepted(call, self._session.undo())

    def _redo_op(self, call: Call) -> dict[str, Any]:
        return self._accepted(call, self._session.redo())

    def _go_to_op(self, call: Call) -> dict[str, Any]:
        return self._accepted(call, self._session.go_to(call.params.integer("cycle")))

    def _set_parameters_op(self, call: Call) -> dict[str, Any]:
        return self._accepted(call, self._session.set_parameters(**call.params.mapping("changes")))

    def _set_masks_op(self, call: Call) -> dict[str, Any]:
        if len(call.buffers) != 1:
            message = "A mask comes in one buffer a message."
            raise RequestError(message)
        shapes = [list(shape) for shape in call.params.rows("shapes", MASK_AXES)]
        wanted = [list(mask.shape) for mask in self._session.masks]
        if shapes != wanted:
            if not wanted:
                message = "The session has no images yet that a mask could be for."
                raise SessionStateError(message, "Wait for the dirty image.")
            message = f"Masks of the shapes {shapes} do not fit the images."
            raise RequestError(message, f"One for each field is needed (Stokes, channels, y, x): {wanted}.")
        get = call.params.integer
        data = self._gathering.take(
            call.params.text("token", ""), get("part", 0), get("parts", 1), bytes(call.buffers[0]), shapes
        )
        if data is None:
            return {"part": get("part", 0)}
        return self._accepted(call, self._session.set_masks(unpack_masks(shapes, data)))

    def _pause_op(self, _call: Call) -> None:
        self._session.pause()

    def _stop_op(self, _call: Call) -> None:
        self._session.stop()

    def _close_op(self, _call: Call) -> None:
        self._session.close()

    # -- looking ----------------------------------------------------------------------------------------------------

    def _hello_op(self, _call: Call) -> dict[str, Any]:
        """Tell an owner that has just come, perhaps in the middle of the work, everything."""
        return {**self._session.summary(), "process": {"pid": os.getpid(), "host": socket.gethostname()}}

    def _code_op(self, _call: Call) -> dict[str, Any]:
        from dsa110_vis.clean.tclean_call import to_tclean  # noqa: PLC0415  seldom asked for

        return {"code": to_tclean(self._session.parameters)}

    def _convergence_op(self, call: Call) -> Reply:
        result, buffers = pack_columns(self._session.convergence, max(call.params.integer("start", 0), 0), DOWN_BYTES)
        return Reply({**result, "cycle": self._session.cycle}, buffers)

    def _masks_op(self, _call: Call) -> Reply:
        shapes, data = pack_masks(self._session.masks)
        parts = list(parts_of(data, DOWN_BYTES))
        self._packed = (uuid.uuid4().hex, parts)
        return Reply({"shapes": shapes, "parts": len(parts), "token": self._packed[0]}, parts[:1])

    def _part_op(self, call: Call) -> Reply:
        token, parts = self._packed
        index = call.params.integer("index")
        if call.params.text("token") != token or not 0 <= index < len(parts):
            message = "This part of the masks is not there any more."
            raise RequestError(message, "Ask for the masks again.")
        return Reply({"index": index}, [parts[index]])

    def _image_op(self, call: Call) -> Reply:
        get = call.params.integer
        names = self._session.imagenames
        field = get("field", 0)
        if not 0 <= field < len(names):
            message = f"There is no field {field}."
            raise RequestError(message, f"The session has {len(names)}, counted from 0.")
        path = image_path(
            names[field],
            call.params.text("name", allowed=NAMES),
            get("term", 0),
            terms=self._session.parameters.deconvolver == "mtmfs",
        )
        box = get("x", 0), get("y", 0), get("width", 0), get("height", 0)
        facts, pixels = self._windows.read(path, get("channel", 0), get("stokes", 0), box)
        return Reply({**facts, "path": path}, [pixels])


class _Progress:
    """Lets the latest progress through, not more often than `PROGRESS_SECONDS`."""

    def __init__(self, send: Callable[[dict[str, Any]], None]) -> None:
        self._send = send
        self._lock = threading.Lock()
        self._latest: dict[str, Any] | None = None
        self._timer: threading.Timer | None = None
        self._sent = 0.0

    def tell(self, data: dict[str, Any]) -> None:
        with self._lock:
            wait = self._sent + PROGRESS_SECONDS - time.monotonic()
            if wait > 0:
                self._latest = data
                if self._timer is None:
                    self._timer = threading.Timer(wait, self._later)
                    self._timer.daemon = True
                    self._timer.start()
                return
            self._sent = time.monotonic()
            self._latest = None
            self._send(data)

    def drop(self) -> None:
        with self._lock:
            self._latest = None

    def _later(self) -> None:
        with self._lock:
            data, self._latest, self._timer = self._latest, None, None
            if data is not None:
                self._sent = time.monotonic()
                self._send(data)


def _plain_error(value: Any) -> Any:
    if isinstance(value, Dsa110VisError):
        return described(value)
    if isinstance(value, BaseException):
        said = f"{type(value).__name__}: {str(value)[:200]}"
        return described(CleanError(f"The session failed: {said}", "The session's log has the details."))
    return value
