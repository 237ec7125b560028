"""CASA in a process of its own: offline, silent, without a trace in the home or working folder.

CASA and python-casacore are two builds of the same C++ library; in one process they crash. CASA also wants the network,
``~/.casa`` and a log file in the working folder when it is imported. So it never is imported here: `run_casa` starts a
Python process with a configuration of its own, hands it code and JSON arguments, and brings back a JSON result.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from dsa110_vis.errors import DependencyError, Dsa110VisError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "CASA_HINT",
    "LOG",
    "CasaError",
    "CasaStatus",
    "casa_data_folder",
    "casa_settings",
    "casa_status",
    "run_casa",
]

CASA_HINT = "Install CASA's Python packages: pip install 'dsa110_vis[casa]'"
"""What to do where CASA is absent."""

LOG = "casa.log"
"""Name of CASA's log in the folder that it is given."""

_PACKAGES = ("casatools", "casatasks", "casadata")

_BOOTSTRAP = """\
import json, sys
job = json.load(sys.stdin)
scope = {"__name__": "__main__", "arguments": job["arguments"], "result": None}
exec(compile(job["code"], "<casa code>", "exec"), scope)
with open(job["answer"], "w") as file:
    json.dump(scope["result"], file)
"""


class CasaError(Dsa110VisError):
    """Code that was run in a CASA process failed.

    Parameters
    ----------
    message : str
        One sentence: what failed.
    hint : str, optional
        What to do.
    output : str
        The end of what the process printed and of CASA's log.
    """

    code: ClassVar[str] = "casa-failed"
    http_status: ClassVar[int] = 500

    def __init__(self, message: str, hint: str = "", *, output: str = "") -> None:
        super().__init__(message, hint)
        self.output = output


@dataclass(frozen=True)
class CasaStatus:
    """Whether CASA can be used here.

    Attributes
    ----------
    versions : dict of str to str
        The installed ones of casatools, casatasks and casadata, with their versions.
    missing : tuple of str
        Those of the three that are not installed.
    starts : bool
        Whether CASA starts offline, on the data of casadata.
    detail : str
        One sentence: why not, or that it does.
    """

    versions: dict[str, str]
    missing: tuple[str, ...]
    starts: bool
    detail: str


def casa_data_folder() -> Path:
    """Find the folder with CASA's run-time data, without importing anything of CASA.

    Returns
    -------
    pathlib.Path
        The data folder of the installed casadata package.

    Raises
    ------
    DependencyError
        Where casadata is not installed.
    """
    spec = importlib.util.find_spec("casadata")
    if spec is None or not spec.submodule_search_locations:
        message = "The package casadata, which holds CASA's data, is not installed."
        raise DependencyError(message, CASA_HINT)
    return Path(spec.submodule_search_locations[0]) / "__data__"


def casa_settings(folder: Path) -> dict[str, Any]:
    """Give what casaconfig is told: it decides where CASA looks for its data and whether it goes to the network.

    Parameters
    ----------
    folder : pathlib.Path
        For CASA's log and cache.

    Returns
    -------
    dict
        Values by the names of casaconfig.

    Raises
    ------
    DependencyError
        Where casadata is not installed.
    """
    data = str(casa_data_folder())
    return {
        "measurespath": data,
        "datapath": [data],
        "measures_auto_update": False,
        "data_auto_update": False,
        "skipnetworkcheck": True,
        "logfile": str(folder / LOG),
        "log2term": False,
        "nologger": True,
        "nogui": True,
        "agg": True,
        "cachedir": str(folder),
        "startupfile": "",
        "casaconfig_verbose": 0,
    }


def run_casa(
    code: str,
    arguments: Mapping[str, Any] | None = None,
    *,
    timeout: float | None = None,
) -> Any:
    """Run Python code that uses casatools or casatasks, in a process of its own.

    The process needs neither the network nor a ``~/.casa`` folder, prints nothing, and works in a temporary folder that
    is removed afterwards with CASA's log and whatever else was left in it: give absolute paths.

    Parameters
    ----------
    code : str
        Python source. It finds the arguments as the dict ``arguments`` and may set ``result``.
    arguments : mapping of str, optional
        Anything that JSON can hold.
    timeout : float, optional
        Seconds after which the process is killed; None waits for ever.

    Returns
    -------
    object
        What the code left in ``result``, through JSON; None if it set nothing.

    Raises
    ------
    DependencyError
        Where CASA is not installed.
    CasaError
        When the code raises, the process dies, or the time is over.
    """
    missing = _missing_packages()
    if missing:
        message = (
            f"CASA is needed here, and {' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} not installed."
        )
        raise DependencyError(message, CASA_HINT)
    with tempfile.TemporaryDirectory(prefix="dsa110-vis-casa-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        work = folder / "work"
        work.mkdir()
        log = folder / LOG
        answer = folder / "answer.json"
        config = folder / "config.py"
        config.write_text(
            "".join(f"{key} = {value!r}\n" for key, value in casa_settings(folder).items()), encoding="utf-8"
        )
        job = json.dumps({"code": code, "arguments": dict(arguments or {}), "answer": str(answer)})
        command = [sys.executable, "-P", "-c", _BOOTSTRAP, "--nositeconfig", "--configfile", str(config)]
        try:
            done = subprocess.run(  # noqa: S603 - our own interpreter, our own bootstrap
                command,
                input=job,
                cwd=work,
                env={**os.environ, "MPLBACKEND": "Agg"},
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                timeout=timeout,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            message = f"CASA did not finish within {timeout:g} s and was stopped."
            raise CasaError(message, output=_tail(log)) from error
        if done.returncode != 0 or not answer.exists():
            output = f"{done.stdout}\n{_tail(log)}".strip()
            raise CasaError(_reason(done), "The last lines of its output say more.", output=output)
        return json.loads(answer.read_text(encoding="utf-8"))


def casa_status() -> CasaStatus:
    """Try whether CASA is installed and starts offline. Takes a few seconds: a process is started.

    Returns
    -------
    CasaStatus
        Never raises for a CASA that is absent or broken: that is the answer.
    """
    missing = _missing_packages()
    versions = {name: importlib.metadata.version(name) for name in _PACKAGES if name not in missing}
    if missing:
        return CasaStatus(versions, missing, starts=False, detail=f"Not installed: {', '.join(missing)}. {CASA_HINT}")
    try:
        observatories = run_casa(_STATUS_CODE, timeout=120)
    except CasaError as error:
        return CasaStatus(versions, missing, starts=False, detail=error.message)
    if "OVRO_MMA" not in observatories:
        detail = "CASA starts but does not find its table of observatories: install casadata anew."
        return CasaStatus(versions, missing, starts=False, detail=detail)
    return CasaStatus(versions, missing, starts=True, detail="CASA starts offline, on the data of casadata.")


_STATUS_CODE = """\
import casatasks
import casatools
result = casatools.measures().obslist()
"""


def _missing_packages() -> tuple[str, ...]:
    """Name those of CASA's packages that are not installed."""
    return tuple(name for name in _PACKAGES if importlib.util.find_spec(name) is None)


def _reason(done: subprocess.CompletedProcess[str]) -> str:
    """Say in one sentence why a process failed: the last line of its output, or its signal."""
    if done.returncode < 0:
        return f"The CASA process was killed by signal {-done.returncode}."
    lines = [line.strip() for line in done.stdout.splitlines() if line.strip()]
    return f"CASA failed: {lines[-1] if lines else f'exit code {done.returncode}'}"


def _tail(path: Path, lines: int = 20) -> str:
    """Give the last lines of a text file, or nothing where there is no file."""
    if not path.exists():
        return ""
    return "\n".join(path.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])
