"""The copied public pages, behind a plain static file server below a sub-path.

The same checks as the live ones, and links that lead somewhere.
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Browser

from openroll.service.access import ROUTES
from openroll.service.roll import Roll
from openroll.tlog import Verifier, open_checkpoint
from openroll.watch.mirror.links import POLICY
from openroll.watch.mirror.site import PAGES
from openroll.words.catalogue import gettext, number
from tests.service.requests.bodies import bodies
from tests.web.copied import Copied, CopyWalk, copying, pages
from tests.web.test_barriers import test_no_page_is_a_barrier

__all__ = ["test_no_page_is_a_barrier"]
pytestmark = pytest.mark.browser
ONLY_LIVE = {
    "GET /{lang}/verify/alone",  # its script stands in the page, which a copy takes from nobody
    "GET /",
    "GET /robots.txt",
    "GET /.well-known/security.txt",  # whom to tell of a fault of the roll; a copy has its own keeper
    "GET /{lang}/file",
    "GET /{lang}/find",
    "GET /{lang}/join",
    "GET /{lang}/sites",  # a form that asks the roll; what it finds stands in the copied log
    "GET /{lang}/sites/{site}",
    "GET /{lang}/sites/decay",  # counted from the log, which is copied: whoever has that counts it again
    "GET /{lang}/sites/decay/chart",
    "GET /sites/{site}/badge",
    "GET /{lang}/notices",  # heaps that the roll alone publishes, opened by the browser
    "GET /{lang}/mails/{word}",  # a link from a mail: it asks the roll
    "GET /{lang}/sign-in",
    "GET /{lang}/sign-in/with/{organisation}",
    "GET /sign-in/back/{lang}",
    "GET /rdap",  # for programs that ask about one name
    "GET /rdap/{rest}",
    "GET /metrics",
    # It is a form to a model that works on the roll's machine; a copy holds no form. Links to it lead there, and say so.
    "GET /{lang}/what-if",
    "GET /{lang}/what-if/progress",
    "GET /{lang}/what-if/{chart}/chart",
    "GET /what-if/city",
    # As files this and /log/keys cannot stand side by side: /log/key-history.json is the same, and copied.
    "GET /log/keys/history",
}
"""What anyone may open and a copy cannot have, besides what is for programs."""
BEGINS = (
    r'<!DOCTYPE html>\s*<html [^>]*>\s*<head>\s*<meta charset="utf-8">\s*'
    rf'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
)
AS_FILES = {
    "GET /{lang}/figures/{table}/chart": "en/figures/days/chart.svg",
    "GET /figures/{form}": "figures/figures.csv",
    "GET /figures/published/{day}": "figures/published/figures-2006-12-20.json",
    "GET /log/checkpoint": "log/checkpoint",
    "GET /log/keys": "log/keys",
    "GET /log/tile/{rest}": "log/tile/0/000.p",
    "GET /static/{file_path}": "static/build/theme.css",
    "GET /{lang}/requests": "en/requests/index.html",
}


@pytest.fixture(scope="module")
def copied(served: tuple[str, Roll], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Copied]:
    """The copy of a served roll, in which somebody asked."""
    bodies(served[1]).file()
    with copying(served[0], tmp_path_factory.mktemp("copied")) as made:
        yield made


@pytest.fixture(scope="module")
def walk(copied: Copied, served: tuple[str, Roll]) -> CopyWalk:
    """What the tests of barriers walk here: the copy's pages."""
    return CopyWalk(copied, served[1])


class _Links(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: set[str] = set()
        self.ids: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - HTMLParser's own
        given = dict(attrs)
        self.links |= {str(given[name]) for name in ("href", "src", "srcset") if name in given}
        self.ids |= {str(given["id"])} if "id" in given else set()


def test_every_link_leads_somewhere(copied: Copied) -> None:
    """Each link leads to a file and a place in it that are there, or to the roll itself, which answers."""
    live: set[str] = set()
    for path in [copied.folder / "index.html", *(path for _, path in pages(copied))]:
        for link in _Links(path.read_text(encoding="utf-8")).links:
            parts = urlsplit(link)
            if parts.scheme:
                assert link.startswith(f"{copied.live}/"), (path, link)
                live.add(link)
                continue
            assert not parts.path.startswith("/"), (path, link)
            file = (path.parent / parts.path).resolve() if parts.path else path
            assert file.is_file(), (path, link)
            assert file.is_relative_to(copied.folder)
            if parts.fragment:
                assert parts.fragment in _Links(file.read_text(encoding="utf-8")).ids, (path, link)
    assert {urlsplit(link).path for link in live} >= {"/en/find", "/zh/file", "/en/sign-in", "/api/openapi.json"}
    for link in live:
        assert httpx.get(link, follow_redirects=True, timeout=60).status_code == 200, link


def test_the_language_can_be_changed_on_every_page_of_a_copy(copied: Copied) -> None:
    """Each language's link leads to the same page of the copy, which is in that language."""
    for lang, path in pages(copied):
        text = path.read_text(encoding="utf-8")
        links = dict(re.findall(r'<a class="govuk-link roll-language" href="([^"]+)" lang="([^"]+)"', text))
        there = {(path.parent / link).resolve(): tag for link, tag in links.items()}
        for other, tag in (("zh", "zh-Hans"), ("en", "en")):
            same = copied.folder.resolve() / other / path.relative_to(copied.folder / lang)
            assert other == lang or there[same] == tag, path
            assert f'<html lang="{tag}"' in same.read_text(encoding="utf-8"), path


def test_links_that_leave_the_copy_say_so(copied: Copied) -> None:
    """Beside each link to the roll itself stands where it leads, for eyes and for ears."""
    host = urlsplit(copied.live).netloc
    for lang, path in pages(copied):
        text = path.read_text(encoding="utf-8")
        leaving = re.findall(rf'<a [^>]*href="{copied.live}/[^"]*"[^>]*>(.*?)</a>', text, re.DOTALL)
        said = gettext(lang, "only at {host}").replace("{host}", host)
        assert len(leaving) > 4
        # The banner's own link shows the whole address.
        assert all("↗" in one and f"({said})" in one for one in leaving if one != copied.live), path


def test_every_public_page_is_copied_or_only_live(copied: Copied) -> None:
    """A public page that comes to the roll is copied too, or somebody has said that it cannot be."""
    public = {line for line, roles in ROUTES.items() if "anyone" in roles and line.startswith("GET ")}
    public = {line for line in public if not line.startswith("GET /api")}
    as_pages = {f"GET /{{lang}}/{page}".rstrip("/") for page in PAGES}
    # Other helpers' pages join here when they come.
    of_requests = {"GET /{lang}/requests/{number}"}
    others = {"GET /log/policy", "GET /log/key-history.json"}
    assert public - ONLY_LIVE - as_pages - set(AS_FILES) - others - of_requests == set()
    for lang, name in (("en", "en"), ("zh", "zh")):
        there = {path.parent.relative_to(copied.folder / name).as_posix() for one, path in pages(copied) if one == lang}
        numbers = {page for page in there if page.startswith("requests/")}
        assert numbers
        assert there - numbers == {page or "." for page in (*PAGES, "requests")}
    for place in AS_FILES.values():
        assert (copied.folder / place).exists(), place


def test_each_page_says_that_it_is_a_copy_and_of_what(copied: Copied) -> None:
    """In the page's language: of which address, when, under which head; and each carries its policy before anything else."""
    keys = [Verifier.parse(line) for line in (copied.folder / "log/keys").read_text().split()]
    head = open_checkpoint((copied.folder / "log/checkpoint").read_bytes(), keys)
    assert len(keys) == 2
    for lang, path in pages(copied):
        text = path.read_text(encoding="utf-8")
        said = gettext(lang, "This is a copy of {address}, taken on {moment} (UTC) when its log had {size} entries.")
        plain = re.sub(r"<[^>]+>", "", text)
        for part in re.split(r"\{\w+\}", said):
            assert part in plain, (path, part)
        assert f"{copied.live}</a>" in text
        assert number(lang, head.size) in plain
        assert "2006" in plain
        assert re.match(BEGINS, text), path
        assert "<style" not in text
        assert " style=" not in text
        assert re.findall(r"<script[^>]*>", text) == re.findall(
            r'<script src="[./]*static/build/verify\.js\?\w+" defer>', text
        )


def test_media_types_are_right_on_a_plain_server(copied: Copied) -> None:
    """By their names alone files get the types that browsers need."""
    for place, kind in (
        ("en/index.html", "text/html"),
        ("static/build/theme.css", "text/css"),
        ("static/build/verify.js", "text/javascript"),
        ("static/mark.svg", "image/svg+xml"),
        ("en/figures/days/chart.svg", "image/svg+xml"),
        ("figures/figures.csv", "text/csv"),
        ("figures/figures.json", "application/json"),
    ):
        answer = httpx.get(f"{copied.address}/{place}")
        assert answer.status_code == 200
        assert answer.headers["content-type"].split(";")[0] == kind, place


def test_the_first_page_offers_both_languages(copied: Copied, browser: Browser) -> None:
    """At the copy's own address a reader chooses a language; it looks like the rest and runs nothing."""
    page = browser.new_page()
    page.goto(f"{copied.address}/")
    page.get_by_role("link", name="中文").click()
    assert page.locator("html").get_attribute("lang") == "zh-Hans"
    page.go_back()
    page.get_by_role("link", name="English").click()
    assert page.locator("html").get_attribute("lang") == "en"
    page.close()


def test_a_second_run_brings_the_pages_up_to_date(copied: Copied, tmp_path: Path) -> None:
    """Run again, the command copies the pages anew; a copy is not copied as if it were the roll."""
    again = [sys.executable, "-m", "openroll", "mirror"]
    before = (copied.folder / "en/index.html").stat().st_mtime_ns
    done = subprocess.run([*again, copied.live, str(copied.folder)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (copied.folder / "en/index.html").stat().st_mtime_ns > before
    of_copy = [*again, copied.address, str(tmp_path / "two"), "--trust-first-keys"]
    refused = subprocess.run(of_copy, capture_output=True, text=True, check=False)
    assert refused.returncode == 1
    assert (tmp_path / "two/log/checkpoint").is_file()
    assert not (tmp_path / "two/en").exists()
