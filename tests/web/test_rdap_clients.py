"""RDAP as somebody else's client reads it, unmodified: whoisit, told of this roll by the roll's own entry for clients."""

import json
from datetime import date

import httpx
import pytest
import whoisit
from whoisit.errors import ResourceDoesNotExist

from openroll.service.roll import Roll
from openroll.service.sites.filing import file_sites
from tests.seats import seated
from tests.sites import covering_sites, site


@pytest.fixture(scope="module")
def client(served: tuple[str, Roll]) -> None:
    """The client, with the entries of nobody but the roll; a site stands there under two domains."""
    address, roll = served
    filing = site(sponsor="Chongqing Library", domains=("library.cn", "xn--fiq228c.cn"))
    with covering_sites(roll):
        assert isinstance(file_sites(roll, [filing], seated(roll, "east", "clerk")), list)
    own = httpx.get(f"{address}/rdap/dns.json").json()
    others = {
        "asn": [["64496-64511"], ["https://rdap.example/"]],
        "ipv4": [["192.0.2.0/24"], ["https://rdap.example/"]],
        "ipv6": [["2001:db8::/32"], ["https://rdap.example/"]],
        "object": [["nobody@example.org"], ["NONE"], ["https://rdap.example/"]],
    }
    entries = {name: {"services": [service]} for name, service in others.items()} | {"dns": own, "timestamp": 1}
    whoisit.clear_bootstrapping()
    whoisit.load_bootstrap_data(json.dumps(entries), allow_insecure=True)


def test_a_client_reads_who_answers_for_a_site(client: None) -> None:
    """By its name as people write it: number, state, days, who answers for it and who hosts it."""
    for name in ("library.cn", "xn--fiq228c.cn"):
        found = whoisit.domain(name)
        assert found["name"].lower() == name
        assert (found["status"], found["registration_date"].date()) == (["active"], date(2006, 12, 20))
        (sponsor,), (operator,) = found["entities"]["registrant"], found["entities"]["technical"]
        assert (sponsor["name"], operator["handle"]) == ("Chongqing Library", "EAST")  # as it writes every handle


def test_a_client_is_told_that_there_is_no_such_site(client: None) -> None:
    """In its own error for that, and not as an answer it cannot read."""
    with pytest.raises(ResourceDoesNotExist):
        whoisit.domain("nobody.cn")
