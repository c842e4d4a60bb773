"""What somebody who gets mails says about their address, by the link in each mail: no sign-in, and no script.

A mail program may send the one press itself (List-Unsubscribe-Post, RFC 8058): it has no cookie and no token of ours. The word in
the address is what lets in, and it is in nobody's hands but the mail's reader's.
"""

from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from openroll.service.application import Application
from openroll.service.identity import address_links
from openroll.web.auth import FormData, Lang, Request, page, to


@get("/{lang:str}/mails/{word:str}", include_in_schema=False)
async def mails(
    lang: FromPath[Lang], word: FromPath[str], request: Request, application: NamedDependency[Application]
) -> Response[str]:
    """How an address stands, and what its owner can say. Looking changes nothing: programs open links too."""
    named = address_links.named_by(application.roll, word)
    if named is None:
        return page("mails.html", request, application, lang, "find", status=404, word="", standing="unknown")
    standing = await application.ask(address_links.standing, named)
    return page("mails.html", request, application, lang, f"mails/{word}", word=word, standing=standing.value)


@post("/{lang:str}/mails/{word:str}", status_code=200, include_in_schema=False, exclude_from_csrf=True)
async def mails_said(
    lang: FromPath[Lang],
    word: FromPath[str],
    data: FormData,
    request: Request,
    application: NamedDependency[Application],
) -> Response[Any]:
    """Yes, no more, or mails again. What is not one of our buttons is a mail program's one press: no more."""
    named = address_links.named_by(application.roll, word)
    if named is None:
        return page("mails.html", request, application, lang, "find", status=404, word="", standing="unknown")
    said = data.get("said", "stop")
    if said == "confirm":
        await application.ask(address_links.confirm, named)
    elif said == "allow":
        await application.ask(address_links.allow, named)
    else:
        await application.ask(address_links.stop, named)
    return to(f"/{lang}/mails/{word}")


mails_handlers: tuple[ControllerRouterHandler, ...] = (mails, mails_said)
"""The pages that links in mails open."""
