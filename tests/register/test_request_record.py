"""Which record a request is about: one, in one form; and what people would try in order to ask for more."""

import re
from datetime import UTC, datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from openroll.register.request.one_record import WHY, Lack
from openroll.register.request.record import (
    ByAddress,
    ByCode,
    ByDomain,
    BySubscription,
    Given,
    RecordSaid,
    record_lacks,
    record_of,
)
from openroll.register.request.words import MISSING

NOW = datetime(2006, 12, 20, tzinfo=UTC)
GOOD = [
    (Given("subscription", "CQ-0001234567"), BySubscription("CQ-0001234567")),
    (Given("subscription", " ２００６-00123 "), BySubscription("2006-00123")),
    (Given("subscription", "+8613800138000"), BySubscription("+8613800138000")),
    (Given("subscription", "user_17@adsl"), BySubscription("user_17@adsl")),
    (Given("subscription", "渝1234567"), BySubscription("渝1234567")),
    (Given("code", "1234 5678 9012 3497"), None),
    (Given("domain", "Example.CN."), ByDomain("example.cn")),
    (Given("domain", "bureau.gov.cn"), ByDomain("bureau.gov.cn")),
    (Given("domain", "li-si.github.io"), ByDomain("li-si.github.io")),
    (Given("domain", "arpa.example.co.uk"), ByDomain("arpa.example.co.uk")),
    (Given("domain", "重庆。中国"), ByDomain("xn--zwt745i.xn--fiqs8s")),
    (
        Given("address", "203.0.113.7", "2006-11-01T10:00:00+08:00", "", "40001"),
        ByAddress("203.0.113.7", "2006-11-01T10:00:00", "+08:00", 40001),
    ),
    (
        Given("address", "2001:DB8:0:0::7", "2006-11-01 10:00:00", "Asia/Shanghai", "1"),
        ByAddress("2001:db8::7", "2006-11-01T10:00:00", "Asia/Shanghai", 1),
    ),
    (
        Given("address", "203.0.113.7", "2006-11-01T02:00:00Z", "", "65535"),
        ByAddress("203.0.113.7", "2006-11-01T02:00:00", "+00:00", 65535),
    ),
]


@pytest.mark.parametrize(("typed", "said"), [one for one in GOOD if one[1] is not None])
def test_one_record_as_people_type_it_has_one_form(typed: Given, said: RecordSaid) -> None:
    """Whatever width, case or blanks were typed, the record that is meant comes in its one form, and that is taken again."""
    assert record_of(typed, NOW) == said
    assert record_lacks(said, NOW) == ()


def test_a_filing_code_is_taken_with_its_check_digits_only() -> None:
    """A filing code is 16 digits of which the last two check: with blanks or without it is one form, and a wrong digit shows."""
    from openroll.register.subscription.filing_code import code_of

    code = code_of(7, bytes(16))
    assert record_of(Given("code", code)) == ByCode(code.replace(" ", ""))
    wrong = code[:-1] + str((int(code[-1]) + 1) % 10)
    assert record_of(Given("code", wrong)) == (Lack("record", "form"),)
    assert record_of(Given("code", f"{code} {code}")) == (Lack("record", "several"),)


MORE_THAN_ONE = [
    "12345-12349",
    "12345–12349",
    "12345 12346",
    "12345,12346",
    "12345，12346",
    "12345、12346",
    "12345;12346",
    "12345|12346",
    "12345&12346",
    "12345/12346",
    "12345..12349",
    "12345…12349",
    "12345至12349",
    "12345到12349",
    "12345和12346",
    "12345-to-12349",
    "12345\n12346",
    "12345\u200b12346",
    "12345\u206312346",
    "12345\u00a012346",
    "12345\u300012346",
    "１２３４５～１２３４９",
    "12345~12349",
    "1234*",
    "1234%",
    "1234?",
    "123[45]",
    "123{4,5}",
    "^1234",
    "1234$",
    "(1234)",
    ".*1",
    "*",
    "%",
    "all",
    "王小明",
    "Smith",
    "",
    "   ",
    "12\u202e34",
    "1234\x00",
    "9" * 65,
    "SELECT 1 OR 1=1",
    "203.0.113.7",
    "203.0.113.0/24",
    "2001:db8::7",
    "2001:db8::/32",
    "'1'",
]


@pytest.mark.parametrize("text", MORE_THAN_ONE)
def test_a_number_that_means_several_or_nobody_is_refused(text: str) -> None:
    """No separator, range, wildcard, hidden character or name passes for one subscription's number, typed or put in directly."""
    found = record_of(Given("subscription", text))
    assert isinstance(found, tuple), found
    assert {lack.field for lack in found} == {"record"}
    assert record_lacks(BySubscription(text))


DOMAINS = [
    "*.example.cn",
    "example.*",
    "%.cn",
    "cn",
    "example.cn example.com",
    "example.cn,example.com",
    "example.cn/example.com",
    "http://example.cn/",
    "a@example.cn",
    "203.0.113.7",
    "exa\u200bmple.cn",
    "-x.cn",
    "exam..ple.cn",
    "[a-z].cn",
    ".cn",
    "a" * 64 + ".cn",
    "_dmarc.example.cn",
    "xn--zzzzzzz99999.cn",
    "10.in-addr.arpa",
    "4.3.2.1.in-addr.arpa",
    "8.B.D.0.1.0.0.2.ip6.arpa.",
    "printer.home.arpa",
    "gov.cn",
    "Co.UK",
    "com.cn",
    "公司.cn",
    "github.io",
    "xn--55qx5d.cn",
]


@pytest.mark.parametrize("domain", DOMAINS)
def test_a_domain_is_one_name_without_a_pattern(domain: str) -> None:
    """A wildcard, a zone, a list, an address or a web address is no domain that a request may name."""
    assert isinstance(record_of(Given("domain", domain)), tuple)
    assert record_lacks(ByDomain(domain))


ADDRESSES = [
    "203.0.113.0/24",
    "203.0.113.1-203.0.113.9",
    "203.0.113.1-9",
    "203.0.113.*",
    "203.0.113.x",
    "203.0.113",
    "203.0.113.7,203.0.113.8",
    "203.0.113.7 203.0.113.8",
    "203.0.113.007",
    "203.0.113.7:80",
    "0.0.0.0",  # noqa: S104 - nothing is bound to it
    "127.0.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "2001:db8::/32",
    "2001:db8::",
    "fe80::1%eth0",
    "::ffff:203.0.113.7",
    "::",
    "3405803783",
    "0xCB007107",
    "example.cn",
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_address_is_one_host(address: str) -> None:
    """A network, a range, a list, a pattern and what is nobody's address are refused, in text and as a prefix in disguise."""
    found = record_of(Given("address", address, "2006-11-01T10:00:00+08:00", "", "40001"), NOW)
    assert isinstance(found, tuple)
    assert [lack.field for lack in found] == ["record"]
    assert record_lacks(ByAddress(address, "2006-11-01T10:00:00", "+08:00", 40001))


@pytest.mark.parametrize(
    ("at", "zone", "port", "lacks"),
    [
        ("", "", "", {("moment", "missing"), ("zone", "missing"), ("port", "missing")}),
        ("2006-11-01T10:00", "+08:00", "80", {("moment", "second")}),
        ("2006-11-01T10:00:00", "", "80", {("zone", "missing")}),
        ("2006-11-01T10:00:00-00:00", "", "80", {("zone", "missing")}),
        ("2006-11-01T10:00:00", "CST", "80", {("zone", "form")}),
        ("2006-11-01T10:00:00", "localtime", "80", {("zone", "form")}),
        ("2006-11-01T10:00:00", "+15:00", "80", {("zone", "impossible")}),
        ("2006-11-01T10:00:00/2006-11-01T11:00:00", "+08:00", "80", {("moment", "range")}),
        ("2006-11-01", "+08:00", "80", {("moment", "form")}),
        ("2006-11-01T10:00:00.5", "+08:00", "80", {("moment", "form")}),
        ("2006-02-30T10:00:00", "+08:00", "80", {("moment", "impossible")}),
        ("2006-11-01T24:00:00", "+08:00", "80", {("moment", "impossible")}),
        ("2006-12-24T10:00:00", "+08:00", "80", {("moment", "future")}),
        ("2006-10-29T02:30:00", "Europe/Berlin", "80", {("moment", "ambiguous")}),
        ("2006-03-26T02:30:00", "Europe/Berlin", "80", {("moment", "impossible")}),
        ("2006-11-01T10:00:00", "+08:00", "", {("port", "missing")}),
        ("2006-11-01T10:00:00", "+08:00", "80,81", {("port", "several")}),
        ("2006-11-01T10:00:00", "+08:00", "80-90", {("port", "several")}),
        ("2006-11-01T10:00:00", "+08:00", "0", {("port", "impossible")}),
        ("2006-11-01T10:00:00", "+08:00", "65536", {("port", "impossible")}),
        ("2006-11-01T10:00:00", "+08:00", "any", {("port", "form")}),
    ],
)
def test_an_address_needs_its_second_zone_and_port(at: str, zone: str, port: str, lacks: set[tuple[str, str]]) -> None:
    """An address without second, zone and port may be anybody's: each that is missing or wrong is said by its field."""
    found = record_of(Given("address", "203.0.113.7", at, zone, port), NOW)
    assert isinstance(found, tuple)
    assert set(found) == lacks
    assert all(lack.field in MISSING and lack.why in WHY for lack in found)


def test_a_moment_is_the_same_however_its_zone_is_said() -> None:
    """A clock's time with an offset and with a place's name is one moment, in UTC."""
    by_offset = ByAddress("203.0.113.7", "2006-11-01T10:00:00", "+08:00", 1)
    by_name = ByAddress("203.0.113.7", "2006-11-01T10:00:00", "Asia/Shanghai", 1)
    assert by_offset.moment == by_name.moment == datetime(2006, 11, 1, 2, tzinfo=UTC)


DIGITS = st.integers(4, 12).flatmap(lambda n: st.tuples(*[st.from_regex(rf"[0-9]{{{n}}}", fullmatch=True)] * 2))
JOIN = st.sampled_from(
    [
        *",;|&/ \t\n~–—-‐−，、；　…",
        "\u200b",
        "\u2060",
        "\u00ad",
        "\u2028",
        "..",
        " to ",
        "-to-",
        "至",
        "和",
        "/",
        ":",
        "_",
    ]
)


@settings(max_examples=150)
@given(numbers=DIGITS, join=JOIN)
@example(numbers=("1234", "1235"), join="-")
def test_two_numbers_joined_by_anything_that_lists_are_never_one(numbers: tuple[str, str], join: str) -> None:
    """Two numbers of one length joined by whatever people join lists and ranges with are refused, whatever the numbers."""
    assert isinstance(record_of(Given("subscription", join.join(numbers))), tuple)


@settings(max_examples=300)
@given(by=st.sampled_from(["subscription", "code", "domain", "address"]), value=st.text(max_size=40))
def test_whatever_is_typed_comes_out_in_one_form_or_not_at_all(by: str, value: str) -> None:
    """For any text there is one record in a form that is taken again unchanged, or lacks of the known lists."""
    found = record_of(Given(by, value, "2006-11-01T10:00:00+08:00", "", "40001"), NOW)
    if isinstance(found, tuple):
        assert found
        assert all(lack.field in MISSING and lack.why in WHY for lack in found)
        return
    assert record_lacks(found, NOW) == ()
    text = next(iter(getattr(found, name) for name in ("number", "code", "domain", "address") if hasattr(found, name)))
    assert not re.search(r"[\s,;*?%|\[\]{}]", text)
    assert record_of(Given(by, text, "2006-11-01T10:00:00", "+08:00", "40001"), NOW) == found


@settings(max_examples=60)
@given(at=st.text(max_size=30), zone=st.text(max_size=12), port=st.text(max_size=8))
def test_no_moment_is_read_into_what_is_none(at: str, zone: str, port: str) -> None:
    """For any texts of a moment, a zone and a port there are lacks, or a moment that can be told."""
    found = record_of(Given("address", "203.0.113.7", at, zone, port), None)
    if not isinstance(found, tuple):
        assert isinstance(found, ByAddress)
        assert found.moment.tzinfo is UTC
