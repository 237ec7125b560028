"""Which versions run here, and which in a kernel: on a hub they live in two environments, and may not fit."""

from __future__ import annotations

import ast
import asyncio
import json
from typing import Any

from jupyter_server.auth.decorator import authorized
from jupyter_server.utils import ensure_async
from tornado import web

from dsa110_vis._version import __version__
from dsa110_vis.server.base import JsonHandler
from dsa110_vis.server.errors import NoKernelError
from dsa110_vis.versions import PACKAGES, versions

__all__ = ["VersionsHandler", "mismatches"]

RESOURCE = "dsa110_vis:versions"
KERNEL_SECONDS = 5.0

# Asked of the kernel. It is the same text for everybody, and needs nothing of this package there.
_EXPRESSION = (
    "(lambda json, metadata: json.dumps({name: next((d.version for d in metadata.distributions(name=name)), None)"
    f" for name in {['dsa110_vis', *PACKAGES]!r}}}))(__import__('json'), __import__('importlib.metadata').metadata)"
)


def mismatches(server: dict[str, str | None], kernel: dict[str, str | None]) -> list[dict[str, str | None]]:
    """Compare what a notebook needs on both sides.

    Parameters
    ----------
    server, kernel : dict
        Package to version; None where it is not installed.

    Returns
    -------
    list of dict
        With ``package``, ``server``, ``kernel`` and ``explanation``.
    """
    found = []
    for package, digits, consequence in (
        ("dsa110_vis", 3, "the panels and the widgets may differ from each other"),
        ("anywidget", 2, "widgets stay empty in the notebook"),
        ("ipywidgets", 1, "widgets cannot be shown"),
    ):
        ours, theirs = server.get(package), kernel.get(package)
        if theirs is None:
            why = f"{package} is not installed in the kernel's environment: pip install it there."
        elif ours is None:
            if package == "ipywidgets":
                continue  # the browser's side of it comes with JupyterLab's own extension
            why = f"{package} is not installed in the server's environment, so {consequence}: pip install it there."
        elif ours.split(".")[:digits] != theirs.split(".")[:digits]:
            why = f"{package} is {ours} in the server's environment and {theirs} in the kernel's, so {consequence}."
            why += f" Install {package}=={ours} in the kernel's environment."
        else:
            continue
        found.append({"package": package, "server": ours, "kernel": theirs, "explanation": why})
    return found


class VersionsHandler(JsonHandler):
    """Which versions the server runs and, if asked, a kernel."""

    auth_resource = RESOURCE
    _track_activity = False

    @web.authenticated
    @authorized(action="read", resource=RESOURCE)  # type: ignore[untyped-decorator]
    async def get(self) -> None:
        """Answer with the versions of this package and of what it stands on."""
        ours = versions()
        document: dict[str, Any] = {"dsa110_vis": __version__, "packages": ours}
        kernel_id = self.get_query_argument("kernel", "")
        if kernel_id:
            document["kernel"] = await self._of_kernel(kernel_id, {"dsa110_vis": __version__, **ours})
        self.finish(json.dumps(document))

    async def _of_kernel(self, kernel_id: str, ours: dict[str, str | None]) -> dict[str, Any]:
        # it makes the kernel run something
        if not await ensure_async(self.authorizer.is_authorized(self, self.current_user, "execute", "kernels")):
            raise web.HTTPError(403, "User is not authorized to execute on resource: kernels.")
        if kernel_id not in self.kernel_manager:
            message = f"There is no kernel {kernel_id[:60]!r}."
            raise NoKernelError(message, "It has ended, or the server was started anew.")
        try:
            async with asyncio.timeout(KERNEL_SECONDS):
                theirs = await self._ask(kernel_id)
        except TimeoutError:
            why = f"The kernel did not answer within {KERNEL_SECONDS:g} s: it is busy, or does not run."
            return {"id": kernel_id, "answered": False, "explanation": why}
        if theirs is None:
            why = "The kernel could not say what is installed: it may not run Python."
            return {"id": kernel_id, "answered": False, "explanation": why}
        different = mismatches(ours, theirs)
        own = theirs.pop("dsa110_vis", None)
        return {"id": kernel_id, "answered": True, "dsa110_vis": own, "packages": theirs, "mismatches": different}

    async def _ask(self, kernel_id: str) -> dict[str, str | None] | None:
        client: Any = self.kernel_manager.get_kernel(kernel_id).client()
        client.start_channels(shell=True, iopub=False, stdin=False, hb=False, control=False)  # noqa: S604  a kernel's channel
        try:
            asked = client.execute("", silent=True, store_history=False, user_expressions={"versions": _EXPRESSION})
            while True:
                reply = await client.get_shell_msg()
                if reply["parent_header"].get("msg_id") == asked:
                    return _read(reply["content"])
        finally:
            client.stop_channels()


def _read(content: dict[str, Any]) -> dict[str, str | None] | None:
    """Read the kernel's answer, which is data from somewhere else: nothing of it is taken on trust."""
    try:
        text = ast.literal_eval(content["user_expressions"]["versions"]["data"]["text/plain"])
        found = json.loads(text)
        return {str(name): None if version is None else str(version) for name, version in found.items()}
    except (KeyError, TypeError, ValueError, SyntaxError, AttributeError):
        return None
