"""The API against its own description: schemathesis asks what nobody would, and no answer is a fault of ours."""

import json
from typing import Any

import httpx
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from openroll.service.access import ROUTES
from openroll.service.identity.api_tokens import issue_token
from openroll.service.roll import Roll
from tests.seats import seated

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


def test_no_request_meets_a_fault_of_ours(served: tuple[str, Roll]) -> None:
    """Whatever is asked is answered below 500, as the description says: its statuses, its media types, its shapes."""
    address, roll = served
    lead = seated(roll, "east", "operator-lead")  # a program that files, and acts in requests for a seat as well
    token = issue_token(roll, "east", "schemathesis", seat=lead.number)
    headers = {"authorization": f"Bearer {token}", "idempotency-key": "k"}
    schema = schemathesis.openapi.from_url(f"{address}/api/openapi.json")
    operations: list[Any] = list(schema.get_all_operations())
    asked = [found.ok() for found in operations if found.ok().path.startswith("/api/v1")]
    described = {f"{operation.method.upper()} {operation.path}" for operation in asked}
    assert described == {line for line in ROUTES if "/api/v1/" in line}
    for operation in asked:
        ask(operation.as_strategy(), headers)


def ask(cases: Any, headers: dict[str, str]) -> None:
    """Ask one operation in many ways."""

    @settings(max_examples=25, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(case=cases)
    def check(case: Any) -> None:
        answer = case.call(headers=headers)
        case.validate_response(answer, checks=CHECKS)
        if answer.status_code >= 400:
            assert answer.headers["content-type"][0].startswith("application/problem+json"), answer.text

    check()


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
