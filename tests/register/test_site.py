"""What proves control of a site's domain, which addresses may be dialled for it, and how many places must agree."""

from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openroll.register.site.addresses import NotARegistry, blocks_of
from openroll.register.site.control import Persisted, Wanted, persisted
from openroll.register.site.quorum import agreed, may_fail
from openroll.watch.probe.place import special_addresses

SPECIAL = special_addresses()
NOW = datetime(2026, 11, 30, tzinfo=UTC)

PUBLIC = ["8.8.8.8", "1.1.1.1", "192.0.0.9", "172.15.255.255", "172.32.0.0", "223.255.255.255", "2606:4700::1111",
          "2001:4860:4860::8888", "2410::1", "168.63.129.17", "64:ff9b::808:808", "192.31.196.1"]  # fmt: skip
NOT_PUBLIC = {
    "0.0.0.0": "This host on this network",  # noqa: S104 - nothing is bound
    "10.0.0.1": "Private-Use", "100.127.255.255": "Shared Address Space",
    "127.0.0.1": "Loopback", "169.254.169.254": "Link Local", "172.16.0.1": "Private-Use",
    "192.0.0.1": "IPv4 Service Continuity Prefix", "192.0.0.171": "NAT64/DNS64 Discovery",
    "192.0.2.1": "Documentation (TEST-NET-1)",
    "192.88.99.1": "Deprecated (6to4 Relay Anycast)", "192.168.1.1": "Private-Use", "198.19.255.255": "Benchmarking",
    "224.0.0.251": "Multicast", "239.255.255.255": "Multicast", "240.0.0.1": "Reserved", "255.255.255.255": "Limited Broadcast",
    "::": "Unspecified Address", "::1": "Loopback Address", "::ffff:8.8.8.8": "IPv4-mapped Address",
    "::8.8.8.8": "Not given out", "64:ff9b::a00:1": "Private-Use", "64:ff9b::7f00:1": "Loopback",
    "64:ff9b:1::808:808": "IPv4-IPv6 Translat.", "100::1": "Discard-Only Address Block", "2001::808:808": "TEREDO",
    "2001:db8::1": "Documentation", "2002:808:808::1": "6to4", "3fff::1": "Documentation",
    "5f00::1": "Segment Routing (SRv6) SIDs", "fc00::1": "Unique-Local", "fd12::1": "Unique-Local",
    "fe80::1": "Link-Local Unicast", "2d00::1": "Reserved by IANA", "2fff::1": "Reserved by IANA", "3001::1": "Reserved by IANA",
    "3ffe::1": "Reserved by IANA (6bone)", "168.63.129.16": "A cloud's own service (Azure)",
    "fe80::1%eth0": "Zone of a link", "ff02::1": "Multicast", "fec0::1": "Not given out", "4000::1": "Not given out",
}  # fmt: skip


def test_public_addresses_may_be_dialled_and_special_ones_not() -> None:
    assert {one: SPECIAL.why_not(ip_address(one)) for one in PUBLIC} == dict.fromkeys(PUBLIC, "")
    assert {one: SPECIAL.why_not(ip_address(one)) for one in NOT_PUBLIC} == NOT_PUBLIC


@given(st.ip_addresses(v=4))
def test_no_less_is_refused_than_python_knows_to_be_private(address: IPv4Address) -> None:
    """Python's own list is of the same registry, read by others; multicast is not in it."""
    if not address.is_global or address.is_multicast:
        assert SPECIAL.why_not(address)


def test_what_is_no_registry_is_refused() -> None:
    for text in ("", "a,b\n1,2\n", "Address Block,Name,Globally Reachable\nnonsense,x,True\n"):
        with pytest.raises(NotARegistry):
            blocks_of(text)


# The record: draft-ietf-acme-dns-persist-02, with its examples.

RECORDS = {
    "authority.example; accounturi=https://ca.example/acct/123": Persisted("authority.example", "https://ca.example/acct/123"),
    "ca1.example; accounturi=https://ca1.example/acme/acct/12345; policy=wildcard":
        Persisted("ca1.example", "https://ca1.example/acme/acct/12345", True),
    "ca2.example; accounturi=https://ca2.example/acme/acct/67890; persistUntil=1767225600":
        Persisted("ca2.example", "https://ca2.example/acme/acct/67890", False, 1767225600),
    "CA.Example;AccountURI = a:b ;POLICY=WildCard;new-tag=whatever;": Persisted("ca.example", "a:b", True),
    "ca.example; accounturi=a:b; policy=other": Persisted("ca.example", "a:b"),
}  # fmt: skip
MALFORMED = [
    "",
    ";",
    "authority.example",
    "authority.example;",
    "; accounturi=a:b",
    "ca.example accounturi=a:b",
    "ca.example; accounturi=",
    "ca.example; accounturi=a:b; accounturi=c:d",
    "ca.example; accounturi=a:b; persistUntil=soon",
    "ca.example; accounturi=a:b; =",
    "ca.example; accounturi=a:b; persistUntil=-1",
    "ca.example; accounturi=a:b; persistUntil=",
    "ca.example; accounturi=a b",
    "-ca.example; accounturi=a:b",
    "ca..example; accounturi=a:b",
    "localhost; accounturi=a:b",
    "cä.example; accounturi=a:b",
    "ca.example; accounturi=a:b; x_y=z",
    "ca.example; accounturi=" + "a" * 2_000,
]


def test_records_are_read_as_the_draft_writes_them() -> None:
    assert {value: persisted(value) for value in RECORDS} == RECORDS
    assert [value for value in MALFORMED if persisted(value)] == []


@given(st.text(max_size=200))
def test_no_text_breaks_the_reader(text: str) -> None:
    record = persisted(text)
    assert record is None or persisted(record.value()) == record


def test_a_record_proves_control_for_its_own_filing_until_its_end() -> None:
    wanted = Wanted("roll.example", "https://roll.example/s/1")
    value = Persisted(wanted.issuer, wanted.account, until=int(NOW.timestamp())).value()
    assert wanted.why_not([value], NOW) is None
    assert wanted.why_not([value], NOW + timedelta(seconds=1)) == "ended"
    assert wanted.why_not([value], NOW, below=True) == "subdomain"
    assert wanted.why_not(["other.example; accounturi=https://roll.example/s/1"], NOW) == "issuer"
    assert wanted.why_not(["other.example; accounturi=x:y", value.replace("/1", "/2")], NOW) == "account"
    assert wanted.why_not(["nonsense"], NOW) == "malformed"
    assert wanted.why_not([], NOW) == "none"


def test_places_must_agree_as_the_table_of_the_baseline_requirements_says() -> None:
    assert [may_fail(places) for places in range(9)] == [0, 0, 1, 1, 1, 1, 2, 2, 2]
    assert agreed(True, [])
    assert not agreed(False, [True] * 6)
    assert agreed(True, [True, False])
    assert not agreed(True, [True, False, False])
    assert agreed(True, [True] * 4 + [False] * 2)
