# The scripts below are run in the browser; their lines are as long as they need.
# ruff: noqa: E501
"""No page in any state is a barrier: axe, widths, zoom, languages of passages, focus and targets, light and dark.

A page at 200 % zoom in a window of 1280 px is the same thing as a page 640 px wide at two device pixels a pixel (WCAG 1.4.4
and 1.4.10): browsers zoom by changing exactly that.
"""

import gzip
import re
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import as_file, files
from typing import Literal

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from babel.messages.pofile import read_po
from playwright.sync_api import Browser, Page, Request

from tests.web.walk import Walk

pytestmark = pytest.mark.browser
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
AXE: dict[str, object] = {"runOnly": {"type": "tag", "values": TAGS}, "resultTypes": ["violations"]}
AXE |= {
    "preload": {"assets": ["media"]}
}  # by itself axe takes the theme apart too, in half of its time, for no rule of these
OF_COLOURS = ("color-contrast", "link-in-text-block")
COLOURS = {"runOnly": {"type": "rule", "values": list(OF_COLOURS)}, "resultTypes": ["violations"]}
OF_TARGETS = "target-size"
"""WCAG 2.5.8, which `_TARGETS` looks at on every page, on the narrowest screen and at a desk: a fifth of axe's time."""
BUT_COLOURS = AXE | {"rules": {rule: {"enabled": False} for rule in (*OF_COLOURS, OF_TARGETS)}}
NARROWEST = 320
WIDTHS = (NARROWEST, 390, 640, 1280)
"""Pixels: the narrowest screen of WCAG 1.4.10, a phone, a desk at 200 %, a desk."""
HEIGHT = 844
HEAVIEST = 100_000
"""Bytes of a page with its theme and scripts, as they come over the wire."""


def _untranslated() -> list[list[str]]:
    """Pattern and text of the texts that the Chinese catalogue does not have yet: English is all that a page can say there."""
    with as_file(files("openroll.words") / "locale/zh/LC_MESSAGES/messages.po") as path, path.open("rb") as file:
        missing = [str(one.id) for one in read_po(file) if one.id and (not one.string or one.fuzzy)]
    missing = [part.strip() for text in missing for part in text.split("`") if part.strip()]
    return [[re.sub(r"%\\\(\w+\\\)s|\\\{\w+\\\}", ".*", re.escape(text)), text] for text in missing]


@pytest.mark.parametrize(
    ("lang", "scheme", "width", "scale"),
    [("en", "light", 390, 1), ("zh", "dark", 1280, 2)],
    ids=["en-light", "zh-dark"],
)
def test_no_page_is_a_barrier(
    still: Browser, walk: Walk, lang: str, scheme: Literal["light", "dark"], width: int, scale: int
) -> None:
    """In one walk of every state: nothing that axe finds, wider than its screen, out of reach, in no language, heavy, or an act.

    Each fault is told with its state and the check that found it. Colours are looked at once for each place of a text. The walk in
    Chinese is through the same elements in other words and colours: there axe looks at colours, and the rest is checked by our
    own scripts, which look at words and sizes.
    """
    context = still.new_context(
        viewport={"width": width, "height": HEIGHT}, color_scheme=scheme, device_scale_factor=scale
    )
    context.add_init_script(AXE_SCRIPT)  # half a megabyte, sent once, and not to each page
    page = context.new_page()
    untranslated = _untranslated() if lang == "zh" else []
    found, seen, acts = [], set[str](), list[str]()
    widths = sorted(
        WIDTHS, key=lambda one: (one != width, one == NARROWEST)
    )  # its own first, and the narrowest for what follows
    page.on("request", lambda one: acts.append(one.url) if _is_act(one) else None)
    for state in walk.states:
        page.set_viewport_size({"width": width, "height": HEIGHT})
        walk.go(page, state, lang)
        checks = {
            "weight": _heavy(page),
            "page": page.evaluate(_ONE_PAGE, [lang, untranslated]),
            "axe": _axe(page, options=BUT_COLOURS) if scheme == "light" else [],
            "colours": _colours(page, seen),
            "size": _sizes(page, widths),
            "focus": _focus(page) if scheme == "light" else [],
            "acts by itself": [acts.pop() for _ in tuple(acts)],
        }
        found += [
            f"{state.name} ({lang}, {scheme}): {check}: {fault}" for check, faults in checks.items() for fault in faults
        ]
    context.close()
    assert not found, "\n".join(found)


def _is_act(request: Request) -> bool:
    """Whether a page's script sent something. Whatever opens a link would do that: a preview, a scanner of mails."""
    return request.method not in ("GET", "HEAD") and not request.is_navigation_request()


def _heavy(page: Page) -> list[str]:
    """HTML, theme and scripts come in under 100 KB on a first load, compressed as they are sent. First: axe adds to the page."""
    text, names = page.evaluate(_WRITTEN)
    whole = len(gzip.compress(text.encode())) + sum(map(_compressed, names))
    return [] if 10_000 < whole < HEAVIEST else [f"{whole} bytes"]


@cache
def _compressed(name: str) -> int:
    """Bytes of a file of the theme or of scripts, compressed; the same on every page."""
    return len(gzip.compress((files("openroll.web") / "static" / name).read_bytes()))


def _axe(page: Page, where: list[str] | None = None, options: Mapping[str, object] = AXE) -> list[str]:
    """WCAG A and AA up to 2.2, and axe's best practice."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    violations = page.evaluate(_VIOLATIONS, [where, options])
    return [
        f"{one['id']}: {node['html'][:200]} {node['failureSummary'][:300]}"
        for one in violations
        for node in one["nodes"]
    ]


def _colours(page: Page, seen: set[str]) -> list[str]:
    """What axe finds of colours, at every text that has not been `seen` in the same place on another page.

    The theme gives a text its colours by the elements around it, their classes and states and what stands before them: a text
    in the same place has the same colours, whatever it says. So each place is looked at once, which is most of axe's time.
    """
    places = page.evaluate(_PLACES)
    fresh = [number for number, place in enumerate(places) if place not in seen]
    seen.update(places)
    if not fresh:
        return []
    page.evaluate(_MARK, fresh)
    return _axe(page, ["[data-fresh]"], COLOURS)


def _sizes(page: Page, widths: Sequence[int]) -> list[str]:
    """No page is wider than its screen at any width; targets are 24 px on the narrowest and at a desk. The first width is set."""
    found = []
    for width in widths:
        if width != widths[0]:
            page.set_viewport_size({"width": width, "height": HEIGHT})
        found += page.evaluate(_FITS)
        if width in (NARROWEST, 1280):
            found += page.evaluate(_TARGETS)
    return [str(one) for one in found]


def _focus(page: Page) -> list[str]:
    """Focus is taken and seen, and nothing lies over it on the narrowest screen, which `_sizes` leaves behind."""
    assert page.viewport_size == {"width": NARROWEST, "height": HEIGHT}
    return [str(one) for one in page.evaluate(_FOCUS)]


def test_a_text_is_looked_at_in_each_new_place(browser: Browser) -> None:
    """Colours are looked at where no page before had a text in such a place: another class, state or element around it is new."""
    page, seen = browser.new_page(), set[str]()
    style = "<style>body { background: #fff; color: #000 } .faint, [aria-current] p { color: #eee }</style>"
    for body, faults in (
        ("<p>Read</p>", 0),
        ("<p>Other words</p>", 0),
        ('<p class="faint">Read</p>', 1),
        ('<p class="faint">Other words</p>', 0),  # told once
        ('<div aria-current="page"><p>Read</p></div>', 1),
    ):
        page.set_content(f"<!doctype html><html lang=en><title>T</title>{style}<body><main>{body}</main></body></html>")
        assert len(_colours(page, seen)) == faults, body
    page.close()


def test_colours_hold_on_paper(browser: Browser, walk: Walk) -> None:
    """Printed, a receipt is dark on white, whatever the screen's colours, and shows no code that nobody asked for."""
    context = browser.new_context(color_scheme="dark")
    page = context.new_page()
    state = next(one for one in walk.states if one.name == "receipt")
    walk.go(page, state, "en")
    page.emulate_media(media="print", color_scheme="dark")
    ink, paper = page.evaluate(
        "() => { const style = getComputedStyle(document.body); return [style.color, style.backgroundColor] }"
    )
    assert [sum(map(int, re.findall(r"\d+", colour)[:3])) > 380 for colour in (ink, paper)] == [False, True]
    assert page.locator(".roll-nav").first.is_hidden()
    assert not page.get_by_text(walk.codes["new"]).is_visible()
    context.close()


_VIOLATIONS = "([where, options]) => axe.run(where || document, options).then((found) => found.violations)"
_TEXTS = """[...document.body.querySelectorAll("*")].filter((one) => one.matches("input, select, textarea") ||
    [...one.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim()))"""
_PLACES = (
    """() => {
  // All that the theme selects by, but for what an element says of itself and where it leads.
  const own = new Set(["href", "id", "for", "name", "value", "action", "title", "datetime", "colspan", "rowspan", "headers"]);
  const look = (one) => one.tagName + [...one.attributes].filter(({name}) => !own.has(name) && !name.startsWith("aria-label") && name !== "aria-describedby")
    .map(({name, value}) => `[${name}=${value}]`).sort().join("") + (one.matches(":checked") ? ":checked" : "") + (one.matches(":disabled") ? ":disabled" : "") +
    (/^https?:/.test(one.getAttribute("href") || "") ? "[elsewhere]" : "");
  const around = new Map();
  const place = (one) => {
    if (!around.has(one)) around.set(one, look(one) + (one === document.body ? "" : " < " + place(one.parentElement)));
    return around.get(one);
  };
  const digest = (text) => {  // 53 bits are enough to tell some thousands of places apart
    let a = 0xdeadbeef, b = 0x41c6ce57;
    for (let at = 0; at < text.length; at++) {
      a = Math.imul(a ^ text.charCodeAt(at), 2654435761);
      b = Math.imul(b ^ text.charCodeAt(at), 1597334677);
    }
    a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
    b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
    return String(4294967296 * (2097151 & b) + (a >>> 0));
  };
  return """
    + _TEXTS
    + """.map((one) => digest(place(one) + (one.previousElementSibling ? look(one.previousElementSibling) : "")));
}"""
)
_MARK = "(fresh) => { const texts = " + _TEXTS + '; for (const number of fresh) texts[number].dataset.fresh = ""; }'
_WRITTEN = r"""() => [document.documentElement.outerHTML,
  [...document.querySelectorAll('link[rel=stylesheet], script[src]')]
    .map((one) => new URL(one.href || one.src).pathname.replace(/^.*\/static\//, ""))]"""
_FITS = """() => {
  const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  if (wide <= 0) return [];
  const most = innerWidth + 1;
  const over = [...document.querySelectorAll("body *")].filter((one) => !one.closest(".roll-scroll") && one.getBoundingClientRect().right > most);
  return [`${wide} px wider than ${innerWidth}: ${over.slice(-2).map((one) => one.outerHTML.slice(0, 120)).join(" | ")}`];
}"""
_ONE_PAGE = r"""([lang, untranslated]) => {
  const missing = (text) => untranslated.some(([pattern, whole]) =>
    new RegExp(`^[ :·,(]*${pattern}[ .,)]*$`, "s").test(text) || (text.length > 7 && whole.includes(text)) || (whole.length > 12 && text.includes(whole)));
  const found = [], own = lang === "zh" ? "zh-Hans" : "en";
  if (document.querySelectorAll("h1").length !== 1) found.push(`${document.querySelectorAll("h1").length} h1`);
  if (document.documentElement.lang !== own) found.push(`lang is ${document.documentElement.lang}`);
  for (const one of document.querySelectorAll("[hidden]")) if (one.checkVisibility()) found.push(`hidden, and seen: ${one.outerHTML.slice(0, 120)}`);
  // Two landmarks of one kind are told apart by what they are called, in this language too.
  const marks = [...document.querySelectorAll("nav, section[aria-label], section[aria-labelledby], form[aria-label], form[aria-labelledby], aside, [role=region], [role=navigation], [role=search]")]
    .filter((one) => one.checkVisibility()).map((one) => one.tagName + (one.getAttribute("role") || "") + ":" + (one.getAttribute("aria-label") ||
      (one.getAttribute("aria-labelledby") || "").split(" ").map((id) => document.getElementById(id)?.textContent.trim()).join(" ")));
  for (const one of marks.filter((mark, at) => marks.indexOf(mark) !== at)) found.push(`two landmarks ${one}`);
  for (const script of document.scripts) if (!script.src) found.push("a script in the page");
  for (const one of document.querySelectorAll("[style], style")) found.push(`a style in the page: ${one.outerHTML.slice(0, 120)}`);
  for (const image of document.images) if (!image.alt) found.push(`no alternative: ${image.outerHTML.slice(0, 120)}`);
  for (const drawing of document.querySelectorAll("svg")) {
    const said = drawing.getAttribute("aria-hidden") === "true" || drawing.querySelector("title");
    if (!said) found.push(`no alternative: ${drawing.outerHTML.slice(0, 120)}`);
  }
  // Text in another language than the page's says so: Chinese anywhere; on Chinese pages, three English words and no Chinese.
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = texts.nextNode(); node; node = texts.nextNode()) {
    const text = node.data.trim(), in_ = node.parentElement.closest("[lang]").lang;
    // `mul` says that several languages stand there (ISO 639-2): a place's own texts, to be edited. `und` that none is said: articles.
    if (!text || in_ === "mul" || in_ === "und" || node.parentElement.closest("script, style, noscript")) continue;
    const chinese = /\p{Script=Han}/u.test(text);
    if (chinese && !in_.startsWith("zh")) found.push(`Chinese within lang ${in_}: ${text.slice(0, 80)}`);
    const words = text.match(/[A-Za-z]{2,}/g) || [];
    if (!chinese && words.length > 2 && /[a-z] [a-z]/i.test(text) && in_ !== "en" && !missing(text.replace(/\s+/g, " "))) found.push(`English within lang ${in_}: ${text.slice(0, 80)}`);
  }
  return found;
}"""
_TARGETS = """() => {
  // WCAG 2.5.8: 24 by 24 px, but for links within a sentence or a list of them apart by 24 px from centre to centre.
  const found = [];
  const seen = [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary")]
    .filter((one) => one.checkVisibility({visibilityProperty: true}) && !one.closest(".govuk-skip-link"));
  const boxes = seen.map((one) => one.getBoundingClientRect());
  seen.forEach((one, place) => {
    const box = boxes[place];
    if (one.matches(".govuk-skip-link") || (box.height >= 24 && box.width >= 24)) return;
    if (one.matches("a") && one.closest("p, li, dd, td, th") && one.parentElement.innerText.trim() !== one.innerText.trim()) return;
    const x = box.x + box.width / 2, y = box.y + box.height / 2;
    const near = boxes.some((other, at) => at !== place && other.width &&
      Math.max(other.left - x, x - other.right, 0) ** 2 + Math.max(other.top - y, y - other.bottom, 0) ** 2 < 144);
    if (near) found.push(`${Math.round(box.width)} x ${Math.round(box.height)} px: ${one.outerHTML.slice(0, 140)}`);
  });
  return found;
}"""
_FOCUS = """() => {
  const found = [];
  const all = [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']")]
    .filter((one) => one.checkVisibility({visibilityProperty: true}));
  const look = (one) => {
    const style = getComputedStyle(one), beside = one.nextElementSibling && getComputedStyle(one.nextElementSibling, "::before");
    return [style.outlineStyle, style.outlineWidth, style.outlineColor, style.boxShadow, style.backgroundColor, style.borderColor,
            one.matches(".govuk-radios__input, .govuk-checkboxes__input") && beside ? beside.boxShadow + beside.borderWidth : ""].join();
  };
  for (const one of all) {
    document.activeElement.blur();
    const before = look(one);
    one.focus({focusVisible: true});
    if (document.activeElement !== one) { found.push(`takes no focus: ${one.outerHTML.slice(0, 120)}`); continue; }
    if (look(one) === before) found.push(`focus is not seen: ${one.outerHTML.slice(0, 120)}`);
    one.scrollIntoView({block: "nearest", inline: "nearest"});
    const box = one.getClientRects()[0], x = Math.min(Math.max(box.x + box.width / 2, 1), innerWidth - 1), y = box.y + Math.min(box.height / 2, 12);
    const top = document.elementFromPoint(x, y);
    if (top && top !== one && !one.contains(top) && !top.contains(one) && !one.labels?.length)
      found.push(`${top.outerHTML.slice(0, 80)} lies over ${one.outerHTML.slice(0, 120)}`);
  }
  return found;
}"""
