"""The same numbers from a cluster of two processes."""

from __future__ import annotations

import numpy as np
import pytest

from dsa110_vis.errors import CancelledError, UnreadableError
from dsa110_vis.ms import MeasurementSet
from dsa110_vis.raster import Request, raster, reduce

distributed = pytest.importorskip("distributed", reason="dask.distributed is optional")


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    with (
        distributed.LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            processes=True,
            dashboard_address=None,
            local_directory=str(tmp_path_factory.mktemp("dask")),
        ) as cluster,
        distributed.Client(cluster) as connected,
    ):
        yield connected


@pytest.mark.parametrize(
    "options",
    [
        {"x": "frequency", "y": "baseline"},
        {"x": "time", "y": "antenna", "quantity": "phase"},
        {
            "x": "time",
            "y": "baseline",
            "aggregator": "std",
            "weighted": True,
            "iterate": "correlation",
            "iterations": [0, 3],
        },
        {"x": "uvwave", "y": "scan", "aggregator": "median", "selection": {"spw": "0", "scan": "3"}},
        {"x": "antenna1", "y": "antenna2", "quantity": "flag_fraction", "autocorrelations": True},
    ],
    ids=str,
)
def test_a_cluster_gives_the_same(odd_ms, client, options):
    if options.get("quantity") != "flag_fraction":
        options = {**options, "column": "DATA"}
    here, there = raster(odd_ms, **options), raster(odd_ms, **options, client=client)
    np.testing.assert_array_equal(there["count"], here["count"])
    np.testing.assert_array_equal(there["flagged"], here["flagged"])
    np.testing.assert_allclose(there["value"], here["value"], rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(there["flagged_value"], here["flagged_value"], rtol=1e-6)
    assert there.attrs == here.attrs
    for name in here.coords:
        np.testing.assert_array_equal(there[name], here[name])


def test_selections_of_the_measurement_set_come_along(odd_ms, client):
    with MeasurementSet(odd_ms) as ms:
        part = ms.select(scan="3").select(spw="0:1~2")
        request = Request("frequency", "time", column="DATA", selection={"correlation": "XX", "spw": "0:2~3"})
        here, there = reduce(part, request), reduce(part, request, client=client)
    np.testing.assert_array_equal(there.counts()[0], here.counts()[0])
    np.testing.assert_allclose(there.value(), here.value(), rtol=1e-6)


def test_progress_and_cancelling(odd_ms, client):
    seen = []
    raster(odd_ms, "time", "baseline", client=client, progress=seen.append)
    assert seen == sorted(seen)
    assert (seen[0], seen[-1]) == (0, 1)
    with pytest.raises(CancelledError):
        raster(odd_ms, "time", "baseline", client=client, progress=lambda _: False)


def test_workers_must_see_the_same_files(odd_ms, client):
    from dsa110_vis.raster.distribute import reduce_distributed
    from dsa110_vis.raster.reduction import make_plan

    with MeasurementSet(odd_ms) as ms:
        request = Request("time", "baseline", column="DATA")
        plan = make_plan(ms, request)
        origin = reduce(ms, request).origin._replace(fingerprint="another")
        with pytest.raises(UnreadableError, match="sees another"):
            reduce_distributed(client, plan, None, selections=(), origin=origin)
