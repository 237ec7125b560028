"""A session with CASA in a process of its own: ``python session_child.py RESUME``, JSON lines in and out.

The first line has the parameters; each after it a command with its arguments, answered when it is done. Events
of states come in between.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np

from dsa110_vis.clean.parameters import Parameters
from dsa110_vis.clean.session import CleanSession
from dsa110_vis.errors import Dsa110VisError


def say(**what):
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def everywhere_in_the_middle(session):
    masks = session.masks
    for mask in masks:
        rows, columns = mask.shape[2:]
        mask[..., rows // 4 : rows * 3 // 4, columns // 4 : columns * 3 // 4] = True
    return masks


def main():
    parameters = Parameters.from_dict(json.loads(sys.stdin.readline()))
    session = CleanSession(parameters, resume=sys.argv[1] == "resume", chunk_seconds=None)
    session.listen(lambda event, data: say(state=data["state"]) if event == "state" else None)
    for line in sys.stdin:
        command, *arguments = json.loads(line)
        try:
            if command == "set_masks":
                arguments = [everywhere_in_the_middle(session)]
            if command == "save":
                from dsa110_vis.clean import casa_pixels

                paths = {name: f"{parameters.imagename}.{name}" for name in ("residual", "model")}
                there = {name: casa_pixels.read(path) for name, path in paths.items() if Path(path).is_dir()}
                np.savez(arguments[0], **there)
            else:
                getattr(session, command)(*arguments).result()
            error = None
        except Dsa110VisError as raised:
            error = raised.describe()
        reason = None if session.reason is None else str(session.reason)
        cycles = [entry["id"] for entry in session.cycles]
        say(done=command, error=error, state=str(session.state), reason=reason, cycle=session.cycle, cycles=cycles)
    session.close()


if __name__ == "__main__":
    main()
