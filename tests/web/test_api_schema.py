"""The API against its own description: schemathesis asks what nobody would, and no answer is a fault of ours."""

from typing import Any

import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error

from openroll.service.identity.api_tokens import issue_token
from openroll.service.roll import Roll


def test_no_request_meets_a_fault_of_ours(served: tuple[str, Roll]) -> None:
    """Whatever the description allows, and what it does not, is answered below 500, and refused in the one form."""
    address, roll = served
    headers = {"authorization": f"Bearer {issue_token(roll, 'east', 'schemathesis')}", "idempotency-key": "k"}
    schema = schemathesis.openapi.from_url(f"{address}/api/openapi.json")
    operations: list[Any] = list(schema.get_all_operations())
    asked = [found.ok() for found in operations if found.ok().path.startswith("/api/v1")]
    assert len(asked) == 12
    for operation in asked:
        ask(operation.as_strategy(), headers)


def ask(cases: Any, headers: dict[str, str]) -> None:
    """Ask one operation in many ways."""

    @settings(max_examples=25, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(case=cases)
    def check(case: Any) -> None:
        answer = case.call(headers=headers)
        case.validate_response(answer, checks=[not_a_server_error])
        if answer.status_code >= 400:
            assert answer.headers["content-type"][0].startswith("application/problem+json"), answer.text

    check()
