"""The checkpoints that a session begins with: new ones, or those it goes on from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsa110_vis.clean.checkpoints import INDEX, Store
from dsa110_vis.clean.data_watch import DataWatch
from dsa110_vis.clean.disk_checks import check_free
from dsa110_vis.clean.parameters import CHANGEABLE, Parameters
from dsa110_vis.errors import ParameterError
from dsa110_vis.versions import versions

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

__all__ = ["check_changeable", "open_store"]


def open_store(folder: Path, parameters: Parameters, *, resume: bool, limit_bytes: int) -> tuple[Store, bool]:
    """Give the store of a session, and whether there is a checkpoint in it to go on from.

    Parameters
    ----------
    folder : pathlib.Path
        The session's.
    parameters : Parameters
        What it images, and how.
    resume : bool
        Whether to go on with what is there.
    limit_bytes : int
        What the checkpoints may take on disk.

    Returns
    -------
    Store
        The checkpoints.
    bool
        True if there is one.

    Raises
    ------
    ParameterError
        If the images exist already, or a resumed session has gridded something else.
    CheckpointError
        If the checkpoints cannot be read or written.
    """
    values = parameters.to_dict()
    if resume:
        store = Store.open(folder, limit_bytes=limit_bytes)
        if store.current is not None:
            before = store.parameters(store.current)
            # the folder may have been moved, and its name is all that says which session it is
            names = set(values) - {"imagename"}
            check_changeable({name for name in names if values[name] != before.get(name)})
            return store, True
    elif not (folder / INDEX).exists():
        check_free([parameters.imagename, *(str(image["imagename"]) for image in parameters.outliers())])
    facts = {"versions": versions(), "data": DataWatch(parameters).fingerprints()}
    return Store.create(folder, values, facts, limit_bytes=limit_bytes), False


def check_changeable(names: Collection[str]) -> None:
    """Refuse to change what decides what was gridded; unknown names are left to who knows the known ones.

    Parameters
    ----------
    names : collection of str
        Of the parameters that would change.

    Raises
    ------
    ParameterError
        If one of them cannot.
    """
    if not (fixed := sorted(set(names) & set(Parameters.model_fields) - CHANGEABLE)):
        return
    message = f"The parameter {fixed[0]} cannot change in a session: it decides what was gridded."
    hint = f"Those that can: {', '.join(sorted(CHANGEABLE))}. For another {fixed[0]} begin another session."
    raise ParameterError(message, hint, key=fixed[0])
