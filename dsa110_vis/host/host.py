"""The owner's end of a clean session: starts its kernel, asks it, hears of it, and ends it."""

from __future__ import annotations

import logging
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from dsa110_vis.clean.checkpoints import INDEX
from dsa110_vis.clean.parameters import Parameters
from dsa110_vis.host.boot import CONNECTION
from dsa110_vis.host.commands import Commands
from dsa110_vis.host.desk import ask_desk
from dsa110_vis.host.errors import KernelLostError, KernelStartError, is_full
from dsa110_vis.host.holding import Holding
from dsa110_vis.host.latest import Latest
from dsa110_vis.host.wire import View, Wire
from dsa110_vis.paths import absolute_path
from dsa110_vis.view.lanes import Lane

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Collection, Coroutine, Mapping, Sequence
    from concurrent.futures import Future
    from types import TracebackType

    from dsa110_vis.clean.states import State
    from dsa110_vis.errors import Dsa110VisError
    from dsa110_vis.host.kernel import Kernel
    from dsa110_vis.view.protocol import Reply

    Listener = Callable[[str, dict[str, Any]], None]
    Send = Callable[[dict[str, Any], list[Any]], None]

__all__ = ["SessionHost"]

logger = logging.getLogger(__name__)

CHUNK_SECONDS = 0.5
START_SECONDS = 120.0
CLOSE_SECONDS = 10.0
"""How long the step in hand may go on when a session is closed."""
MOST_EVENTS = 100_000


class SessionHost(Commands):
    """A clean session in a kernel of its own, as its owner has it.

    Whatever happens to the kernel costs the owner nothing, and the session no more than what it did since its latest
    checkpoint. This process imports neither CASA nor casacore. All methods may be called from any thread, and listeners
    may call them; those that command a session return when the session has taken the command, and `wait` waits for what
    comes of it.

    Parameters
    ----------
    parameters : Parameters
        What to image, and how.
    kernel_name : str, optional
        Name of a Jupyter kernel that has this package; the Python that runs this by default.
    resume : bool
        Whether to go on with the session that is there already, from its latest checkpoint.
    outlive : bool
        Whether the session goes on when this process ends; `attach` finds it again.
    chunk_seconds : float or None
        What a chunk of minor iterations aims at; None for whole cycles.
    engine : str, optional
        ``"module:factory"`` of another imager than CASA.

    Examples
    --------
    >>> with SessionHost(parameters) as host:  # doctest: +SKIP
    ...     host.run(2)
    ...     host.wait()
    ...     host.convergence()
    """

    def __init__(
        self,
        parameters: Parameters,
        *,
        kernel_name: str | None = None,
        resume: bool = False,
        outlive: bool = False,
        chunk_seconds: float | None = CHUNK_SECONDS,
        engine: str | None = None,
    ) -> None:
        self._parameters = parameters
        self._kernel_name = kernel_name
        self._resume = resume
        self._outlive = outlive
        self._chunk_seconds = chunk_seconds
        self._engine = engine
        self._latest = Latest()
        self._wire = Wire(self._post, self._event, self._answer)
        self._listeners: list[Listener] = []
        self._mourners: list[Callable[[Dsa110VisError], None]] = []
        self._holding = Holding(self._wire.take, self._died, self._at_exit)
        self._telling = Lane("dsa110-vis-host-events", limit=MOST_EVENTS)
        self.warnings: list[str] = []

    # -- how it begins and ends -------------------------------------------------------------------------------------

    def start(self, timeout: float = START_SECONDS) -> None:
        """Check the parameters, start the kernel, and have the session begin.

        It makes PSF and dirty image, or goes on from its latest checkpoint.

        Parameters
        ----------
        timeout : float
            Seconds that the kernel may take to come up.

        Raises
        ------
        ParameterError
            If the session cannot work.
        SessionBusyError
            If another process holds it.
        KernelStartError
            If the kernel does not come up.
        """
        self._holding.allow()
        self.warnings = ask_desk("check", self._parameters.to_dict(), resume=self._resume)
        job = {
            "parameters": self._parameters.to_dict(),
            "resume": self._resume,
            "outlive": self._outlive,
            "chunk_seconds": self._chunk_seconds,
            "engine": self._engine,
        }
        self._begin(lambda kernel: kernel.start(self._kernel_name, job, timeout))
        try:
            self.request("start", timeout=timeout)
        except TimeoutError:
            self.kill()
            message = f"The session's kernel is up, but did not begin within {timeout:g} s."
            raise KernelStartError(message, "Try again when the machine is less busy.") from None

    @classmethod
    def attach(cls, imagename: str | os.PathLike[str], timeout: float = 10.0) -> Self:
        """Take up a session that was told to outlive its owner.

        Parameters
        ----------
        imagename : str or os.PathLike
            As in its parameters.
        timeout : float
            Seconds in which it must answer.

        Returns
        -------
        SessionHost
            The owner's end of it.

        Raises
        ------
        KernelLostError
            If it does not run any more.
        """
        file = Path(f"{absolute_path(imagename)}.session") / CONNECTION
        # what it images is known when it has answered
        host = cls(Parameters(), outlive=True)
        found = host._begin(lambda kernel: kernel.attach(file, timeout))
        host._parameters = Parameters.from_dict(found["parameters"])
        return host

    def restart(self, timeout: float = START_SECONDS) -> None:
        """Go on from the latest checkpoint in a new kernel; the present one is ended.

        Parameters
        ----------
        timeout : float
            Seconds that the new kernel may take to come up.
        """
        with self._holding.changing:
            self.kill()
            self._resume = self._resume or (Path(f"{self._parameters.imagename}.session") / INDEX).exists()
            self.start(timeout)

    def kill(self) -> None:
        """End the kernel at once, whatever it is doing; what the session did since its latest checkpoint is lost."""
        self._holding.end(lambda kernel: kernel.kill())

    def end(self, timeout: float = CLOSE_SECONDS) -> None:
        """End the session, after the chunk or the major cycle in hand if that does not take too long.

        Parameters
        ----------
        timeout : float
            Seconds after which the kernel is killed.
        """
        if self.alive:
            try:
                self.request("close", timeout=timeout)
            except (TimeoutError, KernelLostError):
                logger.info("The session did not close within %g s; its kernel is killed", timeout)
        self.kill()

    def close(self) -> None:
        """End the session, or let go of it if it outlives its owner; closing twice does nothing."""
        if self._outlive:
            self._holding.end(lambda kernel: kernel.close())
        else:
            self.end()

    def __enter__(self) -> Self:
        if not self.alive:
            self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # -- how it is doing --------------------------------------------------------------------------------------------

    @property
    def alive(self) -> bool:
        """Whether there is a kernel that runs."""
        return self._holding.alive

    @property
    def pid(self) -> int:
        """Number of the kernel's process, on whatever machine it is; 0 while that is not known."""
        return int((self._latest.facts.get("process") or {}).get("pid", 0))

    @property
    def parameters(self) -> Parameters:
        """The present parameters."""
        found = self._latest.facts.get("parameters")
        return self._parameters if found is None else Parameters.from_dict(found)

    @property
    def latest(self) -> dict[str, Any]:
        """How the session is doing, as far as its events tell (a copy).

        ``state``, ``reason``, ``failure``, ``progress``, ``cycle``, ``cycles``, ``parameters``, ``imagenames``, and
        ``folder``, as `CleanSession.summary` has them.
        """
        return self._latest.facts

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Be told of all events: those of the session, ``hello`` of a new kernel, and ``lost`` when one has ended.

        Parameters
        ----------
        listener : callable
            Takes the name and a dict; is called on a thread for this.

        Returns
        -------
        callable
            Ends it.
        """
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener) if listener in self._listeners else None

    def on_death(self, listener: Callable[[Dsa110VisError], None]) -> None:
        """Be told when a kernel has ended unasked.

        Parameters
        ----------
        listener : callable
            Takes the reason; is called on a thread for this.
        """
        self._mourners.append(listener)

    def wait(self, states: Collection[State] | None = None, timeout: float | None = None) -> State:
        """Wait until all commands are done and nothing goes on, or the session is in one of some states.

        Parameters
        ----------
        states : collection of State, optional
            Which.
        timeout : float, optional
            Seconds.

        Returns
        -------
        State
            The one it is in.

        Raises
        ------
        Dsa110VisError
            Why a command could not be done, why the session has failed, or how the kernel ended.
        TimeoutError
            If it took too long.
        """
        return self._latest.wait(states, timeout)

    # -- what it is told --------------------------------------------------------------------------------------------

    def submit(self, op: str, params: Mapping[str, Any] | None = None, buffers: Sequence[Any] = ()) -> Future[Reply]:
        """Ask the session something (`dsa110_vis.view.clean_session`), without waiting for the answer.

        Parameters
        ----------
        op : str
            The operation.
        params : mapping, optional
            Its parameters.
        buffers : sequence of bytes-like
            Binary data.

        Returns
        -------
        Future
            Of the reply.
        """
        return self._wire.request(op, params or {}, buffers)[1]

    def request(
        self,
        op: str,
        params: Mapping[str, Any] | None = None,
        buffers: Sequence[Any] = (),
        timeout: float | None = None,
    ) -> Reply:
        """Ask the session something, and wait for the answer.

        Parameters
        ----------
        op, params, buffers
            As for `submit`.
        timeout : float, optional
            Seconds.

        Returns
        -------
        Reply
            The answer.

        Raises
        ------
        Dsa110VisError
            What the session answered instead, or that its kernel has ended.
        TimeoutError
            If there was no answer in time.
        """
        ident, future = self._wire.request(op, params or {}, buffers)
        try:
            return future.result(timeout)
        except TimeoutError:
            self._wire.cancel(ident)
            message = f"The session did not answer {op!r} within {timeout} s."
            raise TimeoutError(message) from None

    def connect(self, send: Send) -> View:
        """Give a browser's view a way to the session.

        Parameters
        ----------
        send : callable
            Sends a message to the browser, given its JSON part and its buffers.

        Returns
        -------
        View
            Takes the messages from the browser, as a dispatcher does.
        """
        return self._wire.connect(send)

    # -- inside -----------------------------------------------------------------------------------------------------

    def _begin(self, come: Callable[[Kernel], Coroutine[Any, Any, Any]]) -> dict[str, Any]:
        def bring(kernel: Kernel) -> Coroutine[Any, Any, Any]:
            self._wire.mend()  # what is asked from now on waits for this kernel
            return come(kernel)

        return self._holding.begin(bring)

    def _at_exit(self) -> None:
        if self._outlive:
            self.close()
        else:
            self.kill()

    def _post(self, message: dict[str, Any], buffers: list[Any]) -> None:
        if not self._holding.post(message, buffers):
            self._wire.fail(KernelLostError("The session has no kernel.", "start() gives it one."))

    def _answer(self, message: dict[str, Any], _buffers: list[Any]) -> None:
        self._latest.accepted(message)

    def _event(self, event: str, data: dict[str, Any]) -> None:
        self._latest.event(event, data)
        if self._listeners:
            self._telling.submit(lambda: self._tell(event, data))

    def _tell(self, event: str, data: dict[str, Any]) -> None:
        for listener in list(self._listeners):
            try:
                listener(event, data)
            except Exception:
                logger.exception("A listener failed on %s", event)

    def _died(self, error: KernelLostError, asked: bool) -> None:  # noqa: FBT001  as the kernel tells
        folder = Path(f"{self._parameters.imagename}.session")
        if not asked and is_full(folder):
            error.hint = f"The disk of {folder} is full, at which CASA aborts: make room. {error.hint}"
        self._latest.lose(error, asked=asked)
        self._wire.fail(error)
        self._wire.tell("lost", {"asked": asked, "error": dict(error.describe())})
        if not asked:
            logger.error("%s", error.message)
            for listener in list(self._mourners):
                self._telling.submit(partial(listener, error))
