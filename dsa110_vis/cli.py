"""The command line, ``dsa110-vis``.

Results go to standard output or to the file named with ``-o``; progress and errors go to standard error. Exit codes:
0 done; 2 bad command, option or selection; 3 the input cannot be read; 4 the selection matches nothing; 5 the output
cannot be written; 6 too large for the memory allowed; 7 something needed is not installed, or ``doctor`` found a fault;
130 interrupted.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from dsa110_vis import clean_cli, errors
from dsa110_vis._version import __version__

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]

EXIT_CODES: tuple[tuple[type[errors.Dsa110VisError], int], ...] = (
    (errors.OptionError, 2),
    (errors.SelectionSyntaxError, 2),
    (errors.AbsentColumnError, 2),
    (errors.ParameterError, 2),
    (errors.SessionStateError, 2),
    (errors.SelectionEmptyError, 4),
    (errors.OutputError, 5),
    (errors.CheckpointError, 5),
    (errors.MemoryLimitError, 6),
    (errors.DependencyError, 7),
    (errors.SessionBusyError, 10),
    (errors.CleanError, 11),
    (errors.CancelledError, 130),
    (errors.Dsa110VisError, 3),
)

SIZES = ("small", "full")
FIELDS = ("drift", "single")


class ProgressBar:
    """A bar on standard error; silent where that is no terminal.

    Parameters
    ----------
    label : str
        What is being done.
    """

    def __init__(self, label: str) -> None:
        self._label = label
        self._drawn = -1
        self._on = sys.stderr.isatty()

    def __call__(self, fraction: float) -> bool:
        """Draw the bar for a fraction of 0 to 1; always says to go on."""
        percent = int(100 * min(max(fraction, 0.0), 1.0))
        if self._on and percent != self._drawn:
            self._drawn = percent
            filled = percent * 30 // 100
            sys.stderr.write(f"\r{self._label} [{'#' * filled}{'.' * (30 - filled)}] {percent:3d}%")
            sys.stderr.flush()
        return True

    def close(self) -> None:
        """End the line."""
        if self._on and self._drawn >= 0:
            sys.stderr.write("\n")


def _key_values(pairs: Sequence[str]) -> dict[str, str]:
    selection: dict[str, str] = {}
    for pair in pairs:
        key, separator, value = pair.partition("=")
        if not separator or not key:
            message = f"--select takes key=value, not {pair!r}."
            raise errors.OptionError(message, "For example --select spw=0:10~50 --select antenna='1&2'.")
        selection[key.strip()] = value
    return selection


def _raster(arguments: argparse.Namespace) -> int:
    from dsa110_vis.raster import colormap_name, preset, raster, render  # noqa: PLC0415  numba is slow to import

    output = Path(arguments.output)
    if output.suffix.lstrip(".").lower() not in render.FORMATS:
        message = f"The ending of {output.name!r} names no known format."
        raise errors.OptionError(message, f"Allowed: {', '.join(render.FORMATS)}.")
    if not output.parent.is_dir():
        message = f"There is no folder {output.parent}."
        raise errors.OutputError(message, "Make it first, or choose another.")
    chosen: dict[str, Any] = {}
    if arguments.preset is not None:
        chosen.update(preset(arguments.preset).options())
    style = {"title": arguments.title}
    if arguments.colormap is not None:
        style["colormap"] = colormap_name(arguments.colormap)
    for name in ("x", "y", "quantity", "column", "aggregator", "averaging", "weighted", "autocorrelations", "iterate"):
        value = getattr(arguments, name)
        if value is not None:
            chosen[name] = value
    chosen.setdefault("x", "baseline")
    chosen.setdefault("y", "time")
    selection = _key_values(arguments.select)
    bar = ProgressBar("reading")
    try:
        dataset = raster(
            arguments.ms, chosen.pop("x"), chosen.pop("y"), selection=selection or None, progress=bar, **chosen
        )
    finally:
        bar.close()
    for warning in dataset.attrs["warnings"].splitlines():
        sys.stderr.write(f"dsa110-vis: warning: {warning}\n")
    sys.stdout.write(f"{render.save(dataset, output, **style)}\n")
    return 0


def _summary(arguments: argparse.Namespace) -> int:
    from dsa110_vis.ms import MeasurementSet  # noqa: PLC0415

    with MeasurementSet(arguments.ms) as ms:
        summary = ms.summary()
        text = json.dumps(summary.to_dict(), indent=2, allow_nan=False) if arguments.json else str(summary)
    sys.stdout.write(f"{text}\n")
    return 0


def _antennas(arguments: argparse.Namespace) -> int:
    from dsa110_vis.ms import MeasurementSet  # noqa: PLC0415

    bar = ProgressBar("reading flags")
    try:
        with MeasurementSet(arguments.ms) as ms:
            table = ms.antennas(progress=bar)
            centre = ms.array_centre
    finally:
        bar.close()
    if arguments.json:
        longitude, latitude, height = centre
        # pandas writes NaN (an antenna without data has no flagged fraction) as null, which JSON has
        antennas = json.loads(table.to_json(orient="records", double_precision=10))
        result = {
            "array_centre": {"lon_deg": longitude, "lat_deg": latitude, "height_m": height},
            "antennas": antennas,
        }
        sys.stdout.write(f"{json.dumps(result, indent=2, allow_nan=False)}\n")
    else:
        sys.stdout.write(f"{table.to_string(index=False, float_format=lambda value: f'{value:.4f}')}\n")
    return 0


def _demo(arguments: argparse.Namespace) -> int:
    from dsa110_vis.demo import observation  # noqa: PLC0415

    sys.stdout.write(f"{observation(arguments.name)}\n")
    return 0


def _simulate(arguments: argparse.Namespace) -> int:
    from dsa110_vis.demo import simulate  # noqa: PLC0415

    bar = ProgressBar("simulating")
    try:
        path = simulate(arguments.ms, size=arguments.size, fields=arguments.fields, seed=arguments.seed, progress=bar)
    finally:
        bar.close()
    sys.stdout.write(f"{path}\n")
    return 0


def _doctor(arguments: argparse.Namespace) -> int:
    from dsa110_vis.doctor import examine, report  # noqa: PLC0415

    findings = examine()
    if arguments.json:
        sys.stdout.write(f"{json.dumps([finding.to_dict() for finding in findings], indent=2)}\n")
    else:
        sys.stdout.write(report(findings))
    return 7 if any(finding.status == "fault" for finding in findings) else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="dsa110-vis",
        description="Look at radio-interferometer data.",
        epilog="Exit codes: 0 done, 2 bad option or selection, 3 unreadable input, 4 nothing selected, "
        "5 cannot write, 6 too large, 7 not installed, 8 clean diverged, 9 empty clean mask, 10 clean session busy, "
        "11 imager failed, 130 interrupted.",
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    command = commands.add_parser("raster", help="draw visibilities on two axes")
    command.add_argument("ms", help="the Measurement Set")
    command.add_argument("--x", help="horizontal axis (default: baseline)")
    command.add_argument("--y", help="vertical axis (default: time)")
    command.add_argument("--quantity", help="amp, phase, real, imag, weight, flag fraction ... (default: amp)")
    command.add_argument("--column", help="DATA, CORRECTED_DATA, MODEL_DATA, CORRECTED-MODEL ...")
    command.add_argument("--aggregator", help="mean, median, max, min, std, sum, var, rms (default: mean)")
    command.add_argument("--averaging", help="scalar or vector (default: scalar)")
    command.add_argument("--weighted", action="store_const", const=True, help="average with the weights")
    command.add_argument("--autocorrelations", action="store_const", const=True, help="with the autocorrelations")
    command.add_argument("--iterate", metavar="AXIS", help="one picture for every value of this axis")
    command.add_argument("--preset", help="a named choice of all of these; the others override it")
    command.add_argument("--select", action="append", default=[], metavar="KEY=VALUE", help="an MSSelection string")
    command.add_argument("--colormap", help="the colour map")
    command.add_argument("--title", help="the title")
    command.add_argument(
        "-o", "--output", required=True, help="the file; its ending says what: png, svg, pdf, html or nc"
    )
    command.set_defaults(run=_raster)

    command = commands.add_parser("summary", help="say what a Measurement Set holds")
    command.add_argument("ms", help="the Measurement Set")
    command.add_argument("--json", action="store_true", help="as JSON")
    command.set_defaults(run=_summary)

    command = commands.add_parser("antennas", help="list the antennas, their places and their flags")
    command.add_argument("ms", help="the Measurement Set")
    command.add_argument("--json", action="store_true", help="as JSON")
    command.set_defaults(run=_antennas)

    clean_cli.add_command(commands)

    command = commands.add_parser("demo", help="make a demonstration Measurement Set from real VLA data")
    command.add_argument("name", nargs="?", default="ngc5921", help="ngc5921 or 3c273 (default: ngc5921)")
    command.set_defaults(run=_demo)

    command = commands.add_parser("simulate", help="simulate a DSA-110 tile")
    command.add_argument("ms", help="the Measurement Set to write; it must not exist")
    command.add_argument("--size", choices=SIZES, default="small", help="small: 20 antennas; full: 1.4 GB a column")
    command.add_argument("--seed", type=int, default=110, help="for the random numbers (default: 110)")
    command.add_argument("--fields", choices=FIELDS, default="drift", help="drift: a phase centre per integration")
    command.set_defaults(run=_simulate)

    command = commands.add_parser("doctor", help="say what is installed, what works, and what to do about the rest")
    command.add_argument("--json", action="store_true", help="as JSON")
    command.set_defaults(run=_doctor)
    return parser


def _exit_code(error: errors.Dsa110VisError) -> int:
    return next(code for kind, code in EXIT_CODES if isinstance(error, kind))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Parameters
    ----------
    arguments : sequence of str, optional
        The words after ``dsa110-vis``; those of the process if left out.

    Returns
    -------
    int
        The exit code.
    """
    chosen = _parser().parse_args(arguments)
    try:
        code: int = chosen.run(chosen)
    except errors.Dsa110VisError as error:
        one_line = " ".join(str(error).split())
        sys.stderr.write(f"dsa110-vis: {one_line}\n")
        return _exit_code(error)
    except KeyboardInterrupt:
        sys.stderr.write("dsa110-vis: interrupted; nothing was written.\n")
        return 130
    return code


def _run() -> NoReturn:
    raise SystemExit(main())


if __name__ == "__main__":
    _run()
