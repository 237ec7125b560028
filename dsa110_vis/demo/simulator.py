"""A DSA-110 tile as a Measurement Set: five minutes of drift scan, as the observatory's converter writes it."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from casacore.tables import table

from dsa110_vis.demo.array import ARRAY_LONGITUDE, DEAD_ANTENNAS, SMALL_ARRAY, stations
from dsa110_vis.demo.drift import antenna_uvw, meridian_ra, transit
from dsa110_vis.demo.instrument import (
    INTEGRATION,
    Gains,
    Interference,
    channel_frequencies,
    complex_noise,
    noise_level,
    real_noise,
)
from dsa110_vis.demo.layout import TileFrame, create
from dsa110_vis.demo.predict import predict
from dsa110_vis.demo.sky import Source, calibrator_at, direction_cosines, primary_beam, visible
from dsa110_vis.errors import CancelledError, OptionError, OutputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import numpy.typing as npt

__all__ = ["FIELDS", "SIZES", "VISIBILITY_COLUMNS", "simulate"]

SIZES = ("small", "full")
FIELDS = ("drift", "single")
VISIBILITY_COLUMNS = ("DATA", "MODEL_DATA", "CORRECTED_DATA")
EXTRA_COLUMNS = ("WEIGHT_SPECTRUM",)
N_TIMES = 24
OBSERVING_DAY = 61065.75
"""MJD of 18 h UTC on 25 January 2026; the transit nearest to it is observed."""


def simulate(
    path: str | Path,
    *,
    size: str = "small",
    declination_deg: float = 16.15,
    fields: str = "drift",
    seed: int = 110,
    columns: Sequence[str] = VISIBILITY_COLUMNS,
    progress: Callable[[float], bool | None] | None = None,
) -> Path:
    """Write a simulated DSA-110 tile.

    The real array (117 antennas in the ANTENNA table, 96 in the correlator, autocorrelations included), 16 spectral
    windows of 48 channels over 1311.25-1498.75 MHz, XX and YY, 24 integrations of 12.88 s. The dishes look along the
    meridian, so every integration is a field of its own, ``meridian_icrs_t0`` to ``t23``, with the phase centre where
    the meridian is then. The rows are in the order in which the observatory's converter appends its sub-bands:
    spectral window, time, baseline.

    The middle of the tile is the transit of a bright calibrator on 25 January 2026. At the default declination that is
    3C 454.3, with 55 NVSS sources around it (``demo/data/sky.csv`` says where the flux densities come from); at those
    of 3C 48, 3C 138, 3C 147, 3C 196, 3C 286 and 3C 295 it is that source alone. Sources are attenuated by the primary
    beam that they drift through (a Gaussian of 2.7 deg at 1.4 GHz): in an image, 3C 454.3 has 95 % of its flux density.
    They are points without polarisation, and are smeared neither in time nor in frequency.

    ``MODEL_DATA`` holds these sources in Jy. ``CORRECTED_DATA`` adds thermal noise (SEFD 6500 Jy: 2.59 Jy in the real
    and the imaginary part of each visibility), interference, and in the autocorrelations the system noise. ``DATA`` is
    that times the gains, in correlator units of about 0.05, with delays and bandpasses to be calibrated. 2.5 % of the
    samples are flagged for interference or by chance, and all of the dead antennas 113 and 114 (114 in the small
    array), whose CORRECTED_DATA are DATA. SIGMA belongs to DATA, WEIGHT to CORRECTED_DATA, as in CASA.

    tclean images the whole drift at once; far from the phase centre it needs ``gridder="wproject"``. WSClean takes one
    phase centre at a time: one of the fields, or a tile with ``fields="single"``.

    Parameters
    ----------
    path : str or pathlib.Path
        The Measurement Set to write. It must not exist. It is made under a temporary name and renamed: whole or absent.
    size : {"small", "full"}
        ``"small"``: 20 of the antennas have data: 80,640 rows, 62 MB a column, a few seconds. ``"full"``: 96 antennas:
        1,787,904 rows, 1.4 GB a column, a minute or more.
    declination_deg : float
        Of the beam, ICRS, degrees; a calibrator must pass within one degree.
    fields : {"drift", "single"}
        ``"drift"``: 24 fields, as observed. ``"single"``: one field, ``meridian_icrs``, with all visibilities phased to
        where the meridian is in the middle of the tile, as the observatory does before imaging.
    seed : int
        For the random numbers. The same seed gives the same values.
    columns : sequence of str
        Which of DATA, MODEL_DATA, CORRECTED_DATA to write, and WEIGHT_SPECTRUM if wanted; DATA is always needed.
    progress : callable, optional
        Is given the fraction done, 0 to 1. Returning False stops the work.

    Returns
    -------
    pathlib.Path
        The Measurement Set, absolute.

    Raises
    ------
    OptionError
        For a size, declination, kind of field or column that is not possible; the hint says what is.
    OutputError
        When something exists at the path, its folder does not, or the disk has no room.
    CancelledError
        When `progress` returned False; nothing is left behind.
    """
    target = Path(path).expanduser().absolute()
    wanted = _checked_columns(columns)
    tile = _Tile.of(size, declination_deg, fields, seed)
    _check_target(target, tile.n_rows * _row_bytes(wanted))
    try:
        work = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    except OSError as error:
        message = f"The folder {target.parent} cannot be written: {error.strerror}."
        raise OutputError(message, "Choose a folder that you may write to.") from error
    try:
        made = work / target.name
        create(made, tile.frame(wanted, seed))
        _fill(made, tile, wanted, progress)
        _check_target(target, 0)
        made.rename(target)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return target


@dataclass(frozen=True)
class _Tile:
    """All that is decided before the first row is written."""

    antennas: npt.NDArray[np.int32]
    pairs: npt.NDArray[np.int32]
    dead: npt.NDArray[np.bool_]
    mjd: npt.NDArray[np.float64]
    beam_ra: npt.NDArray[np.float64]
    ra: npt.NDArray[np.float64]
    dec: float
    frequencies: npt.NDArray[np.float64]
    calibrator: Source
    sources: tuple[Source, ...]
    gains: Gains
    interference: Interference
    seed: int

    @classmethod
    def of(cls, size: str, declination_deg: float, fields: str, seed: int) -> _Tile:
        for given, allowed in ((size, SIZES), (fields, FIELDS)):
            if given not in allowed:
                message = f"A simulated tile cannot be {given!r}."
                raise OptionError(message, f"Allowed are: {', '.join(allowed)}.")
        array = stations()
        names = SMALL_ARRAY if size == "small" else tuple(np.array(array.names)[array.has_data])
        antennas = np.array([array.names.index(name) for name in names], dtype=np.int32)
        first, second = np.triu_indices(antennas.size)
        calibrator = calibrator_at(declination_deg)
        dec = float(np.radians(declination_deg))
        middle = transit(OBSERVING_DAY, calibrator.ra, calibrator.dec, ARRAY_LONGITUDE)
        mjd = middle + (np.arange(N_TIMES) - (N_TIMES - 1) / 2) * INTEGRATION / 86400
        ra = np.array([meridian_ra(float(when), dec, ARRAY_LONGITUDE) for when in mjd])
        single = np.array([meridian_ra(middle, dec, ARRAY_LONGITUDE)])
        dead = np.array([name in DEAD_ANTENNAS for name in array.names])
        random = np.random.default_rng([seed, 0])
        return cls(
            antennas=antennas,
            pairs=np.stack([antennas[first], antennas[second]], axis=1),
            dead=dead,
            mjd=mjd,
            beam_ra=ra,
            ra=ra if fields == "drift" else single,
            dec=dec,
            frequencies=channel_frequencies(),
            calibrator=calibrator,
            sources=visible(ra, dec),
            gains=Gains.draw(random, N_TIMES, len(array.names), dead),
            interference=Interference.draw(random, N_TIMES),
            seed=seed,
        )

    @property
    def n_rows(self) -> int:
        return len(self.pairs) * len(self.mjd) * len(self.frequencies)

    def frame(self, columns: tuple[str, ...], seed: int) -> TileFrame:
        return TileFrame(
            array=stations(),
            times=self.mjd * 86400,
            ra=self.ra,
            dec=self.dec,
            field_names=tuple(f"meridian_icrs_t{number}" for number in range(N_TIMES))
            if self.ra.size == N_TIMES
            else ("meridian_icrs",),
            frequencies=self.frequencies,
            columns=columns,
            message=f"Simulated DSA-110 tile, no real data: {len(self.sources)} sources around {self.calibrator.name}, "
            f"{self.antennas.size} antennas, seed {seed}",
        )


@dataclass(frozen=True)
class _Instant:
    """One integration: geometry, and the sources as they stand in the beam."""

    number: int
    field: int
    uvw: npt.NDArray[np.float64]
    length: npt.NDArray[np.float64]
    lmn: npt.NDArray[np.float64]
    beam_cosine: npt.NDArray[np.float64]


def _checked_columns(columns: Sequence[str]) -> tuple[str, ...]:
    """Put the columns in their usual order, or say which are possible."""
    known = (*VISIBILITY_COLUMNS, *EXTRA_COLUMNS)
    wanted = (columns,) if isinstance(columns, str) else tuple(columns)
    unknown = [name for name in wanted if name not in known]
    if unknown or "DATA" not in wanted:
        message = f"The simulator cannot write the columns {', '.join(wanted) or 'none'}."
        raise OptionError(message, f"Possible are {', '.join(known)}; DATA must be among them.")
    return tuple(name for name in known if name in wanted)


def _row_bytes(columns: tuple[str, ...]) -> int:
    """Give the bytes that a row takes on disk, all columns together."""
    samples = 2 * channel_frequencies().shape[1]
    per_sample = sum(4 if name == "WEIGHT_SPECTRUM" else 8 for name in columns)
    return int(samples * per_sample + samples // 8 + 64)


def _check_target(target: Path, size: int) -> None:
    """Refuse to overwrite, to write nowhere, and to fill the disk."""
    if target.exists() or target.is_symlink():
        message = f"{target} exists already."
        raise OutputError(message, "Give another name, or remove it first: nothing is overwritten.")
    if not target.parent.is_dir():
        message = f"There is no folder {target.parent}."
        raise OutputError(message, "Make it first, or give another path.")
    free = shutil.disk_usage(target.parent).free
    if free < 1.05 * size:
        message = f"The tile takes {size / 1e9:.1f} GB, and {target.parent} has {free / 1e9:.1f} GB free."
        raise OutputError(message, "Make room, choose another disk, the size small, or fewer columns.")


def _fill(path: Path, tile: _Tile, columns: tuple[str, ...], progress: Callable[[float], bool | None] | None) -> None:
    """Write the main table, one integration of one spectral window at a time."""
    instants = list(_instants(tile))
    n_windows = len(tile.frequencies)
    steps = n_windows * len(instants)
    with table(str(path), readonly=False, ack=False, lockoptions="permanent") as main:
        for step in range(steps):
            window, instant = divmod(step, len(instants))
            start = main.nrows()
            main.addrows(len(tile.pairs))
            for name, values in _rows(tile, window, instants[instant], columns).items():
                main.putcol(name, values, start, len(tile.pairs))
            if progress is not None and progress((step + 1) / steps) is False:
                message = "The simulation was cancelled."
                raise CancelledError(message)


def _instants(tile: _Tile) -> Iterator[_Instant]:
    """Work out the geometry of every integration."""
    positions = stations().positions
    for number, (mjd, beam_ra) in enumerate(zip(tile.mjd, tile.beam_ra, strict=True)):
        field = min(number, tile.ra.size - 1)
        ra = float(tile.ra[field])
        antennas = antenna_uvw(positions, float(mjd), ra, tile.dec)
        uvw = antennas[tile.pairs[:, 0]] - antennas[tile.pairs[:, 1]]
        yield _Instant(
            number=number,
            field=field,
            uvw=uvw,
            length=np.linalg.norm(uvw, axis=1),
            lmn=direction_cosines(tile.sources, ra, tile.dec),
            beam_cosine=direction_cosines(tile.sources, float(beam_ra), tile.dec)[:, 2],
        )


def _rows(tile: _Tile, window: int, instant: _Instant, columns: tuple[str, ...]) -> dict[str, Any]:
    """Make the rows of one integration of one spectral window: all baselines."""
    frequency = tile.frequencies[window]
    channels = slice(window * frequency.size, (window + 1) * frequency.size)
    random = np.random.default_rng([tile.seed, 1, window, instant.number])
    first, second = tile.pairs.T
    auto = first == second
    n_rows = len(tile.pairs)
    shape = (n_rows, frequency.size, 2)

    flux = np.stack([source.flux(frequency) for source in tile.sources])
    flux *= primary_beam(instant.beam_cosine, frequency)
    model = predict(instant.uvw, instant.lmn, flux, frequency)
    corrected = complex_noise(random, shape)
    corrected[auto] = real_noise(random, (int(auto.sum()), *shape[1:]))
    corrected += model[..., None]
    corrected += tile.interference.signal(random, instant.number, channels, instant.length)[..., None]
    flag = tile.interference.flags(random, instant.number, channels, n_rows)
    dead = tile.dead[first] | tile.dead[second]
    flag[dead] = True

    gains = tile.gains.of(instant.number, channels)
    response = gains[first] * gains[second].conj()
    data = corrected * response
    corrected[dead] = data[dead]
    noise = np.where(auto, np.sqrt(2), 1.0)[:, None] * noise_level() * np.ones(2)
    sigma = noise * np.abs(response).mean(axis=1)
    weight = 1 / (noise if "CORRECTED_DATA" in columns else sigma) ** 2

    visibilities = {
        "DATA": data,
        "MODEL_DATA": np.broadcast_to(model[..., None], shape),
        "CORRECTED_DATA": corrected,
        "WEIGHT_SPECTRUM": np.broadcast_to(weight.astype(np.float32)[:, None, :], shape),
    }
    time = tile.mjd[instant.number] * 86400
    return {
        "TIME": np.full(n_rows, time),
        "TIME_CENTROID": np.full(n_rows, time),
        "INTERVAL": np.full(n_rows, INTEGRATION),
        "EXPOSURE": np.full(n_rows, INTEGRATION),
        "ANTENNA1": first,
        "ANTENNA2": second,
        "DATA_DESC_ID": np.full(n_rows, window, dtype=np.int32),
        "FIELD_ID": np.full(n_rows, instant.field, dtype=np.int32),
        "SCAN_NUMBER": np.ones(n_rows, dtype=np.int32),
        **{name: np.zeros(n_rows, dtype=np.int32) for name in _ZERO_COLUMNS},
        "UVW": instant.uvw,
        "SIGMA": sigma.astype(np.float32),
        "WEIGHT": weight.astype(np.float32),
        "FLAG": flag,
        "FLAG_ROW": dead,
        **{name: np.ascontiguousarray(visibilities[name]) for name in columns},
    }


_ZERO_COLUMNS = ("ARRAY_ID", "FEED1", "FEED2", "OBSERVATION_ID", "PROCESSOR_ID", "STATE_ID")
