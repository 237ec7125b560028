"""``dsa110-vis clean``: a clean session from a shell.

The session runs in a kernel of its own; here are the words, the bar and Ctrl-C. Exit codes besides those of the other
commands: 8 the clean diverged; 9 the mask is empty; 130 paused by Ctrl-C, or killed by a second one.
"""

from __future__ import annotations

import contextlib
import shlex
import shutil
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from dsa110_vis.errors import CleanError, Dsa110VisError, OptionError
from dsa110_vis.paths import absolute_path

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping
    from types import FrameType

    from dsa110_vis.clean.parameters import Parameters
    from dsa110_vis.host import SessionHost

__all__ = ["add_command"]

WHOLE = "all"
"""The word for a mask of the whole image."""

DIVERGED = 8
EMPTY_MASK = 9
INTERRUPTED = 130

_TROUBLE = {"diverged": DIVERGED, "empty mask": EMPTY_MASK}
_WHY = {
    "niter": "the iterations that niter allows are done",
    "threshold": "the peak residual is at the threshold",
    "n-sigma": "the peak residual is at nsigma times the noise",
    "nmajor": "the major cycles that nmajor allows are done",
    "stalled": "the peak residual does not change any more",
    "diverged": "the peak residual grows; go back some cycles with SessionHost.undo, or give a smaller mask or gain",
    "empty mask": "there is nothing in the mask",
    "user": "as told",
}
_BAR, _LEAST_BAR = 20, 5  # characters
_LOOK_S = 0.2  # how often the bar and Ctrl-C are looked at


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to those of ``dsa110-vis``.

    Parameters
    ----------
    commands : argparse action
        What ``add_subparsers`` gave.
    """
    command = commands.add_parser(
        "clean",
        help="deconvolve a Measurement Set, cycle by cycle or to the end",
        description="Deconvolve a Measurement Set with CASA. Ctrl-C pauses; what was done is kept in NAME.session and "
        "goes on with --resume.",
    )
    command.add_argument("ms", help="the Measurement Set")
    command.add_argument("--imagename", required=True, metavar="NAME", help="path of the images without an ending")
    command.add_argument("--preset", help="a named choice of parameters; --set overrides it")
    command.add_argument(
        "--mask", metavar="FILE", help=f"regions (DS9, CRTF, JSON), a FITS or CASA mask, or {WHOLE!r} for everywhere"
    )
    command.add_argument(
        "--set", action="append", default=[], dest="settings", metavar="KEY=VALUE", help="a parameter, as tclean's"
    )
    end = command.add_mutually_exclusive_group()
    end.add_argument("--cycles", type=_count, metavar="N", help="do N major cycles and pause; 0: only the dirty image")
    end.add_argument("--finish", action="store_true", help="clean until a rule stops it, and restore (the default)")
    command.add_argument("--resume", action="store_true", help="go on with the session of this image name")
    command.set_defaults(run=_clean)


def _count(text: str) -> int:
    value = int(text)
    if value < 0:
        raise ValueError
    return value


def _clean(arguments: argparse.Namespace) -> int:
    from dsa110_vis.host import KernelLostError, SessionHost  # noqa: PLC0415  pydantic and pandas are slow to import

    parameters, known, masked = _resumed(arguments) if arguments.resume else (_chosen(arguments), 0, False)
    _check_mask(arguments, parameters, masked=masked)
    with (
        Interrupts() as interrupts,
        contextlib.closing(Screen(known)) as screen,
        contextlib.closing(SessionHost(parameters, resume=arguments.resume)) as host,
    ):
        try:
            return _Run(host, screen, interrupts, arguments).go()
        except KeyboardInterrupt:
            host.kill()
            screen.say(f"killed. {_advice(arguments)}")
            return INTERRUPTED
        except Dsa110VisError as error:
            if not host.latest.get("cycles"):
                raise
            if isinstance(error, KernelLostError):
                raise CleanError(error.message, _advice(arguments)) from None
            error.hint = f"{error.hint} {_advice(arguments)}".strip()
            raise


def _chosen(arguments: argparse.Namespace) -> Parameters:
    """Give the parameters of a new session."""
    from dsa110_vis.clean import Parameters, preset  # noqa: PLC0415

    values = {**_settings(arguments), "vis": arguments.ms, "imagename": arguments.imagename}
    return Parameters(**values) if arguments.preset is None else preset(arguments.preset).parameters(**values)


def _resumed(arguments: argparse.Namespace) -> tuple[Parameters, int, bool]:
    """Give the parameters of a session on disk, how many checkpoints it has, and whether it has a mask."""
    from dsa110_vis.clean import Parameters  # noqa: PLC0415
    from dsa110_vis.clean.checkpoints import Store  # noqa: PLC0415

    if arguments.preset is not None:
        message = "--preset begins a session, and --resume goes on with one."
        raise OptionError(message, "What may change in a session is changed with --set.")
    store = Store.open(Path(f"{absolute_path(arguments.imagename)}.session"))
    parameters = Parameters.from_dict(store.parameters(store.current))
    known = [absolute_path(name) for name in parameters.vis_paths]
    if known != [absolute_path(arguments.ms)]:
        message = f"The session {arguments.imagename} is one of {', '.join(map(str, known))}, not of {arguments.ms}."
        raise OptionError(message, "Give its Measurement Set, or another --imagename without --resume.")
    masked = store.current is not None and store.entry(store.current)["mask_pixels"] > 0
    return parameters.changed(**_settings(arguments)), len(store.entries()), masked


def _settings(arguments: argparse.Namespace) -> dict[str, Any]:
    from dsa110_vis.clean.settings import settings  # noqa: PLC0415

    values = settings(arguments.settings)
    for key, word in (("vis", "MS"), ("imagename", "--imagename"), ("mask", "--mask")):
        if key in values:
            message = f"--set {key}= is said by {word}."
            raise OptionError(message, f"Give it as {word}.")
    return values


def _check_mask(arguments: argparse.Namespace, parameters: Parameters, *, masked: bool) -> None:
    """Refuse what can only end with an empty mask, before anything is gridded."""
    given = arguments.mask
    if parameters.usemask != "user":
        if given is not None:
            message = f"--mask goes with usemask=user, not with usemask={parameters.usemask}."
            raise OptionError(message, "Leave out one of the two.")
    elif given is None:
        if not masked and arguments.cycles != 0:
            message = "There is no mask, so nothing would be cleaned."
            advice = f"Give --mask FILE, --mask {WHOLE} for the whole image, or --set usemask=auto-multithresh; "
            raise OptionError(message, f"{advice}--cycles 0 makes the dirty image to draw a mask on.")
    elif given != WHOLE and not Path(given).exists():
        message = f"There is no mask {given}."
        raise OptionError(message, f"Give a region file, a FITS or CASA mask, or {WHOLE}.")


class Interrupts:
    """Ctrl-C: the first is counted, the second raises KeyboardInterrupt.

    The kernel has a process group of its own, so that a terminal's Ctrl-C does not reach it.
    """

    def __init__(self) -> None:
        self.count = 0
        self._before: Any = None

    def __enter__(self) -> Self:
        """Take the signal."""
        self._before = signal.signal(signal.SIGINT, self._take)
        return self

    def __exit__(self, *_error: object) -> None:
        """Give the signal back."""
        signal.signal(signal.SIGINT, self._before)

    def _take(self, _signal: int, _frame: FrameType | None) -> None:
        self.count += 1
        if self.count == 2:
            raise KeyboardInterrupt


class Screen:
    """What is shown of a session, on standard error: a bar on a terminal, and a line for each cycle everywhere.

    Parameters
    ----------
    known : int
        Number of checkpoints from before, which are not shown again.
    """

    def __init__(self, known: int) -> None:
        self._on = sys.stderr.isatty()
        self._drawn = ""
        self._next = known

    def show(self, latest: Mapping[str, Any]) -> None:
        """Show how a session is doing.

        Parameters
        ----------
        latest : mapping
            `SessionHost.latest`.
        """
        for entry in latest.get("cycles", []):
            if entry["id"] >= self._next:
                self.say(_line(entry))
                self._next = entry["id"] + 1
        if self._on and "progress" in latest:
            self._draw(_bar(latest, shutil.get_terminal_size().columns - 1))

    def say(self, text: str) -> None:
        """Print a line that stays.

        Parameters
        ----------
        text : str
            The line.
        """
        self.close()
        sys.stderr.write(f"dsa110-vis: {text}\n")
        sys.stderr.flush()

    def close(self) -> None:
        """Take the bar away."""
        self._draw("")

    def _draw(self, line: str) -> None:
        if line != self._drawn:
            sys.stderr.write(f"\r{line.ljust(len(self._drawn))}" + ("" if line else "\r"))
            sys.stderr.flush()
            self._drawn = line


def _bar(latest: Mapping[str, Any], columns: int) -> str:
    """Give a line of the terminal's width; the bar has the room that the words leave, or is a percentage."""
    fraction, text, left = (latest["progress"][key] for key in ("fraction", "text", "left"))
    words = [] if left is None else [f"{int(left) // 60}:{int(left) % 60:02d} left"]
    words.append(text)
    if latest["cycles"] and latest["state"] != "minor":  # which tells its own numbers
        entry = latest["cycles"][-1]
        words.append(f"peak {_flux(entry['peak'])}/beam, {entry['iterations']} iterations")
    said = ", ".join(words)
    room = min(columns - len(latest["state"]) - len(said) - 4, _BAR)
    filled = int(room * min(max(fraction, 0.0), 1.0))
    bar = f"[{'#' * filled}{'.' * (room - filled)}]" if room >= _LEAST_BAR else f"{fraction:.0%}"
    return f"{latest['state']} {bar} {said}"[:columns]


def _line(entry: Mapping[str, Any]) -> str:
    if entry["kind"] == "dirty":
        return f"dirty image in {entry['seconds']:.1f} s"
    if entry["kind"] == "mask":
        return f"mask of {entry['mask_pixels']} pixels"
    return (
        f"cycle {entry['major']}: peak residual {_flux(entry['peak'])}/beam, down to {_flux(entry['threshold'])}/beam, "
        f"{entry['iterations']} iterations, model {_flux(entry['flux'])}, {entry['seconds']:.1f} s"
    )


def _flux(value: float | None) -> str:
    if value is None:
        return "-"
    for unit, scale in (("Jy", 1.0), ("mJy", 1e-3)):
        if abs(value) >= scale:
            return f"{value / scale:.3g} {unit}"
    return f"{value / 1e-6:.3g} uJy"


class _Run:
    """One call of the command, from the start of the session to the exit code."""

    def __init__(
        self, host: SessionHost, screen: Screen, interrupts: Interrupts, arguments: argparse.Namespace
    ) -> None:
        self._host = host
        self._screen = screen
        self._interrupts = interrupts
        self._arguments = arguments

    def go(self) -> int:
        host, cycles = self._host, self._arguments.cycles
        host.start()
        for warning in host.warnings:
            self._screen.say(f"warning: {warning}")
        self._wait()
        if not self._interrupts.count:
            if self._arguments.mask is not None:
                self._set_masks()
            if cycles is None:
                host.finish()
            elif cycles:
                host.run(cycles)
            self._wait()
        return self._ended()

    def _wait(self) -> None:
        """Wait until the session has done what it was told; Ctrl-C pauses it."""
        asked = False
        while not self._rests():
            if self._interrupts.count and not asked:
                asked = True
                self._screen.say("pausing at the end of this step; Ctrl-C once more kills the session.")
                self._host.pause()

    def _rests(self) -> bool:
        try:
            self._host.wait(timeout=_LOOK_S)
        except TimeoutError:
            return False
        finally:
            self._screen.show(self._host.latest)
        return True

    def _set_masks(self) -> None:
        import numpy as np  # noqa: PLC0415

        given = self._arguments.mask
        whole = [np.ones_like(mask) for mask in self._host.masks()] if given == WHOLE else None
        self._host.set_masks(whole or absolute_path(given))

    def _ended(self) -> int:
        """Say how it ended, print the paths of the images, and give the exit code."""
        latest = self._host.latest
        state, reason = latest["state"], latest["reason"]
        for path in _images(latest, "image" if state == "finished" else "residual"):
            sys.stdout.write(f"{path}\n")
        word = "stopped" if reason in _TROUBLE else state
        why = f"{word}: {_WHY[reason]}." if reason in _WHY else "paused."
        self._screen.say(why if state == "finished" else f"{why} {_advice(self._arguments)}")
        if state == "ready" and self._interrupts.count:
            return INTERRUPTED
        return _TROUBLE.get(reason, 0)


def _images(latest: Mapping[str, Any], kind: str) -> list[str]:
    """Name the images of one kind that are there, with those corrected for the primary beam."""
    parameters = latest["parameters"]
    terms = [f".tt{term}" for term in range(parameters["nterms"])] if parameters["deconvolver"] == "mtmfs" else [""]
    names = [
        f"{imagename}.{kind}{term}{ending}"
        for imagename in latest["imagenames"]
        for term in terms
        for ending in ("", ".pbcor")
    ]
    return [name for name in names if Path(name).exists()]


def _advice(arguments: argparse.Namespace) -> str:
    """Say how to go on."""
    words = ["dsa110-vis", "clean", arguments.ms, "--imagename", arguments.imagename, "--resume"]
    return f"Go on with: {shlex.join(words)}"
