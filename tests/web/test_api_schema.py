"""The API against its own description: schemathesis asks what nobody would, and no answer is a fault of ours."""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, get_args, get_type_hints

import httpx
import schemathesis
from hypothesis import HealthCheck, given, settings
from litestar.params import JSONBody, ParameterKwarg
from msgspec import inspect
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from openroll.api.app import api_routes
from openroll.api.filing import Row
from openroll.service.access import ROUTES
from openroll.service.identity.api_tokens import issue_token
from openroll.service.roll import Roll
from tests.seats import seated

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


def test_no_request_meets_a_fault_of_ours(served: tuple[str, Roll]) -> None:
    """Whatever is asked is answered below 500, as the description says: its statuses, its media types, its shapes."""
    address, roll = served
    lead = seated(roll, "east", "operator-lead")
    files, acts = (issue_token(roll, "east", "schemathesis", seat=seat) for seat in (0, lead.number))
    schema = schemathesis.openapi.from_url(f"{address}/api/openapi.json")
    operations: list[Any] = list(schema.get_all_operations())
    asked = [found.ok() for found in operations if found.ok().path.startswith("/api/v1")]
    described = {f"{operation.method.upper()} {operation.path}" for operation in asked}
    assert described == {line for line in ROUTES if "/api/v1/" in line}
    for operation in asked:
        token = acts if re.search("requests|uses|envelope-keys|sites", operation.path) else files
        ask(operation.as_strategy(), {"authorization": f"Bearer {token}", "idempotency-key": "k"})


def ask(cases: Any, headers: dict[str, str]) -> None:
    """Ask one operation in many ways."""

    @settings(max_examples=15, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(case=cases)
    def check(case: Any) -> None:
        answer = case.call(headers=headers)
        case.validate_response(answer, checks=CHECKS)
        if answer.status_code >= 400:
            assert answer.headers["content-type"][0].startswith("application/problem+json"), answer.text

    check()


def test_no_value_reaches_the_database_that_it_cannot_hold() -> None:
    """A number is bounded, a text in a body holds no NUL (in an address none does).

    Of what stands in an address Litestar holds to the bounds of its own parameter alone, and passes others over.
    """
    unbounded = [
        f"{handler}: {name} {leaf}"
        for handler in api_routes
        for name, hint in get_type_hints(handler.fn, include_extras=True).items()
        if name == "data" or "Parameter" in repr(hint)
        for leaf in leaves(inspect.type_info(hint))
        if hint is not JUDGED and not (held(leaf, in_body=True) if name == "data" else held_in_address(leaf, hint))
    ]
    assert unbounded == [], unbounded


JUDGED = JSONBody[Row]
"""The cells of a filing have verdicts of their own, the same as a file's."""


def leaves(found: inspect.Type) -> Iterator[inspect.Type]:
    """The simple types of which a type is made."""
    if isinstance(found, inspect.StructType):
        parts: Iterable[inspect.Type] = [field.type for field in found.fields]
    elif isinstance(found, inspect.UnionType):
        parts = found.types
    elif isinstance(found, inspect.ListType | inspect.VarTupleType):
        parts = [found.item_type]
    else:
        parts = []
        yield found
    for part in parts:
        yield from leaves(part)


def held_in_address(leaf: inspect.Type, hint: Any) -> bool:
    """As `held`, of a part of an address: by what its parameter says of it."""
    (parameter,) = (one for one in get_args(hint)[1:] if isinstance(one, ParameterKwarg))
    if isinstance(leaf, inspect.IntType):
        return bounded(parameter.ge, parameter.le)
    return held(leaf, in_body=False)


def bounded(least: float | None, most: float | None) -> bool:
    """Whether a number is one that a column holds."""
    return least is not None and most is not None and most < 2**63


def held(leaf: inspect.Type, in_body: bool) -> bool:
    """Whether whatever a simple type lets through is held by a column."""
    if isinstance(leaf, inspect.IntType):
        return bounded(leaf.ge, leaf.le)
    if isinstance(leaf, inspect.StrType):
        return not in_body or leaf.pattern is not None
    if isinstance(leaf, inspect.BytesType):
        return leaf.max_length is not None
    return isinstance(
        leaf, inspect.LiteralType | inspect.BoolType | inspect.NoneType | inspect.DateTimeType | inspect.DateType
    )


def test_a_program_can_file_with_the_description_alone(served: tuple[str, Roll]) -> None:
    """Who may ask, the key, every refusal in its real form: all in /api/openapi.json, and nothing that is never sent."""
    address, _ = served
    described = httpx.get(f"{address}/api/openapi.json").json()
    assert "Bearer" in described["info"]["description"]
    (scheme,) = described["components"]["securitySchemes"].items()
    assert (scheme[1]["type"], scheme[1]["scheme"]) == ("http", "bearer")
    routes = {path: route for path, route in described["paths"].items() if path.startswith("/api/v1")}
    for path, route in routes.items():
        for method, operation in route.items():
            where = f"{method} {path}"
            by_token = "token" in ROUTES[f"{method.upper()} {path}"]
            assert ("security" in operation) == ("401" in operation["responses"]) == by_token, where
            for status, answer in operation["responses"].items():
                if int(status) >= 400:
                    (media,) = answer["content"].items()
                    assert media[0] == "application/problem+json", where
                    assert media[1]["schema"]["$ref"].endswith("Problem"), where
    filing = routes["/api/v1/filings"]["post"]
    assert {"200", "201", "400", "401", "409", "422"} <= filing["responses"].keys()
    (key,) = [one for one in filing["parameters"] if one["name"] == "Idempotency-Key"]
    assert (key["in"], key["required"]) == ("header", True)
    assert "text/csv" in routes["/api/v1/files"]["post"]["requestBody"]["content"]
    assert "status_code" not in json.dumps(described)
