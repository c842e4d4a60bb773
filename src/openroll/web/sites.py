"""Sites as anybody sees them: a page for each, and a badge that leads there. The list of them is in `directory`."""

from collections.abc import Iterator
from datetime import date
from html import escape
from typing import Any
from unicodedata import east_asian_width

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, FromQuery

from openroll.register.site.number import number_text, read_number
from openroll.service.application import Application
from openroll.service.sites import lookup
from openroll.service.sites.look_ups import LOOKS_UP
from openroll.service.sites.lookup import Seen
from openroll.web.auth import Lang, Request, page
from openroll.web.requests import titles_in
from openroll.words import catalogue
from openroll.words.catalogue import gettext
from openroll.words.domains import domain_shown
from openroll.words.labels import EVENTS, words
from openroll.words.sites import BADGE, control_said, is_to_open, looks_said, state_said

_HEIGHT, _PAD, _NARROW, _WIDE = 28, 12, 8, 15
"""Of a badge, in pixels: its height, the room at both sides, and the widths of its letters."""
_INK = {"live": "#1d5c3a", "silent": "#7a4a00", "retired": "#5f5f5f", "ended": "#5f5f5f"}


@get("/{lang:str}/sites/{site:str}", include_in_schema=False, opt={LOOKS_UP: True})
async def site_page(
    lang: FromPath[Lang], site: FromPath[str], request: Request, application: NamedDependency[Application]
) -> Response[str]:
    """One site: what is filed of it, what was shown, and each step as the log has it."""
    number = _number(site)
    seen = await application.ask(lookup.by_number, number)
    if seen is None:
        raise NotFoundException
    facts = await application.ask(lookup.steps, number)
    titles = await application.ask(titles_in, lang)
    given: dict[str, Any] = {
        "number_said": number_text(number),
        "private": seen.private,
        "rows": list(_rows(seen, titles, lang, application.roll.day(application.roll.clock()))),
        "history": [(catalogue.day(lang, day), words(lang, EVENTS, name)) for name, day in facts],
    }
    return page("site.html", request, application, lang, f"sites/{number_text(number)}", **given)


@get("/sites/{site:str}/badge", include_in_schema=False, opt={LOOKS_UP: True})
async def site_badge(
    site: FromPath[str], application: NamedDependency[Application], lang: FromQuery[str] = ""
) -> Response[bytes]:
    """A picture for the site's own pages: its number and, where it does not simply answer, its state. Nothing in it runs."""
    number = _number(site)
    seen = await application.ask(lookup.by_number, number)
    if seen is None:
        raise NotFoundException
    languages = application.roll.languages
    said = gettext(lang if lang in languages else languages[0], BADGE[seen.state]).format(number=number_text(number))
    kept = {"cache-control": "public, max-age=3600"}
    return Response(badge(said, _INK[seen.state]), media_type="image/svg+xml", headers=kept)


def badge(said: str, ink: str) -> bytes:
    """A badge that says a text, as SVG."""
    text = escape(said)
    wide = 2 * _PAD + sum(_WIDE if east_asian_width(char) in "WF" else _NARROW for char in said)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide}" height="{_HEIGHT}" role="img" aria-label="{text}">'
        f'<title>{text}</title><rect width="{wide}" height="{_HEIGHT}" rx="4" fill="{ink}"/>'
        f'<text x="{wide // 2}" y="19" fill="#ffffff" font-family="system-ui, sans-serif" font-size="14"'
        f' text-anchor="middle">{text}</text></svg>'
    ).encode()


def _number(text: str) -> int:
    number = read_number(text)
    if number is None:
        raise NotFoundException
    return number


def _rows(seen: Seen, titles: dict[str, str], lang: str, today: date) -> Iterator[tuple[str, str]]:
    """What is said of a site, in rows."""
    yield gettext(lang, "State"), state_said(seen, lang, today)
    if seen.private or seen.filed is None or seen.began is None or seen.since is None:
        yield gettext(lang, "Filed in"), str(seen.year)
        return
    if not is_to_open(seen, today):
        yield gettext(lang, "So since"), catalogue.day(lang, seen.since)
    yield gettext(lang, "Domains"), catalogue.listed(lang, [domain_shown(one) for one in seen.domains])
    yield gettext(lang, "Organisation that answers for it"), seen.sponsor
    yield gettext(lang, "Services"), seen.services
    yield gettext(lang, "Operator that hosts it"), titles.get(seen.operator, seen.operator)
    yield gettext(lang, "Control of the domains"), control_said(seen, lang)
    yield from looks_said(seen, lang)
    yield gettext(lang, "Opens or opened on"), catalogue.day(lang, seen.began)
    yield gettext(lang, "Filed on"), catalogue.day(lang, seen.filed)
    if seen.changed is not None:
        yield gettext(lang, "Changed"), catalogue.day(lang, seen.changed)
    for one in seen.announced:
        said = [one.sponsor, *map(domain_shown, one.domains), one.services]
        yield gettext(lang, "From {day} on").format(day=catalogue.day(lang, one.on)), catalogue.listed(lang, said)


site_handlers = [site_page, site_badge]
"""The public pages on one site."""
