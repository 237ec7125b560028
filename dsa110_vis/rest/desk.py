"""Questions about one Measurement Set, and the answers as bytes. Lives in a worker; only plain data come back."""

from __future__ import annotations

import functools
import logging
import os
from typing import TYPE_CHECKING, Any, TypedDict

from dsa110_vis.errors import Dsa110VisError, OptionError
from dsa110_vis.ms import MeasurementSet
from dsa110_vis.raster import render
from dsa110_vis.rest.documents import antennas_document, dumped, raster_document
from dsa110_vis.rest.parameters import MEDIA_TYPES, Asked, read

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import xarray as xr

__all__ = ["Answer", "Desk", "in_background"]

logger = logging.getLogger(__name__)

NICENESS = 5


class Answer(TypedDict):
    """An answer as it is handed over.

    The state is the fingerprint of the Measurement Set that was read, None if it changed meanwhile; the parts are the
    folders of other tables that it consists of.
    """

    body: bytes
    mime: str
    warnings: list[str]
    state: str | None
    parts: list[str]


def _plain_errors(method: Callable[..., Answer]) -> Callable[..., Answer]:
    """Let only errors out whose classes the server knows, which must not import numpy or casacore to read them."""

    @functools.wraps(method)
    def guarded(*args: Any, **options: Any) -> Answer:
        try:
            return method(*args, **options)
        except Dsa110VisError:
            raise
        except Exception as error:
            logger.exception("a question could not be answered")
            message = f"{type(error).__name__}: {error}"
            raise RuntimeError(message) from None

    return guarded


def _answered(ms: MeasurementSet, before: str, body: bytes, mime: str, warnings: Sequence[str] = ()) -> Answer:
    return {
        "body": body,
        "mime": mime,
        "warnings": list(warnings),
        "state": before if ms.fingerprint == before else None,
        "parts": [str(part) for part in ms.parts],
    }


def in_background() -> Desk:
    """Make a desk in a process of its own, which gives way to others: the server has to stay lively.

    Returns
    -------
    Desk
        The desk.
    """
    os.nice(NICENESS)
    return Desk()


class Desk:
    """Answers questions. All paths are real ones, which the server has allowed."""

    @_plain_errors
    def fingerprint(self, path: str) -> Answer:
        """Tell the state of a Measurement Set on disk.

        Parameters
        ----------
        path : str
            The Measurement Set.

        Returns
        -------
        Answer
            With an empty body.
        """
        with MeasurementSet(path) as ms:
            return _answered(ms, ms.fingerprint, b"", "text/plain")

    @_plain_errors
    def summary(self, path: str, query: Mapping[str, Sequence[str]]) -> Answer:
        """Say what a Measurement Set holds.

        Parameters
        ----------
        path : str
            The Measurement Set.
        query : mapping
            No parameters are known.

        Returns
        -------
        Answer
            JSON, as from `dsa110_vis.ms.Summary.to_dict`, with the name instead of the server's path.
        """
        _refuse_any(query)
        with MeasurementSet(path) as ms:
            before = ms.fingerprint
            document = ms.summary().to_dict()
            del document["path"]  # where things are on the server is no part of the answer
            return _answered(ms, before, dumped(document), MEDIA_TYPES["json"])

    @_plain_errors
    def antennas(self, path: str, query: Mapping[str, Sequence[str]]) -> Answer:
        """List the antennas, their places and their flags.

        Parameters
        ----------
        path : str
            The Measurement Set.
        query : mapping
            No parameters are known.

        Returns
        -------
        Answer
            JSON; see `dsa110_vis.rest.documents.antennas_document`.
        """
        _refuse_any(query)
        with MeasurementSet(path) as ms:
            before = ms.fingerprint
            return _answered(ms, before, dumped(antennas_document(ms)), MEDIA_TYPES["json"])

    @_plain_errors
    def raster(self, path: str, query: Mapping[str, Sequence[str]]) -> Answer:
        """Draw visibilities on two axes, or give the numbers.

        Parameters
        ----------
        path : str
            The Measurement Set.
        query : mapping
            See `dsa110_vis.rest.parameters.NAMES`.

        Returns
        -------
        Answer
            The picture or the document.

        Raises
        ------
        OptionError
            If a parameter is not allowed; the hint says what is.
        """
        from dsa110_vis.raster.dataset import raster  # noqa: PLC0415  imports numba, for which other answers do not wait

        asked = read(query)
        with MeasurementSet(path) as ms:
            before = ms.fingerprint
            dataset = raster(ms, **asked.raster)
            warnings = _warnings(dataset)
            return _answered(ms, before, _drawn(dataset, asked, warnings), MEDIA_TYPES[asked.format], warnings)


def _refuse_any(query: Mapping[str, Sequence[str]]) -> None:
    if query:
        message = f"{next(iter(query))!r} is not a known parameter."
        raise OptionError(message, "Allowed: none.")


def _warnings(dataset: xr.Dataset) -> list[str]:
    found = [line for line in str(dataset.attrs["warnings"]).split("\n") if line]
    if dataset.attrs["quantity"] != "flag_fraction" and not int(dataset["count"].sum()):
        found.append("All selected samples are flagged or not finite: what is drawn are flagged samples.")
    return found


def _drawn(dataset: xr.Dataset, asked: Asked, warnings: list[str]) -> bytes:
    if asked.format == "json":
        return dumped(raster_document(dataset, warnings))
    if asked.format == "bokeh":
        return dumped(render.to_json_item(dataset, **asked.style))
    if asked.format == "html":
        return render.to_html(dataset, **asked.style).encode()
    makers = {"png": render.to_png, "svg": render.to_svg, "pdf": render.to_pdf}
    return makers[asked.format](dataset, **asked.style)
