"""What `/api/openapi.json` says beyond the shapes that the routes' own types give: who may ask, keys, and refusals."""

from dataclasses import dataclass

from litestar.openapi import OpenAPIConfig, ResponseSpec
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import (
    Components,
    OpenAPIMediaType,
    OpenAPIType,
    Operation,
    Parameter,
    RequestBody,
    Schema,
    SecurityScheme,
)

from openroll.api.problems import PROBLEM, Problem

BEARER = "operatorToken"
BY_TOKEN: list[dict[str, list[str]]] = [{BEARER: []}]
"""The security of a route for operators' programs."""

_MEANINGS = {
    400: "The request cannot be read: no JSON, a member of another type, an unknown member (`request-shape`), or no "
    "Idempotency-Key (`key-missing`).",
    401: "The token is missing, unknown or ended (`token-unknown`). Said before anything else of the request is judged.",
    403: "This is not yours to do.",
    404: "There is no such filing, receipt or address.",
    405: "This method is not known here.",
    409: "The act does not fit what stands on the record, or the Idempotency-Key was used for another filing (`key-reused`).",
    413: "The body is larger than it may be.",
    415: "The body is not of the media type that is asked for.",
    422: "The request was read and is refused: faulty filings (`filing-faulty`, `file-faulty`) say every fault in `faults`.",
    429: "Too many at once: `Retry-After` says in how many seconds to come again.",
    503: "Not now, or it is not known whether it was taken. Send it again with the same key.",
    507: "There is no room on the disk.",
}
_FOR_ANYONE = (400, 404, 429, 503)
_FOR_OPERATORS = (400, 401, 404, 429, 503)
_SENT = (409, 413, 415, 422)


def problems(
    *, token: bool = False, sent: bool = False, more: tuple[int, ...] = (), only: tuple[int, ...] = ()
) -> dict[int, ResponseSpec]:
    """The refusals that a route may answer with, for its `responses`. `sent`: it takes a body."""
    statuses = only or (_FOR_OPERATORS if token else _FOR_ANYONE) + (_SENT if sent else ()) + more
    return {
        status: ResponseSpec(Problem, generate_examples=False, description=_MEANINGS[status], media_type=PROBLEM)
        for status in sorted(statuses)
    }


@dataclass
class FilingOperation(Operation):
    """The description of filing one: it carries a key of the sender's."""

    def __post_init__(self) -> None:
        """Litestar's own description knows of no header that a handler reads by itself."""
        key = Parameter(
            name="Idempotency-Key",
            param_in="header",
            required=True,
            description="1 to 64 printable ASCII characters, a new one for each filing. Sent again with the same filing it "
            "gives the same answer (200) for seven days, and nothing is filed twice.",
            schema=Schema(type=OpenAPIType.STRING, min_length=1, max_length=64, pattern="^[\\x21-\\x7e]{1,64}$"),
        )
        self.parameters = [*(self.parameters or []), key]


@dataclass
class FileOperation(Operation):
    """The description of filing many: its body is a file."""

    def __post_init__(self) -> None:
        """The handler reads the body by itself, as it comes."""
        types = ("text/csv", "application/x-ndjson", "application/vnd.apache.parquet")
        file = Schema(type=OpenAPIType.STRING, content_media_type="application/octet-stream")
        self.request_body = RequestBody(
            description="What `openroll pack` writes. Its kind is found from its content.",
            required=True,
            content={one: OpenAPIMediaType(schema=file) for one in types},
        )


DESCRIPTION = """\
For an operator's programs, and for whoever holds a filing code.

**Who you are.** An operator's program sends `Authorization: Bearer TOKEN`; `openroll token` or the page Tokens makes one. A wrong
token is refused (401) before anything else is judged. `/api/v1/record` and `/api/v1/receipt` take a filing code instead.

**Filing one.** `POST /api/v1/filings` with an `Idempotency-Key` of your own. `handle` and `digests` are what `openroll pack`
makes of your list, on your side (docs/operator-file.md): account numbers and names never travel. An answer of 201 or 200 means
that it is stored durably.

**Refusals** are problems (RFC 9457, `application/problem+json`). `code` is stable; `detail` is a sentence in the language of
`Accept-Language`.

**Receipts** come once the filing has its place in the public log, a second or so later: until then the answer is 404 with the
code `not-in-log-yet`.
"""


def openapi_config() -> OpenAPIConfig:
    """The description at `/api/openapi.json`."""
    return OpenAPIConfig(
        title="Openroll",
        version="1",
        description=DESCRIPTION,
        path="/api",
        render_plugins=[JsonRenderPlugin()],
        components=Components(
            security_schemes={
                BEARER: SecurityScheme(
                    type="http",
                    scheme="bearer",
                    description="An operator's token: `openroll token`, or the page Tokens.",
                )
            }
        ),
    )
