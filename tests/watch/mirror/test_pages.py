"""Pages of a hostile roll: nothing that could run, frame, send or lead files astray gets into a copy."""

import re
import socket
from collections.abc import Mapping
from pathlib import Path

import pytest

from openroll.watch.mirror.folder import MirrorFolder
from openroll.watch.mirror.site import FORMS, PAGES, PRESET_LANGUAGES, PagesRefused, Words, copy_pages
from openroll.watch.source import Unreachable
from tests.watch.mirror.grown import files
from tests.watch.mirror.hostile import hostile, http

KEY = "grown.example/log+00000000+AAAA"
WORDS = Words(banner=lambda lang: f"<aside>{lang}</aside>", elsewhere=lambda _: " (there)", front=lambda _: "front")
PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <link rel="stylesheet" href="/static/build/theme.css?abc123">
</head>
<body>
<header class="roll-header"><a href="/en/rule">the rule</a> <a href="/en/find">find</a></header>
<main><a href="/figures/csv">CSV</a> <a href="#x">x</a>
<svg viewBox="0 0 1 1"><linearGradient/></svg> a &lt; b &amp; c &#20013; < d</main>
</body></html>"""


def roll(changes: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files of a roll, some of them changed."""
    pages = {f"/{lang}/{page}": PAGE.encode() for lang in PRESET_LANGUAGES for page in PAGES}
    figures = {f"/figures/{form}": b"a,b" for form in FORMS}
    assets = {"/static/mark.svg": b"<svg/>", "/static/build/theme.css": b"a{}", "/static/build/verify.js": b"1"}
    return {"/log/keys": f"{KEY}\n".encode(), **pages, **figures, **assets, **changes}


def copy(tmp_path: Path, changes: Mapping[str, bytes]) -> dict[str, bytes]:
    """What a copy of that roll holds."""
    there = roll(changes)

    def answer(path: str, connection: socket.socket) -> None:
        found = there.get(path.partition("?")[0])
        connection.sendall(http("404 Not Found") if found is None else http("200 OK", found))

    folder = MirrorFolder(tmp_path / "deep" / "copy")
    with hostile(answer) as address, folder.locked():
        copy_pages(folder, address, [KEY], WORDS, lambda _done, _of: None)
    return files(folder.root)


def test_a_page_is_carried_as_it_is_but_for_its_links(tmp_path: Path) -> None:
    """Text, entities and drawings come through unchanged; links lead within the copy or to the roll."""
    made = copy(tmp_path, {})
    text = made["en/rule/history/index.html"].decode()
    assert 'href="../../../static/build/theme.css?abc123"' in text
    assert '<a href="../index.html">the rule</a>' in text
    assert re.search(r'<a href="http://127\.0\.0\.1:\d+/en/find">find \(there\)</a>', text)
    assert '<a href="../../../figures/figures.csv" download="figures.csv">CSV</a> <a href="#x">x</a>' in text
    assert '<svg viewBox="0 0 1 1"><linearGradient/></svg> a &lt; b &amp; c &#20013; < d' in text
    assert "<aside>en</aside>\n<header" in text
    assert made["index.html"] == b"front"


UNFIT = [
    "<script>alert(1)</script>",
    '<script src="https://evil.example/x.js"></script>',
    '<script src="/static/build/../../x.js"></script>',
    '<img src="https://evil.example/x.png">',
    '<img src=x onerror="alert(1)">',
    '<a href="/en/rule" onclick="x()">x</a>',
    '<a href="javascript:alert(1)">x</a>',
    '<a href="data:text/html,x">x</a>',
    '<a href="/en/rule" ping="https://evil.example">x</a>',
    '<iframe src="/en/rule"></iframe>',
    '<form action="https://evil.example"><input></form>',
    '<button formaction="https://evil.example">x</button>',
    "<style>a{}</style>",
    '<p style="color:red">x</p>',
    '<base href="https://evil.example/">',
    '<meta http-equiv="refresh" content="0;url=https://evil.example">',
    '<object data="x"></object>',
    '<link rel="stylesheet" href="https://evil.example/x.css">',
    '<link rel="prefetch" href="//evil.example/">',
    "<![CDATA[x]]>",
    "<?php ?>",
    '<a href="http://[">x</a>',
]


@pytest.mark.parametrize("markup", UNFIT)
def test_what_no_page_of_a_roll_holds_is_refused(tmp_path: Path, markup: str) -> None:
    """One such thing in one page, and no page is copied: the copy that was there stays."""
    changed = PAGE.replace("<main>", f"<main>{markup}").encode()
    with pytest.raises(PagesRefused, match="en/help is not copied"):
        copy(tmp_path, {"/en/help": changed})
    assert files(tmp_path) == {}


@pytest.mark.parametrize(
    "page",
    [
        PAGE.replace('<meta charset="utf-8">', '<!-- <meta charset="utf-8"> -->'),
        PAGE.replace("<head>", '<head><script src="/static/build/verify.js"></script>'),
        PAGE.replace("<header ", "<div "),
        "",
        "nothing",
    ],
)
def test_a_page_whose_policy_would_not_come_first_is_refused(tmp_path: Path, page: str) -> None:
    """The copy's policy stands before anything that could run, or the page is not copied."""
    with pytest.raises(PagesRefused, match="not made like a page of a roll"):
        copy(tmp_path, {"/zh/log": page.encode()})


@pytest.mark.parametrize(
    ("path", "data", "said"),
    [
        ("/static/mark.svg", b"<svg><script>alert(1)</script></svg>", "no plain picture"),
        ("/static/mark.svg", b"<svg onload=alert(1)>", "no plain picture"),
        ("/static/mark.svg", b"<html>", "no plain picture"),
        ("/static/build/theme.css", b"@import 'https://evil.example'", "call other servers"),
        ("/static/build/theme.css", b"a{background:url(//evil.example)}", "call other servers"),
        ("/log/keys", b"other+00000000+AAAA", "shows other keys"),
        ("/en/verify", PAGE.replace("<main>", '<main data-keys="other+00000000+AAAA">').encode(), "shows other keys"),
        ("/en/figures", b"\xff\xfe", "is no text"),
    ],
)
def test_files_that_would_do_harm_are_refused(tmp_path: Path, path: str, data: bytes, said: str) -> None:
    """Pictures that run, themes that call elsewhere, and keys that are not the ones the mirror checks with."""
    with pytest.raises(PagesRefused, match=said):
        copy(tmp_path, {path: data})
    assert files(tmp_path) == {}


def test_a_page_too_large_is_refused(tmp_path: Path) -> None:
    """A page without measure is not read to its end."""
    with pytest.raises(Unreachable, match="sends more than"):
        copy(tmp_path, {"/en/rule": b"x" * 5_000_000})


def test_no_link_names_a_file(tmp_path: Path) -> None:
    """Links with dots, days that are none and escaped slashes lead to the roll; only files of the fixed list are made."""
    tricks = [
        "/../../etc/passwd",
        "/en/../../../x",
        "/static/build/..%2f..%2fx",
        "/figures/published/2006-13-45",
        "/figures/published/../../x",
        "/figures/published/2006-12-20",
        "/en/figures/../../x/chart",
        "\\\\evil\\x",
    ]
    links = "".join(f'<a href="{one}">x</a>' for one in tricks)
    changed = PAGE.replace("<main>", f"<main>{links}").encode()
    made = copy(tmp_path, {"/en/figures": changed, "/figures/published/2006-12-20": b"{}"})
    published = {name for name in made if "published" in name}
    assert published == {"figures/published/figures-2006-12-20.json"}
    assert set(made) - published == set(copy(tmp_path / "plain", {}))
    assert {path.name for path in tmp_path.iterdir()} == {"deep", "plain"}


def test_the_requests_that_a_list_shows_are_copied_and_no_more(tmp_path: Path) -> None:
    """The newest fifty, in every language, with links among them; a roll of before has none; a number is nothing but digits."""
    asked = "".join(f'<a href="/en/requests/{number}">x</a>' for number in (*range(60, 0, -1), "../../log/keys", "07"))
    listing = PAGE.replace("<main>", f"<main>{asked}").encode()
    changes = {f"/{lang}/requests": listing for lang in PRESET_LANGUAGES}
    changes |= {f"/{lang}/requests/{number}": PAGE.encode() for lang in PRESET_LANGUAGES for number in range(1, 61)}
    made = copy(tmp_path, changes)
    numbers = {int(name.split("/")[2]) for name in made if re.fullmatch(r"zh/requests/\d+/index\.html", name)}
    assert numbers == set(range(11, 61))
    text = made["en/requests/index.html"].decode()
    assert '<a href="60/index.html">x</a>' in text
    assert "/en/requests/10" in text  # at the roll
    assert not any("requests" in name for name in copy(tmp_path / "before", {}))
