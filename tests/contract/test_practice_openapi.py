"""The served OpenAPI 3.1 description: it names every route, and the desk keeps to it."""

import asyncio
import json
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from litestar import Litestar
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    ignored_auth,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from console.practice.app import build
from console.practice.controls import Outage
from console.practice.schema import document
from console.practice.server import open_desk
from tests.contract.hand import Hand
from tests.servers import PracticeServer

CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    ignored_auth,
)


@pytest.fixture(scope="module")
def api(server: PracticeServer) -> Any:
    """The description as it is served, filled with ids that exist, so that calls go deep."""
    with server.client() as http:
        described = http.get("/openapi.json").json()
    me = Hand(server)
    cases = me.cases()
    me.close()
    some_cases = [case["id"] for case in cases[:8]] + ["c_none"]
    files = [file["id"] for case in cases for file in case.get("attachments", [])][:6]
    _choose(described, "case_id", some_cases)
    _choose(described, "file_id", [*files, "f_none"])
    _choose(described, "If-Match", ['"1"', '"2"', '"3"', '"4"'])
    new_case = described["components"]["schemas"]["NewCase"]["properties"]
    new_case["queue"] = {"enum": ["emergency", "orders", "none"]}
    loaded = schemathesis.openapi.from_dict(described)
    loaded.config.update(base_url=server.url)
    return loaded


def _choose(described: dict[str, Any], name: str, values: list[str]) -> None:
    for methods in described["paths"].values():
        for operation in methods.values():
            for parameter in operation.get("parameters", []):
                if parameter["name"] == name:
                    parameter["schema"] = {"enum": values}


OPERATIONS = [
    (path, method)
    for path, methods in json.loads(document())["paths"].items()
    for method in methods
    if path != "/v1/events"  # endless; it has tests of its own
]


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_the_desk_keeps_to_its_description(
    api: Any, server: PracticeServer, path: str, method: str
) -> None:
    headers = {"Authorization": f"Bearer {server.token}"}

    @given(call=api[path][method].as_strategy())
    @settings(
        max_examples=40 if method == "get" else 120,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    )
    def keeps(call: Any) -> None:
        call.call_and_validate(headers=headers, checks=list(CHECKS))

    keeps()


def test_the_description_names_every_route() -> None:
    desk = open_desk(cases=0, seed=1)
    app: Litestar = build(desk, asyncio.Event(), Outage(lambda _: None))
    described = {
        (path, method.upper())
        for path, methods in json.loads(document())["paths"].items()
        for method in methods
    }
    served = {
        (route.path_format, method)
        for route in app.routes
        if route.path.startswith("/v1")
        for method in route.methods - {"OPTIONS"}
    }
    assert {(path.replace(":str", ""), method) for path, method in served} == described


def test_the_description_is_openapi_3_1(server: PracticeServer) -> None:
    with server.client() as http:
        answer = http.get("/openapi.json")
    assert answer.headers["content-type"] == "application/json"
    described = answer.json()
    assert described["openapi"] == "3.1.0"
    for name in ("Case", "Policy", "Template", "ProblemDocument", "Action", "ChangePage"):
        assert name in described["components"]["schemas"]
