"""The address a request comes from: nobody makes a new source of each request, and no proxy's visitors are one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openroll.traffic import Proxies, client_address, networks, proxies_of

ONE, TWO, STANDARD = Proxies(1), Proxies(2), Proxies(1, standard=True)
PROXY = "192.0.2.1"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["203.0.113.2"], "203.0.113.2"),
        (["203.0.113.2:40001"], "203.0.113.2"),
        (["203.0.113.2:40002"], "203.0.113.2"),
        (["[2001:db8::1]:443"], "2001:db8::1"),
        (["[2001:db8::1]"], "2001:db8::1"),
        (["2001:DB8:0::1"], "2001:db8::1"),
        (["::ffff:203.0.113.2"], "203.0.113.2"),
        (["198.51.100.1, 203.0.113.2"], "203.0.113.2"),
        (["198.51.100.1", "203.0.113.2"], "203.0.113.2"),
        (["198.51.100.1, 198.51.100.2", "198.51.100.3,203.0.113.2:1"], "203.0.113.2"),
        (['"198.51.100.1', "203.0.113.2"], "203.0.113.2"),
        ([" 203.0.113.2\t"], "203.0.113.2"),
    ],
)
def test_what_the_proxy_wrote_last_counts(lines: list[str], expected: str) -> None:
    """With a port, in brackets, in several lines, whatever the visitor wrote before it: the proxy's own entry is read."""
    assert client_address(PROXY, lines, ONE) == expected


@pytest.mark.parametrize(
    "lines",
    [[], [""], [","], ["unknown"], ["_hidden"], ["203.0.113.2:x"], ["203.0.113.256"], ["010.1.1.1"], ["fe80::1%eth0"],
     ["x" * 5_000], ["203.0.113.2, garbage"], ["[2001:db8::1"], ["203.0.113.2;203.0.113.3"], ["::1::"], ["1.2.3.4:123456"]],
)  # fmt: skip
def test_what_is_no_address_counts_for_the_connection(lines: list[str]) -> None:
    """Garbage of any kind is one source, the connection's: never a new one each."""
    assert client_address(PROXY, lines, ONE) == PROXY


@given(st.text(max_size=40))
def test_nothing_that_is_said_makes_a_source_but_an_address(text: str) -> None:
    """Whatever an entry holds, the source is the connection's or a canonical address in one of few networks."""
    found = client_address(PROXY, [text], ONE)
    assert found == PROXY or len(networks(found)) in (2, 3)


def test_without_a_proxy_no_header_counts() -> None:
    """A direct visitor writes what they like: the connection's address counts."""
    for lines in (["203.0.113.2"], ["for=203.0.113.2"], ["203.0.113.2", "203.0.113.3"]):
        assert client_address(PROXY, lines) == PROXY
        assert client_address("::ffff:192.0.2.1", lines) == PROXY


def test_behind_two_proxies_the_entry_before_the_last_counts() -> None:
    """Each proxy appends whom it was connected from; a list that is too short was written by none of them."""
    assert client_address(PROXY, ["6.6.6.6, 203.0.113.2, 10.0.0.1"], TWO) == "203.0.113.2"
    assert client_address(PROXY, ["6.6.6.6, 203.0.113.2", "10.0.0.1"], TWO) == "203.0.113.2"
    assert client_address(PROXY, ["10.0.0.1"], TWO) == PROXY


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("for=203.0.113.2", "203.0.113.2"),
        ('For="203.0.113.2:47011";proto=https;by=10.0.0.1', "203.0.113.2"),
        ('for=198.51.100.1, for="[2001:db8::1]:4711"', "2001:db8::1"),
        ('proto=https; for="[2001:db8::1]"', "2001:db8::1"),
        ("for=_hidden", PROXY),
        ("for=unknown", PROXY),
        ("proto=https", PROXY),
        ("for=203.0.113.2;for=203.0.113.3", PROXY),
        ('for="a, for=203.0.113.2', PROXY),
    ],
)
def test_the_standard_header_is_read_where_the_setting_says_so(line: str, expected: str) -> None:
    """Forwarded (RFC 7239) with quotes, ports, brackets and other parameters; X-Forwarded-For is then not looked at."""
    assert client_address(PROXY, [line], STANDARD) == expected
    assert (ONE.header, STANDARD.header) == ("x-forwarded-for", "forwarded")


def test_networks_from_the_narrowest_on() -> None:
    """An address counts for itself and for the networks around it that one holder may have."""
    assert networks("203.0.113.9") == ("203.0.113.9/32", "203.0.113.0/24")
    assert networks("2001:db8:1:2:3::4") == ("2001:db8:1:2::/64", "2001:db8:1::/56", "2001:db8:1::/48")
    assert networks("testclient") == ("testclient",)


def test_the_setting_is_a_number_or_refused() -> None:
    """What the setting does not know is refused with its name, and not silently off."""
    assert [proxies_of(text, "X") for text in ("0", "1", "2", "forwarded", "forwarded:2")] == [
        Proxies(0), Proxies(1), Proxies(2), Proxies(1, standard=True), Proxies(2, standard=True)
    ]  # fmt: skip
    for text in ("true", "yes", "", "10", "-1", "forwarded:x", "1:2"):
        with pytest.raises(ValueError, match="OPENROLL_BEHIND_PROXY"):
            proxies_of(text, "OPENROLL_BEHIND_PROXY")
