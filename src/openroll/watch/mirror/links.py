"""Rewrite a page of the roll for a mirror: links stay within the copy or lead back to the roll, and nothing in it can run.

The page is read by an HTML parser and written out again as it was, but for the attributes that are changed. What no page of a
roll holds (a frame, a form, a script of another's, a style or a handler in the page) is a reason to take no copy.
"""

import re
from collections.abc import Callable, Sequence
from html import escape
from html.parser import HTMLParser

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; form-action 'none'; base-uri 'none'"
)
"""The roll's own policy for its pages, narrower where a copy needs nothing; frame-ancestors has no meaning in a page."""
REFUSED = frozenset({"iframe", "frame", "object", "embed", "applet", "base", "form", "style", "portal"})
_LINKS = {("a", "href"), ("link", "href"), ("img", "src"), ("script", "src"), ("source", "srcset")}
_RUNS = frozenset({"src", "srcset", "action", "formaction", "ping", "background", "poster", "data", "xlink:href"})


_HEAD = re.compile(r'<!DOCTYPE html>\s*<html [^<>]*>\s*<head>\s*<meta charset="utf-8">', re.IGNORECASE)
"""How a page begins; the policy comes right behind it, before anything that could run."""


class PageUnfit(Exception):
    """A page that a copy will not show; the message says why."""


Lead = Callable[[str, str], tuple[str, str]]
"""(tag, address) -> where it leads in the copy, and what to say beside the link when it leads out of it."""
Change = Callable[[str, dict[str, str | None]], dict[str, str | None]]


class _Copy(HTMLParser):
    """Writes a page out again while it is read."""

    def __init__(self, lead: Lead, scripts: Sequence[str], change: Change) -> None:
        super().__init__(convert_charrefs=False)
        self._lead = lead
        self._scripts = scripts
        self._change = change
        self._said: list[str] = []
        self.parts: list[str] = []
        self.metas: list[dict[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        raw = self.get_starttag_text() or ""
        given = dict(attrs)
        self._fit(tag, given)
        changed = self._change(tag, self._led(tag, given))
        self.parts.append(raw if changed == given else _tag(tag, changed, raw.endswith("/>")))
        if tag == "meta":
            self.metas.append(given)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self._said:
            self.parts.append(self._said.pop())
        self.parts.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        self.parts.append(data)

    def handle_entityref(self, name: str) -> None:
        self.parts.append(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.parts.append(f"&#{name};")

    def handle_decl(self, decl: str) -> None:
        self.parts.append(f"<!{decl}>")

    def unknown_decl(self, data: str) -> None:
        raise PageUnfit(f"it holds <![{data[:40]}")

    def handle_pi(self, data: str) -> None:
        raise PageUnfit(f"it holds <?{data[:40]}")

    def _fit(self, tag: str, given: dict[str, str | None]) -> None:
        if tag in REFUSED:
            raise PageUnfit(f"it holds <{tag}>")
        if tag == "meta" and "http-equiv" in given:
            raise PageUnfit("it gives headers of its own (http-equiv)")
        for name in given:
            if name.startswith("on") or name == "style" or (name in _RUNS and (tag, name) not in _LINKS):
                raise PageUnfit(f"it holds <{tag} {name}>")

    def _led(self, tag: str, given: dict[str, str | None]) -> dict[str, str | None]:
        led = dict(given)
        if tag == "script":
            place = (given.get("src") or "").split("?")[0]
            if place not in self._scripts:
                raise PageUnfit(f"it runs a script that no page of a roll runs: {place or 'one in the page'}"[:200])
        for name, value in given.items():
            if (tag, name) in _LINKS and value is not None:
                led[name], said = self._lead(tag, value)
                if tag == "a":
                    self._said = [said] if said else []
        return led


def _tag(tag: str, given: dict[str, str | None], closed: bool) -> str:
    said = "".join(f" {name}" if value is None else f' {name}="{escape(value)}"' for name, value in given.items())
    return f"<{tag}{said}{'/' if closed else ''}>"


def copied(html: str, lead: Lead, *, scripts: Sequence[str], change: Change, banner: str) -> str:
    """The page as the copy shows it: links led by `lead`, tags changed by `change`, policy and `banner` put in.

    `scripts` are the addresses of the scripts a page may run. `banner` is markup; it comes before the page's header, after the
    way past the menu. Raises Unfit.
    """
    parser = _Copy(lead, scripts, change)
    parser.feed(html)
    parser.close()
    if any(meta.get("name") == "openroll-copy" for meta in parser.metas):
        raise PageUnfit("it is itself a copy: mirror the roll's own address, or this log alone by its prefix")
    page = "".join(parser.parts).lstrip()
    head = _HEAD.match(page)
    before, header, after = page[head.end() :].partition("<header ") if head else ("", "", "")
    if head is None or not header:
        raise PageUnfit("it is not made like a page of a roll")
    metas = (
        f'\n  <meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '  <meta name="referrer" content="no-referrer">\n  <meta name="openroll-copy" content="1">'
    )
    return f"{head[0]}{metas}{before}{banner}\n{header}{after}"
