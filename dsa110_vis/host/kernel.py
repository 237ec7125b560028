"""One kernel: how it starts, what goes to and fro, and how it ends. All of it runs on one event loop.

Nothing but Jupyter's channels is used, so that a provisioner may put the kernel elsewhere.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import signal
import socket
import sys
import tempfile
import uuid
from collections.abc import Callable
from queue import Empty
from typing import IO, TYPE_CHECKING, Any

from jupyter_client.kernelspec import KernelSpec, KernelSpecManager, NoSuchKernel
from jupyter_client.manager import AsyncKernelManager

from dsa110_vis.host.boot import TARGET
from dsa110_vis.host.errors import KernelLostError, KernelStartError, error_from, how_it_ended

if TYPE_CHECKING:
    from pathlib import Path

    from jupyter_client.asynchronous.client import AsyncKernelClient

__all__ = ["Kernel"]

logger = logging.getLogger(__name__)

OWN = "python3"
ALIVE_SECONDS = 0.2
"""How often is looked whether the kernel lives."""
ANSWER_SECONDS = 0.3
"""After so long without an answer the first question is asked again: what a kernel says before it is heard is lost."""
NUDGE_SECONDS = 1.0
"""How often a kernel is nudged that owes an answer."""
SILENT_SECONDS = 5.0
"""A kernel on another machine that was silent for so long is taken for dead."""
GONE_SECONDS = 1.0
"""How long to wait for the end of a process that was killed, which the system may hold up."""
PRINTED = 2000
GO_ON = "restart() goes on from the latest checkpoint."

Take = Callable[[dict[str, Any], list[Any]], None]


class _OwnPython(KernelSpecManager):
    """Knows one kernel: the Python that runs this."""

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        argv += ["--HistoryManager.hist_file=:memory:"]
        argv += [f"--IPKernelApp.exec_lines=from dsa110_vis.host.orphan import watch; watch({os.getpid()})"]
        return KernelSpec(argv=argv, display_name=kernel_name, language="python")


class Kernel:
    """A kernel and the comm to the session in it.

    Parameters
    ----------
    take : callable
        Takes each message of the session with its buffers.
    died : callable
        Takes the reason when the kernel has ended, and whether it was told to; once.
    """

    def __init__(self, take: Take, died: Callable[[KernelLostError, bool], None]) -> None:
        self._take, self._died = take, died
        self._manager: AsyncKernelManager | None = None
        self._client: AsyncKernelClient | None = None
        self._printed: IO[bytes] | None = None
        self._comm = uuid.uuid4().hex
        self._process: dict[str, Any] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._beginning: asyncio.Task[Any] | None = None
        self._hello: asyncio.Future[dict[str, Any]] | None = None
        self._early: list[tuple[dict[str, Any], list[Any]]] = []  # for the session, before it can be spoken to
        self._ahead: list[tuple[dict[str, Any], list[Any]]] = []  # from the session, before it has said how it is
        self._silent = 0.0
        self._unanswered: set[str | int] = set()
        self._lost: KernelLostError | None = None
        self._asked = False

    @property
    def lost(self) -> KernelLostError | None:
        """How it ended; None while it runs."""
        return self._lost

    # -- how it begins ----------------------------------------------------------------------------------------------

    async def start(self, name: str | None, job: dict[str, Any], timeout: float) -> dict[str, Any]:  # noqa: ASYNC109  of all steps
        """Start a kernel and the session in it.

        Parameters
        ----------
        name : str or None
            Name of the kernelspec; None for the Python that runs this.
        job : dict
            What the session is to be, as `boot` takes it.
        timeout : float
            Seconds that all of it may take.

        Returns
        -------
        dict
            What the session says of itself.

        Raises
        ------
        KernelStartError
            If there is no such kernel, or it does not come up, or cannot import what it needs.
        Dsa110VisError
            Why there cannot be such a session.
        """
        specs = _OwnPython() if name is None else KernelSpecManager()
        manager = self._manager = AsyncKernelManager(kernel_name=name or OWN, kernel_spec_manager=specs)
        try:
            self._begin()
            async with asyncio.timeout(timeout):
                await self._launch(manager, independent=job["outlive"])
                await self._boot(job)
                return await self._meet()
        except TimeoutError:
            said = self._said()
            await self.kill()
            message = f"The session's kernel did not come up within {timeout:g} s."
            raise KernelStartError(message, said or "Try again when the machine is less busy.") from None
        except BaseException:
            await self.kill()
            raise

    def give_up(self) -> None:
        """Break off `start` or `attach`, which let go of everything before they end as cancelled."""
        self._asked = True
        task, self._beginning = self._beginning, None  # once: a second time would break off the letting go
        if task is not None:
            task.cancel()

    def _begin(self) -> None:
        if self._asked:
            raise asyncio.CancelledError
        self._beginning = asyncio.current_task()

    async def _launch(self, manager: AsyncKernelManager, *, independent: bool) -> None:
        self._printed = tempfile.TemporaryFile()  # noqa: SIM115  as long as the kernel
        output = self._printed.fileno()
        try:
            # threads of OpenMP that wait for one another sleep: as quick, and two sessions are in each other's way less
            env = {"OMP_WAIT_POLICY": "passive", **os.environ, "MPLBACKEND": "Agg"}
            await manager.start_kernel(env=env, independent=independent, stdout=output, stderr=output)
        except NoSuchKernel as error:
            message = f"There is no kernel {error.name!r}."
            known = ", ".join(sorted(KernelSpecManager().find_kernel_specs()))
            raise KernelStartError(message, f"There are: {known}." if known else "") from None
        except Exception as error:  # noqa: BLE001  a provisioner may raise anything
            message = f"The session's kernel cannot be started: {type(error).__name__}: {str(error)[:300]}"
            raise KernelStartError(message, "Choose another kernel_name, or install ipykernel.") from None
        self._client = manager.client()
        self._client.start_channels(stdin=False, hb=False)
        try:
            await self._client.wait_for_ready()
        except RuntimeError:
            message = f"The session's kernel ended before it was up ({await self._reason()})."
            raise KernelStartError(message, self._said()) from None
        self._watch()

    async def _boot(self, job: dict[str, Any]) -> None:
        client = self._channels()
        # repr of a JSON text is a literal, and nothing else of the caller is in the code
        code = f"from dsa110_vis.host.boot import boot\nboot({json.dumps(job)!r})"
        asked = client.execute(code, silent=True, store_history=False, allow_stdin=False)
        reply: dict[str, Any] = {"parent_header": {}}
        while reply["parent_header"].get("msg_id") != asked:
            try:
                reply = await client.get_shell_msg(timeout=NUDGE_SECONDS)
            except Empty:
                if self._lost is not None:
                    message = f"The session's kernel ended before the session was made ({await self._reason()})."
                    raise KernelStartError(message, self._said()) from None
                client.kernel_info()  # a nudge
        if reply["content"]["status"] != "ok":
            said = f"{reply['content'].get('ename')}: {reply['content'].get('evalue')}"
            message = f"The session cannot be made in its kernel: {said[:300]}"
            raise KernelStartError(message, "Install dsa110_vis, in the same version, where the kernel runs.")

    async def attach(self, file: Path, timeout: float) -> dict[str, Any]:  # noqa: ASYNC109  of all steps
        """Speak to a kernel that runs already.

        Parameters
        ----------
        file : pathlib.Path
            Its connection file.
        timeout : float
            Seconds that it may take.

        Returns
        -------
        dict
            What the session says of itself.

        Raises
        ------
        KernelLostError
            If it does not run any more.
        """
        from jupyter_client.asynchronous.client import AsyncKernelClient  # noqa: PLC0415

        try:
            self._begin()
            async with asyncio.timeout(timeout):
                client = self._client = AsyncKernelClient(connection_file=str(file))
                client.load_connection_file()
                client.start_channels(stdin=False, hb=True)
                self._watch()
                return await self._meet()
        except (OSError, ValueError, KeyError, KernelLostError):  # TimeoutError is an OSError
            await self.close()
            message = f"No session runs any more that {file} would lead to."
            raise KernelLostError(message, "Resume it, from its latest checkpoint.") from None
        except BaseException:
            await self.close()
            raise

    def _watch(self) -> None:
        self._tasks = [asyncio.ensure_future(work) for work in (self._look(), self._read(), self._nudge())]
        for task in self._tasks:
            task.add_done_callback(self._watched)

    def _watched(self, task: asyncio.Task[None]) -> None:
        """Take it as the end if nobody watches any more: who waits would wait for ever."""
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.error("The session's kernel is not heard any more", exc_info=error)
            self._end(f"it is not heard any more: {type(error).__name__}")

    async def _meet(self) -> dict[str, Any]:
        """Open the comm, and ask until there is an answer: what a kernel says before it is heard is lost."""
        self._hello = asyncio.get_running_loop().create_future()
        self._say("comm_open", {"target_name": TARGET, "data": {}})
        while not self._hello.done():
            if self._lost is not None:
                raise self._lost
            self._tell({"kind": "request", "id": "hello", "op": "hello", "params": {}}, [])
            await asyncio.wait([self._hello], timeout=ANSWER_SECONDS)
        found = self._hello.result()
        self._process = found.get("process") or {}
        self._beginning = None
        early, self._early = self._early, []
        for message, buffers in early:
            self._tell(message, buffers)
        return found

    @property
    def _met(self) -> bool:
        return self._hello is not None and self._hello.done()

    # -- to and fro -------------------------------------------------------------------------------------------------

    def send(self, message: dict[str, Any], buffers: list[Any]) -> None:
        """Send a message to the session.

        Parameters
        ----------
        message : dict
            Its JSON part.
        buffers : list of bytes-like
            Its binary part.
        """
        if self._lost is not None:
            return  # who waits has been told
        if self._met:
            self._tell(message, buffers)
        else:  # a kernel drops what comes before it knows the comm
            self._early.append((message, buffers))

    def _tell(self, message: dict[str, Any], buffers: list[Any]) -> None:
        if message["kind"] == "request":
            self._unanswered.add(message["id"])
        self._say("comm_msg", {"data": message}, buffers)

    async def _nudge(self) -> None:
        """Send the kernel a message that means nothing now and then while it owes an answer.

        ipykernel can miss that a message has come while it sends one, and sees it only when the next one comes.
        """
        while True:
            await asyncio.sleep(NUDGE_SECONDS)
            if self._unanswered:
                self._tell({"kind": "cancel", "id": "nudge"}, [])

    def _say(self, kind: str, content: dict[str, Any], buffers: list[Any] | None = None) -> None:
        client = self._channels()
        message = client.session.msg(kind, {"comm_id": self._comm, **content})
        message["buffers"] = buffers or []
        client.shell_channel.send(message)

    def _channels(self) -> AsyncKernelClient:
        if self._client is None:
            raise self._lost or KernelLostError("The session's kernel is gone.", GO_ON)
        return self._client

    async def _read(self) -> None:
        while True:
            try:
                message = await self._channels().get_iopub_msg()
                ours = message["msg_type"] == "comm_msg" and message["content"]["comm_id"] == self._comm
            except (ValueError, TypeError, KeyError):  # signed with another key, or damaged
                logger.warning("A message of the session's kernel could not be read", exc_info=True)
                continue
            if ours:
                try:
                    self._hear(message["content"]["data"], message["buffers"])
                except Exception:
                    logger.exception("A message of the session's kernel could not be handled")

    def _hear(self, message: dict[str, Any], buffers: list[Any]) -> None:
        hello = self._hello
        self._unanswered.discard(message.get("id", ""))
        if message.get("id") != "hello":
            if self._met:
                self._take(message, buffers)
            else:  # it may be newer than the answer to hello, which must not undo it
                self._ahead.append((message, buffers))
        elif hello is not None and not hello.done():
            if not message.get("ok"):
                hello.set_exception(error_from(message.get("error") or {}))
                return
            hello.set_result(message["result"])
            self._take({"kind": "event", "event": "hello", "data": message["result"]}, [])
            ahead, self._ahead = self._ahead, []
            for other, parts in ahead:
                self._take(other, parts)

    # -- how it ends ------------------------------------------------------------------------------------------------

    async def _look(self) -> None:
        while await self._lives():  # noqa: ASYNC110  no event tells of it
            await asyncio.sleep(ALIVE_SECONDS)
        self._end(await self._reason())

    async def _lives(self) -> bool:
        if self._manager is not None:
            return bool(await self._manager.is_alive())
        pid = self._pid()
        if pid and not _lives(pid):
            return False
        beating = bool(self._channels().hb_channel.is_beating())
        self._silent = 0.0 if beating else self._silent + ALIVE_SECONDS
        return self._silent < SILENT_SECONDS

    def _pid(self) -> int:
        """Give the number of a process of this machine that was attached to; 0 where there is none."""
        return int(self._process["pid"]) if self._process.get("host") == socket.gethostname() else 0

    async def _reason(self) -> str:
        code = None
        if self._manager is not None and self._manager.provisioner is not None:
            code = await self._manager.provisioner.poll()
        return how_it_ended(code)

    def _said(self) -> str:
        """Give the end of what it printed before it had a log."""
        if self._printed is None:
            return ""
        size = os.fstat(self._printed.fileno()).st_size
        return os.pread(self._printed.fileno(), PRINTED, max(size - PRINTED, 0)).decode("utf-8", "replace").strip()

    def _end(self, reason: str) -> None:
        if self._lost is None:
            message = (
                "The session's kernel was ended." if self._asked else f"The session's kernel has ended ({reason})."
            )
            self._lost = KernelLostError(message, GO_ON)
            if self._hello is not None and not self._hello.done():
                self._hello.set_exception(self._lost)
                self._hello.exception()  # nobody may be waiting for it any more
            self._died(self._lost, self._asked)

    async def kill(self) -> None:
        """End the kernel at once, whatever it is doing, and let go of it."""
        self._asked, self._beginning = True, None
        if self._manager is not None and self._manager.provisioner is not None:
            await self._manager.provisioner.kill()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._manager.provisioner.wait(), GONE_SECONDS)
        elif pid := self._pid():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(asyncio.gather(*self._tasks[:1], return_exceptions=True), GONE_SECONDS)
        await self.close()

    async def close(self) -> None:
        """Let go of the kernel, whether it runs or not."""
        self._asked, self._beginning = True, None
        self._end("")
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []
        client, self._client = self._client, None
        if client is not None:
            client.stop_channels()
            client.context.destroy(linger=0)
        if self._manager is not None:
            await self._manager.cleanup_resources()
            self._manager = None
        if self._printed is not None:
            self._printed.close()
            self._printed = None


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
