"""Refusals on the wire: RFC 9457 problems, one code each, in the reader's language."""

import re
from typing import Any

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException, NotFoundException, ValidationException
from litestar.types import ExceptionHandlersMap

from openroll.register.decision import Refused
from openroll.register.refusals import OutcomeUnknown, RequestShape
from openroll.rules.language import ENGLISH, PRESET_LANGUAGES, negotiated
from openroll.service.identity.sessions import stands
from openroll.sheet import Fault
from openroll.words import say_refused
from openroll.words.catalogue import spoken

PROBLEM = "application/problem+json"


class Problem(msgspec.Struct):
    """What every refusal is sent as, `application/problem+json` (RFC 9457).

    `type` is `urn:openroll:refusal:` with the `code` behind it, or about:blank where HTTP itself says it all (no such address,
    no such method). `detail` is a sentence in the language of `Accept-Language`, and `params` are what it says. `rule` and
    `citation` name the article that it comes from. `faults` are those of a filing or a file, `fault_count` how many there are.
    """

    type: str
    title: str
    status: int
    detail: str | msgspec.UnsetType = msgspec.UNSET
    code: str | msgspec.UnsetType = msgspec.UNSET
    params: dict[str, Any] | msgspec.UnsetType = msgspec.UNSET
    rule: str | msgspec.UnsetType = msgspec.UNSET
    citation: str | msgspec.UnsetType = msgspec.UNSET
    faults: tuple[Fault, ...] | msgspec.UnsetType = msgspec.UNSET
    fault_count: int | msgspec.UnsetType = msgspec.UNSET


class RefusedError(Exception):
    """Carries a refusal out of a handler, with the faults of a row or a file if there are any."""

    def __init__(self, refused: Refused, faults: tuple[Fault, ...] = (), fault_count: int = 0) -> None:
        super().__init__(refused.refusal.code)
        self.refused = refused
        self.faults = faults
        self.fault_count = fault_count or len(faults)


def language(request: Request[Any, Any, Any]) -> str:
    """The language of the roll that the program prefers (`Accept-Language`), else English."""
    app = request.scope.get("litestar_app")  # none where a fault came before anybody knew whose the request is
    languages = PRESET_LANGUAGES if app is None else app.state.application.roll.languages
    return negotiated(request.headers.get("accept-language", ""), languages, ENGLISH)


def problem(request: Request[Any, Any, Any], error: RefusedError) -> Response[Any]:
    """A refusal as a problem."""
    refusal = error.refused.refusal
    lang = language(request)
    body = Problem(
        f"urn:openroll:refusal:{refusal.code}",
        refusal.code.replace("-", " "),
        refusal.status,
        say_refused(error.refused, lang),
        refusal.code,
        refusal.params,
    )
    if error.refused.rule:
        body.rule, body.citation = error.refused.rule, error.refused.citation
    if error.faults:
        body.faults, body.fault_count = error.faults, error.fault_count
    headers = {"content-language": spoken(lang), "cache-control": "no-store"}
    if refusal.retry_after:
        headers["retry-after"] = str(refusal.retry_after)
    return Response(body, status_code=refusal.status, media_type=PROBLEM, headers=headers)


def _refused(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    if not isinstance(error, RefusedError):
        raise error
    return problem(request, error)


def _too_deep(request: Request[Any, Any, Any], _: Exception) -> Response[Any]:
    return problem(request, RefusedError(Refused(RequestShape(detail="it is nested too deeply"))))


def is_no_such(error: Exception) -> bool:
    """Whether what is refused is the address alone: it names a number that nothing can have."""
    extra = getattr(error, "extra", None)
    faults = extra if isinstance(extra, list) else []
    return bool(faults) and all(isinstance(one, dict) and one.get("source") == "path" for one in faults)


_AT = re.compile(r" - at `\$\.?(?:data\b)?\.?(?P<where>.*)`$", re.DOTALL)
"""Where in a request something is of the wrong shape, as msgspec says it; its `data` is the body."""


def _shape(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    if is_no_such(error):
        return http_problem(request, NotFoundException("nothing has such a number or digest"))
    detail = "; ".join(
        str(one.get("message", "")) for one in getattr(error, "extra", None) or [] if isinstance(one, dict)
    )
    at = _AT.search(str(error.__cause__ or ""))
    if detail and at and at["where"]:
        detail = f"`{at['where']}`: {detail}"
    refusal = RequestShape(detail=detail or str(getattr(error, "detail", error)))
    return problem(request, RefusedError(Refused(refusal)))


def http_problem(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """What the framework itself refuses (no such address, no such method) in the same form; bad JSON as `request-shape`."""
    status = getattr(error, "status_code", 500)
    if stands() and request.method == "POST" and status < 500:  # it came behind what was done
        return problem(request, RefusedError(Refused(OutcomeUnknown())))
    if status == 400:
        return _shape(request, error)
    title = str(getattr(error, "detail", "")) or "error"
    body = Problem("about:blank", title, status)
    headers = dict(getattr(error, "headers", None) or {}) | {"cache-control": "no-store"}
    if status in (429, 503):
        headers.setdefault("retry-after", "30")
    return Response(body, status_code=status, media_type=PROBLEM, headers=headers)


exception_handlers: ExceptionHandlersMap = {
    RefusedError: _refused,
    ValidationException: _shape,
    RecursionError: _too_deep,
    HTTPException: http_problem,
}
"""For the API's routes: Litestar's own errors would be a second form of error."""
