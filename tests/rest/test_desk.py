"""The desk in a process that has just started: who asks for the antennas does not wait for what makes pictures."""

from __future__ import annotations

import json

ANTENNAS = """
import json, sys
from dsa110_vis.rest.desk import Desk
answer = Desk().antennas(sys.argv[1], {})
print(json.dumps([json.loads(answer["body"]), sorted(sys.modules)]))
"""


def test_antennas_need_neither_numba_nor_pandas(run_python, build, tmp_path):
    path = build.make(tmp_path / "small.ms", antennas=5, used=(0, 1, 2, 3))
    document, modules = json.loads(run_python(ANTENNAS, str(path)).stdout)
    assert [antenna["has_data"] for antenna in document["antennas"]] == [True] * 4 + [False]
    assert document["antennas"][0]["flagged_pct"] is not None
    assert document["antennas"][4]["flagged_pct"] is None
    assert not {"astropy", "bokeh", "matplotlib", "numba", "pandas", "scipy", "xarray"} & set(modules)
