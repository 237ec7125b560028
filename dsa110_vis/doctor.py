"""What is installed, which parts work, and what to do about those that do not.

Each part is tried in a process of its own, so that one which aborts costs a line of the report and no more.
"""

from __future__ import annotations

import json
import platform
import subprocess
import sys
from dataclasses import asdict, dataclass
from typing import Literal

from dsa110_vis._version import __version__
from dsa110_vis.versions import versions

__all__ = ["Finding", "examine", "report"]

TIMEOUT_S = 120

Status = Literal["works", "absent", "fault"]


@dataclass(frozen=True)
class Finding:
    """The state of one part.

    Attributes
    ----------
    part : str
        What was tried.
    status : {"works", "absent", "fault"}
        ``absent`` is a part that is optional and not installed.
    detail : str
        What was seen.
    advice : str
        What to do; empty where nothing needs to be done.
    """

    part: str
    status: Status
    detail: str
    advice: str = ""

    def to_dict(self) -> dict[str, str]:
        """Give the finding as plain data."""
        return asdict(self)


@dataclass(frozen=True)
class _Check:
    part: str
    code: str  # prints one line of detail, or exits with a message
    advice: str
    optional_module: str = ""  # when this cannot be imported, the part is absent rather than at fault


_CASACORE = """
import os, tempfile, casacore, casacore.tables as tables
with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "probe.ms")
    tables.default_ms(path).close()
    with tables.table(path, ack=False) as table:
        print("python-casacore makes and reads a Measurement Set with", len(table.colnames()), "columns")
"""
_NUMBA = """
import numba, numpy
double = numba.njit(lambda values: 2 * values)
assert (double(numpy.arange(3)) == [0, 2, 4]).all()
print("numba", numba.__version__, "compiles,", numba.config.NUMBA_NUM_THREADS, "threads")
"""
_BOKEH = """
import bokeh
from bokeh.embed import file_html
from bokeh.plotting import figure
from bokeh.resources import INLINE
page = file_html(figure(), INLINE, "probe")
print("Bokeh", bokeh.__version__, "writes a page that needs no network,", len(page) // 1024, "KiB")
"""
_CASA = """
import sys
from dsa110_vis.casa_process import casa_status
status = casa_status()
if not status.starts:
    sys.exit(status.detail)
print(f"{status.detail} casatasks {status.versions['casatasks']}")
"""
_WIDGET = """
import dsa110_vis.widgets
from dsa110_vis.widgets.bundle import script
views = {view: script(view).stat().st_size // 1024 for view in ("ms-raster", "antenna-layout", "mask-draw")}
print("the widgets' scripts are there:", ", ".join(f"{view} {size} KiB" for view, size in views.items()))
"""
_LABEXTENSION = """
import json, pathlib, sys
from jupyter_core.paths import jupyter_path
for folder in jupyter_path("labextensions"):
    package = pathlib.Path(folder, "dsa110-vis", "package.json")
    if package.is_file():
        from dsa110_vis import __version__
        found = json.loads(package.read_text())["version"]
        if found != __version__:
            sys.exit(f"{package.parent} is of version {found}, the Python package of {__version__}")
        print("installed in", package.parent)
        break
else:
    sys.exit("no folder dsa110-vis among " + ", ".join(jupyter_path("labextensions")))
"""
_SERVER = """
import sys
from jupyter_server.extension.config import ExtensionConfigManager
from jupyter_core.paths import jupyter_config_path
enabled = {}
for folder in reversed(jupyter_config_path()):
    enabled.update(ExtensionConfigManager(read_config_path=[folder]).get_jpserver_extensions())
if not enabled.get("dsa110_vis"):
    sys.exit("it is installed and not enabled")
from dsa110_vis import _jupyter_server_extension_points
print("enabled,", _jupyter_server_extension_points()[0]["app"].name)
"""

_REINSTALL = "Install the package again: pip install --force-reinstall --no-deps dsa110_vis"

_CHECKS = (
    _Check("python-casacore", _CASACORE, "pip install --force-reinstall python-casacore"),
    _Check("numba", _NUMBA, "pip install --upgrade numba"),
    _Check("Bokeh", _BOKEH, "pip install --upgrade bokeh"),
    _Check(
        "CASA, offline",
        _CASA,
        "pip install 'dsa110_vis[casa]' (only demonstration data and clean need it)",
        optional_module="casatasks",
    ),
    _Check("widget", _WIDGET, _REINSTALL),
    _Check("labextension", _LABEXTENSION, _REINSTALL, optional_module="jupyterlab"),
    _Check("server extension", _SERVER, "jupyter server extension enable dsa110_vis"),
)


def _try(check: _Check) -> Finding:
    if check.optional_module:
        probe = f"import importlib.util, sys; sys.exit(importlib.util.find_spec({check.optional_module!r}) is None)"
        if subprocess.run([sys.executable, "-c", probe], check=False).returncode:  # noqa: S603  our own code
            return Finding(check.part, "absent", f"{check.optional_module} is not installed", check.advice)
    try:
        done = subprocess.run(  # noqa: S603  our own code
            [sys.executable, "-c", check.code],
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Finding(check.part, "fault", f"no answer within {TIMEOUT_S} s", check.advice)
    lines = (done.stdout if done.returncode == 0 else done.stderr or done.stdout).strip().splitlines()
    said = lines[-1] if lines else ""
    if done.returncode == 0:
        return Finding(check.part, "works", said)
    if done.returncode < 0:
        said = f"the process was ended by signal {-done.returncode} {said}".strip()
    return Finding(check.part, "fault", said, check.advice)


def examine() -> list[Finding]:
    """Try every part.

    Returns
    -------
    list of Finding
        In the order of the report.
    """
    installed = json.dumps({name: version for name, version in versions().items() if version}, sort_keys=True)
    here = f"dsa110_vis {__version__}, Python {platform.python_version()}, {platform.platform()}"
    return [
        Finding("system", "works", here),
        Finding("packages", "works", installed.strip("{}").replace('"', "").replace(": ", " ")),
        *(_try(check) for check in _CHECKS),
    ]


def report(findings: list[Finding]) -> str:
    """Write the findings as text.

    Parameters
    ----------
    findings : list of Finding
        From `examine`.

    Returns
    -------
    str
        One line a part, and one with the advice where there is any.
    """
    width = max(len(finding.part) for finding in findings)
    lines: list[str] = []
    for finding in findings:
        lines.append(f"{finding.status:7} {finding.part:{width}}  {finding.detail}")
        if finding.advice:
            lines.append(f"{'':7} {'':{width}}  -> {finding.advice}")
    return "\n".join(lines) + "\n"
