"""The OpenAPI 3.1 description of the practice desk: schemas from its wire types, paths from here.

The handlers work on raw bytes, so the framework cannot derive the description; a test holds it
against the routes that are really there.
"""

from functools import cache
from typing import Any, Final

import msgspec

from console.practice import around, bodies, wire

Json = dict[str, Any]
_REF: Final = "#/components/schemas/{name}"
_PROBLEM: Final = "ProblemDocument"
_WORDS: Final = {
    400: "The request cannot be read",
    401: "No valid token",
    403: "Not this caller's to do",
    404: "Gone, or not this caller's to see",
    409: "Claimed by somebody else, or the same key is being worked on",
    410: "The cursor has expired: read the feed from the start",
    412: "The case has changed",
    413: "Too large",
    416: "The range is outside of the file",
    422: "Cannot be accepted, member by member",
    428: "If-Match is needed",
    503: "The desk asks to wait",
}
_ID: Final = {"type": "string", "pattern": r"^[A-Za-z0-9._:\-]{1,128}$"}


class _Listed(msgspec.Struct):
    """The types that have a schema of their own."""

    session: around.Session
    policy: around.Policy
    template: around.Template
    queue: around.Queue
    agency: around.Agency
    case: wire.Case
    record: wire.Record
    change: around.Change
    receipt: around.Receipt
    new_case: wire.NewCase
    problem: around.ProblemDocument
    action: bodies.Action


@cache
def document() -> bytes:
    """Return the description as JSON."""
    return msgspec.json.encode(
        {
            "openapi": "3.1.0",
            "info": {
                "title": "Escalations API, practice desk",
                "version": "1",
                "description": "The contract between a console and what owns the queues.",
            },
            "security": [{"token": []}],
            "paths": _paths(),
            "components": {
                "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
                "schemas": _schemas(),
            },
        }
    )


def _schemas() -> Json:
    _, schemas = msgspec.json.schema_components([_Listed], ref_template=_REF)
    listed: Json = schemas.pop("_Listed")
    schemas["Action"] = listed["properties"]["action"]
    schemas["Change"]["properties"]["doc"] = {
        "anyOf": [
            *(_ref(name) for name in ("Case", "Queue", "Template", "Policy", "Agency")),
            {"type": "null"},
        ]
    }
    for name in ("Session", "Policy", "Template", "Queue", "Agency", "Case", "Record"):
        schemas[f"{name}List"] = _object(
            items={"type": "array", "items": _ref(name)}, next={"type": ["string", "null"]}
        )
    schemas["ChangePage"] = _object(
        changes={"type": "array", "items": _ref("Change")},
        next={"type": "string"},
        more={"type": "boolean"},
    )
    schemas["Done"] = _object(
        action=_ref("Record"),
        case=_ref("Case"),
        before={"type": "string"},
        receipt=_ref("Receipt"),
    )
    schemas["Stored"] = _object(sha256={"type": "string"}, size={"type": "integer"})
    return schemas


def _ref(name: str) -> Json:
    return {"$ref": _REF.format(name=name)}


def _object(**members: Json) -> Json:
    return {"type": "object", "properties": members, "required": list(members)}


def _parameter(name: str, place: str, schema: Json, *, needed: bool = False) -> Json:
    return {"name": name, "in": place, "required": needed or place == "path", "schema": schema}


_LIMIT: Final = _parameter("limit", "query", {"type": "integer", "minimum": 1, "maximum": 1000})
_CURSOR: Final = _parameter("cursor", "query", {"type": "string", "pattern": "^p[0-9]{1,9}$"})
_CASE: Final = _parameter("case_id", "path", _ID)
_KEY: Final = _parameter("Idempotency-Key", "header", _ID, needed=True)
_MATCH: Final = _parameter("If-Match", "header", {"type": "string", "pattern": '^"[0-9]+"$'})
_HEAD: Final = _parameter(
    "Audit-Head", "header", {"type": "string", "pattern": "^[0-9]{1,18}:[0-9a-f]{64}$"}
)
_NONE_MATCH: Final = _parameter("If-None-Match", "header", {"type": "string"})
_RANGE: Final = _parameter("Range", "header", {"type": "string"})


def _operation(
    name: str,
    summary: str,
    answers: dict[int, Json],
    problems: tuple[int, ...] = (),
    parameters: tuple[Json, ...] = (),
    body: Json | None = None,
) -> Json:
    responses: Json = {
        str(status): {"description": summary, **content} for status, content in answers.items()
    }
    for status in (401, *problems, 503):
        responses[str(status)] = {
            "description": _WORDS[status],
            "content": {"application/problem+json": {"schema": _ref(_PROBLEM)}},
        }
    operation: Json = {"operationId": name, "summary": summary, "responses": responses}
    if parameters:
        operation["parameters"] = list(parameters)
    if body is not None:
        operation["requestBody"] = {"required": True, "content": body}
    return operation


def _json(name: str) -> Json:
    return {"content": {"application/json": {"schema": _ref(name)}}}


def _paths() -> Json:
    paths = {path: {"get": operation} for path, operation in _reading().items()}
    for path, method, operation in _writing():
        paths.setdefault(path, {})[method] = operation
    return paths


def _reading() -> Json:
    unchanged: Json = {}
    return {
        "/v1/session": _operation("session", "Who the caller is", {200: _json("Session")}),
        "/v1/policy": _operation(
            "policy",
            "The present policy",
            {200: _json("Policy"), 304: unchanged},
            parameters=(_NONE_MATCH,),
        ),
        "/v1/templates": _operation(
            "templates",
            "The templates",
            {200: _json("TemplateList"), 304: unchanged},
            (400,),
            (_LIMIT, _CURSOR, _NONE_MATCH),
        ),
        "/v1/queues": _operation(
            "queues", "The queues", {200: _json("QueueList")}, (400,), (_LIMIT, _CURSOR)
        ),
        "/v1/requesters": _operation(
            "requesters", "The register", {200: _json("AgencyList")}, (400,), (_LIMIT, _CURSOR)
        ),
        "/v1/changes": _operation(
            "changes",
            "The change feed",
            {200: _json("ChangePage")},
            (400, 410),
            (_LIMIT, _parameter("after", "query", {"type": "string"})),
        ),
        "/v1/cases/{case_id}": _operation("case", "A case", {200: _json("Case")}, (404,), (_CASE,)),
        "/v1/cases/{case_id}/actions": _operation(
            "actions",
            "What was done on a case, oldest first",
            {200: _json("RecordList")},
            (400, 404),
            (_CASE, _LIMIT, _CURSOR),
        ),
        "/v1/attachments/{file_id}": _attachment(),
        "/v1/events": _operation(
            "events",
            "Says that the feed has news",
            {200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}},
        ),
    }


def _attachment() -> Json:
    file: Json = {"content": {"*/*": {"schema": {}}}}
    return _operation(
        "attachment",
        "An attachment's bytes",
        {200: file, 206: file},
        (403, 404, 416),
        (_parameter("file_id", "path", _ID), _RANGE),
    )


def _writing() -> list[tuple[str, str, Json]]:
    action = _operation(
        "act",
        "Do something on a case",
        {201: _json("Done")},
        (400, 403, 404, 409, 412, 413, 422, 428),
        (_CASE, _KEY, _MATCH, _HEAD),
        {"application/json": {"schema": _ref("Action")}},
    )
    new_case = _operation(
        "open_case",
        "Open a case by hand",
        {201: _json("Case")},
        (400, 403, 409, 413, 422),
        (_KEY,),
        {"application/json": {"schema": _ref("NewCase")}},
    )
    sha256 = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
    upload = _operation(
        "upload",
        "Take a file that a response refers to",
        {200: _json("Stored"), 201: _json("Stored")},
        (403, 413, 422),
        (_parameter("sha256", "path", sha256),),
        {"application/octet-stream": {"schema": {}}},
    )
    return [
        ("/v1/cases/{case_id}/actions", "post", action),
        ("/v1/cases", "post", new_case),
        ("/v1/uploads/{sha256}", "put", upload),
    ]
