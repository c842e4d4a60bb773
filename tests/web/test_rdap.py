"""RDAP as its clients ask for it: addresses, headers, faults, languages."""

from typing import Any

import pytest

from openroll.hosts import ascii_host
from openroll.service.sites.filing import file_sites
from tests.rdap.schemas import faults
from tests.seats import seated
from tests.sites import covering_sites, site
from tests.vectors import needs
from tests.web.house import House

DOMAIN = "xn--fiqs8s.example"


@pytest.fixture(scope="module")
def filed(inside: House) -> House:
    """A roll with the site of a library, under two domains."""
    filing = site(sponsor="Chongqing Library", domains=("library.example", DOMAIN))
    seat = seated(inside.roll, "east", "clerk")
    with covering_sites(inside.roll):
        assert isinstance(file_sites(inside.roll, [filing], seat), list)
    return inside


def asked(house: House, path: str, **headers: str) -> Any:
    """An answer of RDAP, with the headers that every one of them has."""
    answer = house.visitor().ask("GET", f"/rdap/{path}", headers=headers)
    assert answer.headers["content-type"].partition(";")[0] == "application/rdap+json", answer.text
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    assert "set-cookie" not in answer.headers
    return answer


@needs("rdap")
@pytest.mark.parametrize(
    ("path", "kind", "status"),
    [
        ("domain/library.example", "domain", 200),
        ("/domain/LIBRARY.example.", "domain", 200),
        (f"domain/{DOMAIN}", "domain", 200),
        ("domain/中国.example", "domain", 200),
        ("entity/EAST", "entity", 200),
        ("entity/registrar", "entity", 200),
        ("help", "help", 200),
        ("domain/nobody.example", "error", 404),
        ("domain/-.example", "error", 400),
        ("domain/a%20b", "error", 400),
        ("entity/nobody", "error", 404),
        ("ip/192.0.2.1", "error", 501),
        ("autnum/64496", "error", 501),
        ("nameserver/ns.library.example", "error", 501),
        ("domains?name=library*", "error", 501),
        ("entities?fn=*", "error", 501),
        ("", "error", 404),
        ("domain", "error", 404),
        ("domain/a/b", "error", 404),
    ],
)
def test_every_answer_is_one_of_rdap(filed: House, path: str, kind: str, status: int) -> None:
    """What is asked, well or badly, is answered in the form that the schemas have."""
    answer = asked(filed, path)
    assert (answer.status_code, faults(answer.json(), kind)) == (status, [])
    if kind == "error":
        assert answer.json()["errorCode"] == status
        assert answer.headers["cache-control"] == "no-store"


def test_who_has_an_answer_is_told_so(filed: House) -> None:
    """By the tag of the answer's bytes, also a weak one and one of several; another language is another answer."""
    first = asked(filed, "domain/library.example")
    tag = first.headers["etag"]
    for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = filed.visitor().ask("GET", "/rdap/domain/library.example", headers={"if-none-match": known})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    other = asked(filed, "domain/library.example", **{"if-none-match": tag, "accept-language": "zh"})
    assert (other.status_code, other.json()["lang"]) == (200, "zh")


def test_head_has_the_headers_alone(filed: House) -> None:
    """As every address that is got (RFC 9110 section 9.3.2)."""
    answer = filed.visitor().ask("HEAD", "/rdap/domain/library.example")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["etag"] == asked(filed, "domain/library.example").headers["etag"]


def test_addresses_within_an_answer_lead_to_themselves(filed: House) -> None:
    """The operator of a site is asked for at the address that the site's answer gives."""
    answer = asked(filed, f"domain/{ascii_host('中国.example')}").json()
    (link,) = answer["entities"][1]["links"]
    there = asked(filed, link["href"].partition("/rdap/")[2]).json()
    assert (there["handle"], there["links"][0]["href"]) == ("east", link["href"])


def test_a_client_can_be_told_of_this_roll(filed: House) -> None:
    """The entry for a client's own list of servers: the country's names, and an address with a last slash (RFC 9224)."""
    entry = filed.visitor().get("/rdap/dns.json").json()
    assert entry["version"] == "1.0"
    ((labels, addresses),) = entry["services"]
    assert labels == ["cn"]
    assert addresses == ["https://roll.example/rdap/"]
