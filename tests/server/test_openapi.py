"""The server against its own description: schemathesis asks what the document allows, and what it does not."""

from __future__ import annotations

import re
from importlib.resources import files

import schemathesis
import yaml
from hypothesis import HealthCheck, Phase, settings
from live_server import API, TOKEN
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from dsa110_vis.raster import AGGREGATORS, AVERAGINGS, AXES, BASELINE_ORDERS, COLORMAPS, PRESETS, QUANTITIES
from dsa110_vis.rest.parameters import FORMATS, NAMES, PIXELS
from dsa110_vis.server.routes import ROUTES

TEXT = files("dsa110_vis.server").joinpath("openapi.yaml").read_text()
DOCUMENT = yaml.safe_load(TEXT)
RASTER = {
    parameter["name"]: parameter
    for parameter in DOCUMENT["paths"]["/ms/{path}/raster"]["get"]["parameters"]
    if "name" in parameter
}

schema = schemathesis.openapi.from_dict(DOCUMENT)
schema.config.generation.update(modes=[GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
CHECKS = [
    schemathesis.checks.not_a_server_error, content_type_conformance, response_headers_conformance,
    response_schema_conformance, status_code_conformance, unsupported_method,
]  # fmt: skip


@schema.parametrize()
@settings(
    max_examples=40, deadline=None, derandomize=True, phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
def test_whatever_is_asked_is_answered_as_described(case, server):
    # some of the paths are of Measurement Sets, so that the parameters are looked at
    if "path" in case.path_parameters and len(str(case.path_parameters["path"])) % 2:
        case.path_parameters["path"] = "wsrt.ms"
    response = case.call(base_url=f"http://127.0.0.1:{server.port}{API}", headers={"Authorization": f"token {TOKEN}"})
    case.validate_response(response, checks=CHECKS)
    assert response.status_code < 500, response.text


def test_the_document_lists_what_the_code_knows():
    assert set(RASTER) == set(NAMES)
    axes = DOCUMENT["components"]["schemas"]["Axis"]["enum"]
    assert axes == list(AXES)
    for name, allowed in (
        ("quantity", QUANTITIES), ("aggregator", AGGREGATORS), ("averaging", AVERAGINGS), ("preset", PRESETS),
        ("colormap", COLORMAPS), ("format", FORMATS), ("baseline_order", BASELINE_ORDERS),
    ):  # fmt: skip
        assert set(RASTER[name]["schema"]["enum"]) == set(allowed), name
    assert set(RASTER["yaxis"]["schema"]["enum"]) == {*QUANTITIES, *AXES}
    for name in ("width", "height"):
        assert (RASTER[name]["schema"]["minimum"], RASTER[name]["schema"]["maximum"]) == PIXELS


def test_each_address_is_described_and_each_described_one_exists():
    addresses = [path.replace("{path}", "obs.ms") for path in DOCUMENT["paths"]]
    for route in ROUTES[:2]:
        assert any(re.fullmatch(route.pattern, address) for address in addresses)
    for address in addresses:
        assert any(re.fullmatch(route.pattern, address) for route in ROUTES[:2])
    assert "ws?view=" in DOCUMENT["info"]["description"]


def test_the_document_is_in_the_package():
    assert TEXT.startswith("openapi: 3.1.0")
