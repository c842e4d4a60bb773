"""Copy a roll's public pages beside its mirrored log, for any static web server, also below a sub-path.

The pages that are copied are a fixed list, and so is the name each file gets here: a link in a page is looked up in that list,
and one that is not in it leads to the roll's own address. (A crawl would let the server choose what is fetched and how files are
called.) Links are relative and name their `index.html`, so that the copy works on servers that know no index, and wherever it
is put.
"""

import posixpath
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import date
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

import msgspec

from openroll.tlog import KEY_HISTORY
from openroll.watch.mirror.folder import MirrorFolder
from openroll.watch.mirror.links import PageUnfit, copied
from openroll.watch.source import HttpSource

_LINKS = re.compile(
    r'class="(?:roll-mark|govuk-link roll-language)" href="/([a-z]{2,3}(?:-[A-Za-z0-9]{2,4}){0,2})/', re.ASCII
)
MOST_LANGUAGES = 10
PRESET_LANGUAGES = ("zh", "en")
"""The languages of a roll whose first page links to none."""
PAGES = ("", "rule", "rule/history", "figures", "log", "verify", "help")
"""The pages for anyone that need no server behind them, by their address after the language."""
REQUESTS = "requests"
"""The newest requests with their figures: a page that a roll of before does not have. Those that it lists are copied too."""
MOST_REQUESTS = 50
TABLES = ("days", "districts", "kinds", "operators")
FORMS = ("csv", "json", "parquet")
ASSETS = ("static/mark.svg", "static/build/theme.css", "static/build/verify.js")
LOG = ("log/keys", "log/policy")
PROVED = ("log/checkpoint", f"log/{KEY_HISTORY}")
"""What a copy has of the log already, proved, and does not take from the pages' server."""
SCRIPTS = ("/static/build/verify.js",)
MOST_PAGE = 4_000_000
MOST_PUBLISHED = 5_000
"""Bytes of a page or of any other file of the pages, and how many published figures are taken."""
_PUBLISHED = re.compile(r"figures/published/(\d{4}-\d{2}-\d{2})", re.ASCII)
_REQUEST = re.compile(r'href="/[A-Za-z-]+/requests/([1-9]\d{0,17})"', re.ASCII)
_VERSION = re.compile(r"[0-9a-f]{1,64}")
_IN_SVG = re.compile(rb"<script|<foreignobject|javascript:|\bon[a-z]+\s*=", re.IGNORECASE)
_IN_CSS = re.compile(rb"@import|url\(\s*+['\"]?\s*+(?:https?:|//)", re.IGNORECASE)


class Words(NamedTuple):
    """What the copy says of itself, as markup, by language.

    `banner` stands on every page, `elsewhere` beside a link that leads out of the copy; `front` makes the whole first page, of
    the languages there are.
    """

    banner: Callable[[str], str]
    elsewhere: Callable[[str], str]
    front: Callable[[Sequence[str]], str]


class PagesRefused(Exception):
    """Pages that were not copied, and why; the copy that was there stays."""


class _Site:
    def __init__(self, source: HttpSource, keys: Sequence[str], words: Words, proved: Collection[str]) -> None:
        self._source = source
        self._live = source.where
        self._keys = keys
        self._words = words
        self._proved = proved
        self.files: dict[str, bytes] = {}
        self._languages: tuple[str, ...] = ()
        self._there: dict[str, str] = {}
        """The roll's path of every file there is -> its path in the copy."""

    def take(self, progress: Callable[[int, int], None]) -> None:
        """Fetch everything; `files` then holds the copy's files by their paths."""
        self._there |= {name: name for name in PROVED if name in self._proved}
        for name in LOG:
            data = self._get(name, missing=True)
            if data is not None:
                self._there[name] = name
                self.files[name] = data
        self._trusted(self.files.get("log/keys", b"").decode("utf-8", "replace").split(), "log/keys")
        self._languages = self._spoken()
        self._there |= dict(self._names())
        raw = {(lang, page): self._page(lang, page) for lang in self._languages for page in PAGES}
        raw |= self._requests()
        for found in dict.fromkeys(_PUBLISHED.findall("".join(raw.values()))):
            if len(self._there) < MOST_PUBLISHED and (day := _day(found)):
                self._there[f"figures/published/{day}"] = f"figures/published/figures-{day}.json"
        for done, ((lang, page), html) in enumerate(raw.items()):
            self.files[_index(lang, page)] = self._copied(lang, page, html).encode()
            progress(done, len(self._there) + len(raw))
        for done, (name, place) in enumerate(self._wanted(), len(raw)):
            self.files[place] = self._file(name, place)
            progress(done, len(self._there) + len(raw))
        self.files["index.html"] = self._words.front(self._languages).encode()

    def _spoken(self) -> tuple[str, ...]:
        """The languages of the roll, as its first page links to them: its main one first."""
        first = (self._get("", missing=True) or b"").decode("utf-8", "replace")
        return tuple(dict.fromkeys(_LINKS.findall(first)))[:MOST_LANGUAGES] or PRESET_LANGUAGES

    def _requests(self) -> dict[tuple[str, str], str]:
        """The list of requests and the page of each in it, in every language; nothing of a roll that has no such pages."""
        if self._get(f"{self._languages[0]}/{REQUESTS}", missing=True) is None:
            return {}
        raw = {(lang, REQUESTS): self._page(lang, REQUESTS) for lang in self._languages}
        numbers = dict.fromkeys(_REQUEST.findall("".join(raw.values())))
        for page in [f"{REQUESTS}/{int(one)}" for one in list(numbers)[:MOST_REQUESTS]]:
            raw |= {(lang, page): self._page(lang, page) for lang in self._languages}
        self._there |= {f"{lang}/{page}": _index(lang, page) for lang, page in raw}
        return raw

    def _names(self) -> Iterator[tuple[str, str]]:
        yield "", "index.html"
        for asset in ASSETS:
            yield asset, asset
        for form in FORMS:
            yield f"figures/{form}", f"figures/figures.{form}"
        for lang in self._languages:
            for page in PAGES:
                yield f"{lang}/{page}", _index(lang, page)
            for table in TABLES:
                yield f"{lang}/figures/{table}/chart", f"{lang}/figures/{table}/chart.svg"
                yield f"{lang}/figures/{table}/chart?theme=dark", f"{lang}/figures/{table}/chart-dark.svg"

    def _wanted(self) -> Iterator[tuple[str, str]]:
        """What the pages show or offer besides themselves."""
        pages = "".join(data.decode() for place, data in self.files.items() if place.endswith(".html"))
        for name, place in self._there.items():
            chart = place.endswith(".svg") and place not in ASSETS
            # A roll without filings has no charts yet; asking for one would be answered with an error.
            if (
                name
                and place not in self.files
                and name not in (*LOG, *PROVED)
                and (not chart or _short(place) in pages)
            ):
                yield name, place

    def _get(self, name: str, *, missing: bool = False) -> bytes | None:
        data = self._source.get(name, MOST_PAGE)
        if data is None and not missing:
            raise PagesRefused(f"{self._live} has no {name or 'first page'}: is it a roll's address?")
        return data

    def _page(self, lang: str, page: str) -> str:
        try:
            return (self._get(f"{lang}/{page}") or b"").decode("utf-8")
        except UnicodeDecodeError as error:
            raise PagesRefused(f"{self._live}/{lang}/{page} is no text") from error

    def _file(self, name: str, place: str) -> bytes:
        data = self._get(name) or b""
        if place.endswith(".svg") and (not data.lstrip().startswith(b"<svg") or _IN_SVG.search(data)):
            raise PagesRefused(f"{self._live}/{name} is no plain picture")
        if place.endswith(".css") and _IN_CSS.search(data):
            raise PagesRefused(f"{self._live}/{name} would call other servers")
        return data

    def _copied(self, lang: str, page: str, html: str) -> str:
        here = posixpath.dirname(_index(lang, page))

        def lead(tag: str, address: str) -> tuple[str, str]:
            return self._led(lang, here, tag, address)

        def change(tag: str, given: dict[str, str | None]) -> dict[str, str | None]:
            if "data-keys" in given:
                self._trusted(_keys_of(given["data-keys"] or ""), f"{lang}/{page}")
            address = given.get("href") or ""
            if tag == "a" and "download" not in given and "://" not in address and address.endswith(FORMS):
                return given | {"download": posixpath.basename(address)}
            return given

        try:
            return copied(html, lead, scripts=SCRIPTS, change=change, banner=self._words.banner(lang))
        except PageUnfit as error:
            raise PagesRefused(f"{self._live}/{lang}/{page} is not copied: {error}") from error

    def _led(self, lang: str, here: str, tag: str, address: str) -> tuple[str, str]:
        try:
            parts = urlsplit(address)
        except ValueError as error:
            raise PageUnfit(f"it links to {address[:100]!r}") from error
        if not parts.scheme and not parts.netloc and not parts.path and not parts.query:
            return address, ""
        place = self._place(address)
        if place:
            version = f"?{parts.query}" if place in ASSETS and _VERSION.fullmatch(parts.query) else ""
            fragment = f"#{parts.fragment}" if parts.fragment else ""
            return f"{posixpath.relpath(place, here)}{version}{fragment}", ""
        if tag != "a" or parts.scheme not in ("", "http", "https"):
            raise PageUnfit(f"it needs {address[:100]!r}, which is no part of a roll's public pages")
        return urljoin(f"{self._live}/{lang}/", address), self._words.elsewhere(lang)

    def _place(self, address: str) -> str:
        """Where the copy has what stands at an address of the roll; empty when it has not."""
        parts = urlsplit(address)
        if parts.scheme or parts.netloc or not parts.path.startswith("/"):
            return ""
        name = parts.path.removeprefix("/")
        if name in ASSETS:
            return self._there.get(name, "")
        return self._there.get(f"{name}?{parts.query}" if parts.query else name, "")

    def _trusted(self, shown: Sequence[str], where: str) -> None:
        missing = [key for key in self._keys if key not in shown]
        if missing:
            raise PagesRefused(
                f"{self._live}/{where} shows other keys than this mirror was given: {'+'.join(missing[0].split('+')[:2])} is "
                "not there. Where the log has changed its keys, give the new ones by --key with --new-keys"
            )


def copy_pages(
    folder: MirrorFolder, address: str, keys: Sequence[str], words: Words, progress: Callable[[int, int], None]
) -> int:
    """Copy a roll's public pages beside its log, all of them or none; gives the number of files.

    `keys` are the verifier keys the mirror checks with: pages that show others are not copied. Raises PagesRefused or
    Unreachable.
    """
    source = HttpSource(address, longest=60.0)
    try:
        site = _Site(source, keys, words, [name for name in PROVED if (folder.root / name).is_file()])
        site.take(progress)
    finally:
        source.close()
    for place, data in site.files.items():
        folder.stage(folder.root / place, data)
    folder.commit()
    return len(site.files)


def _index(lang: str, page: str) -> str:
    return f"{lang}/{page}/index.html" if page else f"{lang}/index.html"


def _short(place: str) -> str:
    """How the figures page of a language names its own charts."""
    return place.rpartition("/figures/")[2]


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _keys_of(told: str) -> list[str]:
    """The keys that the check's page names: JSON, those of each span of sizes with the size it begins at."""
    try:
        spans = msgspec.json.decode(told, type=list[tuple[int, list[str]]])
    except msgspec.MsgspecError:
        return []
    return [key for _, keys in spans for key in keys]
