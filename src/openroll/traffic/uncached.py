"""Litestar reads requests without keeping them: its parsers are bounded, and none of its caches holds what somebody sent.

Litestar keeps up to 1,024 raw forms, queries and lists of cookies, with what they hold, in `functools.lru_cache`s, and as many
addresses (`litestar/_parsers.py`, `_kwargs/extractors.py`, `datastructures/url.py`, `_asgi`). On a quiet roll that is weeks in
which names, telephone numbers and filing codes stand readable in the server's memory, and it lets anybody fill that memory with
forms that are refused. There is no setting, so the functions are put in their place here; `tests/web/test_nothing_kept.py`
walks every cache that is alive and would find a new one.
"""

from collections.abc import Callable
from typing import Any

from litestar import Litestar, _parsers, data_extractors
from litestar._asgi.routing_trie import traversal
from litestar._kwargs import extractors
from litestar.connection import base, request
from litestar.datastructures import url

from openroll.traffic.parts import COOKIES, QUERY, check, form_fields


def _uncached(function: Any) -> Callable[..., Any]:
    """The function beneath a cache; itself where it has none any more."""
    found: Callable[..., Any] = getattr(function, "__wrapped__", function)
    return found


_QUERY = _uncached(_parsers.parse_query_string)
_COOKIES = _uncached(_parsers.parse_cookie_string)


def parse_query_string(query_string: bytes) -> Any:
    """The parts of a query. Raises TooMuch."""
    check(query_string, b"&", QUERY)
    return _QUERY(query_string)


def parse_cookie_string(cookie_string: str) -> Any:
    """The cookies of a header. Raises TooMuch."""
    check(cookie_string.encode("latin-1", "replace"), b";", COOKIES)
    return _COOKIES(cookie_string)


_OURS = {
    "parse_query_string": parse_query_string,
    "parse_cookie_string": parse_cookie_string,
    "parse_url_encoded_form_data": form_fields,
}


def keep_no_requests(app: Litestar) -> None:
    """Have an application, and Litestar in this process, keep nothing of what is sent.

    Raises AttributeError for a Litestar that is built otherwise.
    """
    for module in (_parsers, data_extractors, extractors, base, request, url):
        for name in _OURS.keys() & vars(module).keys():
            setattr(module, name, _OURS[name])
    for owner, name in ((extractors, "create_query_default_dict"), (traversal, "parse_path_params")):
        setattr(owner, name, _uncached(getattr(owner, name)))
    for name in ("_new", "from_components"):
        setattr(url.URL, name, classmethod(_uncached(getattr(url.URL, name).__func__)))
    router: Any = app.asgi_router
    router.handle_routing = router._handle_routing
