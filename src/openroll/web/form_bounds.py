"""How large the form of each page may be, and how one is read: within that, on its own, and kept by nobody."""

import asyncio

from litestar.exceptions import HTTPException
from litestar.utils.scope.state import ScopeState

from openroll.register.decision import Refused
from openroll.register.refusal import Refusal
from openroll.register.request_refusals import AddressTooLong, CookiesTooLarge, FormTooLarge
from openroll.traffic.parts import COOKIES, FORM, QUERY, Bounds, TooMuch, check, form_fields
from openroll.web.auth import Request, let_in

LARGER: dict[str, Bounds] = {
    "/{lang}/disclosures": Bounds(200_000, 10),
    "/{lang}/desk/ask": Bounds(150_000, 60),
    "/{lang}/desk/{number}": Bounds(150_000, 60),
    "/{lang}/operator/sites/list": Bounds(500_000, 5),
    "/{lang}/registrar/rules": Bounds(1_000_000, 20),
    "/{lang}/registrar/jurisdiction": Bounds(4_000_000, 20),
}
"""Pages whose forms hold a long text: disclosures, an envelope, a list of sites, a rule, a jurisdiction with its districts (nine
bytes a Chinese character)."""
_BESIDE = 8_000
"""Bytes of a form that are taken apart in a few milliseconds at worst; with more that is done beside the event loop."""


class OutOfBounds(HTTPException):
    """A request that is larger than anything that is asked for here; nothing of it was read."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(detail=refusal.code, status_code=refusal.status, headers={"connection": "close"})
        self.refused = Refused(refusal)


def check_head(query: bytes, cookies: list[bytes]) -> None:
    """Raise OutOfBounds for a query or cookies that are too large."""
    try:
        check(query, b"&", QUERY)
    except TooMuch:
        raise OutOfBounds(AddressTooLong(most=QUERY.size, parts=QUERY.parts)) from None
    try:
        check(b"; ".join(cookies), b";", COOKIES)
    except TooMuch:
        raise OutOfBounds(CookiesTooLarge(most=COOKIES.size, parts=COOKIES.parts)) from None


async def read_form(request: Request) -> dict[str, str | list[str]]:
    """The fields of the form that a request brings. Raises OutOfBounds before more than its page's bytes are read."""
    template = str(request.scope.get("path_template", ""))
    bounds = LARGER.get(template, FORM)
    if template in LARGER:
        await let_in(request)
    too_large = OutOfBounds(FormTooLarge(most=bounds.size, fields=bounds.parts))
    if (request.content_length or 0) > bounds.size:
        raise too_large
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > bounds.size:
            raise too_large
    # A handler that takes JSON asks for the body itself: nothing more of it comes.
    ScopeState.from_scope(request.scope).body = bytes(body)
    try:
        if len(body) > _BESIDE:
            return await asyncio.to_thread(form_fields, bytes(body), bounds)
        return form_fields(bytes(body), bounds)
    except TooMuch:
        raise too_large from None
