"""A site is asked once and politely: yes or no, never its content, and nothing that it does reaches what may not be reached."""

import asyncio
import gzip
import ssl
import time
from itertools import count

import pytest
from httpcore2 import AnyIOBackend

from openroll.watch.probe import Look, look
from tests.watch.probe import world as sites
from tests.watch.probe.world import CLOSED, FORBIDDEN, SITE, World, leads, says

NAME = "site.example"


def seen(world: World, domain: str = NAME, path: str = "/", *, most: int = 0, **changed: float) -> Look:
    return asyncio.run(look(world.place(**changed), domain, path, most=most))


def test_a_live_site_answers_and_is_asked_once(world: World) -> None:
    world.at(NAME, SITE)
    world.sites[NAME] = says(200, b"hello")
    assert seen(world) == Look("answers", NAME, "", (SITE,), 200, b"")
    assert world.asked == [f"{NAME}/"]


def test_what_is_not_there_or_broken_is_told_apart(world: World) -> None:
    world.at("closed.example", CLOSED)
    world.at("broken.example", SITE)
    world.at("gone.example", SITE)
    world.sites |= {"broken.example": says(503), "gone.example": says(404)}
    world.zone["fails.example", "A"] = world.zone["fails.example", "AAAA"] = ["SERVFAIL"]
    world.zone["mumbles.example", "A"] = world.zone["mumbles.example", "AAAA"] = ["GARBAGE"]
    world.zone["mute.example", "A"] = world.zone["mute.example", "AAAA"] = None
    world.at("empty.example")
    outcomes = {name: seen(world, f"{name}.example").outcome for name in
                ("closed", "broken", "gone", "fails", "mumbles", "mute", "empty", "none")}  # fmt: skip
    assert outcomes == {
        "closed": "nobody", "broken": "faulty", "gone": "answers", "fails": "names-fail", "mumbles": "names-silent",
        "mute": "names-silent", "empty": "no-name", "none": "no-name",
    }  # fmt: skip


def test_a_site_that_speaks_only_https_answers_whatever_its_certificate(world: World) -> None:
    world.at(NAME, SITE)
    world.sites[NAME] = says(200)
    place = world.place()
    ports = {80: 1, 443: world.https}
    found = asyncio.run(look(type(place)(place.servers, place.port, place.why_not, ports, 3.0, 0.5, 0.5), NAME))
    assert (found.outcome, found.dialled) == ("answers", (SITE, SITE))


def test_redirects_are_followed_to_where_the_site_is(world: World) -> None:
    for name in (NAME, "www.site.example", "new.example"):
        world.at(name, SITE)
    world.sites[NAME] = leads("https://www.site.example/")
    world.sites["www.site.example"] = leads("//new.example/über?q=ä")
    world.sites["new.example"] = says(200)
    found = seen(world)
    assert (found.outcome, found.host) == ("answers", "new.example")
    assert world.asked[-1] == "new.example/%C3%BCber?q=%C3%A4"


FORBIDDEN_WAYS = {
    "address": [FORBIDDEN],
    "several": [FORBIDDEN, "10.1.2.3", "192.168.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1"],  # noqa: S104 - nothing is bound
    "sixth": [
        "::1",
        "fe80::1",
        "fd00::1",
        "::ffff:127.0.0.66",
        "64:ff9b::7f00:42",
        "2002:7f00:42::1",
        "ff02::1",
        "4000::1",
    ],
}


@pytest.mark.parametrize("way", FORBIDDEN_WAYS)
def test_an_address_of_somebodys_network_is_never_dialled(world: World, way: str) -> None:
    world.at(NAME, *FORBIDDEN_WAYS[way])
    found = seen(world)
    assert (found.outcome, found.dialled, world.reached) == ("forbidden", (), 0)


def test_of_a_name_with_both_only_the_public_address_is_dialled(world: World) -> None:
    world.at(NAME, FORBIDDEN, "::1", SITE)
    world.sites[NAME] = says(200)
    found = seen(world)
    assert (found.outcome, found.dialled, world.reached) == ("answers", (SITE,), 0)


LEADS_ASTRAY = [
    f"http://{FORBIDDEN}/", "http://2130706498/", "http://0x7f000042/", "http://0x7f.0x42/", "http://0177.0.0.102/",
    "http://127.66/", "http://127.0.0.0x42/", f"http://[::ffff:{FORBIDDEN}]/", "http://[::1]/", "http://localhost/",
    "http://inside/", "http://１２７.０.０.６６/", "http://printer.local%00.site.example/", "file:///etc/passwd",
    "gopher://site.example/", "http://site.example:8080/", "https://site.example:22/", "http://user:word@site.example/",
    "http://site.example/" + "x" * 2_000, "http://[", "http://:80/", "",
]  # fmt: skip


@pytest.mark.parametrize("where", LEADS_ASTRAY)
def test_a_redirect_leads_nowhere_but_to_a_domain_on_the_two_ports(world: World, where: str) -> None:
    world.at(NAME, SITE)
    world.sites[NAME] = leads(where)
    found = seen(world)
    assert (found.outcome, world.reached) == ("redirect", 0)
    assert world.asked == [f"{NAME}/"]


def test_a_redirect_to_a_name_of_a_forbidden_address_is_not_followed(world: World) -> None:
    world.at(NAME, SITE)
    world.at("inside.example", FORBIDDEN)
    world.sites[NAME] = leads("http://inside.example/")
    assert (seen(world).outcome, world.reached) == ("forbidden", 0)


def test_a_name_that_changes_its_address_between_question_and_dial_is_dialled_where_it_was_judged(world: World) -> None:
    """DNS rebinding: the public address at the first question, one of this network at each later one."""
    turns = count()
    world.at(NAME)
    world.zone[NAME, "A"] = lambda: [SITE] if next(turns) == 0 else [FORBIDDEN]
    world.sites[NAME] = leads(f"http://{NAME}/again")
    found = seen(world)
    assert (found.outcome, found.dialled, world.reached) == ("forbidden", (SITE,), 0)


def test_redirects_have_an_end(world: World) -> None:
    world.at(NAME, SITE)
    world.sites[NAME] = leads("/")
    assert seen(world).outcome == "redirect"
    world.asked.clear()
    world.sites[NAME] = leads(*(f"/{turn}" for turn in range(50)))
    assert seen(world).outcome == "redirect"
    assert len(world.asked) == 11


STALLS = {
    "silent": "silent",
    "drips": "silent",
    "interim": "silent",
    "hurried": "not-http",
    "endless_head": "not-http",
    "no_http": "not-http",
}


@pytest.mark.parametrize("site", STALLS)
def test_a_site_that_never_ends_is_given_up(world: World, site: str) -> None:
    world.at(NAME, SITE)
    world.sites[NAME] = getattr(sites, site)
    begun = time.monotonic()
    assert seen(world, whole=1.0).outcome == STALLS[site]
    assert time.monotonic() - begun < 5


def test_of_a_body_nothing_is_read_but_what_is_wanted(world: World) -> None:
    world.at(NAME, SITE)
    world.sites[NAME] = sites.endless_body
    assert seen(world).body == b""
    assert seen(world, most=128).body == b"z" * 129


def test_nothing_is_unpacked(world: World) -> None:
    world.at(NAME, SITE)
    world.sites[NAME] = says(200, gzip.compress(b"0" * 100_000), "Content-Encoding: gzip")
    assert seen(world, most=128).body == b""


def test_the_check_says_who_it_is_and_asks_for_nothing_packed(world: World) -> None:
    heads: list[str] = []
    world.at(NAME, SITE)
    world.sites[NAME] = says(200)
    world.heard = heads.append
    seen(world)
    (head,) = heads
    assert "user-agent: openroll-site-check" in head.lower()
    assert "accept-encoding: identity" in head.lower()


def test_whatever_a_library_raises_of_what_a_site_sends_is_an_outcome(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """TLS that breaks behind its handshake comes out of the HTTP client as it is; one such site ends no round of the others."""

    async def breaks(*_: object, **__: object) -> None:
        raise ssl.SSLError(1, "[SSL: DECRYPTION_FAILED_OR_BAD_RECORD_MAC]")

    world.at(NAME, SITE)
    world.sites[NAME] = says(200)
    for wrong in (breaks, lambda *_, **__: 1 / 0):
        monkeypatch.setattr(AnyIOBackend, "connect_tcp", wrong)
        assert seen(world).outcome == "not-http"
