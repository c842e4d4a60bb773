"""Lending a bridge: Lantern's own widget, Browsers Unbounded, on pages for reading, where the keeper switched it on.

It is somebody else's program from somebody else's server, and it runs where it is loaded. So it comes only when a reader asks
for it (`?bridge=1`), only on pages that hold nothing of anyone's, and such a page is of nobody: shown without a session, with a
policy that lets no script reach this roll (no `connect-src 'self'`, no frames, no workers, no forms of ours) and in a browsing
context group apart from the roll's other pages (COOP), so that a window it opens cannot be read.
"""

from typing import Any

from litestar import MediaType, Response

from openroll.service.application import Application
from openroll.web.auth import Request, page
from openroll.web.pages import render

OFFERED, LENT = "offered", "lent"
_LANTERN = "https://embed.lantern.io"
POLICY = "; ".join(
    (
        "default-src 'none'",
        "object-src 'none'",
        f"script-src {_LANTERN} 'wasm-unsafe-eval'",
        # The widget makes its styles in the page.
        "style-src 'self' 'unsafe-inline'",
        f"img-src 'self' data: {_LANTERN}",
        f"connect-src {_LANTERN} https://geo.getiantem.org https://freddie.iantem.io wss://unbounded.iantem.io",
        f"frame-src {_LANTERN}",
        "worker-src 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
"""Where the widget of 2026 comes from and whom it calls (getlantern/unbounded, ui/.env.production.example), and nothing else."""


def reading_page(
    name: str, request: Request, application: Application, lang: str, here: str, **given: Any
) -> Response[str]:
    """A page that is for reading only, where a bridge may be lent if the keeper has switched that on."""
    if not request.app.state.lend_a_bridge:
        return page(name, request, application, lang, here, **given)
    if request.query_params.get("bridge") != "1":
        return page(name, request, application, lang, here, bridge=OFFERED, **given)
    html = render(name, application, lang, here, bridge=LENT, **given)
    headers = {
        "cache-control": "no-store",
        "content-security-policy": POLICY,
        "cross-origin-opener-policy": "unsafe-none",
    }
    return Response(html, media_type=MediaType.HTML, headers=headers)
